import type { Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { JsonCursor } from './json-cursor.ts';
import { JsonError } from './json-error.ts';
import { decodeBase64, escapes, hex4, hexDigits, putCodePoint, validUtf8 } from './json-text.ts';
import type { Field } from './schema.ts';

/** Room for the lengths of messages that are still open, and for the last word of a text. */
const slack = 4096;

/** AnyValue.doubleValue, where AnyValue.intValue has one byte as well. */
const doubleValueTag = 0x21;

const quote = 34;
const backslash = 92;

/** The part of the transcoder below messages: texts, ids, bytes and numbers of JSON to those of protobuf. */
export class ScalarTranscoder extends JsonCursor {
  /** Ids that were in base64, since construction. */
  base64Ids = 0;

  /** Integers that were taken for doubles because int64 cannot hold them, since construction. */
  wideIntegers = 0;

  protected to = new Writer(0);
  protected out: Bytes = this.to.buf;
  protected outWords = this.to.view;
  protected pos = 0;

  /** Goes on writing where `to` ends, with room for all that is left to read. */
  protected begin(to: Writer): void {
    this.to = to;
    this.pos = to.pos;
    this.reserve();
  }

  /** Leaves what was written to the writer. What was read must not reach beyond the end. */
  protected commit(): void {
    if (this.at > this.stop) this.fail('');
    this.to.pos = this.pos;
  }

  /** Only numbers in lists and texts that are not UTF-8 take more room than their JSON, so only they ask again. */
  private reserve(): void {
    const { to } = this;
    const rest = Math.max(0, this.stop - this.at);
    const begin = to.pos;
    to.pos = this.pos;
    to.reserve(rest + (rest >> 2) + slack);
    to.pos = begin;
    this.out = to.buf;
    this.outWords = to.view;
  }

  protected tag(value: number): void {
    if (value > 127) {
      this.out[this.pos++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.out[this.pos++] = value;
  }

  /** Fills in the length for which `width` bytes were left at `mark`. */
  protected patch(mark: number, width: number): void {
    const { out } = this;
    let length = this.pos - mark - width;
    const needed = lengthWidth(length);
    if (needed !== width) {
      out.copyWithin(mark + needed, mark + width, this.pos);
      this.pos += needed - width;
    }
    for (; length > 127; length >>>= 7) out[mark++] = (length & 127) | 128;
    out[mark] = length;
  }

  /** Writes a value; false when it is the default one. */
  protected scalar(field: Field, first: number | undefined): boolean {
    switch (field.kind) {
      case 'string':
        return this.string(first);
      case 'id':
        return this.id(field);
      case 'bytes':
        return this.bytes();
      case 'bool':
        return this.bool(first);
      case 'double':
        return this.double(first);
      case 'enum':
        if (first === quote && this.input[this.at + 1]! > 57) return this.enumName(field);
        this.integer(first);
        this.within(0x80000000, 0x7fffffff);
        return this.varint();
      case 'sint32':
        this.integer(first);
        this.within(0x80000000, 0x7fffffff);
        this.low = this.negative && this.low > 0 ? this.low * 2 - 1 : this.low * 2;
        this.negative = false;
        return this.varint();
      case 'uint32':
        this.integer(first);
        this.within(0, 0xffffffff);
        return this.varint();
      case 'fixed32':
        this.integer(first);
        this.within(0, 0xffffffff);
        this.outWords.setUint32(this.pos, this.low, true);
        this.pos += 4;
        return this.low !== 0;
      case 'int64':
        this.integer(first);
        return this.isSigned() ? this.varint() : this.wideInteger();
      case 'sfixed64':
        this.integer(first);
        this.signed();
        return this.fixed64();
      default:
        this.integer(first);
        this.unsigned();
        return this.fixed64();
    }
  }

  private bool(first: number | undefined): boolean {
    const isTrue = first === 116;
    this.literal(isTrue ? 'true' : 'false');
    this.out[this.pos++] = isTrue ? 1 : 0;
    return isTrue;
  }

  /** Copies a string with its length; four bytes at a time until one needs care. */
  protected string(first: number | undefined): boolean {
    if (first !== quote) this.fail('expected a string');
    const { words, outWords, input, out } = this;
    const mark = this.pos;
    let from = this.at + 1;
    let to = mark + 1;
    let high = 0;
    for (;;) {
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
      from += 4;
      to += 4;
    }
    let byte: number;
    while ((byte = input[from]!) !== quote) {
      if (byte === backslash || byte < 32) return this.escaped(mark, from, to);
      high |= byte;
      out[to++] = byte;
      from++;
    }
    this.at = from + 1;
    this.pos = to;
    if ((high & 0x80808080) !== 0 && !validUtf8(out, mark + 1, to)) this.repair(mark + 1);
    const length = this.pos - mark - 1;
    if (length < 128) this.out[mark] = length;
    else this.patch(mark, 1);
    return length > 0;
  }

  /** The rest of a string from its first escape on. */
  private escaped(mark: number, from: number, to: number): boolean {
    const { input, out } = this;
    let byte: number;
    while ((byte = input[from]!) !== quote) {
      this.at = from;
      if (byte < 32 || from >= this.stop) this.fail('expected no control character in a string');
      if (byte !== backslash) {
        out[to++] = byte;
        from++;
      } else if (input[from + 1] === 117) {
        const code = this.codePoint();
        to = putCodePoint(code, out, to);
        from = this.at;
      } else {
        const meant = escapes[input[from + 1]!]!;
        if (from + 1 >= this.stop) this.at = this.stop;
        if (meant === 0) this.fail('expected an escape that JSON knows');
        out[to++] = meant;
        from += 2;
      }
    }
    this.at = from + 1;
    this.pos = to;
    if (!validUtf8(out, mark + 1, to)) this.repair(mark + 1);
    const length = this.pos - mark - 1;
    this.patch(mark, 1);
    return length > 0;
  }

  /** Passes \uXXXX, and the other half of a pair if it follows. */
  private codePoint(): number {
    const { input, at } = this;
    const code = hex4(input, at + 2);
    if (at + 6 > this.stop) this.at = this.stop;
    if (code < 0) this.fail('expected four hex digits after \\u');
    this.at = at + 6;
    if (code < 0xd800 || code > 0xdbff || input[at + 6] !== backslash || input[at + 7] !== 117) return code;
    const low = hex4(input, at + 8);
    if (low < 0xdc00 || low > 0xdfff) return code;
    this.at += 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }

  /** Replaces what is not UTF-8 in the text that was just written at `from` by U+FFFD. */
  private repair(from: number): void {
    const text = this.out.utf8Slice(from, this.pos);
    const length = Buffer.byteLength(text);
    this.pos = from + length;
    this.reserve();
    this.out.write(text, from, 'utf8');
  }

  /** OTLP writes ids in hex; protobuf's own JSON writes base64, which has other lengths. */
  private id(field: Field): boolean {
    const { input, out } = this;
    if (input[this.at] !== quote) this.fail(`expected ${field.size * 2} hex digits for ${field.name}`);
    const mark = this.pos;
    const last = mark + field.size;
    let at = this.at + 1;
    let pos = mark;
    for (; pos < last; at += 2) {
      const high = hexDigits[input[at]!]!;
      const low = hexDigits[input[at + 1]!]!;
      if ((high | low) > 15) break;
      out[++pos] = (high << 4) | low;
    }
    if (pos === mark && input[at] === quote) {
      this.at = at + 1;
      out[this.pos++] = 0;
      return false;
    }
    if (pos !== last || input[at] !== quote) return this.base64Id(field);
    this.at = at + 1;
    out[mark] = field.size;
    this.pos = last + 1;
    return true;
  }

  private base64Id(field: Field): boolean {
    const from = this.at;
    const mark = this.pos;
    if (!this.bytes(`${field.size * 2} hex digits for ${field.name}`) || this.pos - mark - 1 !== field.size) {
      this.at = from;
      this.fail(`expected ${field.size * 2} hex digits for ${field.name}`);
    }
    this.base64Ids++;
    return true;
  }

  private bytes(wanted = 'base64'): boolean {
    const from = this.at;
    if (this.input[from] !== quote) this.fail(`expected ${wanted}`);
    this.at++;
    this.skipString();
    const mark = this.pos;
    const length = decodeBase64(this.input, from + 1, this.at - 1, this.out, mark + 1);
    if (length < 0) {
      this.at = from;
      this.fail(`expected ${wanted}`);
    }
    this.pos = mark + 1 + length;
    this.patch(mark, 1);
    return length > 0;
  }

  private enumName(field: Field): boolean {
    const from = this.at++;
    this.skipString();
    const known = field.values?.get(this.input.latin1Slice(from + 1, this.at - 1));
    if (known === undefined) {
      this.at = from;
      this.fail(`expected a value of ${field.name}`);
    }
    this.out[this.pos++] = known;
    return known !== 0;
  }

  private within(below: number, above: number): void {
    const isTooLarge = this.high !== 0 || this.low > (this.negative ? below : above);
    if (isTooLarge || this.beyond !== undefined) this.outOfRange('32 bits');
  }

  private isSigned(): boolean {
    const { high, low } = this;
    if (high > 0x7fffffff && !(this.negative && high === 0x80000000 && low === 0)) return false;
    return this.beyond === undefined;
  }

  private signed(): void {
    if (!this.isSigned()) this.outOfRange('64 bits with a sign');
  }

  private unsigned(): void {
    const isBelow = this.negative && (this.low !== 0 || this.high !== 0);
    if (isBelow || this.beyond !== undefined) this.outOfRange('64 bits without a sign');
  }

  private outOfRange(size: string): never {
    throw new JsonError(`expected an integer of ${size}`, Math.min(this.at, this.stop));
  }

  /** Two's complement of what `integer` read. */
  private complement(): void {
    if (!this.negative) return;
    this.low = (~this.low + 1) >>> 0;
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) >>> 0;
  }

  private varint(): boolean {
    this.complement();
    const { out } = this;
    let { low, high, pos } = this;
    const isZero = low === 0 && high === 0;
    while (high !== 0 || low > 127) {
      out[pos++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    out[pos++] = low;
    this.pos = pos;
    return !isZero;
  }

  private fixed64(): boolean {
    this.complement();
    this.outWords.setUint32(this.pos, this.low, true);
    this.outWords.setUint32(this.pos + 4, this.high, true);
    this.pos += 8;
    return this.low !== 0 || this.high !== 0;
  }

  /** An AnyValue's integer that int64 cannot hold, as JavaScript's SDK writes for a large number: it is a double. */
  private wideInteger(): boolean {
    const size = this.high * 0x100000000 + this.low;
    this.out[this.pos - 1] = doubleValueTag;
    this.outWords.setFloat64(this.pos, this.beyond ?? (this.negative ? -size : size), true);
    this.pos += 8;
    this.wideIntegers++;
    return true;
  }

  private double(first: number | undefined): boolean {
    if (first === quote) this.at++;
    const value = this.number();
    if (first === quote) {
      if (this.input[this.at] !== quote) this.fail('expected the end of a number');
      this.at++;
    }
    this.outWords.setFloat64(this.pos, value, true);
    this.pos += 8;
    return !Object.is(value, 0);
  }

  /** The rest of a list of numbers, which protobuf packs into one field. */
  protected packed(field: Field): void {
    this.tag(field.tag);
    const mark = this.pos++;
    do {
      if (this.out.length - this.pos < slack) this.reserve();
      const first = this.space();
      if (field.kind === 'doubles') this.double(first);
      else {
        this.integer(first);
        this.unsigned();
        if (field.kind === 'fixed64s') this.fixed64();
        else this.varint();
      }
    } while (this.more(93));
    this.reserve();
    this.patch(mark, 1);
  }
}
