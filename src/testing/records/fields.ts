/**
 * The fields of test records, one table for each kind: how a field is called in YAML, how it is written to a record and
 * read back from one. What is built, shown and compared all goes by these tables.
 */
import type { Attributes } from '../../model/attributes.ts';
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { DataPoint, Metric } from '../../model/metrics.ts';
import { metricTypes } from '../../model/metrics-type.ts';
import type { Scope } from '../../model/resource.ts';
import type { Link, Span, SpanEvent } from '../../model/traces.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { durationNanos, nanosText, timeNanos, timeText } from './times.ts';

/** A record as a test has it: its fields by their names in YAML. */
export type Fields = Map<string, ExactValue>;

/** How a field is compared: `id` and times have several spellings, `status` is a map or its code alone. */
export type FieldKind =
  | 'plain'
  | 'doubles'
  | 'time'
  | 'duration'
  | 'trace id'
  | 'span id'
  | 'status'
  | 'records';

export interface Field<T> {
  readonly kind: FieldKind;
  /** For `records`: what they are. */
  readonly of?: RecordKind;
  /** What it is in a record that says nothing of it. */
  readonly empty: ExactValue;
  read(item: T, base: bigint): ExactValue;
  write(item: T, value: ExactValue, base: bigint): void;
}

/** In the order in which they are written and shown. */
export type Table<T> = ReadonlyMap<string, Field<T>>;

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const statusCodes = ['unset', 'ok', 'error'] as const;
export const temporalities = ['unspecified', 'delta', 'cumulative'] as const;
export const severities = [
  'unspecified',
  ...['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((level) => [
    level,
    `${level}2`,
    `${level}3`,
    `${level}4`,
  ]),
];

/** Those keys of a type whose values are of another one. */
type KeysOf<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T];

function text<T>(key: KeysOf<T, string>): Field<T> {
  return {
    kind: 'plain',
    empty: '',
    read: (item) => item[key] as string,
    write: (item, value) => void Object.assign(item as object, { [key]: valueText(value) }),
  };
}

function id<T>(key: KeysOf<T, string>, digits: number): Field<T> {
  return {
    kind: digits === traceIdDigits ? 'trace id' : 'span id',
    empty: '',
    read: (item) => item[key] as string,
    write: (item, value) => void Object.assign(item as object, { [key]: idText(value, digits) }),
  };
}

/** A short id is filled up with zeros: `1` is a span id. */
export function idText(value: ExactValue, digits: number): string {
  const written = valueText(value).toLowerCase();
  return written === '' ? '' : written.padStart(digits, '0');
}

function whole<T>(key: KeysOf<T, number>): Field<T> {
  return {
    kind: 'plain',
    empty: 0n,
    read: (item) => BigInt(item[key] as number),
    write: (item, value) => void Object.assign(item as object, { [key]: Number(value) }),
  };
}

function choice<T>(key: KeysOf<T, number>, names: readonly string[]): Field<T> {
  return {
    kind: 'plain',
    empty: names[0] ?? '',
    read: (item) => names[item[key] as number] ?? BigInt(item[key] as number),
    write: (item, value) => void Object.assign(item as object, { [key]: numberOf(value, names) }),
  };
}

function numberOf(value: ExactValue, names: readonly string[]): number {
  return typeof value === 'string' ? Math.max(0, names.indexOf(value)) : Number(value);
}

function time<T>(key: KeysOf<T, bigint>): Field<T> {
  return {
    kind: 'time',
    empty: 'none',
    read: (item, base) => timeText(item[key] as bigint, base),
    write: (item, value, base) => void Object.assign(item as object, { [key]: timeNanos(value, base) ?? 0n }),
  };
}

function attributes<T>(attributesOf: (item: T) => Attributes): Field<T> {
  return {
    kind: 'plain',
    empty: new Map(),
    read: (item) => new Map(attributesOf(item).exactEntries()),
    write: (item, value) => writeAttributes(attributesOf(item), value),
  };
}

