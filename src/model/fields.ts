import { afterVarint, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';

/** What a table shows: [start, end) of a buffer. */
interface Fields {
  readonly buf: Bytes;
  readonly start: number;
  readonly end: number;
}

/**
 * Where each field of one record is. Each kind of record has one table, for the record looked at last:
 * walking the fields is what costs, and processors look at one record many times.
 */
export class FieldTable {
  owner: Fields | null = null;
  count = 0;
  tags = new Int32Array(64);
  /** Where each field begins; one entry more says where the last one ends. */
  begins = new Int32Array(65);
  /** Whether a pass over the fields holds the two lists; another record then gets lists of its own. */
  lent = false;

  load(owner: Fields): void {
    if (this.lent) this.replaceLists();
    const { buf, end } = owner;
    let { tags, begins } = this;
    let count = 0;
    this.owner = null;
    for (let at = owner.start; at < end;) {
      if (count === tags.length) {
        this.count = count;
        this.grow();
        ({ tags, begins } = this);
      }
      begins[count] = at;
      let tag = buf[at]!;
      if (tag < 128) at++;
      else {
        tag = varintAt(buf, at);
        at = afterVarint(buf, at);
      }
      tags[count++] = tag;
      at = skipValue(buf, at, tag & 7);
    }
    begins[count] = end;
    this.count = count;
    this.owner = owner;
  }

  /** The first field with this tag, or -1. */
  indexOf(tag: number): number {
    const { tags, count } = this;
    for (let i = 0; i < count; i++) if (tags[i] === tag) return i;
    return -1;
  }

  moved(by: number): void {
    for (let i = 0; i <= this.count; i++) this.begins[i]! += by;
  }

  resized(index: number, grown: number): void {
    for (let i = index + 1; i <= this.count; i++) this.begins[i]! += grown;
  }

  removed(index: number): void {
    const size = this.begins[index + 1]! - this.begins[index]!;
    for (let i = index; i < this.count; i++) {
      this.tags[i] = this.tags[i + 1]!;
      this.begins[i] = this.begins[i + 1]! - size;
    }
    this.count--;
  }

  appended(tag: number, size: number): void {
    if (this.count === this.tags.length) this.grow();
    this.tags[this.count++] = tag;
    this.begins[this.count] = this.begins[this.count - 1]! + size;
  }

  private grow(): void {
    const { tags, begins } = this;
    this.tags = new Int32Array(tags.length * 2);
    this.begins = new Int32Array(tags.length * 2 + 1);
    this.tags.set(tags);
    this.begins.set(begins);
  }

  private replaceLists(): void {
    this.tags = new Int32Array(this.tags.length);
    this.begins = new Int32Array(this.tags.length + 1);
    this.lent = false;
  }
}
