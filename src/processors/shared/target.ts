import type { LogRecord } from '../../model/logs.ts';
import type { DataPoint, Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Span, SpanEvent } from '../../model/traces.ts';
import type { OttlMap } from '../../ottl/values.ts';
import type { Clock } from '../../pipeline/clock.ts';

/** What compiled OTTL looks at: one for all records of a batch. */
export interface RecordTarget {
  resource: Resource | undefined;
  scope: Scope | undefined;
  span: Span | undefined;
  event: SpanEvent | undefined;
  log: LogRecord | undefined;
  metric: Metric | undefined;
  point: DataPoint | undefined;
  cache: OttlMap | undefined;
  readonly clock: Clock;
}

/** All targets have one shape, so that a compiled path reads all of them in the same way. */
export function newTarget(clock: Clock): RecordTarget {
  return {
    resource: undefined,
    scope: undefined,
    span: undefined,
    event: undefined,
    log: undefined,
    metric: undefined,
    point: undefined,
    cache: undefined,
    clock,
  };
}
