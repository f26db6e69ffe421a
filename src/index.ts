/** What components of your own, and programs that run pipelines, import from `respool`. */
export {
  defineEncoding,
  type DecodedItems,
  type DecoderMaker,
  type DocumentReader,
  type EncodingDefinition,
  type LinePlace,
  type LineReader,
} from './modules/define-encoding.ts';
export { defineExporter, type ExporterDefinition, type SenderHandlers } from './modules/define-exporter.ts';
export {
  defineFunction,
  type ArgumentsOf,
  type FunctionDefinition,
  type Parameters,
  type ParameterType,
} from './modules/define-function.ts';
export {
  defineProcessor,
  type AuthorContext,
  type HandlerAnswer,
  type ProcessorDefinition,
  type ProcessorHandlers,
  type StateObject,
} from './modules/define-processor.ts';
export {
  defineReceiver,
  type ReaderHandlers,
  type ReadTelemetry,
  type ReceiverDefinition,
} from './modules/define-receiver.ts';
export { outcomeOf, type HttpAnswer } from './modules/outcome-of.ts';
export {
  copyOf,
  newBatch,
  newLog,
  newMetric,
  newSpan,
  type AnyItem,
  type AttributesLike,
  type LogFields,
  type MetricFields,
  type PointFields,
  type SpanFields,
} from './modules/made.ts';
export type { Attributes } from './model/attributes.ts';
export type { Batch } from './model/batch.ts';
export type { AnyBatch } from './model/batches.ts';
export type { LogRecord, LogsBatch, ResourceLogs, ScopeLogs } from './model/logs.ts';
export type { DataPoint, Metric, MetricsBatch, ResourceMetrics, ScopeMetrics } from './model/metrics.ts';
export type { Buckets, Exemplar, QuantileValue } from './model/metrics-parts.ts';
export type { KnownMetricType, MetricType } from './model/metrics-type.ts';
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
export type {
  Consumer,
  Exporter,
  ExporterContext,
  ExportRequest,
  Outcome,
  Processor,
  Receiver,
  ReceiverContext,
  ReceiverOutput,
} from './pipeline/component.ts';
export type { ProcessorCounts } from './pipeline/counts.ts';
export type { JsonValue } from './pipeline/checkpoint.ts';
export type { Logger } from './pipeline/logger.ts';
export { ConfigError } from './config/problem.ts';
export { BatchStream } from './embed/batch-stream.ts';
export type { InputItem, PipelineInput, TakeBatch } from './embed/ends.ts';
export { loadConfig, type ConfigInput, type LoadedConfig, type LoadOptions } from './embed/load-config.ts';
export { batchFromOtlp, batchToOtlp, type OtlpObject } from './embed/otlp-objects.ts';
export { runPipeline, type RunPipelineOptions } from './embed/run-pipeline.ts';
export type { Ledger } from './pipeline/ledger.ts';
export type { RunResult } from './pipeline/run.ts';
export type { SdkConfig, SdkOptions } from './embed/sdk/bridge.ts';
export { PipelineLogRecordProcessor } from './embed/sdk/log-record-processor.ts';
export { LokiLogRecordExporter, type LokiOptions } from './embed/sdk/loki-log-record-exporter.ts';
export { PipelineSpanExporter } from './embed/sdk/span-exporter.ts';
export { PipelineSpanProcessor, type PipelineSpanProcessorOptions } from './embed/sdk/span-processor.ts';
