/** What two items have in common that are the same: their encoded bytes, with resource and scope. */
import { hash } from 'node:crypto';
import { splitBatch, type AnyBatch } from '../../model/batches.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Span } from '../../model/traces.ts';

/** The items of a batch that can be told apart; of data points none, for series repeat their values. */
export function itemsOf(batch: AnyBatch): readonly (Span | LogRecord)[] {
  if (batch.signal === 'traces') return batch.spans();
  return batch.signal === 'logs' ? batch.logRecords() : [];
}

/** A digest for each item, in their order; for a span it is one of its ids too. */
export function contentDigests(batch: AnyBatch): Buffer[] {
  if (batch.signal === 'metrics') return [];
  return Array.from(splitBatch(batch, { maxItems: 1 }), (part) => {
    const digest = hash('sha256', part.encode(), 'buffer');
    part.release();
    return digest;
  });
}
