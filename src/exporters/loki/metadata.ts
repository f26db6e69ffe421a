/**
 * Structured metadata: everything that Loki knows of a log record besides its time, line and labels.
 *
 * Where two things want one name, the first in this order has it: the labels of the stream, the fields of the record
 * (`trace_id`, `span_id`, `severity_text` ...), its attributes, those of the resource, those of the scope. The same
 * value is not sent twice; a different one is named by its origin, `attribute_x`, `resource_x` or `scope_x`, and if
 * that is taken too, with a number: `attribute_x_2`.
 *
 * Maps are flattened, `parent_child`, as Loki's OTLP endpoint does; lists are JSON text, bytes base64.
 */
import type { Attributes } from '../../model/attributes.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { lokiName } from './names.ts';
import { cutToBytes } from './text.ts';

/** Loki's `max_structured_metadata_entries_count` and `max_structured_metadata_size`. */
const mostEntries = 128;
const mostBytes = 65_536;

/** Names and values by turns. */
export type Metadata = string[];

type Origin = 'field' | 'attribute' | 'resource' | 'scope';

/** What the records of one scope share. */
export interface SharedMetadata {
  readonly resource: readonly string[];
  readonly scope: readonly string[];
}

export function sharedMetadata(resource: Resource, scope: Scope): SharedMetadata {
  const ofResource: string[] = [];
  flattenAll(resource.attributes, ofResource);
  if (resource.droppedAttributesCount > 0) {
    ofResource.push('resource_dropped_attributes_count', String(resource.droppedAttributesCount));
  }
  const ofScope: string[] = [];
  if (scope.name !== '') ofScope.push('scope_name', scope.name);
  if (scope.version !== '') ofScope.push('scope_version', scope.version);
  flattenAll(scope.attributes, ofScope);
  if (scope.droppedAttributesCount > 0)
    ofScope.push('scope_dropped_attributes_count', String(scope.droppedAttributesCount));
  return { resource: ofResource, scope: ofScope };
}

/** Collects the metadata of one record after the other. */
export class MetadataCollector {
  private taken = new Map<string, string>();
  /** The last number given to a name, so that a thousand attributes of one name do not take a million looks. */
  private numbers = new Map<string, number>();
  private out: Metadata = [];

  /** @param labels of the record's stream */
  collect(record: LogRecord, shared: SharedMetadata, labels: ReadonlyMap<string, string>): Metadata {
    this.taken = new Map(labels);
    if (this.numbers.size > 0) this.numbers = new Map();
    this.out = [];
    this.fields(record);
    const own: string[] = [];
    flattenAll(record.attributes, own);
    this.putAll(own, 'attribute');
    this.putAll(shared.resource, 'resource');
    this.putAll(shared.scope, 'scope');
    return this.out;
  }

  private fields(record: LogRecord): void {
    const { traceId, spanId } = record;
    if (/[^0]/.test(traceId)) this.put('trace_id', traceId, 'field');
    if (/[^0]/.test(spanId)) this.put('span_id', spanId, 'field');
    if (record.severityNumber !== 0) this.put('severity_number', String(record.severityNumber), 'field');
    if (record.severityText !== '') this.put('severity_text', record.severityText, 'field');
    if (record.eventName !== '') this.put('event_name', record.eventName, 'field');
    if (record.flags !== 0) this.put('flags', String(record.flags), 'field');
    const observed = record.observedTimeUnixNano;
    // Without a time of its own the record is sent with the observed one.
    if (observed !== 0n && record.timeUnixNano !== 0n)
      this.put('observed_timestamp', String(observed), 'field');
    if (record.droppedAttributesCount > 0) {
      this.put('dropped_attributes_count', String(record.droppedAttributesCount), 'field');
    }
  }

  private putAll(pairs: readonly string[], origin: Origin): void {
    for (let i = 0; i + 1 < pairs.length; i += 2) this.put(pairs[i] ?? '', pairs[i + 1] ?? '', origin);
  }

  private put(name: string, value: string, origin: Origin): void {
    const before = this.taken.get(name);
    if (before === value) return;
    const free = before === undefined ? name : this.freeName(name, value, origin);
    if (free === undefined) return;
    this.taken.set(free, value);
    this.out.push(free, value);
  }

  /** Undefined when the value is there already under one of its names. */
  private freeName(name: string, value: string, origin: Origin): string | undefined {
    const base = `${origin}_${name}`;
    if (this.taken.get(base) === value) return undefined;
    let number = this.numbers.get(base) ?? 1;
    let candidate = number === 1 ? base : `${base}_${number}`;
    while (this.taken.has(candidate)) {
      if (this.taken.get(candidate) === value) return undefined;
      candidate = `${base}_${++number}`;
    }
    this.numbers.set(base, number);
    return candidate;
  }
}

function flattenAll(attributes: Attributes, out: string[]): void {
  if (attributes.size === 0) return;
  for (const [key, value] of attributes.exactEntries()) flatten(lokiName(key), value, out);
}

/** As deep as the data: at most the 64 levels that a batch may have. */
function flatten(name: string, value: ExactValue, out: string[]): void {
  if (value instanceof Map && value.size > 0) {
    for (const [key, child] of value) flatten(lokiName(`${name}_${key}`), child, out);
    return;
  }
  out.push(name, valueText(value));
}

/** Whether Loki takes this much for one entry by default. */
export function fits(metadata: Metadata): boolean {
  if (metadata.length > mostEntries * 2) return false;
  let units = 0;
  for (const text of metadata) units += text.length;
  return units * 3 <= mostBytes || (units <= mostBytes && bytesOf(metadata) <= mostBytes);
}

function bytesOf(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return bytes;
}

const cutMark = '...[cut]';
const shortestCut = 64;

/**
 * Makes metadata fit: what is beyond the 127th entry goes as one JSON object under `other_attributes`, and the longest
 * values are cut until all of it is within 64 KiB.
 */
export function shorten(metadata: Metadata): Metadata {
  const out = metadata.slice(0, mostEntries * 2);
  if (metadata.length > out.length) {
    const kept = (mostEntries - 1) * 2;
    const rest: [string, string][] = [];
    for (let i = kept; i + 1 < metadata.length; i += 2) rest.push([metadata[i] ?? '', metadata[i + 1] ?? '']);
    out.length = kept;
    out.push('other_attributes', JSON.stringify(Object.fromEntries(rest)));
  }
  for (let i = 0; i < out.length; i += 2) out[i] = cutToBytes(out[i] ?? '', 256);
  let limit = mostBytes;
  while (limit > shortestCut && bytesOf(out) > mostBytes) {
    limit = Math.floor(limit / 2);
    for (let i = 1; i < out.length; i += 2) out[i] = cutValue(out[i] ?? '', limit);
  }
  return out;
}

function cutValue(value: string, limit: number): string {
  const cut = cutToBytes(value, limit);
  if (cut.length === value.length) return value;
  return (
    cutToBytes(value.endsWith(cutMark) ? value.slice(0, -cutMark.length) : value, limit - cutMark.length) +
    cutMark
  );
}
