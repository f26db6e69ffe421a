import { afterVarint, int64At, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { validUtf8 } from './json-text.ts';
import type { Field, MessageType } from './schema.ts';

const quote = 34;
const backslash = 92;

/** Room for a label, brackets and the longest number. */
const slack = 128;

/** The letter that stands for a byte after a backslash; 0 for those that need none, 117 for those that need \u. */
const escapes = new Uint8Array(256);
escapes.fill(117, 0, 32);
for (const [letter, byte] of Object.entries({
  n: 10,
  t: 9,
  r: 13,
  b: 8,
  f: 12,
  '"': quote,
  '\\': backslash,
})) {
  escapes[byte] = letter.charCodeAt(0);
}
const hexLetters = Buffer.from('0123456789abcdef');
const base64Letters = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/**
 * The message in `[start, end)` as canonical OTLP JSON: lowerCamelCase names, ids in lower-case hex, 64-bit integers as
 * strings, enums as numbers, NaN and Infinity as strings, other bytes in base64. Fields come in the order of the wire;
 * unknown ones are left out, and what is not UTF-8 becomes U+FFFD. The bytes have to be checked.
 */
export function toJson(bytes: Bytes, start: number, end: number, type: MessageType): string {
  const to = new Writer((end - start) * 3 + slack);
  new JsonWriter().message(bytes, start, end, type, to);
  return to.buf.utf8Slice(0, to.pos);
}

/** What `toJson` does, appended to a writer as UTF-8. */
class JsonWriter {
  private buf = Buffer.alloc(0) as Bytes;
  private words = new DataView(new ArrayBuffer(0));
  private to = new Writer(0);
  private out: Bytes = this.to.buf;
  private outWords = this.to.view;
  private pos = 0;
  /** For `fixed64`: the high word that came last, and what it is worth: quotient and remainder by 10^9. */
  private lastHigh = 0;
  private lastQuotient = 0;
  private lastRemainder = 0;

  // oxlint-disable-next-line max-params -- bytes and their bounds, what they are, and where the text goes
  message(bytes: Bytes, start: number, end: number, type: MessageType, to: Writer): void {
    if (bytes !== this.buf) {
      this.buf = bytes;
      this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.to = to;
    this.out = to.buf;
    this.outWords = to.view;
    this.pos = to.pos;
    this.fields(start, end, type);
    to.pos = this.pos;
  }

  private fields(start: number, end: number, type: MessageType): void {
    const { buf } = this;
    let before = 123;
    let done = 0;
    for (let at = start; at < end;) {
      const begin = at;
      let tag = buf[at]!;
      if (tag < 128) at++;
      else {
        tag = varintAt(buf, at);
        at = afterVarint(buf, at);
      }
      const next = skipValue(buf, at, tag & 7);
      const field = type.byNumber[tag >>> 3];
      if (field === undefined) {
        at = next;
        continue;
      }
      if (field.repeated) {
        const bit = 1 << field.number;
        if ((done & bit) === 0) {
          done |= bit;
          this.label(before, field);
          before = 44;
          at = this.list(field, begin, end);
        } else at = next;
      } else {
        this.label(before, field);
        before = 44;
        this.value(field, at, next);
        at = next;
      }
    }
    this.reserve(slack);
    if (before === 123) this.out[this.pos++] = 123;
    this.out[this.pos++] = 125;
  }

  /** A bracket or a comma, then the name and a colon. */
  private label(before: number, field: Field): void {
    this.reserve(slack);
    const { outWords } = this;
    const { label, name } = field;
    let { pos } = this;
    this.out[pos++] = before;
    const last = label.length - 1;
    for (let i = 0; i < last; i++) outWords.setInt32(pos + i * 4, label[i]!, true);
    pos += name.length + 3;
    outWords.setInt32(pos - 4, label[last]!, true);
    this.pos = pos;
  }

  /**
   * All elements of a repeated field from its first one on, wherever they stand in the message.
   * Answers where the first run of them ends.
   */
  private list(field: Field, start: number, end: number): number {
    const { buf } = this;
    let runEnd = 0;
    let before = 91;
    let at = start;
    while (at < end) {
      const begin = at;
      const tag = varintAt(buf, at);
      at = afterVarint(buf, at);
      const next = skipValue(buf, at, tag & 7);
      if (tag >>> 3 === field.number) {
        this.reserve(slack);
        const mark = this.pos;
        this.out[this.pos++] = before;
        if (tag !== field.tag || field.loneTag === tag) this.value(field, at, next);
        else this.packed(field, at, next);
        if (this.pos === mark + 1) this.pos = mark;
        else before = 44;
      } else if (runEnd === 0) runEnd = begin;
      at = next;
    }
    this.reserve(slack);
    if (before === 91) this.out[this.pos++] = 91;
    this.out[this.pos++] = 93;
    return runEnd === 0 ? end : runEnd;
  }

  private packed(field: Field, at: number, next: number): void {
    const { buf } = this;
    let from = afterVarint(buf, at);
    const wireType = field.loneTag & 7;
    while (from < next) {
      const to = skipValue(buf, from, wireType);
      this.value(field, from, to);
      from = to;
      if (from < next) this.out[this.pos++] = 44;
      this.reserve(slack);
    }
  }

  /** The value of one field, or one element of it. There is room for a number. */
  private value(field: Field, at: number, next: number): void {
    switch (field.kind) {
      case 'message':
        this.fields(afterVarint(this.buf, at), next, field.type!);
        return;
      case 'string':
      case 'strings':
        this.text(afterVarint(this.buf, at), next);
        return;
      case 'id':
        this.hex(afterVarint(this.buf, at), next);
        return;
      case 'bytes':
        this.base64(afterVarint(this.buf, at), next);
        return;
      default:
        this.number(field, at, next);
    }
  }

  private number(field: Field, at: number, next: number): void {
    switch (field.kind) {
      case 'double':
      case 'doubles':
        this.double(this.words.getFloat64(at, true));
        return;
      case 'fixed32':
        this.digits(this.words.getUint32(at, true));
        return;
      case 'fixed64':
      case 'fixed64s':
        this.fixed64(at);
        return;
      case 'sfixed64':
        this.quoted(this.words.getBigInt64(at, true));
        return;
      default:
        this.varint(field, at, next);
    }
  }

  private varint(field: Field, at: number, next: number): void {
    // Seven bytes hold 49 bits, which are exact as a number; the longer ones are rare.
    const value = next - at < 8 ? varintAt(this.buf, at) : int64At(this.buf, at);
    switch (field.kind) {
      case 'bool':
        this.ascii(value === 0 ? 'false' : 'true');
        return;
      case 'int64':
        this.quoted(value);
        return;
      case 'uint64s':
        this.quoted(typeof value === 'bigint' ? BigInt.asUintN(64, value) : value);
        return;
      case 'sint32': {
        const zigzag = lowWord(value);
        this.ascii(String((zigzag >>> 1) ^ -(zigzag & 1)));
        return;
      }
      case 'enum':
        this.ascii(String(lowWord(value) | 0));
        return;
      default:
        this.digits(lowWord(value));
    }
  }

  /** A string with its quotes; four bytes at a time until one needs care. */
  private text(start: number, end: number): void {
    this.reserve(end - start + slack);
    const { words, buf, out, outWords } = this;
    let from = start;
    let to = this.pos;
    let high = 0;
    out[to++] = quote;
    const begin = to;
    for (const last = end - 4; from <= last; from += 4, to += 4) {
      const word = words.getInt32(from, true);
      const quotes = word ^ 0x22222222;
      const slashes = word ^ 0x5c5c5c5c;
      const stops =
        ((quotes - 0x01010101) & ~quotes) |
        ((slashes - 0x01010101) & ~slashes) |
        ((word - 0x20202020) & ~word);
      if ((stops & 0x80808080) !== 0) break;
      high |= word;
      outWords.setInt32(to, word, true);
    }
    for (; from < end; from++) {
      const byte = buf[from]!;
      if (escapes[byte] !== 0) {
        this.escaped(start, end);
        return;
      }
      high |= byte;
      out[to++] = byte;
    }
    if ((high & 0x80808080) !== 0 && !validUtf8(out, begin, to)) {
      this.escaped(start, end);
      return;
    }
    out[to++] = quote;
    this.pos = to;
  }

  /** A string with escapes, or with bytes that are not UTF-8. */
  private escaped(start: number, end: number): void {
    let from = this.buf;
    if (!validUtf8(from, start, end)) {
      from = Buffer.from(from.utf8Slice(start, end)) as Bytes;
      start = 0;
      end = from.length;
    }
    this.reserve((end - start) * 6 + slack);
    const { out } = this;
    let { pos } = this;
    out[pos++] = quote;
    for (let at = start; at < end; at++) {
      const byte = from[at]!;
      const letter = escapes[byte]!;
      if (letter !== 0) {
        out[pos++] = backslash;
        out[pos++] = letter;
        if (letter === 117) {
          out[pos++] = 48;
          out[pos++] = 48;
          out[pos++] = hexLetters[byte >> 4]!;
          out[pos++] = hexLetters[byte & 15]!;
        }
      } else out[pos++] = byte;
    }
    out[pos++] = quote;
    this.pos = pos;
  }

  private hex(start: number, end: number): void {
    this.reserve((end - start) * 2 + slack);
    const { out, buf } = this;
    let { pos } = this;
    out[pos++] = quote;
    for (let at = start; at < end; at++) {
      out[pos++] = hexLetters[buf[at]! >> 4]!;
      out[pos++] = hexLetters[buf[at]! & 15]!;
    }
    out[pos++] = quote;
    this.pos = pos;
  }

  private base64(start: number, end: number): void {
    this.reserve((end - start) * 2 + slack);
    const { out, buf } = this;
    let { pos } = this;
    out[pos++] = quote;
    for (let at = start; at < end; at += 3) {
      const rest = end - at;
      const bits = (buf[at]! << 16) | (rest > 1 ? buf[at + 1]! << 8 : 0) | (rest > 2 ? buf[at + 2]! : 0);
      out[pos++] = base64Letters[bits >> 18]!;
      out[pos++] = base64Letters[(bits >> 12) & 63]!;
      out[pos++] = rest > 1 ? base64Letters[(bits >> 6) & 63]! : 61;
      out[pos++] = rest > 2 ? base64Letters[bits & 63]! : 61;
    }
    out[pos++] = quote;
    this.pos = pos;
  }

  private double(value: number): void {
    if (Number.isFinite(value)) this.ascii(Object.is(value, -0) ? '-0' : String(value));
    else this.ascii(`"${value}"`);
  }

  private quoted(value: number | bigint): void {
    this.out[this.pos++] = quote;
    if (typeof value === 'number') this.digits(value);
    else this.ascii(String(value));
    this.out[this.pos++] = quote;
  }

  /** An unsigned 64-bit integer as a string. Times share their high word, so its division is kept. */
  private fixed64(at: number): void {
    const low = this.words.getUint32(at, true);
    const high = this.words.getUint32(at + 4, true);
    if (high !== this.lastHigh) {
      const value = BigInt(high) << 32n;
      this.lastHigh = high;
      this.lastQuotient = Number(value / 1_000_000_000n);
      this.lastRemainder = Number(value % 1_000_000_000n);
    }
    const lower = this.lastRemainder + low;
    const carry = Math.floor(lower / 1e9);
    const upper = this.lastQuotient + carry;
    this.out[this.pos++] = quote;
    if (upper === 0) this.digits(lower);
    else {
      this.digits(upper);
      this.putDigits(lower - carry * 1e9, 9);
    }
    this.out[this.pos++] = quote;
  }

  /** A whole number from 0 to 2^53. */
  private digits(value: number): void {
    let count = 1;
    for (let limit = 10; limit <= value; limit *= 10) count++;
    this.putDigits(value, count);
  }

  private putDigits(value: number, count: number): void {
    const { out } = this;
    const end = this.pos + count;
    let at = end;
    for (; value > 0x7fffffff; value = Math.floor(value / 10)) out[--at] = 48 + (value % 10);
    let rest = value | 0;
    while (at > this.pos) {
      const tenth = (rest / 10) | 0;
      out[--at] = 48 + rest - tenth * 10;
      rest = tenth;
    }
    this.pos = end;
  }

  private ascii(text: string): void {
    const { out } = this;
    for (let i = 0; i < text.length; i++) out[this.pos++] = text.charCodeAt(i);
  }

  private reserve(size: number): void {
    if (this.out.length - this.pos >= size) return;
    const { to } = this;
    to.pos = this.pos;
    to.reserve(size);
    this.out = to.buf;
    this.outWords = to.view;
  }
}

/** The low 32 bits, which are what protobuf reads of an int32 or uint32 that is longer. */
function lowWord(value: number | bigint): number {
  return typeof value === 'bigint' ? Number(BigInt.asUintN(32, value)) : value >>> 0;
}
