/** Spans and log records of Go's stdouttrace and stdoutlog: JSON, indented or on one line. */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { EventParts, LinkParts, ScopeParts } from '../../model/item-writer.ts';
import { parseIsoTime } from '../../model/time.ts';
import { StatusCode } from '../../model/traces.ts';
import type { ExactValue } from '../../model/value.ts';
import { JsonNumber, JsonObject, valueOfNumber, type Json } from '../shared/json.ts';
import { asObject, fail, idMember, listMember, objectMember, textMember } from '../shared/members.ts';
import { keyed, unlessZero, type PrintedItem } from './item.ts';

/** Undefined for an object that is none of these. Throws a ShapeError. */
export function readGoPrintOut(object: JsonObject): PrintedItem | undefined {
  const names = new Set(object.names);
  if (names.has('ScopeMetrics')) return { kind: 'metrics' };
  if (names.has('SpanContext') && names.has('StartTime')) return readSpan(object);
  const isLog = names.has('SeverityText') && names.has('Body');
  return isLog ? readLog(object) : undefined;
}

function originOf(object: JsonObject) {
  const resource = object.get('Resource');
  const scope =
    object.get('InstrumentationScope') ?? object.get('InstrumentationLibrary') ?? object.get('Scope');
  return {
    resource: keyed(resource, () => ({ attributes: attributesOf(resource) })),
    scope: scope instanceof JsonObject ? keyed(scope, () => scopeOf(scope)) : undefined,
  };
}

function scopeOf(scope: JsonObject): ScopeParts {
  return {
    name: textMember(scope, 'Name'),
    version: textMember(scope, 'Version'),
    schemaUrl: textMember(scope, 'SchemaURL'),
    attributes: attributesOf(scope.get('Attributes')),
  };
}

function readSpan(object: JsonObject): PrintedItem {
  const context = objectMember(object, 'SpanContext') ?? new JsonObject();
  const parent = objectMember(object, 'Parent') ?? new JsonObject();
  const status = objectMember(object, 'Status') ?? new JsonObject();
  const traceId = unlessZero(idMember(context, 'TraceID', traceIdDigits));
  const spanId = unlessZero(idMember(context, 'SpanID', spanIdDigits));
  if (traceId === '') fail('TraceID', '32 hex digits', context.get('TraceID'));
  if (spanId === '') fail('SpanID', '16 hex digits', context.get('SpanID'));
  const statusName = textMember(status, 'Code').toUpperCase();
  return {
    kind: 'span',
    ...originOf(object),
    span: {
      traceId,
      spanId,
      parentSpanId: unlessZero(idMember(parent, 'SpanID', spanIdDigits)),
      traceState: textMember(context, 'TraceState'),
      flags: flagsOf(context, parent),
      name: textMember(object, 'Name'),
      kind: wholeMember(object, 'SpanKind', 5),
      startTimeUnixNano: timeOf(object, 'StartTime'),
      endTimeUnixNano: timeOf(object, 'EndTime'),
      attributes: attributesOf(object.get('Attributes')),
      droppedAttributesCount: wholeMember(object, 'DroppedAttributes'),
      events: listMember(object, 'Events').map(readEvent),
      droppedEventsCount: wholeMember(object, 'DroppedEvents'),
      links: listMember(object, 'Links').map(readLink),
      droppedLinksCount: wholeMember(object, 'DroppedLinks'),
      statusCode: Object.hasOwn(StatusCode, statusName)
        ? StatusCode[statusName as keyof typeof StatusCode]
        : 0,
      statusMessage: textMember(status, 'Description'),
    },
  };
}

function readEvent(json: Json): EventParts {
  const event = asObject('an event', json);
  return {
    timeUnixNano: timeOf(event, 'Time'),
    name: textMember(event, 'Name'),
    attributes: attributesOf(event.get('Attributes')),
    droppedAttributesCount: wholeMember(event, 'DroppedAttributeCount'),
  };
}

function readLink(json: Json): LinkParts {
  const link = asObject('a link', json);
  const context = objectMember(link, 'SpanContext') ?? new JsonObject();
  return {
    traceId: idMember(context, 'TraceID', traceIdDigits),
    spanId: idMember(context, 'SpanID', spanIdDigits),
    traceState: textMember(context, 'TraceState'),
    flags: flagsOf(context, context),
    attributes: attributesOf(link.get('Attributes')),
    droppedAttributesCount: wholeMember(link, 'DroppedAttributeCount'),
  };
}

