import type { Span, SpanEvent } from '../../model/traces.ts';
import { OttlFailure } from '../errors.ts';
import type { Target } from '../target.ts';
import { OttlItems, OttlStatus } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { asInt, asText, attributes, id, nanos, small, text, time, wrongType } from './fields.ts';
import type { Field, Fields } from './fields.ts';
import { traceStateEntry, withTraceStateEntry } from './trace-state.ts';

const spanOf = (target: Target): Span => target.span as Span;
const eventOf = (target: Target): SpanEvent => target.event as SpanEvent;

const kindNames = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];

function kindName(kind: number): string {
  return kindNames[kind] ?? '';
}

function oldKindName(kind: number): string {
  const name = kindNames[kind];
  return name === undefined ? '' : `SPAN_KIND_${name.toUpperCase()}`;
}

function kindNamed(name: string, of: (kind: number) => string): number {
  const kind = kindNames.findIndex((_, number) => of(number) === name);
  if (kind < 0)
    throw new OttlFailure(
      `${JSON.stringify(name)} is no span kind (${kindNames.map((_, i) => of(i)).join(', ')})`,
      [name],
    );
  return kind;
}

/** The events or links of the span itself are all that can be assigned: there is no other path to any. Nil empties. */
function spanItems(of: 'events' | 'links'): Field {
  return {
    read: (target) => new OttlItems(of, spanOf(target)[of].length),
    write(target, value) {
      if (value === undefined || value === null)
        for (const item of spanOf(target)[of].toReversed()) item.drop();
      else if (!(value instanceof OttlItems) || value.of !== of)
        throw wrongType(`the ${of} of a span`, value);
    },
  };
}

const setStart = (target: Target, nanos: bigint): void => {
  spanOf(target).startTimeUnixNano = nanos;
};
const setEnd = (target: Target, nanos: bigint): void => {
  spanOf(target).endTimeUnixNano = nanos;
};

const status: Field = {
  read: (target) => new OttlStatus(spanOf(target).status.code, spanOf(target).status.message),
  write(target, value) {
    if (!(value instanceof OttlStatus)) throw wrongType('ptrace.Status', value);
    spanOf(target).status.code = value.code;
    spanOf(target).status.message = value.message;
  },
  fields: {
    code: {
      ...small(
        (target) => spanOf(target).status.code,
        (target, code) => (spanOf(target).status.code = code),
      ),
      data: { at: 'field', field: 'statusCode' },
    },
    message: text(
      (target) => spanOf(target).status.message,
      (target, message) => (spanOf(target).status.message = message),
    ),
  },
};

const kind: Field = {
  ...small(
    (target) => spanOf(target).kind,
    (target, kind) => (spanOf(target).kind = kind),
  ),
  data: { at: 'field', field: 'kind' },
  fields: {
    string: text(
      (target) => kindName(spanOf(target).kind),
      (target, name) => (spanOf(target).kind = kindNamed(name, kindName)),
    ),
    deprecated_string: text(
      (target) => oldKindName(spanOf(target).kind),
      (target, name) => (spanOf(target).kind = kindNamed(name, oldKindName)),
    ),
  },
};

const traceState: Field = {
  ...text(
    (target) => spanOf(target).traceState,
    (target, state) => (spanOf(target).traceState = state),
  ),
  index: {
    kind: 'entry',
    key: (target, key) => traceStateEntry(spanOf(target).traceState, key),
    set(target, key, value) {
      const span = spanOf(target);
      span.traceState = withTraceStateEntry(span.traceState, key, asText(value));
    },
  },
};

/** Unlike every other number, a value beyond 32 bits is refused. */
function setFlags(target: Target, value: OttlValue): void {
  const flags = asInt(value);
  if (flags < 0n || flags > 0xffff_ffffn)
    throw new OttlFailure(`flags are from 0 to 4294967295, found ${flags}`, [flags]);
  spanOf(target).flags = Number(flags);
}

export const spanFields: Fields = {
  trace_id: id(
    'trace',
    (target) => spanOf(target).traceId,
    (target, digits) => (spanOf(target).traceId = digits),
  ),
  span_id: id(
    'span',
    (target) => spanOf(target).spanId,
    (target, digits) => (spanOf(target).spanId = digits),
  ),
  parent_span_id: id(
    'span',
    (target) => spanOf(target).parentSpanId,
    (target, digits) => (spanOf(target).parentSpanId = digits),
  ),
  trace_state: traceState,
  name: {
    ...text(
      (target) => spanOf(target).name,
      (target, name) => (spanOf(target).name = name),
    ),
    data: { at: 'field', field: 'name' },
  },
  kind,
  start_time_unix_nano: nanos((target) => spanOf(target).startTimeUnixNano, setStart),
  end_time_unix_nano: nanos((target) => spanOf(target).endTimeUnixNano, setEnd),
  start_time: time((target) => spanOf(target).startTimeUnixNano, setStart),
  end_time: time((target) => spanOf(target).endTimeUnixNano, setEnd),
  attributes: attributes(spanOf, (span) => span.attributes, 'item'),
  dropped_attributes_count: small(
    (target) => spanOf(target).droppedAttributesCount,
    (target, count) => (spanOf(target).droppedAttributesCount = count),
  ),
  dropped_events_count: small(
    (target) => spanOf(target).droppedEventsCount,
    (target, count) => (spanOf(target).droppedEventsCount = count),
  ),
  dropped_links_count: small(
    (target) => spanOf(target).droppedLinksCount,
    (target, count) => (spanOf(target).droppedLinksCount = count),
  ),
  events: spanItems('events'),
  links: spanItems('links'),
  status,
  flags: {
    read: (target) => BigInt(spanOf(target).flags),
    small: (target) => spanOf(target).flags,
    write: setFlags,
  },
};

const setEventTime = (target: Target, nanos: bigint): void => {
  eventOf(target).timeUnixNano = nanos;
};

export const spanEventFields: Fields = {
  time_unix_nano: nanos((target) => eventOf(target).timeUnixNano, setEventTime),
  time: time((target) => eventOf(target).timeUnixNano, setEventTime),
  name: text(
    (target) => eventOf(target).name,
    (target, name) => (eventOf(target).name = name),
  ),
  attributes: attributes(eventOf, (event) => event.attributes),
  dropped_attributes_count: small(
    (target) => eventOf(target).droppedAttributesCount,
    (target, count) => (eventOf(target).droppedAttributesCount = count),
  ),
  event_index: {
    read: ({ eventIndex }) => BigInt(knownIndex(eventIndex)),
    write() {
      throw new OttlFailure('the position of an event in its span cannot be set');
    },
  },
};

function knownIndex(index: number | undefined): number {
  if (index === undefined) throw new OttlFailure("no 'event_index' property has been set");
  return index;
}
