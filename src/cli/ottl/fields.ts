/** A record as a list of fields, under the paths that OTTL has for them. */
import type { Attributes } from '../../model/attributes.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { DataPoint, Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { isoTime } from '../../model/time.ts';
import type { Link, Span, SpanEvent } from '../../model/traces.ts';
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

/** The events and links of a span. */
export function partFields(span: Span): Field[] {
  return [
    ...span.events.flatMap((event, at) => eventFields(event, `event[${at}]`)),
    ...span.links.flatMap((link, at) => linkFields(link, `link[${at}]`)),
  ];
}

/** `path` is that of the event. */
export function eventFields(event: SpanEvent, path = 'spanevent'): Field[] {
  return [
    [`${path}.name`, text(event.name)],
    [`${path}.time_unix_nano`, timeText(event.timeUnixNano)],
    ...attributeFields(`${path}.attributes`, event.attributes),
    [`${path}.dropped_attributes_count`, String(event.droppedAttributesCount)],
  ];
}

function linkFields(link: Link, path: string): Field[] {
  return [
    [`${path}.trace_id`, text(link.traceId)],
    [`${path}.span_id`, text(link.spanId)],
    [`${path}.trace_state`, text(link.traceState)],
    ...attributeFields(`${path}.attributes`, link.attributes),
    [`${path}.flags`, String(link.flags)],
    [`${path}.dropped_attributes_count`, String(link.droppedAttributesCount)],
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

/** The data points of a metric. */
export function pointsFields(metric: Metric): Field[] {
  return metric.dataPoints().flatMap((point, at) => pointFields(point, `datapoint[${at}]`));
}

/** `path` is that of the data point. */
export function pointFields(point: DataPoint, path = 'datapoint'): Field[] {
  return [
    [`${path}.start_time_unix_nano`, timeText(point.startTimeUnixNano)],
    [`${path}.time_unix_nano`, timeText(point.timeUnixNano)],
    ...attributeFields(`${path}.attributes`, point.attributes),
    ...measuredFields(point, path),
    [`${path}.flags`, String(point.flags)],
  ];
}

/** What only some types of metrics have. */
function measuredFields(point: DataPoint, path: string): Field[] {
  const { positive, negative } = point;
  const measured: Record<string, ExactValue | undefined> = {
    value: point.value,
    count: point.count,
    sum: point.hasSum ? point.sum : undefined,
    min: point.min,
    max: point.max,
    bucket_counts: point.bucketCounts,
    explicit_bounds: point.explicitBounds,
    scale: wholeOf(point.scale),
    zero_count: point.zeroCount,
    zero_threshold: point.zeroThreshold,
    'positive.offset': wholeOf(positive?.offset),
    'positive.bucket_counts': positive?.counts,
    'negative.offset': wholeOf(negative?.offset),
    'negative.bucket_counts': negative?.counts,
    quantile_values: point.quantiles.map(({ quantile, value }) => [quantile, value]),
    exemplars: point.exemplars.map((exemplar) => [exemplar.timeUnixNano, exemplar.value ?? null]),
  };
  return Object.entries(measured).flatMap(([name, value]): Field[] => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    return [[`${path}.${name}`, listText(value)]];
  });
}

function wholeOf(number: number | undefined): bigint | undefined {
  return number === undefined ? undefined : BigInt(number);
}

function listText(value: ExactValue): string {
  return Array.isArray(value) ? `[${value.map(listText).join(', ')}]` : leafText(value);
}