function readLog(object: JsonObject): PrintedItem {
  const body = valueOf(object.get('Body') ?? null);
  return {
    kind: 'log',
    ...originOf(object),
    log: {
      timeUnixNano: timeOf(object, 'Timestamp'),
      observedTimeUnixNano: timeOf(object, 'ObservedTimestamp'),
      severityNumber: wholeMember(object, 'Severity', 24),
      severityText: textMember(object, 'SeverityText'),
      ...(body !== null && { body }),
      attributes: attributesOf(object.get('Attributes')),
      droppedAttributesCount: wholeMember(object, 'DroppedAttributes'),
      flags: traceFlags(object),
      traceId: unlessZero(idMember(object, 'TraceID', traceIdDigits)),
      spanId: unlessZero(idMember(object, 'SpanID', spanIdDigits)),
      eventName: textMember(object, 'EventName'),
    },
  };
}

/** A list of `{ Key, Value: { Type, Value } }`; an empty set is an object. */
function attributesOf(json: Json | undefined): [string, ExactValue][] {
  if (!Array.isArray(json)) return [];
  return json.map((each) => {
    const pair = asObject('an attribute', each);
    return [textMember(pair, 'Key'), valueOf(pair.get('Value') ?? null)];
  });
}

/** `{ Type: 'INT64', Value: 5 }`, with the types of attributes and of log values. */
function valueOf(json: Json): ExactValue {
  if (!(json instanceof JsonObject)) return null;
  const type = textMember(json, 'Type').toUpperCase();
  const value = json.get('Value') ?? null;
  if (type === 'EMPTY' || type === 'INVALID') return null;
  if (type === 'MAP') return new Map(attributesOf(value));
  if (type === 'SLICE') return listOf(value).map(valueOf);
  if (type === 'BYTESLICE' || type === 'BYTES') return bytesIn(value);
  const element = /^(\w+)SLICE$/.exec(type)?.[1];
  return element === undefined ? scalarOf(type, value) : listOf(value).map((each) => scalarOf(element, each));
}

function scalarOf(type: string, value: Json): ExactValue {
  if (type === 'BOOL' && typeof value === 'boolean') return value;
  if (type === 'STRING' && typeof value === 'string') return value;
  if (type === 'INT64' && value instanceof JsonNumber) return valueOfNumber(value.text);
  if (type === 'FLOAT64' && value instanceof JsonNumber) return Number(value.text);
  return fail('Value', `of type ${type}`, value);
}

function listOf(value: Json): readonly Json[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : fail('Value', 'an array', value);
}

function bytesIn(value: Json): Uint8Array {
  if (value === null) return new Uint8Array(0);
  const isBase64 = typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value);
  return isBase64 ? Buffer.from(value, 'base64') : fail('Value', 'base64', value);
}

/** A time that was not set is that of the year 1. */
function timeOf(object: JsonObject, member: string): bigint {
  const value = object.get(member) ?? null;
  if (value === null) return 0n;
  const nanos = typeof value === 'string' ? parseIsoTime(value) : undefined;
  if (nanos === undefined) return fail(member, 'a time of RFC 3339', value);
  return nanos < 0n ? 0n : nanos;
}

/** 0 for an absent one. */
function wholeMember(object: JsonObject, member: string, most = 0xffff_ffff): number {
  const value = object.get(member) ?? null;
  if (value === null) return 0;
  const number = value instanceof JsonNumber ? Number(value.text) : -1;
  const fits = Number.isInteger(number) && number >= 0 && number <= most;
  return fits ? number : fail(member, `a whole number up to ${most}`, value);
}

/** Two hex digits. */
function traceFlags(object: JsonObject): number {
  const value = object.get('TraceFlags');
  return typeof value === 'string' && /^[\da-fA-F]{2}$/.test(value) ? Number.parseInt(value, 16) : 0;
}

/** As the OTLP exporter of the same SDK writes them: whether the parent is remote is known. */
function flagsOf(context: JsonObject, parent: JsonObject): number {
  return traceFlags(context) | 0x100 | (parent.get('Remote') === true ? 0x200 : 0);
}
