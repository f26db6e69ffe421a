/** One element of `spans`. */
import { SpanKind, type ScopeSpans } from '../../model/traces.ts';
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import { isObject, type ExactJson, type JsonObject } from './exact-json.ts';
import {
  eachUnknown,
  fail,
  idMember,
  intMember,
  listMember,
  millisecondsMember,
  objectMember,
  setAll,
  textMember,
} from './read-members.ts';

const known = new Set(
  'name traceId spanId parentSpanId startTime endTime duration status attributes events'.split(' '),
);

interface SpanParts {
  readonly ids: { traceId: string; spanId: string; parentSpanId: string };
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly status: { code: number; message: string };
  readonly attributes: JsonObject;
  readonly events: readonly EventParts[];
}

interface EventParts {
  readonly name: string;
  readonly time: bigint;
  readonly attributes: JsonObject;
}

/** Adds the span, or throws a ShapeError and adds nothing. `notice` hears of members that are not carried over. */
export function addSpan(scope: ScopeSpans, element: ExactJson, notice: (text: string) => void): void {
  if (!isObject(element)) fail('a span', 'an object', element);
  const parts = readSpan(element);
  eachUnknown(element, known, (member) => notice(`member ${member} of spans is not carried over`));
  const span = scope.addSpan();
  span.traceId = parts.ids.traceId;
  span.spanId = parts.ids.spanId;
  if (parts.ids.parentSpanId !== '') span.parentSpanId = parts.ids.parentSpanId;
  span.name = parts.name;
  span.kind = SpanKind.INTERNAL;
  span.startTimeUnixNano = parts.start;
  span.endTimeUnixNano = parts.end;
  setAll(span.attributes, parts.attributes);
  for (const each of parts.events) {
    const event = span.addEvent();
    event.timeUnixNano = each.time;
    event.name = each.name;
    setAll(event.attributes, each.attributes);
  }
  if (parts.status.code !== 0) span.status.code = parts.status.code;
  if (parts.status.message !== '') span.status.message = parts.status.message;
}

function readSpan(element: JsonObject): SpanParts {
  const traceId = idMember(element, 'traceId', traceIdDigits);
  if (traceId === '') fail('traceId', `${traceIdDigits} hex digits`, element['traceId']);
  const spanId = idMember(element, 'spanId', spanIdDigits);
  if (spanId === '') fail('spanId', `${spanIdDigits} hex digits`, element['spanId']);
  const start =
    millisecondsMember(element, 'startTime') ?? fail('startTime', 'milliseconds since 1970', undefined);
  const status = objectMember(element, 'status');
  const code = intMember(status, 'code', 0);
  if (code > 2) fail('status.code', '0, 1 or 2', status['code']);
  return {
    ids: { traceId, spanId, parentSpanId: idMember(element, 'parentSpanId', spanIdDigits) },
    name: textMember(element, 'name'),
    start,
    end: millisecondsMember(element, 'endTime') ?? start + (millisecondsMember(element, 'duration') ?? 0n),
    status: { code, message: textMember(status, 'message') },
    attributes: objectMember(element, 'attributes'),
    events: listMember(element, 'events').map((event) => readEvent(event, start)),
  };
}

function readEvent(event: ExactJson, start: bigint): EventParts {
  if (!isObject(event)) fail('an event', 'an object', event);
  return {
    name: textMember(event, 'name'),
    time: millisecondsMember(event, 'time') ?? start,
    attributes: objectMember(event, 'attributes'),
  };
}
