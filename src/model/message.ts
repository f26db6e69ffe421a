import { afterVarint, copyBytes, skipValue, textAt, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { arena, type Chunk } from './arena.ts';
import type { BatchState } from './ownership.ts';

export type MessageClass<M extends Message> = new (
  buf: Bytes,
  start: number,
  end: number,
  parent: Message,
) => M;

/** The children of one field, opened once. */
interface Opened {
  readonly tag: number;
  readonly messages: Message[];
  /** How many of them were not dropped. */
  live: number;
  /** How many of them `write` has passed. */
  written: number;
}

const empty = Buffer.alloc(0) as Bytes;
const none: never[] = [];
/** Holds one encoded field before it is put in. */
const scratch = new Writer(1 << 12);

/**
 * A protobuf message that stays bytes: it is changed by splicing them. A child that was opened is a message of its own,
 * put back in place by `write`; until then its parent's bytes may show an older state of it.
 */
export class Message {
  /** The bytes are [start, end) of this. @internal */
  buf: Bytes;
  /** @internal */
  start: number;
  /** @internal */
  end: number;
  /** @internal */
  readonly parent: Message | null;
  protected readonly state: BatchState;
  /** Whether the parent's bytes are out of date. Then all messages above are changed too. */
  protected changed = false;
  protected opened: Opened[] | null = null;
  private gone = false;
  /** Whether the bytes are this message's own copy in the arena. */
  private moved = false;

  /** @internal */
  constructor(buf: Bytes, start: number, end: number, parent: Message | BatchState) {
    this.buf = buf;
    this.start = start;
    this.end = end;
    if (parent instanceof Message) {
      this.parent = parent;
      this.state = parent.state;
    } else {
      this.parent = null;
      this.state = parent;
    }
  }

  /** Whether this, or something that it is in, was dropped: it is not answered any more, and not written. */
  get dropped(): boolean {
    return this.gone || (this.parent !== null && this.parent.dropped);
  }

  /** Replaces the bytes [from, to) by those of `by`; returns how far the message had to move first. */
  protected splice(from: number, to: number, by: Writer): number {
    const grown = by.pos - (to - from);
    if (grown === 0) {
      this.overwrite(from, by);
      return 0;
    }
    const moved = this.canResize(from, to, grown) ? 0 : this.move(grown);
    from += moved;
    to += moved;
    const { buf, end } = this;
    if (to < end) buf.copyWithin(to + grown, to, end);
    copyBytes(by.buf, 0, by.pos, buf, from);
    this.end = arena.pos = end + grown;
    this.state.edited(grown);
    return moved;
  }

  /**
   * Replaces the bytes before `to` by those of `by`; what is replaced is not moved first. Children that were opened may
   * be among them: they keep the bytes that they are on, so that these are not overwritten.
   */
  protected replaceHead(to: number, by: Writer): void {
    const { buf, start, end } = this;
    const grown = by.pos - (to - start);
    if ((grown === 0 && this.opened === null) || this.canResize(start, to, grown)) {
      this.splice(start, to, by);
      return;
    }
    arena.reserve(end - start + grown + 256);
    const { chunk, pos } = arena;
    copyBytes(by.buf, 0, by.pos, chunk.buf, pos);
    if (to < end) buf.copy(chunk.buf, pos + by.pos, to, end);
    this.buf = chunk.buf;
    this.start = pos;
    this.end = arena.pos = end + grown - start + pos;
    this.moved = true;
    this.state.uses(chunk);
    this.markChanged();
    this.state.edited(grown);
  }

  /**
   * Whether the end of the message may be shifted where it is: when it is the last in the arena, and no opened child
   * can be on the bytes that shift. A message that is still part of its parent's bytes was never moved.
   */
  private canResize(from: number, to: number, grown: number): boolean {
    return (
      this.moved &&
      this.buf === arena.chunk.buf &&
      this.end === arena.pos &&
      this.end + grown <= this.buf.length &&
      (this.opened === null || (from === to && to === this.end))
    );
  }

  /** Replaces bytes by as many others, where they are. */
  private overwrite(from: number, by: Writer): void {
    if (by.pos === 0) return;
    const { buf } = this.writable();
    copyBytes(by.buf, 0, by.pos, buf, from);
  }

  /** To be called before bytes are written where they are; answers this message, whose `buf` may be another one now. */
  protected writable(): this {
    const { state } = this;
    if (state.source.owners > 1 && this.buf === state.source.bytes) this.unshare();
    state.edited(0);
    if (!this.isInPlace()) this.markChanged();
    return this;
  }

  /** Gives the batch bytes of its own, and each view on the shared ones the same place in the copy. */
  private unshare(): void {
    const { state } = this;
    const shared = state.source;
    state.source = shared.copy();
    this.root().rebase(shared.bytes, state.source.bytes);
    shared.leave();
  }

  private root(): Message {
    return this.parent === null ? this : this.parent.root();
  }

  private rebase(from: Bytes, to: Bytes): void {
    if (this.buf === from) this.buf = to;
    if (this.opened === null) return;
    for (const { messages } of this.opened) for (const message of messages) message.rebase(from, to);
  }

  /** Copies the message to the end of the arena, with room to grow; returns how far that is. */
  private move(grown: number): number {
    const { buf, start, end } = this;
    arena.reserve(end - start + Math.max(grown, 0) + 256);
    const { chunk } = arena;
    const by = arena.pos - start;
    buf.copy(chunk.buf, arena.pos, start, end);
    this.buf = chunk.buf;
    this.state.uses(chunk);
    this.start += by;
    this.end += by;
    arena.pos = this.end;
    this.moved = true;
    this.markChanged();
    return by;
  }

  /** Leaves out ranges, given as pairs in their order, in which no opened child is. */
  protected cutOut(ranges: readonly number[]): void {
    if (ranges.length === 0) return;
    const { buf, start, end } = this;
    arena.reserve(end - start);
    const { chunk, pos } = arena;
    let at = pos;
    let copied = start;
    for (let i = 0; i < ranges.length; i += 2) {
      at += buf.copy(chunk.buf, at, copied, ranges[i]);
      copied = ranges[i + 1]!;
    }
    at += buf.copy(chunk.buf, at, copied, end);
    this.tookPlace(chunk, pos, at - pos);
    this.markChanged();
    this.state.edited(at - pos - (end - start));
  }

  /** The message is at `start` of a piece of the arena now, with what was changed in it. */
  protected tookPlace(chunk: Chunk, start: number, size: number): void {
    this.buf = chunk.buf;
    this.start = start;
    this.end = arena.pos = start + size;
    this.moved = true;
    this.state.uses(chunk);
  }

  protected markChanged(): void {
    if (this.changed) return;
    this.changed = true;
    this.parent?.markChanged();
  }

  /**
   * Whether `write` comes past these very bytes, so that nothing has to be put back: they are the parent's, whose bytes
   * are those of its parent, up to a message that is put back anyway or to the batch.
   */
  private isInPlace(): boolean {
    const { parent } = this;
    if (parent === null || this.changed) return true;
    const isInParent = this.buf === parent.buf && this.start >= parent.start && this.end <= parent.end;
    return isInParent && parent.isInPlace();
  }

  /** The messages of a repeated field that were not dropped. */
  protected children<M extends Message>(tag: number, of: MessageClass<M>): readonly M[] {
    const { messages, live } = this.openedField(tag) ?? this.openAll(tag, of);
    if (live === messages.length) return messages as M[];
    return live === 0 ? none : (messages.filter((message) => !message.gone) as M[]);
  }

  /** The message of a singular field; an absent one is empty until it is written to. */
  protected child<M extends Message>(tag: number, of: MessageClass<M>): M {
    const known = this.openedField(tag);
    if (known !== null) return known.messages[0] as M;
    const at = this.find(tag);
    const message =
      at < 0
        ? new of(empty, 0, 0, this)
        : new of(this.buf, afterVarint(this.buf, at), skipValue(this.buf, at, 2), this);
    (this.opened ??= []).push({ tag, messages: [message], live: 1, written: 0 });
    return message;
  }

  /** Adds an empty message to a repeated field. */
  protected add<M extends Message>(tag: number, of: MessageClass<M>): M {
    const field = this.openedField(tag) ?? this.openAll(tag, of);
    const message = new of(empty, 0, 0, this);
    field.messages.push(message);
    field.live++;
    message.markChanged();
    this.state.edited(2);
    return message;
  }

  /** Where the value of the first field with this tag of one byte is, or -1. */
  protected find(tag: number): number {
    const { buf, end } = this;
    for (let at = this.start; at < end;) {
      const body = afterVarint(buf, at);
      if (buf[at] === tag) return body;
      at = skipValue(buf, body, buf[at]! & 7);
    }
    return -1;
  }

  private openAll<M extends Message>(tag: number, of: MessageClass<M>): Opened {
    const messages: M[] = [];
    const { buf, end } = this;
    for (let at = this.start; at < end;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (first === tag) messages.push(new of(buf, afterVarint(buf, body), at, this));
    }
    const field: Opened = { tag, messages, live: messages.length, written: 0 };
    (this.opened ??= []).push(field);
    return field;
  }

  /** Whether there are views on messages below, where the fields with these tags lead. */
  protected hasViews(tags: readonly number[], depth = 0): boolean {
    const field = this.openedField(tags[depth]!);
    if (field === null || depth === tags.length - 1) return field !== null;
    return field.messages.some((message) => message.hasViews(tags, depth + 1));
  }

  protected openedField(tag: number): Opened | null {
    const { opened } = this;
    if (opened !== null)
      for (let i = 0; i < opened.length; i++) if (opened[i]!.tag === tag) return opened[i]!;
    return null;
  }

  /** Leaves this out of field `tag` of its parent; answers whether that was the last one there. */
  protected leave(tag: number): boolean {
    const field = this.parent!.openedField(tag)!;
    this.gone = true;
    this.markChanged();
    this.state.edited(this.start - this.end - 2);
    return --field.live === 0;
  }

  /** Leaves out all messages of a repeated field, for a group that comes back without them. */
  protected leaveOut<M extends Message>(tag: number, of: MessageClass<M>): void {
    const field = this.openedField(tag) ?? this.openAll(tag, of);
    for (const message of field.messages) {
      message.gone = true;
      message.changed = true;
    }
    field.live = 0;
  }

  /** Undoes `leave`, for a group that something is added to. */
  protected comeBack(tag: number): void {
    if (!this.gone) return;
    this.gone = false;
    this.parent!.openedField(tag)!.live++;
    this.state.edited(this.end - this.start + 2);
  }

  /** The text of a singular field, without a table. @internal */
  plainText(tag: number): string {
    const at = this.find(tag);
    return at < 0 ? '' : textAt(this.buf, afterVarint(this.buf, at), skipValue(this.buf, at, 2));
  }

  /** @internal */
  setPlainText(tag: number, text: string): void {
    const at = this.find(tag);
    scratch.reset();
    if (text !== '') {
      scratch.varint(tag);
      scratch.text(text);
    }
    this.splice(at < 0 ? this.end : at - 1, at < 0 ? this.end : skipValue(this.buf, at, 2), scratch);
  }

  /** Appends this message's bytes, with opened children in their present state. @internal */
  write(to: Writer): void {
    const { buf, end, opened } = this;
    if (!this.changed || opened === null) {
      to.copy(buf, this.start, end);
      return;
    }
    for (const field of opened) field.written = 0;
    let copied = this.start;
    for (let at = this.start; at < end;) {
      const begin = at;
      const first = buf[at]!;
      at = skipValue(buf, first < 128 ? at + 1 : afterVarint(buf, at), first & 7);
      const field = this.openedField(first);
      const child = field?.messages[field.written++];
      if (child === undefined || !child.changed) continue;
      if (begin > copied) to.copy(buf, copied, begin);
      child.writeField(first, to);
      copied = at;
    }
    to.copy(buf, copied, end);
    for (const { tag, messages, written } of opened) {
      for (let i = written; i < messages.length; i++)
        if (messages[i]!.changed) messages[i]!.writeField(tag, to);
    }
  }

  private writeField(tag: number, to: Writer): void {
    if (this.gone) return;
    to.varint(tag);
    const width = lengthWidth(this.end - this.start);
    const mark = to.begin(width);
    this.write(to);
    to.end(mark, width);
  }
}
