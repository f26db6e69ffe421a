import type { Bytes } from '../wire/bytes.ts';
import { JsonError } from './json-error.ts';
import { tooDeep } from './limits.ts';

const quote = 34;
const backslash = 92;

/** The word-wise loops read this many bytes beyond the text at most, so the buffer has to have them. */
export const jsonPadding = 64;

/** Walks over JSON in a buffer of bytes. What it reads are tokens; the grammar of objects is up to who extends it. */
export class JsonCursor {
  protected input = Buffer.alloc(0) as Bytes;
  protected words = new DataView(new ArrayBuffer(0));
  protected at = 0;
  protected stop = 0;
  protected readonly maxDepth: number;
  /** Closing brackets still to come, while a value is skipped. */
  private readonly closers: Uint8Array;

  /** What `integer` read: the magnitude as two words, and the sign. */
  protected low = 0;
  protected high = 0;
  protected negative = false;
  /** What `integer` read if 64 bits cannot hold it. */
  protected beyond: number | undefined;
  private cachedUpper = -1;
  private cachedDigits = 0;
  private cachedLow = 0;
  private cachedHigh = 0;

  constructor(maxDepth: number) {
    this.maxDepth = maxDepth;
    this.closers = new Uint8Array(maxDepth);
  }

  /** Goes to `start`. At least `jsonPadding` bytes must follow `end` in the buffer. */
  protected load(json: Bytes, start: number, end: number): void {
    if (json !== this.input) {
      this.input = json;
      this.words = new DataView(json.buffer, json.byteOffset, json.length);
    }
    this.at = start;
    this.stop = end;
  }

  /** Throws what is wrong at `at`. */
  protected fail(problem: string): never {
    if (this.at >= this.stop) throw new JsonError('the text ends inside a document', this.stop, true);
    throw new JsonError(`${problem}, found ${this.found()}`, this.at);
  }

  /** The token at `at`, or its beginning, for people. */
  private found(): string {
    const { input, at } = this;
    const isText = input[at] === quote;
    const last = Math.min(this.stop, at + 40);
    let end = at + 1;
    while (end < last && (isText ? input[end] !== quote : isWordByte(input[at]!) && isWordByte(input[end]!)))
      end++;
    if (isText && end < last) end++;
    const token = input.utf8Slice(at, end);
    return input[at]! < 33 ? JSON.stringify(token) : token;
  }

  /** Skips white space; returns the byte there. */
  protected space(): number | undefined {
    const { input } = this;
    let byte = input[this.at];
    while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = input[++this.at];
    return byte;
  }

  /** Passes `bracket`; false when its closing partner follows at once, which is passed too. */
  protected open(bracket: 91 | 123): boolean {
    if (this.input[this.at] !== bracket && this.space() !== bracket)
      this.fail(`expected ${String.fromCharCode(bracket)}`);
    if (this.at >= this.stop) this.fail('');
    this.at++;
    if (this.input[this.at] === quote) return true;
    if (this.space() !== bracket + 2) return true;
    this.at++;
    return false;
  }

  /** Passes a comma (true) or the closing bracket (false). */
  protected more(closing: 93 | 125): boolean {
    let byte = this.input[this.at];
    if (byte !== 44 && byte !== closing) byte = this.space();
    if (byte !== 44 && byte !== closing) this.fail(`expected , or ${String.fromCharCode(closing)}`);
    this.at++;
    return byte === 44;
  }

  /** Passes the name of a member and its colon. Only right for ASCII, which all names are that we know. */
  protected memberName(): string {
    if (this.space() !== quote) this.fail('expected a member name');
    const from = ++this.at;
    const plain = this.skipString();
    const to = this.at - 1;
    if (this.space() !== 58) this.fail('expected :');
    this.at++;
    const { input } = this;
    return plain ? input.latin1Slice(from, to) : parsedName(input.utf8Slice(from - 1, to + 1));
  }

