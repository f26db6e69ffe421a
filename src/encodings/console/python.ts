/** Spans and log records of the console exporters of Python's SDK: JSON, indented or on one line. */
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { EventParts, LinkParts, ResourceParts, ScopeParts } from '../../model/item-writer.ts';
import { parseIsoTime } from '../../model/time.ts';
import { SpanKind, StatusCode } from '../../model/traces.ts';
import { JsonNumber, JsonObject, type Json } from '../shared/json.ts';
import { fail, listMember, objectMember, paddedId, textMember } from '../shared/members.ts';
import { attributesIn, keyed, unlessZero, valueOfPrinted, type PrintedItem } from './item.ts';

/** Undefined for an object that is none of these. Throws a ShapeError. */
export function readPythonPrintOut(object: JsonObject): PrintedItem | undefined {
  const names = new Set(object.names);
  if (names.has('resource_metrics')) return { kind: 'metrics' };
  if (names.has('context') && names.has('start_time')) return readSpan(object);
  return names.has('severity_number') && names.has('body') ? readLog(object) : undefined;
}

function originOf(object: JsonObject) {
  const resource = object.get('resource');
  const scope = object.get('instrumentation_scope') ?? object.get('scope');
  return {
    resource: keyed(resource, () => resourceOf(resource)),
    scope: scope instanceof JsonObject ? keyed(scope, () => scopeOf(scope)) : undefined,
  };
}

/** Before version 1.12 the attributes stood in the resource itself. */
function resourceOf(resource: Json | undefined): ResourceParts {
  if (!(resource instanceof JsonObject)) return { attributes: [] };
  const attributes = resource.get('attributes');
  if (!(attributes instanceof JsonObject)) return { attributes: attributesIn(resource) };
  return { attributes: attributesIn(attributes), schemaUrl: textMember(resource, 'schema_url') };
}

function scopeOf(scope: JsonObject): ScopeParts {
  return {
    name: textMember(scope, 'name'),
    version: textMember(scope, 'version'),
    schemaUrl: textMember(scope, 'schema_url'),
    attributes: attributesIn(scope.get('attributes')),
  };
}

function readSpan(object: JsonObject): PrintedItem {
  const context = objectMember(object, 'context') ?? new JsonObject();
  const status = objectMember(object, 'status') ?? new JsonObject();
  const traceId = idOf(context, 'trace_id', traceIdDigits);
  const spanId = idOf(context, 'span_id', spanIdDigits);
  if (traceId === '') fail('trace_id', '0x and 32 hex digits', context.get('trace_id'));
  if (spanId === '') fail('span_id', '0x and 16 hex digits', context.get('span_id'));
  const statusName = enumName(status.get('status_code') ?? status.get('canonical_code'));
  return {
    kind: 'span',
    ...originOf(object),
    span: {
      traceId,
      spanId,
      parentSpanId: idOf(object, 'parent_id', spanIdDigits),
      traceState: traceStateOf(context.get('trace_state')),
      name: textMember(object, 'name'),
      kind: numberOf(SpanKind, enumName(object.get('kind'))),
      startTimeUnixNano: timeOf(object, 'start_time'),
      endTimeUnixNano: timeOf(object, 'end_time'),
      attributes: attributesIn(object.get('attributes')),
      events: listMember(object, 'events').flatMap((each) =>
        each instanceof JsonObject ? [readEvent(each)] : [],
      ),
      links: listMember(object, 'links').flatMap((each) =>
        each instanceof JsonObject ? [readLink(each)] : [],
      ),
      statusCode: numberOf(StatusCode, statusName),
      statusMessage: textMember(status, 'description'),
    },
  };
}

function readEvent(event: JsonObject): EventParts {
  return {
    timeUnixNano: timeOf(event, 'timestamp'),
    name: textMember(event, 'name'),
    attributes: attributesIn(event.get('attributes')),
  };
}

function readLink(link: JsonObject): LinkParts {
  const context = objectMember(link, 'context') ?? new JsonObject();
  return {
    traceId: idOf(context, 'trace_id', traceIdDigits),
    spanId: idOf(context, 'span_id', spanIdDigits),
    traceState: traceStateOf(context.get('trace_state')),
    attributes: attributesIn(link.get('attributes')),
  };
}

function readLog(object: JsonObject): PrintedItem {
  const body = object.get('body') ?? null;
  return {
    kind: 'log',
    ...originOf(object),
    log: {
      timeUnixNano: timeOf(object, 'timestamp'),
      observedTimeUnixNano: timeOf(object, 'observed_timestamp'),
      severityNumber: severityOf(object.get('severity_number')),
      severityText: textMember(object, 'severity_text'),
      ...(body !== null && { body: valueOfPrinted(body) }),
      attributes: attributesIn(object.get('attributes')),
      droppedAttributesCount: wholeOf(object.get('dropped_attributes')),
      flags: wholeOf(object.get('trace_flags')) & 0xff,
      traceId: idOf(object, 'trace_id', traceIdDigits),
      spanId: idOf(object, 'span_id', spanIdDigits),
      eventName: textMember(object, 'event_name'),
    },
  };
}

/** Hex behind `0x`; '' for none. */
function idOf(object: JsonObject, member: string, digits: number): string {
  const value = object.get(member);
  if (value === undefined || value === null || value === '') return '';
  const text = typeof value === 'string' ? value.replace(/^0x/, '') : value;
  return unlessZero(paddedId(text, digits) ?? fail(member, `0x and up to ${digits} hex digits`, value));
}

function timeOf(object: JsonObject, member: string): bigint {
  const value = object.get(member) ?? null;
  if (value === null) return 0n;
  const nanos = typeof value === 'string' ? parseIsoTime(value) : undefined;
  return nanos !== undefined && nanos >= 0n ? nanos : fail(member, 'a time of ISO 8601', value);
}

/** `SpanKind.CLIENT` is CLIENT. */
function enumName(value: Json | undefined): string {
  return typeof value === 'string' ? value.replace(/^\w+\./, '') : '';
}

function numberOf(names: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(names, name) ? (names[name] ?? 0) : 0;
}

/** A number, or as older versions print it `<SeverityNumber.INFO: 9>`. */
function severityOf(value: Json | undefined): number {
  const text = value instanceof JsonNumber ? value.text : typeof value === 'string' ? value : '';
  const number = Number(/\d+/.exec(text)?.[0] ?? 0);
  return number <= 24 ? number : 0;
}

function wholeOf(value: Json | undefined): number {
  return value instanceof JsonNumber && /^\d{1,9}$/.test(value.text) ? Number(value.text) : 0;
}

/** The text of a list: `['{key=a, value=b}']`. */
function traceStateOf(value: Json | undefined): string {
  if (typeof value !== 'string') return '';
  const pairs = [...value.matchAll(/\{key=([^,{}]{1,256}), value=([^{}]{0,256})\}/g)];
  return pairs.map(([, key, text]) => `${key}=${text}`).join(',');
}
