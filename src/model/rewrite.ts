import { copyBytes, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import type { Range } from './count.ts';
import { larger } from './fields.ts';

/** Parts of a record that are to be replaced, in their order, and what comes there: for who sees all of it in one pass. */
export class Rewrite {
  count = 0;
  /** By how many bytes the record is longer afterwards. */
  grown = 0;
  private from = new Int32Array(64);
  private to = new Int32Array(64);
  /** Where in the buffer aside what comes there begins; it ends where the next begins. */
  private begins = new Int32Array(65);
  private readonly side = new Writer(1 << 12);
  /** What the record is written to, and how far that came. */
  private out: Bytes = this.side.buf;
  private pos = 0;

  begin(): void {
    this.count = 0;
    this.side.pos = 0;
  }

  /** What is written until the next call, or `end`, takes the place of [from, to). */
  replace(from: number, to: number): Writer {
    const { count } = this;
    if (count > 0 && from === this.to[count - 1]) {
      this.to[count - 1] = to;
      return this.side;
    }
    if (count === this.from.length) this.grow();
    this.from[count] = from;
    this.to[count] = to;
    this.begins[count] = this.side.pos;
    this.count = count + 1;
    return this.side;
  }

  end(): void {
    const { count, from, to, side } = this;
    this.begins[count] = side.pos;
    let grown = side.pos;
    for (let i = 0; i < count; i++) grown -= to[i]! - from[i]!;
    this.grown = grown;
  }

  /** Writes the record [start, end) of `buf` with what was replaced to `out` from `pos` on. */
  putTogether({ buf, start, end }: Range, out: Bytes, pos: number): void {
    const { count, from, to, begins } = this;
    const aside = this.side.buf;
    this.out = out;
    this.pos = pos;
    let copied = start;
    for (let i = 0; i < count; i++) {
      this.put(buf, copied, from[i]!);
      this.put(aside, begins[i]!, begins[i + 1]!);
      copied = to[i]!;
    }
    this.put(buf, copied, end);
  }

  private put(buf: Bytes, from: number, to: number): void {
    copyBytes(buf, from, to, this.out, this.pos);
    this.pos += to - from;
  }

  private grow(): void {
    this.from = larger(this.from);
    this.to = larger(this.to);
    this.begins = larger(this.begins);
  }
}
