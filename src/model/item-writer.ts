/**
 * Items of shapes that are not OTLP, written as protobuf at once: what views would be set to, in the order of the fields,
 * without a splice for each.
 */
import type { Writer } from '../wire/writer.ts';
import { writeAttribute, writeValue } from './value-writer.ts';
import type { ExactValue } from './value.ts';

/** Attributes in their order; a bigint is an int64, a number a double. */
export type AttributeList = readonly (readonly [key: string, value: ExactValue])[];

/** A resource or a scope; `schemaUrl` is written beside it. */
export interface ResourceParts {
  readonly attributes: AttributeList;
  readonly schemaUrl?: string;
}

export interface ScopeParts {
  readonly name: string;
  readonly version?: string;
  readonly attributes?: AttributeList;
  readonly schemaUrl?: string;
}

export interface EventParts {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: AttributeList;
  readonly droppedAttributesCount?: number;
}

export interface LinkParts {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly attributes?: AttributeList;
  readonly flags?: number;
  readonly droppedAttributesCount?: number;
}

/** Ids are hex of full length, or '' for none, which is the caller's to check. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** What a span has besides its ids. Times are from 0 to 2^64 - 1, which is the caller's to check. */
export interface SpanRest {
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: AttributeList;
  readonly droppedAttributesCount?: number;
  readonly events?: readonly EventParts[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly LinkParts[];
  readonly droppedLinksCount?: number;
  readonly statusCode?: number;
  readonly statusMessage?: string;
  readonly flags?: number;
}

export interface SpanParts extends SpanIds, SpanRest {}

/** As `SpanParts`; without a body there is none, which is not the same as null. */
export interface LogRecordParts {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano?: bigint;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: ExactValue;
  readonly attributes: AttributeList;
  readonly droppedAttributesCount?: number;
  readonly flags?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

/** Appends the ids of a Span; with what `writeSpanRest` appends it is a whole one, without tag and length. */
export function writeSpanIds(to: Writer, ids: SpanIds): void {
  putId(to, 0x0a, ids.traceId);
  putId(to, 0x12, ids.spanId);
  putId(to, 0x22, ids.parentSpanId);
}

/** Appends the fields of a Span besides its ids. Throws a RangeError for values that OTLP cannot hold. */
export function writeSpanRest(to: Writer, span: SpanRest): void {
  putText(to, 0x1a, span.traceState);
  putText(to, 0x2a, span.name);
  putUint(to, 0x30, span.kind);
  putTime(to, 0x39, span.startTimeUnixNano);
  putTime(to, 0x41, span.endTimeUnixNano);
  putAttributes(to, 0x4a, span.attributes);
  putUint(to, 0x50, span.droppedAttributesCount);
  for (const event of span.events ?? []) putEvent(to, event);
  putUint(to, 0x60, span.droppedEventsCount);
  for (const link of span.links ?? []) putLink(to, link);
  putUint(to, 0x70, span.droppedLinksCount);
  putStatus(to, span.statusCode ?? 0, span.statusMessage ?? '');
  putFlags(to, 0x85, span.flags);
}

/** Appends a LogRecord, without tag and length. Throws a RangeError for values that OTLP cannot hold. */
export function writeLogRecord(to: Writer, log: LogRecordParts): void {
  putTime(to, 0x09, log.timeUnixNano);
  putUint(to, 0x10, log.severityNumber);
  putText(to, 0x1a, log.severityText);
  if (log.body !== undefined) {
    to.varint(0x2a);
    writeValue(to, log.body, true);
  }
  putAttributes(to, 0x32, log.attributes);
  putUint(to, 0x38, log.droppedAttributesCount);
  putFlags(to, 0x45, log.flags);
  putId(to, 0x4a, log.traceId);
  putId(to, 0x52, log.spanId);
  putTime(to, 0x59, log.observedTimeUnixNano);
  putText(to, 0x62, log.eventName);
}

/** Appends a resource to a ResourceSpans or ResourceLogs. */
export function writeResource(to: Writer, resource: ResourceParts): void {
  to.varint(0x0a);
  const mark = to.begin(1);
  putAttributes(to, 0x0a, resource.attributes);
  to.end(mark, 1);
}

/** Appends a scope to a ScopeSpans or ScopeLogs. */
export function writeScope(to: Writer, scope: ScopeParts): void {
  to.varint(0x0a);
  const mark = to.begin(1);
  putText(to, 0x0a, scope.name);
  putText(to, 0x12, scope.version);
  putAttributes(to, 0x1a, scope.attributes);
  to.end(mark, 1);
}

/** Appends the schema URL to a group of either level. */
export function writeSchemaUrl(to: Writer, url: string | undefined): void {
  putText(to, 0x1a, url);
}

function putEvent(to: Writer, event: EventParts): void {
  to.varint(0x5a);
  const mark = to.begin(1);
  putTime(to, 0x09, event.timeUnixNano);
  putText(to, 0x12, event.name);
  putAttributes(to, 0x1a, event.attributes);
  putUint(to, 0x20, event.droppedAttributesCount);
  to.end(mark, 1);
}

function putLink(to: Writer, link: LinkParts): void {
  to.varint(0x6a);
  const mark = to.begin(1);
  putId(to, 0x0a, link.traceId);
  putId(to, 0x12, link.spanId);
  putText(to, 0x1a, link.traceState);
  putAttributes(to, 0x22, link.attributes);
  putUint(to, 0x28, link.droppedAttributesCount);
  putFlags(to, 0x35, link.flags);
  to.end(mark, 1);
}

function putStatus(to: Writer, code: number, message: string): void {
  if (code === 0 && message === '') return;
  to.varint(0x7a);
  const mark = to.begin(1);
  putText(to, 0x12, message);
  putUint(to, 0x18, code);
  to.end(mark, 1);
}

function putAttributes(to: Writer, tag: number, attributes: AttributeList | undefined): void {
  if (attributes === undefined) return;
  for (const [key, value] of attributes) {
    to.varint(tag);
    writeAttribute(to, key, value, true);
  }
}

function putId(to: Writer, tag: number, id: string | undefined): void {
  if (id === undefined || id === '') return;
  to.varint(tag);
  to.hex(id);
}

function putText(to: Writer, tag: number, text: string | undefined): void {
  if (text === undefined || text === '') return;
  to.varint(tag);
  to.text(text);
}

function putUint(to: Writer, tag: number, value: number | undefined): void {
  if (value === undefined || value === 0) return;
  to.varint(tag);
  to.varint(value);
}

function putFlags(to: Writer, tag: number, flags: number | undefined): void {
  if (flags === undefined || flags === 0) return;
  to.varint(tag);
  to.fixed32(flags);
}

function putTime(to: Writer, tag: number, time: bigint | undefined): void {
  if (time === undefined || time === 0n) return;
  to.varint(tag);
  to.fixed64(time);
}
