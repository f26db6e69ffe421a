/** Reading protobuf bytes: varints, skipping, text. Nothing here knows OTLP, and nothing here checks: see model/check.ts. */
import { WireError } from './errors.ts';

/** A Buffer with its native slicing methods, which the types of Node leave out. */
export type Bytes = Buffer<ArrayBuffer> & {
  utf8Slice(start: number, end: number): string;
  hexSlice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
};

/** The same memory as a Buffer. */
export function bytesOf(bytes: Uint8Array): Bytes {
  return (
    Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  ) as Bytes;
}

/** The varint at `at`; exact up to 2^53. */
export function varintAt(buf: Bytes, at: number): number {
  let byte = buf[at]!;
  if (byte < 128) return byte;
  let value = byte & 127;
  let scale = 128;
  do {
    byte = buf[++at]!;
    value += (byte & 127) * scale;
    scale *= 128;
  } while (byte > 127);
  return value;
}

/** Where the varint at `at` ends. */
export function afterVarint(buf: Bytes, at: number): number {
  while (buf[at++]! > 127);
  return at;
}

const halves = new DataView(new ArrayBuffer(8));

/** The varint at `at` as a 64-bit pattern, which is what int64 needs: -1 is ten bytes long. */
export function int64At(buf: Bytes, at: number): bigint {
  const first = buf[at]!;
  if (first < 128) return BigInt(first);
  let low = 0;
  let high = 0;
  let byte: number;
  let shift = 0;
  do {
    byte = buf[at++]!;
    const bits = byte & 127;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
    shift += 7;
  } while (byte > 127);
  if (high === 0) return BigInt(low >>> 0);
  halves.setInt32(0, low, true);
  halves.setInt32(4, high, true);
  return halves.getBigInt64(0, true);
}

/** Where the value at `at` with this wire type ends. Groups and unknown wire types throw a WireError. */
export function skipValue(buf: Bytes, at: number, wireType: number): number {
  if (wireType === 2) {
    const length = buf[at]!;
    return length < 128 ? at + 1 + length : afterVarint(buf, at) + varintAt(buf, at);
  }
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  if (wireType === 0) return afterVarint(buf, at);
  throw new WireError(`wire type ${wireType} is not used by protobuf 3`, at);
}

let nearBuf: Bytes | null = null;
let nearView: DataView;
let farBuf: Bytes | null = null;
let farView: DataView;

/** The buffer as words. A pipeline works on two buffers at a time, its input and its edits. */
export function viewOf(buf: Bytes): DataView {
  if (buf === nearBuf) return nearView;
  const swapped = buf === farBuf ? farView : new DataView(buf.buffer, buf.byteOffset, buf.length);
  farBuf = nearBuf;
  farView = nearView;
  nearBuf = buf;
  return (nearView = swapped);
}

export function fixed64At(buf: Bytes, at: number): bigint {
  return viewOf(buf).getBigUint64(at, true);
}

export function putFixed64(buf: Bytes, at: number, value: bigint): void {
  viewOf(buf).setBigUint64(at, value, true);
}

export function fixed32At(buf: Bytes, at: number): number {
  return viewOf(buf).getUint32(at, true);
}

export function putFixed32(buf: Bytes, at: number, value: number): void {
  viewOf(buf).setUint32(at, value, true);
}

export function doubleAt(buf: Bytes, at: number): number {
  return viewOf(buf).getFloat64(at, true);
}

const longestCached = 48;
const slots = 4096;
const seen: string[] = Array.from({ length: slots }, () => '');
const seenWords = new Int32Array((slots * longestCached) / 4);
/** The hash of the text that was asked for last: one that comes once, such as an address or an id, is not kept. */
const askedFor = new Int32Array(slots);

/** Decodes UTF-8. Telemetry repeats its short strings, so those come from a cache of bytes and strings. */
export function textAt(buf: Bytes, start: number, end: number): string {
  const length = end - start;
  if (length < 4) return length === 0 ? '' : shortText(buf, start, end);
  if (length > longestCached) return buf.utf8Slice(start, end);
  const view = viewOf(buf);
  const last = view.getInt32(end - 4, true);
  let hash = Math.imul(view.getInt32(start, true) ^ Math.imul(last, 0x2c1b3c6d), 0x297a2d39) + length;
  hash ^= Math.imul(view.getInt32(start + ((length - 4) >> 1), true), 0x1b56c4e9);
  hash ^= hash >>> 15;
  const slot = hash & (slots - 1);
  const base = slot * (longestCached / 4);
  const cached = seen[slot]!;
  if (cached.length === length) {
    let at = start;
    let word = base;
    while (at < end - 4 && view.getInt32(at, true) === seenWords[word]) {
      at += 4;
      word++;
    }
    if (at >= end - 4 && seenWords[word] === last) return cached;
  }
  const text = buf.utf8Slice(start, end);
  if (askedFor[slot] !== hash) {
    askedFor[slot] = hash;
    return text;
  }
  // The cache tells the number of bytes by the length of the text, so only text for which they are equal is kept.
  if (text.length !== length) return text;
  let word = base;
  for (let at = start; at < end - 4; at += 4) seenWords[word++] = view.getInt32(at, true);
  seenWords[word] = last;
  return (seen[slot] = text);
}

function shortText(buf: Bytes, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) {
    if (buf[at]! > 127) return buf.utf8Slice(start, end);
    text += letters[buf[at]!]!;
  }
  return text;
}

const letters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

const keys = new Map<string, Bytes>();

/** The UTF-8 of a short text, kept: a pipeline asks for the same few attribute keys for ever. Not to be written to. */
export function keyBytes(key: string): Bytes {
  let bytes = keys.get(key);
  if (bytes === undefined) {
    if (keys.size > 4096) keys.clear();
    keys.set(key, (bytes = Buffer.from(key) as Bytes));
  }
  return bytes;
}

/** Copies [start, end) of `from` to `to` at `at`. A native copy costs about 40 ns, so a short one is a loop. */
// oxlint-disable-next-line max-params -- a part of a buffer, and where it goes
export function copyBytes(from: Bytes, start: number, end: number, to: Bytes, at: number): void {
  const length = end - start;
  if (length > 40) from.copy(to, at, start, end);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}

/** Whether `key` is what stands at `at`. */
export function sameBytes(buf: Bytes, at: number, key: Bytes): boolean {
  for (let i = key.length - 1; i >= 0; i--) if (buf[at + i] !== key[i]) return false;
  return true;
}
