import { afterVarint, skipValue, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { batchOf, type AnyBatch } from './batches.ts';
import { levelsOf } from './split.ts';

/**
 * A new batch with some items of another, by their places in the order that the batch has (from 0), with their resource,
 * scope and metric. The batch stays what it is.
 */
export function pickItems(batch: AnyBatch, places: ReadonlySet<number>): AnyBatch {
  const picker = new Picker(levelsOf[batch.signal], batch.encode(), places);
  const picked = batchOf(batch.signal, picker.pick(), { trusted: true });
  picked.origin = batch.origin;
  return picked;
}

class Picker {
  private readonly levels: readonly (readonly number[])[];
  private readonly buf: Bytes;
  private readonly places: ReadonlySet<number>;
  private readonly to = new Writer();
  private place = 0;

  constructor(levels: readonly (readonly number[])[], buf: Bytes, places: ReadonlySet<number>) {
    this.levels = levels;
    this.buf = buf;
    this.places = places;
  }

  pick(): Bytes {
    this.copy({ start: 0, end: this.buf.length }, 0);
    return this.to.bytes();
  }

  /** Copies a message without the items that are not picked; answers whether any is. */
  private copy({ start, end }: { start: number; end: number }, depth: number): boolean {
    const { buf, to } = this;
    const tags = this.levels[depth]!;
    let found = false;
    for (let at = start; at < end;) {
      const tag = buf[at]!;
      const body = afterVarint(buf, at);
      const next = skipValue(buf, body, tag & 7);
      if (!tags.includes(tag)) to.copy(buf, at, next);
      else if (depth < this.levels.length - 1)
        found = this.copyGroup({ tag, start: afterVarint(buf, body), end: next }, depth + 1) || found;
      else if (this.places.has(this.place++)) {
        to.copy(buf, at, next);
        found = true;
      }
      at = next;
    }
    return found;
  }

  private copyGroup(group: { tag: number; start: number; end: number }, depth: number): boolean {
    const { to } = this;
    const before = to.pos;
    const width = lengthWidth(group.end - group.start);
    to.varint(group.tag);
    const mark = to.begin(width);
    if (this.copy(group, depth)) {
      to.end(mark, width);
      return true;
    }
    to.pos = before;
    return false;
  }
}
