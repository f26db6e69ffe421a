import type { Bytes } from '../wire/bytes.ts';

const longest = 1024;

/**
 * A text put together from the bytes of others, so that what is written again at once need not become a string. Texts
 * that are long or have other than ASCII characters are left to strings, which repair what is no UTF-8.
 */
export class AsciiText {
  /** The text is `[0, length)`. @internal */
  readonly bytes = Buffer.allocUnsafeSlow(longest) as Bytes;
  length = 0;

  reset(): this {
    this.length = 0;
    return this;
  }

  /** Appends the bytes [start, end); false for what this cannot hold: then it holds nothing of use any more. @internal */
  copy(from: Bytes, start: number, end: number): boolean {
    const { bytes } = this;
    let at = this.length;
    if (end - start > longest - at) return false;
    let all = 0;
    for (let i = start; i < end; i++) {
      const byte = from[i]!;
      all |= byte;
      bytes[at++] = byte;
    }
    this.length = at;
    return all < 128;
  }

  add(text: string): boolean {
    const { bytes } = this;
    let at = this.length;
    if (text.length > longest - at) return false;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.length = at;
    return true;
  }
}