  /** Passes a string of which the opening quote is passed already; true if there was no escape in it. */
  protected skipString(): boolean {
    const { input, words } = this;
    const last = input.length - 4;
    let plain = true;
    let { at } = this;
    for (;;) {
      while (at <= last && !hasSpecial(words.getInt32(at, true))) at += 4;
      const byte = input[at];
      if (byte === quote) break;
      if (byte === backslash) {
        at += 2;
        plain = false;
      } else if (byte === undefined || byte < 32 || at >= this.stop) {
        this.at = at;
        this.fail('expected the end of a string');
      } else at++;
    }
    this.at = at + 1;
    return plain;
  }

  /** Passes a value of any kind. Not recursive. */
  protected skip(): void {
    const { closers } = this;
    let depth = 0;
    for (;;) {
      let opened = false;
      const first = this.space();
      if (first === 123 || first === 91) {
        if (depth === this.maxDepth) throw new JsonError(tooDeep(this.maxDepth), this.at);
        opened = this.open(first);
        if (opened) closers[depth++] = first + 2;
      } else this.skipScalar(first);
      while (!opened && depth > 0 && !this.more(closers[depth - 1] as 93 | 125)) depth--;
      if (depth === 0) return;
      if (closers[depth - 1] === 125) this.skipName();
    }
  }

  private skipName(): void {
    if (this.space() !== quote) this.fail('expected a member name');
    this.at++;
    this.skipString();
    if (this.space() !== 58) this.fail('expected :');
    this.at++;
  }

  private skipScalar(first: number | undefined): void {
    if (first === quote) {
      this.at++;
      this.skipString();
    } else if (first === 116) this.literal('true');
    else if (first === 102) this.literal('false');
    else if (first === 110) this.literal('null');
    else this.number();
  }

  protected literal(text: string): void {
    for (let i = 0; i < text.length; i++) {
      if (this.input[this.at + i] !== text.charCodeAt(i)) this.misspelt(text, i);
    }
    this.at += text.length;
  }

  private misspelt(text: string, length: number): never {
    if (this.at + length >= this.stop) this.at = this.stop;
    this.fail(`expected ${text}`);
  }

  private digits(): number {
    const from = this.at;
    for (let byte = this.input[this.at]!; byte >= 48 && byte <= 57;) byte = this.input[++this.at]!;
    return this.at - from;
  }

  /** A number, or one of the bare words that Python and JavaScript print for what JSON has no number for. */
  protected number(): number {
    const { input } = this;
    const begin = this.at;
    const minus = input[begin] === 45;
    const from = minus ? begin + 1 : begin;
    let digits = 0;
    let at = from;
    let byte = input[at]!;
    for (; byte >= 48 && byte <= 57; byte = input[++at]!) digits = digits * 10 + byte - 48;
    const point = at;
    if (at === from || (at - from > 1 && input[from] === 48)) return this.notNumber(minus);
    if (byte === 46) {
      byte = input[++at]!;
      for (; byte >= 48 && byte <= 57; byte = input[++at]!) digits = digits * 10 + byte - 48;
    }
    this.at = at;
    if (at === point + 1) this.fail('expected a digit');
    if (at - from > 15 || byte === 101 || byte === 69) return this.longNumber(begin);
    // With at most 15 digits both are exact, so one division rounds correctly.
    const value = at === point ? digits : digits / powers[at - point - 1]!;
    return minus ? -value : value;
  }

  private notNumber(minus: boolean): number {
    const word = this.at + (minus ? 1 : 0);
    if (word >= this.stop) this.at = this.stop;
    const first = this.input[word];
    if (first !== 78 && first !== 73) this.fail('expected a value');
    if (first === 78 && minus) this.fail('expected a number');
    this.at = word;
    this.literal(first === 78 ? 'NaN' : 'Infinity');
    if (first === 78) return NaN;
    return minus ? -Infinity : Infinity;
  }

  /** The rest of a number that is not exact by simple means. */
  private longNumber(begin: number): number {
    const byte = this.input[this.at];
    if (byte === 101 || byte === 69) {
      const sign = this.input[++this.at];
      if (sign === 43 || sign === 45) this.at++;
      if (this.digits() === 0) this.fail('expected a digit');
    }
    return Number(this.input.latin1Slice(begin, this.at));
  }

