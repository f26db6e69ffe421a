/** The record of a fixture that a case works on: the first of everything. */
import type { AnyBatch } from '../../src/model/batches.ts';
import type { Gate } from '../../src/ottl/gates.ts';
import type { Target } from '../../src/ottl/target.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import type { Case } from './corpus.ts';

export type RecordContext = 'log' | 'span' | 'spanevent' | 'resource' | 'scope';

export function firstRecord(batch: AnyBatch, context: RecordContext): Target {
  const shared = { eventIndex: 0, cache: new Map(), clock: systemClock };
  if (batch.signal === 'logs') {
    const [group] = batch.resourceLogs();
    const [scope] = group?.scopeLogs() ?? [];
    const [log] = scope?.logRecords() ?? [];
    return { resource: group?.resource, scope: scope?.scope, log, ...shared };
  }
  if (batch.signal === 'metrics') throw new Error('no case works on a record of metrics');
  const [group] = batch.resourceSpans();
  const [scope] = group?.scopeSpans() ?? [];
  const [span] = scope?.spans() ?? [];
  const event = context === 'spanevent' ? span?.events[0] : undefined;
  return { resource: group?.resource, scope: scope?.scope, span, event, ...shared };
}

export function gatesOf({ gates }: Case): ReadonlySet<Gate> {
  return new Set((gates ?? []) as Gate[]);
}
