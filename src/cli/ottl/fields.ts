/** A record as a list of fields, under the paths that OTTL has for them. */
import type { Attributes } from '../../model/attributes.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { DataPoint, Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { isoTime } from '../../model/time.ts';
import type { Span, SpanEvent } from '../../model/traces.ts';
import type { ExactValue } from '../../model/value.ts';
import { contextNamed, type ContextName } from '../../ottl/contexts.ts';

export type Field = readonly [path: string, text: string];

/** Maps and lists become a field for each value in them. */
function valueFields(path: string, value: ExactValue): Field[] {
  if (value instanceof Map && value.size > 0)
    return [...value].flatMap(([key, item]) => valueFields(`${path}[${JSON.stringify(key)}]`, item));
  if (Array.isArray(value) && value.length > 0)
    return value.flatMap((item, at) => valueFields(`${path}[${at}]`, item));
  return [[path, leafText(value)]];
}

/** As a literal of OTTL: `200` is an int64, `200.0` a double. */
function leafText(value: ExactValue): string {
  if (value === null) return 'nil';
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map) return '{}';
  if (Array.isArray(value)) return '[]';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function attributeFields(path: string, attributes: Attributes): Field[] {
  return attributes
    .exactEntries()
    .flatMap(([key, value]) => valueFields(`${path}[${JSON.stringify(key)}]`, value));
}

function text(value: string): string {
  return JSON.stringify(value);
}

function timeText(nanos: bigint): string {
  return nanos === 0n ? '0' : `${nanos} (${isoTime(nanos)})`;
}

/** The enum symbol of a number, if there is one. */
function symbolText(context: ContextName, prefix: string, number: number): string {
  for (const [name, value] of contextNamed(context).enums ?? [])
    if (value === number && name.startsWith(prefix)) return name;
  return String(number);
}

export function resourceFields(resource: Resource): Field[] {
  return [
    ...attributeFields('resource.attributes', resource.attributes),
    ['resource.dropped_attributes_count', String(resource.droppedAttributesCount)],
    ['resource.schema_url', text(resource.schemaUrl)],
  ];
}

export function scopeFields(scope: Scope): Field[] {
  return [
    ['scope.name', text(scope.name)],
    ['scope.version', text(scope.version)],
    ...attributeFields('scope.attributes', scope.attributes),
    ['scope.dropped_attributes_count', String(scope.droppedAttributesCount)],
    ['scope.schema_url', text(scope.schemaUrl)],
  ];
}

export function spanFields(span: Span): Field[] {
  return [
    ['span.name', text(span.name)],
    ['span.trace_id', text(span.traceId)],
    ['span.span_id', text(span.spanId)],
    ['span.parent_span_id', text(span.parentSpanId)],
    ['span.trace_state', text(span.traceState)],
    ['span.kind', symbolText('span', 'SPAN_KIND_', span.kind)],
    ['span.start_time_unix_nano', timeText(span.startTimeUnixNano)],
    ['span.end_time_unix_nano', timeText(span.endTimeUnixNano)],
    ['span.status.code', symbolText('span', 'STATUS_CODE_', span.status.code)],
    ['span.status.message', text(span.status.message)],
    ...attributeFields('span.attributes', span.attributes),
    ['span.flags', String(span.flags)],
    ['span.dropped_attributes_count', String(span.droppedAttributesCount)],
    ['span.dropped_events_count', String(span.droppedEventsCount)],
    ['span.dropped_links_count', String(span.droppedLinksCount)],
  ];
}

export function eventFields(event: SpanEvent): Field[] {
  return [
    ['spanevent.name', text(event.name)],
    ['spanevent.time_unix_nano', timeText(event.timeUnixNano)],
    ...attributeFields('spanevent.attributes', event.attributes),
    ['spanevent.dropped_attributes_count', String(event.droppedAttributesCount)],
  ];
}

export function logFields(log: LogRecord): Field[] {
  return [
    ['log.time_unix_nano', timeText(log.timeUnixNano)],
    ['log.observed_time_unix_nano', timeText(log.observedTimeUnixNano)],
    ['log.severity_number', symbolText('log', 'SEVERITY_NUMBER_', log.severityNumber)],
    ['log.severity_text', text(log.severityText)],
    ...valueFields('log.body', log.bodyExact),
    ...attributeFields('log.attributes', log.attributes),
    ['log.trace_id', text(log.traceId)],
    ['log.span_id', text(log.spanId)],
    ['log.event_name', text(log.eventName)],
    ['log.flags', String(log.flags)],
    ['log.dropped_attributes_count', String(log.droppedAttributesCount)],
  ];
}

export function metricFields(metric: Metric): Field[] {
  const { aggregationTemporality: temporality, isMonotonic } = metric;
  return [
    ['metric.name', text(metric.name)],
    ['metric.description', text(metric.description)],
    ['metric.unit', text(metric.unit)],
    ['metric.type', metric.type],
    [
      'metric.aggregation_temporality',
      temporality === undefined ? 'nil' : symbolText('metric', 'AGGREGATION_TEMPORALITY_', temporality),
    ],
    ['metric.is_monotonic', isMonotonic === undefined ? 'nil' : String(isMonotonic)],
    ...attributeFields('metric.metadata', metric.metadata),
  ];
}

export function pointFields(point: DataPoint): Field[] {
  return [
    ['datapoint.start_time_unix_nano', timeText(point.startTimeUnixNano)],
    ['datapoint.time_unix_nano', timeText(point.timeUnixNano)],
    ...attributeFields('datapoint.attributes', point.attributes),
    ['datapoint.value', leafText(point.value ?? null)],
    ['datapoint.count', leafText(point.count ?? null)],
    ['datapoint.sum', leafText(point.sum ?? null)],
    ['datapoint.flags', String(point.flags)],
  ];
}
