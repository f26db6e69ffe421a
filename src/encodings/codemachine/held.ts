/** Bytes of an input that came in chunks and are not done with, with their offset and line. */
import { bytesOf, type Bytes } from '../../wire/bytes.ts';

const lineFeed = 0x0a;

export class Held {
  /** What is there to look at; `at` and beyond is not done with. */
  bytes: Bytes = bytesOf(new Uint8Array(0));
  at = 0;
  private own: Bytes = bytesOf(new Uint8Array(0));
  /** Offset in the input of the first byte. */
  private base: number;
  private line: number;
  private countedTo = 0;

  constructor(base: number, line: number) {
    this.base = base;
    this.line = line;
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  offsetOf(index: number): number {
    return this.base + index;
  }

  /** The line of a byte that is not before one that was asked for earlier. */
  lineOf(index: number): number {
    // No further than there: what is held may be looked through again with each chunk.
    const counted = this.bytes.subarray(0, index);
    for (;;) {
      const next = counted.indexOf(lineFeed, this.countedTo);
      this.countedTo = next < 0 ? Math.max(this.countedTo, index) : next + 1;
      if (next < 0) return this.line;
      this.line++;
    }
  }

  /** Adds a chunk, which is copied only where it goes on with what is held. Answers how far all indexes moved down. */
  append(chunk: Bytes): number {
    const moved = this.at;
    const rest = this.rest;
    this.forget();
    if (rest === 0) {
      this.bytes = chunk;
      return moved;
    }
    const total = rest + chunk.length;
    if (this.own.length < total) {
      const larger = bytesOf(Buffer.allocUnsafeSlow(Math.max(total, this.own.length * 2)));
      this.bytes.copy(larger, 0, moved);
      this.own = larger;
    } else if (moved > 0) {
      this.own.copyWithin(0, moved, moved + rest);
    }
    chunk.copy(this.own, rest);
    this.bytes = bytesOf(this.own.subarray(0, total));
    return moved;
  }

  /** Copies what is left of the last chunk, which is its owner's again. Answers how far all indexes moved down. */
  keep(): number {
    const moved = this.at;
    const rest = this.rest;
    this.forget();
    if (this.bytes.buffer === this.own.buffer) {
      if (moved > 0) this.own.copyWithin(0, moved, moved + rest);
    } else {
      if (this.own.length < rest) this.own = bytesOf(Buffer.allocUnsafeSlow(rest * 2));
      this.bytes.copy(this.own, 0, moved);
    }
    this.bytes = bytesOf(this.own.subarray(0, rest));
    return moved;
  }

  /** Lets go of the bytes before `at`; the caller replaces `bytes`. */
  private forget(): void {
    this.lineOf(this.at);
    this.countedTo = Math.max(this.countedTo - this.at, 0);
    this.base += this.at;
    this.at = 0;
  }
}
