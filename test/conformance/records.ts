/** The record of a fixture that a case works on: the first of everything. */
import type { AnyBatch } from '../../src/model/batches.ts';
import type { LogsBatch } from '../../src/model/logs.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import type { Gate } from '../../src/ottl/gates.ts';
import type { Target } from '../../src/ottl/target.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import type { Case } from './corpus.ts';

export type RecordContext = 'log' | 'span' | 'spanevent' | 'resource' | 'scope';

export function firstRecord(batch: AnyBatch, context: RecordContext): Target {
  const shared = { eventIndex: 0, cache: new Map(), clock: systemClock };
  if (batch.signal === 'metrics') throw new Error('no case works on a record of metrics');
  return batch.signal === 'logs'
    ? { ...firstLog(batch), ...shared }
    : { ...firstSpan(batch, context), ...shared };
}

function firstLog(batch: LogsBatch): Target {
  const [group] = batch.resourceLogs();
  const scope = group?.scopeLogs()[0];
  return { resource: group?.resource, scope: scope?.scope, log: scope?.logRecords()[0] };
}

function firstSpan(batch: TracesBatch, context: RecordContext): Target {
  const [group] = batch.resourceSpans();
  const scope = group?.scopeSpans()[0];
  const span = scope?.spans()[0];
  const event = context === 'spanevent' ? span?.events[0] : undefined;
  return { resource: group?.resource, scope: scope?.scope, span, event };
}

export function gatesOf({ gates }: Case): ReadonlySet<Gate> {
  return new Set((gates ?? []) as Gate[]);
}
