/** Spans and log records of the console exporters of JavaScript's SDK, of its first and second major version. */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { EventParts, LinkParts, ScopeParts } from '../../model/item-writer.ts';
import { JsonNumber, JsonObject, type Json } from '../shared/json.ts';
import {
  asObject,
  fail,
  idMember,
  listMember,
  objectMember,
  textMember,
  timeMember,
} from '../shared/members.ts';
import { attributesIn, keyed, unlessZero, valueOfPrinted, type PrintedItem } from './item.ts';

/** Undefined for an object that is none of these. Throws a ShapeError. */
export function readJsPrintOut(object: JsonObject): PrintedItem | undefined {
  const names = new Set(object.names);
  if (names.has('dataPoints') && names.has('descriptor')) return { kind: 'metrics' };
  if (!names.has('resource') && !names.has('instrumentationScope') && !names.has('instrumentationLibrary')) {
    return undefined;
  }
  if (names.has('duration') && names.has('traceId')) return readSpan(object);
  return names.has('timestamp') && (names.has('body') || names.has('severityNumber'))
    ? readLog(object)
    : undefined;
}

function originOf(object: JsonObject) {
  const resource = object.get('resource');
  const scope = object.get('instrumentationScope') ?? object.get('instrumentationLibrary');
  return {
    resource: keyed(resource, () => {
      const attributes = resource instanceof JsonObject ? resource.get('attributes') : undefined;
      return { attributes: attributesIn(attributes) };
    }),
    scope: scope instanceof JsonObject ? keyed(scope, () => scopeOf(scope)) : undefined,
  };
}

function scopeOf(scope: JsonObject): ScopeParts {
  return {
    name: textMember(scope, 'name'),
    version: textMember(scope, 'version'),
    schemaUrl: textMember(scope, 'schemaUrl'),
  };
}

function readSpan(object: JsonObject): PrintedItem {
  const start =
    timeMember(object, 'timestamp', 'us') ?? fail('timestamp', 'microseconds', object.get('timestamp'));
  const status = objectMember(object, 'status');
  const parent = object.get('parentSpanContext');
  const spanId = unlessZero(idMember(object, 'id', spanIdDigits));
  const traceId = unlessZero(idMember(object, 'traceId', traceIdDigits));
  if (traceId === '') fail('traceId', '32 hex digits', object.get('traceId'));
  if (spanId === '') fail('id', '16 hex digits', object.get('id'));
  return {
    kind: 'span',
    ...originOf(object),
    span: {
      traceId,
      spanId,
      parentSpanId:
        parent instanceof JsonObject
          ? unlessZero(idMember(parent, 'spanId', spanIdDigits))
          : unlessZero(idMember(object, 'parentId', spanIdDigits)),
      traceState: traceStateOf(object.get('traceState')),
      name: textMember(object, 'name'),
      // From 0 for INTERNAL; OTLP has a 0 for unspecified before it.
      kind: wholeMember(object, 'kind', 4) + 1,
      startTimeUnixNano: start,
      endTimeUnixNano: start + (timeMember(object, 'duration', 'us') ?? 0n),
      attributes: attributesIn(object.get('attributes')),
      events: listMember(object, 'events').flatMap((each) =>
        each instanceof JsonObject ? [readEvent(each)] : [],
      ),
      links: listMember(object, 'links').flatMap((each) =>
        each instanceof JsonObject ? [readLink(each)] : [],
      ),
      statusCode: status === undefined ? 0 : wholeMember(status, 'code', 2),
      statusMessage: status === undefined ? '' : textMember(status, 'message'),
    },
  };
}

function readEvent(event: JsonObject): EventParts {
  return {
    timeUnixNano: hrTimeOf(event.get('time')),
    name: textMember(event, 'name'),
    attributes: attributesIn(event.get('attributes')),
    droppedAttributesCount: wholeMember(event, 'droppedAttributesCount', 0xffff_ffff),
  };
}

function readLink(link: JsonObject): LinkParts {
  const context = asObject('context', link.get('context'));
  return {
    traceId: idMember(context, 'traceId', traceIdDigits),
    spanId: idMember(context, 'spanId', spanIdDigits),
    traceState: traceStateOf(context.get('traceState')),
    flags: wholeMember(context, 'traceFlags', 0xff),
    attributes: attributesIn(link.get('attributes')),
    droppedAttributesCount: wholeMember(link, 'droppedAttributesCount', 0xffff_ffff),
  };
}

function readLog(object: JsonObject): PrintedItem {
  const body = object.get('body') ?? null;
  return {
    kind: 'log',
    ...originOf(object),
    log: {
      timeUnixNano: timeMember(object, 'timestamp', 'us') ?? 0n,
      observedTimeUnixNano: timeMember(object, 'observedTimestamp', 'us') ?? 0n,
      severityNumber: wholeMember(object, 'severityNumber', 24),
      severityText: textMember(object, 'severityText'),
      ...(body !== null && { body: valueOfPrinted(body) }),
      attributes: attributesIn(object.get('attributes')),
      droppedAttributesCount: wholeMember(object, 'droppedAttributesCount', 0xffff_ffff),
      flags: wholeMember(object, 'traceFlags', 0xff),
      traceId: unlessZero(idMember(object, 'traceId', traceIdDigits)),
      spanId: unlessZero(idMember(object, 'spanId', spanIdDigits)),
      eventName: textMember(object, 'eventName'),
    },
  };
}

/** `[ seconds, nanoseconds ]`. */
function hrTimeOf(time: Json | undefined): bigint {
  const [seconds, nanos] = (Array.isArray(time) ? time : []).map((part) =>
    part instanceof JsonNumber ? part.text : '',
  );
  if (
    seconds === undefined ||
    nanos === undefined ||
    !/^\d{1,10}$/.test(seconds) ||
    !/^\d{1,9}$/.test(nanos)
  ) {
    return fail('time', '[seconds, nanoseconds]', time);
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** 0 for an absent one. */
function wholeMember(object: JsonObject, member: string, most: number): number {
  const value = object.get(member);
  if (value === undefined || value === null) return 0;
  const number = value instanceof JsonNumber ? Number(value.text) : -1;
  if (!Number.isInteger(number) || number < 0 || number > most) {
    return fail(member, `a whole number up to ${most}`, value);
  }
  return number;
}

/** Text, or what an object of the class TraceState shows of itself; '' for what was left out. */
function traceStateOf(json: Json | undefined): string {
  if (typeof json === 'string') return json.startsWith('[') ? '' : json;
  if (!(json instanceof JsonObject)) return '';
  const raw = json.get('_rawTraceState');
  if (typeof raw === 'string') return raw;
  const members = json.get('_internalState');
  if (!(members instanceof JsonObject)) return '';
  // The latest is printed last, and stands first.
  const pairs = members.names.map((name, index) => {
    const value = members.values[index];
    return `${name}=${typeof value === 'string' ? value : ''}`;
  });
  return pairs.reverse().join(',');
}