  /** Reads an integer, quoted or not, into `high`, `low` and `negative`, or `beyond`. */
  protected integer(first: number | undefined): void {
    const { input } = this;
    const quoted = first === quote;
    this.beyond = undefined;
    if (quoted) this.at++;
    const begin = this.at;
    this.negative = input[begin] === 45;
    let at = this.negative ? begin + 1 : begin;
    const from = at;
    let byte = input[at]!;
    let lower = 0;
    let upper = 0;
    // The first ten digits apart from the up to nine that follow: neither part is beyond 2^53.
    while (byte >= 48 && byte <= 57 && at - from < 10) {
      upper = upper * 10 + byte - 48;
      byte = input[++at]!;
    }
    const middle = at;
    while (byte >= 48 && byte <= 57 && at - from < 19) {
      lower = lower * 10 + byte - 48;
      byte = input[++at]!;
    }
    const isOdd = (byte >= 48 && byte <= 57) || byte === 46 || byte === 101 || byte === 69 || at === from;
    if (isOdd || (!quoted && at - from > 1 && input[from] === 48)) {
      this.oddInteger(begin, quoted);
      return;
    }
    this.at = at;
    if (quoted) {
      if (byte !== quote) this.fail('expected the end of a number');
      this.at++;
    }
    this.combine(upper, lower, at - middle);
  }

  /** upper * 10^digits + lower as two words. Times have their upper digits in common, so the product is kept. */
  private combine(upper: number, lower: number, digits: number): void {
    if (digits < 6) {
      const value = upper * powers[digits]! + lower;
      this.low = value >>> 0;
      this.high = value > 0xffffffff ? Math.floor(value / 0x100000000) : 0;
      return;
    }
    if (upper !== this.cachedUpper || digits !== this.cachedDigits) {
      this.cachedUpper = upper;
      this.cachedDigits = digits;
      const product = BigInt(upper) * BigInt(powers[digits]!);
      this.cachedLow = Number(product & 0xffffffffn);
      this.cachedHigh = Number(product >> 32n);
    }
    const sum = this.cachedLow + lower;
    this.low = sum >>> 0;
    this.high = this.cachedHigh + (sum > 0xffffffff ? 1 : 0);
  }

  /** 20 digits and more, and integers written as 5.0 or 1e3. */
  private oddInteger(begin: number, quoted: boolean): void {
    this.at = begin;
    this.number();
    const text = this.input.latin1Slice(begin, this.at);
    if (quoted) {
      if (this.input[this.at] !== quote) this.fail('expected the end of a number');
      this.at++;
    }
    const exact = exactInteger(text);
    if (exact === undefined) {
      throw new JsonError(`expected an integer, found ${text.slice(0, 40)}`, begin);
    }
    this.negative = exact < 0n;
    const size = this.negative ? -exact : exact;
    if (size > 0xffffffffffffffffn) this.beyond = Number(exact);
    this.low = Number(size & 0xffffffffn);
    this.high = Number(size >> 32n);
  }
}

const powers = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** What numbers, words, escapes and letters beyond ASCII are made of. */
function isWordByte(byte: number): boolean {
  const lower = byte | 32;
  const isLetter = (lower > 96 && lower < 123) || byte > 127 || byte === backslash;
  return isLetter || (byte >= 48 && byte <= 57) || byte === 43 || byte === 45 || byte === 46;
}

function hasSpecial(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const slashes = word ^ 0x5c5c5c5c;
  const stops =
    ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes) | ((word - 0x20202020) & ~word);
  return (stops & 0x80808080) !== 0;
}

/** A name with escapes. One that cannot be parsed is no name that we know. */
function parsedName(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return '';
  }
}

/** The integer that a JSON number is, whatever its notation; undefined if it has a fraction or is NaN. */
function exactInteger(text: string): bigint | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const shift = Number(exponent) - fraction.length;
  const digits = whole + fraction;
  // Beyond this, zero stays zero and everything else is out of range.
  if (digits.length > 400 || Math.abs(shift) > 400) return Number(mantissa) === 0 ? 0n : undefined;
  if (!Number.isFinite(Number(digits))) return undefined;
  const value = BigInt(digits);
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const unit = 10n ** BigInt(-shift);
  return value % unit === 0n ? value / unit : undefined;
}
