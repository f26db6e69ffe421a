/**
 * The fields of test records, one table for each kind: how a field is called in YAML, how it is written to a record and
 * read back from one. What is built, shown and compared all goes by these tables.
 */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Scope } from '../../model/resource.ts';
import type { Link, Span, SpanEvent } from '../../model/traces.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import {
  attributes,
  choice,
  id,
  numberOf,
  records,
  text,
  time,
  whole,
  type Field,
  type RecordKind,
  type Table,
} from './field.ts';
import { metricFields, pointFields, quantileFields } from './metric-fields.ts';
import { durationNanos, nanosText } from './times.ts';

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const statusCodes = ['unset', 'ok', 'error'] as const;
export const severities = [
  'unspecified',
  ...['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((level) => [
    level,
    `${level}2`,
    `${level}3`,
    `${level}4`,
  ]),
];

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

export const scopeFields: Table<Scope> = new Map<string, Field<Scope>>([
  ['name', text('name')],
  ['version', text('version')],
  ['attributes', attributes((scope) => scope.attributes)],
  ['schema_url', text('schemaUrl')],
]);

/** What a comparison needs to know of a field. */
export type FieldFacts = Pick<Field<never>, 'kind' | 'of' | 'empty'>;

export const fieldsOf: Readonly<Record<RecordKind, ReadonlyMap<string, FieldFacts>>> = {
  span: spanFields,
  event: eventFields,
  link: linkFields,
  log: logFields,
  metric: metricFields,
  point: pointFields,
  quantile: quantileFields,
  scope: scopeFields,
};