export function writeAttributes(to: Attributes, value: ExactValue | undefined): void {
  if (value instanceof Map) for (const [key, each] of value) to.setExact(key, each);
}

/** A list of records in a record. */
function records<T, R>(
  of: RecordKind,
  table: () => Table<R>,
  { list, add }: { list: (item: T) => readonly R[]; add: (item: T) => R },
): Field<T> {
  return {
    kind: 'records',
    of,
    empty: [],
    read: (item, base) => list(item).map((record) => readFields(record, table(), base)),
    write: (item, value, base) => {
      for (const fields of Array.isArray(value) ? value : [])
        if (fields instanceof Map) writeFields(add(item), table(), fields, base);
    },
  };
}

export function readFields<T>(item: T, table: Table<T>, base: bigint): Fields {
  return new Map([...table].map(([key, field]) => [key, field.read(item, base)]));
}

export function writeFields<T>(item: T, table: Table<T>, fields: Fields, base: bigint): void {
  for (const [key, field] of table) {
    const value = fields.get(key);
    if (value !== undefined) field.write(item, value, base);
  }
}

const eventFields: Table<SpanEvent> = new Map<string, Field<SpanEvent>>([
  ['name', text('name')],
  ['time', time('timeUnixNano')],
  ['attributes', attributes((event) => event.attributes)],
  ['dropped_attributes_count', whole('droppedAttributesCount')],
]);

const linkFields: Table<Link> = new Map<string, Field<Link>>([
  ['trace_id', id('traceId', traceIdDigits)],
  ['span_id', id('spanId', spanIdDigits)],
  ['trace_state', text('traceState')],
  ['attributes', attributes((link) => link.attributes)],
  ['flags', whole('flags')],
]);

const duration: Field<Span> = {
  kind: 'duration',
  empty: '0s',
  read: (span) => nanosText(span.endTimeUnixNano - span.startTimeUnixNano),
  write: (span, value) => {
    span.endTimeUnixNano = span.startTimeUnixNano + (durationNanos(value) ?? 0n);
  },
};

const status: Field<Span> = {
  kind: 'status',
  empty: new Map<string, ExactValue>([
    ['code', 'unset'],
    ['message', ''],
  ]),
  read: ({ status: { code, message } }) =>
    new Map<string, ExactValue>([
      ['code', statusCodes[code] ?? BigInt(code)],
      ['message', message],
    ]),
  write: ({ status }, value) => {
    const code = value instanceof Map ? value.get('code') : value;
    const message = value instanceof Map ? value.get('message') : undefined;
    if (code !== undefined) status.code = numberOf(code, statusCodes);
    if (message !== undefined) status.message = valueText(message);
  },
};

export const spanFields: Table<Span> = new Map<string, Field<Span>>([
  ['name', text('name')],
  ['kind', choice('kind', spanKinds)],
  ['trace_id', id('traceId', traceIdDigits)],
  ['span_id', id('spanId', spanIdDigits)],
  ['parent_span_id', id('parentSpanId', spanIdDigits)],
  ['trace_state', text('traceState')],
  ['start', time('startTimeUnixNano')],
  ['duration', duration],
  ['status', status],
  ['attributes', attributes((span) => span.attributes)],
  [
    'events',
    records('event', () => eventFields, { list: (span) => span.events, add: (span) => span.addEvent() }),
  ],
  ['links', records('link', () => linkFields, { list: (span) => span.links, add: (span) => span.addLink() })],
  ['flags', whole('flags')],
  ['dropped_attributes_count', whole('droppedAttributesCount')],
  ['dropped_events_count', whole('droppedEventsCount')],
  ['dropped_links_count', whole('droppedLinksCount')],
]);

const body: Field<LogRecord> = {
  kind: 'plain',
  empty: null,
  read: (log) => log.bodyExact,
  write: (log, value) => {
    log.bodyExact = value;
  },
};

