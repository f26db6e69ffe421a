import type { Bytes } from '../wire/bytes.ts';

const quote = 34;
const backslash = 92;

/** What stops the scan: 1 within a text, 2 outside, 3 both. */
const stops = new Uint8Array(256);
stops.fill(1, 0, 32);
for (const letter of '"') stops[letter.charCodeAt(0)] = 3;
for (const letter of '\\') stops[letter.charCodeAt(0)] = 1;
for (const letter of '{}[],:') stops[letter.charCodeAt(0)] = 2;

export type ScanResult = 'complete' | 'more' | 'broken';

/**
 * Finds where a JSON value ends by its brackets and quotes alone, and goes on where it stopped when more bytes have
 * come. It lets pass much that is no JSON, but nothing that is none because of its brackets or texts.
 */
export class JsonScanner {
  /** Where the scan stopped: behind the value, at what broke it, or at the end of the bytes. */
  at = 0;
  /** Why a value is broken. */
  reason = '';
  /** The value is broken because it is nested too deeply. */
  isTooDeep = false;

  private readonly closers: Uint8Array;
  private depth = 0;
  private inText = false;
  private afterBackslash = false;
  /** The last byte but white space, outside of texts. */
  private last = 0;

  constructor(maxDepth: number) {
    this.closers = new Uint8Array(maxDepth);
  }

  /** Begins with the value at `at`, which is its first byte. */
  begin(at: number): void {
    this.at = at;
    this.reason = '';
    this.isTooDeep = false;
    this.depth = 0;
    this.inText = false;
    this.afterBackslash = false;
    this.last = 58;
  }

  /** The bytes have moved by `distance` towards the beginning of their buffer. */
  moved(distance: number): void {
    this.at -= distance;
  }

  /** Goes on up to `end`. */
  scan(bytes: Bytes, end: number): ScanResult {
    while (this.at < end) {
      if (this.inText) {
        if (!this.text(bytes, end)) return this.reason === '' ? 'more' : 'broken';
        if (this.depth === 0) return 'complete';
      } else {
        const result = this.structure(bytes, end);
        if (result !== undefined) return result;
      }
    }
    return 'more';
  }

  /** Passes the rest of a text; false if it does not end here. */
  private text(bytes: Bytes, end: number): boolean {
    let { at } = this;
    if (this.afterBackslash) {
      this.afterBackslash = false;
      at++;
    }
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if ((stops[byte]! & 1) === 0) continue;
      if (byte === quote) {
        this.at = at + 1;
        this.inText = false;
        this.last = quote;
        return true;
      }
      if (byte !== backslash) {
        this.at = at;
        this.reason = 'a control character in a string';
        return false;
      }
      at++;
    }
    this.afterBackslash = at > end;
    this.at = end;
    return false;
  }

  /** Passes what is outside of texts, up to the next text. */
  private structure(bytes: Bytes, end: number): ScanResult | undefined {
    let { at } = this;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if ((stops[byte]! & 2) === 0) {
        if (byte > 32) this.last = byte;
        else if (this.depth === 0 && this.last !== 58) break;
        else if (byte === 10) at = lastOfIndent(bytes, at, end);
        continue;
      }
      if (this.depth === 0 && (byte === 44 || byte === 93 || byte === 125)) break;
      this.at = at + 1;
      if (byte === quote) {
        this.inText = true;
        return undefined;
      }
      if (!this.bracket(byte)) {
        this.at = at;
        return 'broken';
      }
      this.last = byte;
      if (this.depth === 0 && (byte === 93 || byte === 125)) return 'complete';
    }
    this.at = at;
    return at < end ? 'complete' : 'more';
  }

  private bracket(byte: number): boolean {
    if (byte === 123 || byte === 91) {
      if (this.last !== 58 && this.last !== 44 && this.last !== 91)
        return this.broken('a value where none may be');
      this.isTooDeep = this.depth === this.closers.length;
      if (this.isTooDeep) return this.broken('brackets are nested too deeply');
      this.closers[this.depth++] = byte + 2;
    } else if (byte === 93 || byte === 125) {
      if (this.closers[this.depth - 1] !== byte) return this.broken('brackets that do not match');
      this.depth--;
    }
    return true;
  }

  private broken(reason: string): false {
    this.reason = reason;
    return false;
  }
}

/** The last of the blanks behind a line feed: most of an indented document is such. */
function lastOfIndent(bytes: Bytes, at: number, end: number): number {
  while (at + 1 < end && bytes[at + 1] === 32) at++;
  return at;
}
