import { afterVarint, skipValue, type Bytes } from '../wire/bytes.ts';
import { acquire, release } from '../wire/pool.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { itemTags } from './batch.ts';
import type { AnyBatch } from './batches.ts';
import type { KeyEdits, Replacing } from './key-edits.ts';
import { Source } from './ownership.ts';

/** The tags of the attributes of the items. */
const attributeTags = { traces: 0x4a, logs: 0x32 } as const;

/**
 * The edits on the attributes of all spans or log records, as `Attributes.editKeys` makes them, in one pass over the
 * bytes of the batch and without a view of any. Answers false, and does nothing, where that cannot be: somebody has
 * views, which would not show the edits, or the items are data points.
 */
export function editItems(batch: AnyBatch, edits: KeyEdits): boolean {
  if (batch.signal === 'metrics') return false;
  const buf = batch.withoutViews();
  if (buf === undefined) return false;
  const edited = new Editor(buf, edits, attributeTags[batch.signal]).edited();
  if (edited !== undefined) batch.replaceBytes(edited);
  return true;
}

/** A message with items below it, whose length is written anew when one of them changes. */
interface Group {
  /** Where its field begins, its content, and where both end. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
  /** Where its length is in what is written, or -1 until then. */
  mark: number;
}

/** How many times as long a batch became that was edited last, as a guess at the next one. */
let growth = 1;

class Editor implements Replacing {
  readonly buf: Bytes;
  /** Where the field of the item that is edited begins, its content, and where both end. */
  private from = 0;
  start = 0;
  end = 0;
  /** Where its length is in what is written, or -1 as long as nothing changes. */
  private mark = -1;
  private readonly edits: KeyEdits;
  private readonly tag: number;
  private readonly groups: Group[] = [];
  private readonly room: Bytes;
  private readonly to: Writer;
  /** How far the bytes were taken over. */
  private copied = 0;

  constructor(buf: Bytes, edits: KeyEdits, tag: number) {
    this.buf = buf;
    this.edits = edits;
    this.tag = tag;
    this.room = acquire(Math.ceil(buf.length * growth * 1.02) + 256);
    this.to = new Writer(this.room);
  }

  /** Undefined when nothing changes. */
  edited(): Source | undefined {
    const { buf, room, to } = this;
    this.visit(0, buf.length);
    if (this.copied === 0) {
      release(room);
      return undefined;
    }
    to.copy(buf, this.copied, buf.length);
    growth = Math.min(to.pos / buf.length, 2);
    if (to.buf !== room) release(room);
    return Source.pooled(to.buf, to.pos);
  }

  private visit(start: number, end: number): void {
    const { buf, groups } = this;
    const wanted = itemTags[groups.length];
    for (let at = start; at < end;) {
      const from = at;
      const body = buf[at]! < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, buf[from]! & 7);
      if (buf[from] !== wanted) continue;
      const start = afterVarint(buf, body);
      if (groups.length === itemTags.length - 1) this.item(from, start, at);
      else this.group({ from, start, end: at, mark: -1 });
    }
  }

  private group(group: Group): void {
    const { buf, to } = this;
    this.groups.push(group);
    this.visit(group.start, group.end);
    this.groups.pop();
    if (group.mark < 0) return;
    to.copy(buf, this.copied, group.end);
    this.copied = group.end;
    to.end(group.mark, widthOf(group));
  }

  private item(from: number, start: number, end: number): void {
    this.from = from;
    this.start = start;
    this.end = end;
    this.mark = -1;
    this.edits.apply(this, this.tag, this);
    if (this.mark < 0) return;
    const { to } = this;
    to.copy(this.buf, this.copied, end);
    this.copied = end;
    to.end(this.mark, lengthWidth(end - start));
  }

  /** What is written to the answer takes the place of [from, to), a part of the item. */
  replace(from: number, to: number): Writer {
    if (this.mark < 0) this.beginItem();
    this.to.copy(this.buf, this.copied, from);
    this.copied = to;
    return this.to;
  }

  private beginItem(): void {
    for (const group of this.groups) if (group.mark < 0) this.beginGroup(group);
    const { to } = this;
    to.copy(this.buf, this.copied, this.from);
    to.varint(itemTags[2]);
    this.mark = to.begin(lengthWidth(this.end - this.start));
    this.copied = this.start;
  }

  private beginGroup(group: Group): void {
    const { buf, to } = this;
    to.copy(buf, this.copied, group.from);
    to.varint(buf[group.from]!);
    group.mark = to.begin(widthOf(group));
    this.copied = group.start;
  }
}

function widthOf({ start, end }: Group): number {
  return lengthWidth(end - start);
}
