import { afterVarint, doubleAt, fixed64At, int64At, skipValue, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { located, WireRecord } from './record.ts';

/** Holds one encoded field before it is put in. */
const scratch = new Writer(1 << 12);

/** How the elements of a repeated number are written. */
interface Elements<T> {
  readonly wireType: number;
  readonly read: (buf: Bytes, at: number) => T;
  readonly write: (value: T, to: Writer) => void;
}

export const doubles: Elements<number> = {
  wireType: 1,
  read: doubleAt,
  write: (value, to) => to.double(value),
};

export const fixed64s: Elements<bigint> = {
  wireType: 1,
  read: fixed64At,
  write: (value, to) => to.fixed64(BigInt.asUintN(64, value)),
};

export const varints: Elements<bigint> = {
  wireType: 0,
  read: (buf, at) => BigInt.asUintN(64, int64At(buf, at)),
  write: (value, to) => to.int64(value),
};

/** A record with doubles, ints with a sign, and lists of numbers. */
export abstract class RecordOfNumbers extends WireRecord {
  protected double(tag: number): number | undefined {
    const at = this.locate(tag);
    return at < 0 ? undefined : doubleAt(located, at);
  }

  /** Unlike other fields, 0 is written: where a double may be missing, it is a value. */
  protected setDouble(tag: number, value: number | undefined): void {
    if (value === undefined) return this.remove(tag);
    scratch.reset().varint(tag);
    scratch.double(value);
    this.put(tag, scratch);
  }

  /** A sfixed64, which is written also if it is 0. */
  protected setSigned64(tag: number, value: bigint): void {
    scratch.reset().varint(tag);
    scratch.fixed64(BigInt.asUintN(64, value));
    this.put(tag, scratch);
  }

  /** A sint32: signs alternate in what is written. */
  protected sint32(tag: number): number {
    const written = this.uint(tag);
    return (written >>> 1) ^ -(written & 1);
  }

  protected setSint32(tag: number, value: number): void {
    this.setUint(tag, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A repeated number, whose elements come packed in one field, or in one each. `tag` is that of the packed field. */
  protected numbers<T>(tag: number, { wireType, read }: Elements<T>): T[] {
    const list = this.fields();
    const { tags, from, to, count } = list;
    const single = tag - 2 + wireType;
    const found: T[] = [];
    for (let i = 0; i < count; i++) {
      if (tags[i] !== single && tags[i] !== tag) continue;
      const buf = list.bufOf(i);
      const at = from[i]! + 1;
      if (tags[i] === single) found.push(read(buf, at));
      else {
        for (let next = afterVarint(buf, at); next < to[i]!; next = skipValue(buf, next, wireType))
          found.push(read(buf, next));
      }
    }
    return found;
  }

  protected setNumbers<T>(tag: number, values: readonly T[], { wireType, write }: Elements<T>): void {
    for (const old of [tag, tag - 2 + wireType]) while (this.locate(old) >= 0) this.remove(old);
    if (values.length === 0) return;
    scratch.reset().varint(tag);
    const mark = scratch.begin(2);
    for (const value of values) write(value, scratch);
    scratch.end(mark, 2);
    this.append(tag, scratch);
  }
}
