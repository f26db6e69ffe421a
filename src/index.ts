/** What a processor of your own may import from `respool`. */
export {
  defineProcessor,
  type AuthorContext,
  type HandlerAnswer,
  type ProcessorDefinition,
  type ProcessorHandlers,
} from './modules/define-processor.ts';
export {
  copyOf,
  newLog,
  newSpan,
  type AttributesLike,
  type LogFields,
  type SpanFields,
} from './modules/made.ts';
export type { Attributes } from './model/attributes.ts';
export type { Batch } from './model/batch.ts';
export type { AnyBatch } from './model/batches.ts';
export type { LogRecord, LogsBatch, ResourceLogs, ScopeLogs } from './model/logs.ts';
export type { Metric, MetricsBatch } from './model/metrics.ts';
export type { Resource, Scope } from './model/resource.ts';
export type { Signal } from './model/signal.ts';
export type { TimeRange } from './model/time-range.ts';
export {
  SpanKind,
  StatusCode,
  type Link,
  type ResourceSpans,
  type ScopeSpans,
  type Span,
  type SpanEvent,
  type Status,
  type TracesBatch,
} from './model/traces.ts';
export type { ExactValue, Value } from './model/value.ts';
export type { Clock } from './pipeline/clock.ts';
export type { Consumer, Processor } from './pipeline/component.ts';
export type { ProcessorCounts } from './pipeline/counts.ts';
export type { JsonValue } from './pipeline/checkpoint.ts';
export type { Logger } from './pipeline/logger.ts';
