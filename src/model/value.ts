import {
  afterVarint,
  bytesOf,
  doubleAt,
  int64At,
  skipValue,
  textAt,
  varintAt,
  type Bytes,
} from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';

/** A value with its OTLP type kept: bigint is int64, number is double, null is an AnyValue with nothing set. */
export type ExactValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | ExactValue[]
  | Map<string, ExactValue>;

/** A value as JavaScript has it: a safe int64 and a double are both numbers, and bigint is an int64 beyond 2^53. */
export type Value = null | string | boolean | bigint | number | Uint8Array | Value[] | Map<string, Value>;

/** How deep lists and maps may be nested, so that no data makes the stack overflow. */
export const deepestValue = 64;

/** Exact to JavaScript: each int64 that is a safe integer becomes a number, inside lists and maps too. */
export function relax(value: ExactValue): Value {
  if (typeof value === 'bigint') return relaxInt(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return changeNumbers(value, (number) => (typeof number === 'bigint' ? relaxInt(number) : number), 1);
}

/**
 * JavaScript to exact: an integral number becomes an int64 (bigint); any other number is a double, as are -0, NaN,
 * the infinities and integers that are not safe. Bigints stay what they are.
 */
export function exact(value: Value): ExactValue {
  if (typeof value === 'number') return exactNumber(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return changeNumbers(value, (number) => (typeof number === 'number' ? exactNumber(number) : number), 1);
}

function relaxInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Whether `set` writes this number as an int64. */
export function isInt(value: number): boolean {
  return Number.isSafeInteger(value) && (value !== 0 || !Object.is(value, -0));
}

function exactNumber(value: number): number | bigint {
  return isInt(value) ? BigInt(value) : value;
}

type Compound = Value[] | Map<string, Value>;

function changeNumbers(value: Compound, change: (value: Value) => Value, depth: number): Compound {
  if (depth > deepestValue) throw new RangeError(`a value is nested deeper than ${deepestValue}`);
  const inner = (item: Value): Value =>
    typeof item === 'object' && item !== null && !(item instanceof Uint8Array)
      ? changeNumbers(item, change, depth + 1)
      : change(item);
  if (Array.isArray(value)) return value.map(inner);
  const map = new Map<string, Value>();
  for (const [key, item] of value) map.set(key, inner(item));
  return map;
}

/**
 * A value as text, as the Collector's `pcommon.Value.AsString` prints it: text as it is, maps and lists as JSON (keys
 * sorted by their UTF-8, bytes in base64, no HTML escapes), bytes as base64, nothing as ''. A list or map that holds
 * NaN or an infinity has no JSON and is '', as there.
 */
export function valueText(value: ExactValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return base64(value);
  return jsonText(value, 1) ?? '';
}

/** Go's shortest form of a double: it differs from JavaScript's for -0 only. */
function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function base64(bytes: Uint8Array): string {
  return bytesOf(bytes).toString('base64');
}

/** JSON as Go's encoder writes it, or undefined when a number has none. */
function jsonText(value: ExactValue, depth: number): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isFinite(value) ? doubleText(value) : undefined;
  if (value === null || typeof value !== 'object') return String(value);
  // An empty slice of bytes is nil in Go, inside a list or map.
  if (value instanceof Uint8Array) return value.length === 0 ? 'null' : quoted(base64(value));
  if (depth > deepestValue) throw new RangeError(`a value is nested deeper than ${deepestValue}`);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = jsonText(item, depth + 1);
      if (text === undefined) return undefined;
      parts.push(text);
    }
    return `[${parts.join(',')}]`;
  }
  for (const [key, item] of [...value].toSorted(([a], [b]) => compareUtf8(a, b))) {
    const text = jsonText(item, depth + 1);
    if (text === undefined) return undefined;
    parts.push(`${quoted(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** Go escapes the two line separators of JavaScript also where it leaves HTML alone. */
function quoted(text: string): string {
  const json = JSON.stringify(text.toWellFormed());
  return /[\u2028\u2029]/.test(json)
    ? json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
    : json;
}

/** The order of the UTF-8, which is the order of code points; UTF-16 differs beyond the basic plane. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Decodes the AnyValue in [start, end). As protobuf says, the last field of the oneof wins. */
export function valueAt(buf: Bytes, start: number, end: number, depth = 0): ExactValue {
  let value: ExactValue = null;
  for (let at = start; at < end;) {
    const tag = buf[at]!;
    if (tag === 0x0a) {
      const from = buf[at + 1]! < 128 ? at + 2 : afterVarint(buf, at + 1);
      const to = from + varintAt(buf, at + 1);
      value = textAt(buf, from, to);
      at = to;
    } else {
      const body = tag < 128 ? at + 1 : afterVarint(buf, at);
      if (tag === 0x18) value = int64At(buf, body);
      else if (tag === 0x10) value = buf[body] !== 0;
      else if (tag === 0x21) value = doubleAt(buf, body);
      else if (tag === 0x2a || tag === 0x32 || tag === 0x3a) value = compoundAt(buf, body, tag, depth + 1);
      at = skipValue(buf, body, tag & 7);
    }
  }
  return value;
}

/** The same, where texts are seldom seen twice: these would only push others out of the cache. */
export function freshValueAt(buf: Bytes, start: number, end: number): ExactValue {
  if (start < end && buf[start] === 0x0a) {
    const from = afterVarint(buf, start + 1);
    if (from + varintAt(buf, start + 1) === end) return buf.utf8Slice(from, end);
  }
  return valueAt(buf, start, end);
}

/** The same, relaxed. */
export function relaxedAt(buf: Bytes, start: number, end: number): Value {
  const tag = buf[start]!;
  if (tag === 0x0a) {
    const from = buf[start + 1]! < 128 ? start + 2 : afterVarint(buf, start + 1);
    const to = from + varintAt(buf, start + 1);
    if (to === end) return textAt(buf, from, to);
  } else if (tag === 0x18 && end - start < 9) {
    // Up to seven bytes of varint are below 2^49: a number without the detour over a bigint.
    if (afterVarint(buf, start + 1) === end) return varintAt(buf, start + 1);
  }
  return relax(valueAt(buf, start, end));
}

function compoundAt(buf: Bytes, at: number, tag: number, depth: number): ExactValue {
  const start = afterVarint(buf, at);
  const end = start + varintAt(buf, at);
  if (tag === 0x3a) return new Uint8Array(buf.subarray(start, end));
  if (depth > deepestValue) throw new WireError(`a value is nested deeper than ${deepestValue}`, at);
  const list: ExactValue[] = [];
  const map = new Map<string, ExactValue>();
  for (let p = start; p < end;) {
    const itemTag = buf[p]!;
    const body = afterVarint(buf, p);
    const to = skipValue(buf, body, itemTag & 7);
    if (itemTag === 0x0a) {
      const from = afterVarint(buf, body);
      if (tag === 0x2a) list.push(valueAt(buf, from, to, depth));
      else map.set(keyAt(buf, from, to), keyedValueAt(buf, from, to, depth));
    }
    p = to;
  }
  return tag === 0x2a ? list : map;
}

/** The key of the KeyValue in [start, end). Writers put it first, but need not. */
export function keyAt(buf: Bytes, start: number, end: number): string {
  for (let at = start; at < end;) {
    const body = afterVarint(buf, at);
    const next = skipValue(buf, body, buf[at]! & 7);
    if (buf[at] === 0x0a) return textAt(buf, afterVarint(buf, body), next);
    at = next;
  }
  return '';
}

/** The value of the KeyValue in [start, end). */
export function keyedValueAt(buf: Bytes, start: number, end: number, depth = 0): ExactValue {
  const at = findValue(buf, start, end);
  return at < 0 ? null : valueAt(buf, afterVarint(buf, at), skipValue(buf, at, 2), depth);
}

/** Whether the KeyValue in [start, end) has no value, or bytes of length 0, which OTTL cannot tell from none. */
export function isNilAt(buf: Bytes, start: number, end: number): boolean {
  const at = findValue(buf, start, end);
  if (at < 0) return true;
  const from = afterVarint(buf, at);
  const to = skipValue(buf, at, 2);
  if (from === to) return true;
  const tag = buf[from]!;
  const isScalar = tag === 0x0a || tag === 0x10 || tag === 0x18 || tag === 0x21;
  if (isScalar && skipValue(buf, from + 1, tag & 7) === to) return false;
  const value = valueAt(buf, from, to);
  return value === null || (value instanceof Uint8Array && value.length === 0);
}

/** Where the length of the AnyValue of the KeyValue in [start, end) is, or -1. */
export function findValue(buf: Bytes, start: number, end: number): number {
  for (let at = start; at < end;) {
    const body = afterVarint(buf, at);
    if (buf[at] === 0x12) return body;
    at = skipValue(buf, body, buf[at]! & 7);
  }
  return -1;
}
