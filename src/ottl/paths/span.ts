import type { Span, SpanEvent } from '../../model/traces.ts';
import { OttlFailure } from '../errors.ts';
import type { Target } from '../target.ts';
import { OttlItems, OttlStatus } from '../values.ts';
import { attributes, id, nanos, small, text, time } from './fields.ts';
import type { Fields } from './fields.ts';

const spanOf = (target: Target): Span => target.span as Span;
const eventOf = (target: Target): SpanEvent => target.event as SpanEvent;

const kindNames = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];

function kindName(kind: number): string {
  return kindNames[kind] ?? '';
}

export const spanFields: Fields = {
  trace_id: id('trace', (target) => spanOf(target).traceId),
  span_id: id('span', (target) => spanOf(target).spanId),
  parent_span_id: id('span', (target) => spanOf(target).parentSpanId),
  trace_state: {
    read: (target) => spanOf(target).traceState,
    index: { kind: 'entry', key: (target, key) => traceStateEntry(spanOf(target).traceState, key) },
  },
  name: text((target) => spanOf(target).name),
  kind: {
    ...small((target) => spanOf(target).kind),
    fields: {
      string: text((target) => kindName(spanOf(target).kind)),
      deprecated_string: text((target) => `SPAN_KIND_${kindName(spanOf(target).kind).toUpperCase()}`),
    },
  },
  start_time_unix_nano: nanos((target) => spanOf(target).startTimeUnixNano),
  end_time_unix_nano: nanos((target) => spanOf(target).endTimeUnixNano),
  start_time: time((target) => spanOf(target).startTimeUnixNano),
  end_time: time((target) => spanOf(target).endTimeUnixNano),
  attributes: attributes(
    (target) => spanOf(target).attributes,
    (key) => (target) => spanOf(target).attributes.getExact(key),
  ),
  dropped_attributes_count: small((target) => spanOf(target).droppedAttributesCount),
  dropped_events_count: small((target) => spanOf(target).droppedEventsCount),
  dropped_links_count: small((target) => spanOf(target).droppedLinksCount),
  events: { read: (target) => new OttlItems('events', spanOf(target).events.length) },
  links: { read: (target) => new OttlItems('links', spanOf(target).links.length) },
  status: {
    read: (target) => new OttlStatus(spanOf(target).status.code, spanOf(target).status.message),
    fields: {
      code: small((target) => spanOf(target).status.code),
      message: text((target) => spanOf(target).status.message),
    },
  },
  flags: small((target) => spanOf(target).flags),
};

export const spanEventFields: Fields = {
  time_unix_nano: nanos((target) => eventOf(target).timeUnixNano),
  time: time((target) => eventOf(target).timeUnixNano),
  name: text((target) => eventOf(target).name),
  attributes: attributes(
    (target) => eventOf(target).attributes,
    (key) => (target) => eventOf(target).attributes.getExact(key),
  ),
  dropped_attributes_count: small((target) => eventOf(target).droppedAttributesCount),
  event_index: { read: ({ eventIndex }) => BigInt(knownIndex(eventIndex)) },
};

function knownIndex(index: number | undefined): number {
  if (index === undefined) throw new OttlFailure("no 'event_index' property has been set");
  return index;
}

/** The value of a member of a W3C trace state; '' if it is missing, nil if the whole text is no trace state. */
function traceStateEntry(state: string, key: string): string | null {
  let found = '';
  for (const member of state.split(',')) {
    const trimmed = member.trim();
    if (trimmed === '') continue;
    const equal = trimmed.indexOf('=');
    if (equal <= 0) return null;
    if (trimmed.slice(0, equal) === key) found = trimmed.slice(equal + 1);
  }
  return found;
}
