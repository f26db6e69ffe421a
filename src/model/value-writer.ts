import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, type Writer } from '../wire/writer.ts';
import type { AsciiText } from './ascii-text.ts';
import { deepestValue, isInt, type Value } from './value.ts';

/**
 * Appends a KeyValue with its length. With `exact` each number is a double; without, an integral one is an int64.
 * Throws a RangeError for a bigint beyond int64 and for nesting that is too deep, a TypeError for what is no value.
 */
export function writeAttribute(to: Writer, key: string, value: Value, exact: boolean): void {
  keyValue(to, key, value, exact ? 1 : 0);
}

/** The same of a text that is there as bytes. */
export function writeTextAttribute(to: Writer, key: Bytes, { bytes, length }: AsciiText): void {
  const value = 1 + lengthWidth(length) + length;
  to.varint(2 + lengthWidth(key.length) + key.length + lengthWidth(value) + value);
  to.varint(0x0a);
  to.varint(key.length);
  to.copy(key, 0, key.length);
  to.varint(0x12);
  to.varint(value);
  to.varint(0x0a);
  to.varint(length);
  to.copy(bytes, 0, length);
}

/** Appends an AnyValue with its length. `exact` and errors as in `writeAttribute`. */
export function writeValue(to: Writer, value: Value, exact: boolean): void {
  write(to, value, exact ? 1 : 0);
}

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

/** `mode` is twice the depth, plus one when numbers are exact. */
function keyValue(to: Writer, key: string, value: Value, mode: number): void {
  if (typeof value === 'string' && textPair(to, key, value)) return;
  const mark = to.begin(1);
  to.varint(0x0a);
  to.text(key);
  to.varint(0x12);
  write(to, value, mode);
  to.end(mark, 1);
}

/** Key and text of so many bytes and what is around them take less than 128, so that each length is one byte. */
const shortPair = 121;
/** A native call is quicker than a loop over more than so many. */
const nativeFrom = 32;

/** Most attributes: a short key and a short text, of ASCII. False for others, which leave nothing behind. */
function textPair(to: Writer, key: string, value: string): boolean {
  const keyLength = key.length;
  const length = value.length;
  if (keyLength + length > shortPair) return false;
  to.reserve(keyLength + length * 3 + 7);
  const { buf, pos } = to;
  let at = pos + 3;
  for (let i = 0; i < keyLength; i++) {
    const code = key.charCodeAt(i);
    if (code > 127) return false;
    buf[at++] = code;
  }
  buf[pos] = keyLength + length + 6;
  buf[pos + 1] = 0x0a;
  buf[pos + 2] = keyLength;
  buf[at++] = 0x12;
  buf[at++] = length + 2;
  buf[at++] = 0x0a;
  buf[at++] = length;
  if (length > nativeFrom) {
    if (buf.write(value, at, 'utf8') !== length) return false;
  } else {
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      buf[at + i] = code;
    }
  }
  to.pos = at + length;
  return true;
}

function write(to: Writer, value: Value, mode: number): void {
  const mark = to.begin(1);
  if (typeof value === 'string') {
    to.varint(0x0a);
    to.text(value);
  } else if (typeof value === 'boolean') {
    to.varint(0x10);
    to.varint(value ? 1 : 0);
  } else if (typeof value === 'bigint') {
    if (value < least || value > greatest) throw new RangeError(`${value} does not fit an int64`);
    to.varint(0x18);
    to.int64(value);
  } else if (typeof value === 'number') writeNumber(to, value, mode);
  else if (value !== null) writeCompound(to, value, mode + 2);
  to.end(mark, 1);
}

function writeNumber(to: Writer, value: number, mode: number): void {
  if ((mode & 1) === 1 || !isInt(value)) {
    to.varint(0x21);
    to.double(value);
    return;
  }
  to.varint(0x18);
  if (value >= 0) to.varint(value);
  else to.int64(BigInt(value));
}

function writeCompound(to: Writer, value: Uint8Array | Value[] | Map<string, Value>, mode: number): void {
  if (value instanceof Uint8Array) {
    to.varint(0x3a);
    to.varint(value.length);
    to.copy(bytesOf(value), 0, value.length);
    return;
  }
  if (mode >> 1 > deepestValue) throw new RangeError(`a value is nested deeper than ${deepestValue}`);
  const isList = Array.isArray(value);
  if (!isList && !(value instanceof Map)) {
    throw new TypeError(
      `${typeof value} is no attribute value: it is text, a number, a boolean, a list or a Map`,
    );
  }
  to.varint(isList ? 0x2a : 0x32);
  const mark = to.begin(1);
  if (isList) {
    for (const item of value) {
      to.varint(0x0a);
      write(to, item, mode);
    }
  } else {
    for (const [key, item] of value) {
      to.varint(0x0a);
      keyValue(to, key, item, mode);
    }
  }
  to.end(mark, 1);
}