export const logFields: Table<LogRecord> = new Map<string, Field<LogRecord>>([
  ['body', body],
  ['severity', choice('severityNumber', severities)],
  ['severity_text', text('severityText')],
  ['time', time('timeUnixNano')],
  ['observed_time', time('observedTimeUnixNano')],
  ['attributes', attributes((log) => log.attributes)],
  ['event_name', text('eventName')],
  ['trace_id', id('traceId', traceIdDigits)],
  ['span_id', id('spanId', spanIdDigits)],
  ['flags', whole('flags')],
  ['dropped_attributes_count', whole('droppedAttributesCount')],
]);

/** A number of a data point that not every type has. */
function pointNumber(key: 'value' | 'count' | 'sum' | 'min' | 'max'): Field<DataPoint> {
  return {
    kind: key === 'value' || key === 'count' ? 'plain' : 'doubles',
    empty: null,
    read: (point) => (key === 'sum' && !point.hasSum ? null : (point[key] ?? null)),
    write: (point, value) => {
      if (key === 'count') point.count = BigInt(Number(value));
      else if (key === 'value') point.value = value as bigint | number;
      else point[key] = Number(value);
    },
  };
}

const pointFields: Table<DataPoint> = new Map<string, Field<DataPoint>>([
  ['value', pointNumber('value')],
  ['count', pointNumber('count')],
  ['sum', pointNumber('sum')],
  ['min', pointNumber('min')],
  ['max', pointNumber('max')],
  [
    'bucket_counts',
    {
      kind: 'plain',
      empty: [],
      read: (point) => [...point.bucketCounts],
      write: (point, value) => {
        point.bucketCounts = (value as ExactValue[]).map((count) => BigInt(Number(count)));
      },
    },
  ],
  [
    'explicit_bounds',
    {
      kind: 'doubles',
      empty: [],
      read: (point) => [...point.explicitBounds],
      write: (point, value) => {
        point.explicitBounds = (value as ExactValue[]).map(Number);
      },
    },
  ],
  ['time', time('timeUnixNano')],
  ['start', time('startTimeUnixNano')],
  ['attributes', attributes((point) => point.attributes)],
  ['flags', whole('flags')],
]);

const metricType: Field<Metric> = {
  kind: 'plain',
  empty: 'none',
  read: (metric) => metric.type,
  write: (metric, value) => {
    const type = metricTypes.find((known) => known === value);
    if (type !== undefined) metric.begin(type);
  },
};

const temporality: Field<Metric> = {
  kind: 'plain',
  empty: 'unspecified',
  read: (metric) => temporalities[metric.aggregationTemporality ?? 0] ?? 'unspecified',
  write: (metric, value) => {
    metric.aggregationTemporality = numberOf(value, temporalities);
  },
};

const monotonic: Field<Metric> = {
  kind: 'plain',
  empty: false,
  read: (metric) => metric.isMonotonic ?? false,
  write: (metric, value) => {
    metric.isMonotonic = value === true;
  },
};

export const metricFields: Table<Metric> = new Map<string, Field<Metric>>([
  ['name', text('name')],
  ['description', text('description')],
  ['unit', text('unit')],
  ['type', metricType],
  ['aggregation_temporality', temporality],
  ['is_monotonic', monotonic],
  ['metadata', attributes((metric) => metric.metadata)],
  [
    'points',
    records('point', () => pointFields, {
      list: (metric) => metric.dataPoints(),
      add: (metric) => metric.addDataPoint(),
    }),
  ],
]);

export const scopeFields: Table<Scope> = new Map<string, Field<Scope>>([
  ['name', text('name')],
  ['version', text('version')],
  ['attributes', attributes((scope) => scope.attributes)],
  ['schema_url', text('schemaUrl')],
]);

export type RecordKind = 'span' | 'event' | 'link' | 'log' | 'metric' | 'point' | 'scope';

/** What a comparison needs to know of a field. */
export type FieldFacts = Pick<Field<never>, 'kind' | 'of' | 'empty'>;

export const fieldsOf: Readonly<Record<RecordKind, ReadonlyMap<string, FieldFacts>>> = {
  span: spanFields,
  event: eventFields,
  link: linkFields,
  log: logFields,
  metric: metricFields,
  point: pointFields,
  scope: scopeFields,
};
