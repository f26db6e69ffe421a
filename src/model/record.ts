import {
  afterVarint,
  type Bytes,
  fixed32At,
  fixed64At,
  putFixed32,
  putFixed64,
  skipValue,
  textAt,
  varintAt,
} from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { arena } from './arena.ts';
import type { FieldList, FieldTable } from './fields.ts';
import { isHex } from './ids.ts';
import { Message, type MessageClass } from './message.ts';
import { Rewrite } from './rewrite.ts';

/** Holds one encoded field before it is put in. */
const scratch = new Writer(1 << 12);
/** Holds a whole record. */
const copied = new Writer(1 << 14);
const none: never[] = [];
/** Of the record that is being edited in one pass. */
const rewriteOfOne = new Rewrite();
const mostNanos = 2n ** 64n - 1n;
/** A record whose edits take more than this is put together anew before the next one. */
const mostAside = 1 << 16;

/** The buffer in which `locate` found a field. */
export let located: Bytes;

/** A small message with fields of its own, looked up in a table. A field that is set to its default is taken out. */
export abstract class WireRecord extends Message {
  protected abstract readonly table: FieldTable;

  /** Where all fields of this record are, and its edits. @internal */
  fields(): FieldList {
    return this.table.of(this).complete();
  }

  /** The same, for one field to be looked for: others behind it need not be known. @internal */
  look(): FieldList {
    return this.table.of(this);
  }

  /** The same, for a field to be written to the buffer aside. @internal */
  editable(): FieldList {
    this.mustNotBeLent();
    const list = this.fields();
    if (list.side.pos <= mostAside) return list;
    this.settle(list);
    return this.fields();
  }

  /** Where the value of the first field with this tag is in `located`, or -1. */
  protected locate(tag: number): number {
    const list = this.table.of(this);
    const index = list.indexOf(tag);
    if (index < 0) return -1;
    located = list.bufOf(index);
    return list.from[index]! + (tag < 128 ? 1 : 2);
  }

  /** In the bytes of the record. */
  protected override find(tag: number): number {
    this.table.settle(this);
    return this.locate(tag);
  }

  protected text(tag: number): string {
    const at = this.locate(tag);
    if (at < 0) return '';
    const start = afterVarint(located, at);
    return textAt(located, start, start + varintAt(located, at));
  }

  protected setText(tag: number, text: string): void {
    if (text === '') return this.remove(tag);
    scratch.reset().varint(tag);
    scratch.text(text);
    this.put(tag, scratch);
  }

  protected hex(tag: number): string {
    const at = this.locate(tag);
    return at < 0 ? '' : located.hexSlice(afterVarint(located, at), skipValue(located, at, 2));
  }

  /** Throws a RangeError unless the text is `digits` hex digits or empty. */
  protected setHex(tag: number, text: string, digits: number): void {
    if (text === '') return this.remove(tag);
    if (text.length !== digits || !isHex(text)) {
      throw new RangeError(
        `an id of ${digits} hex digits was expected, got ${JSON.stringify(text.slice(0, 64))}`,
      );
    }
    scratch.reset().varint(tag);
    scratch.hex(text);
    this.put(tag, scratch);
  }

  protected uint(tag: number): number {
    const at = this.locate(tag);
    return at < 0 ? 0 : varintAt(located, at);
  }

  /** Throws a RangeError unless the value is a whole number from 0 to 2^32 - 1. */
  protected setUint(tag: number, value: number): void {
    checkUint32(value);
    if (value === 0) return this.remove(tag);
    scratch.reset().varint(tag);
    scratch.varint(value);
    this.put(tag, scratch);
  }

  protected fixed32(tag: number): number {
    const at = this.locate(tag);
    return at < 0 ? 0 : fixed32At(located, at);
  }

  /** Throws a RangeError unless the value is a whole number from 0 to 2^32 - 1. */
  protected setFixed32(tag: number, value: number): void {
    checkUint32(value);
    const at = this.locate(tag);
    if (at >= 0) putFixed32(this.writableField(), at, value);
    else if (value !== 0) {
      scratch.reset().varint(tag);
      scratch.fixed32(value);
      this.append(tag, scratch);
    }
  }

  protected fixed64(tag: number): bigint {
    const at = this.locate(tag);
    return at < 0 ? 0n : fixed64At(located, at);
  }

  /** Overwrites the bytes where they are. Throws a RangeError unless the value is from 0 to 2^64 - 1. */
  protected setFixed64(tag: number, value: bigint): void {
    if (value < 0n || value > mostNanos)
      throw new RangeError(`${value} does not fit an unsigned 64-bit field`);
    const at = this.locate(tag);
    if (at >= 0) putFixed64(this.writableField(), at, value);
    else if (value !== 0n) {
      scratch.reset().varint(tag);
      scratch.fixed64(value);
      this.append(tag, scratch);
    }
  }

  /** The buffer in which `locate` found a field, to be written to where it is. */
  private writableField(): Bytes {
    if (located !== this.buf) return located;
    return this.writable().buf;
  }

  /** Replaces the first field with this tag, or adds it. */
  protected put(tag: number, field: Writer): void {
    const list = this.editable();
    const index = list.indexOf(tag);
    if (index < 0) this.appendWritten(list, tag, aside(list, field));
    else this.replaceByWritten(list, index, aside(list, field));
  }

  /** Takes the first field with this tag out. */
  protected remove(tag: number): void {
    const list = this.editable();
    const index = list.indexOf(tag);
    if (index >= 0) this.takeOut(list, index);
  }

  /** Adds an encoded field at the end. @internal */
  append(tag: number, field: Writer): void {
    const list = this.editable();
    this.appendWritten(list, tag, aside(list, field));
  }

  /** Adds the field [begin, end) of the buffer aside. @internal */
  appendWritten(list: FieldList, tag: number, begin: number, end = list.side.pos): void {
    list.appended(tag, begin, end);
    this.touch(end - begin);
  }

  /** Puts the field [begin, end) of the buffer aside in the place of another. @internal */
  replaceByWritten(list: FieldList, index: number, begin: number, end = list.side.pos): void {
    const grown = end - begin - (list.to[index]! - list.from[index]!);
    if (grown === 0 && list.isSame(index, begin)) return;
    if (grown === 0 && list.inSide[index] === 0) list.overwrite(index, begin, this.writable().buf);
    else {
      list.replaced(index, begin, end);
      this.touch(grown);
    }
  }

  /** For a pass, until `takeBack`. @internal */
  lend(): FieldList {
    return this.table.lend(this).complete();
  }

  /** @internal */
  takeBack(list: FieldList): void {
    this.table.takeBack(list);
  }

  private mustNotBeLent(): void {
    if (this.table.isLent(this))
      throw new Error('a callback of update, mapStrings or deleteKeys must not edit the record');
  }

  /** @internal */
  takeOut(list: FieldList, index: number): void {
    const size = list.to[index]! - list.from[index]!;
    list.removed(index);
    this.touch(-size);
  }

  private touch(grown: number): void {
    this.markChanged();
    this.state.edited(grown);
  }

  /** Puts the record together anew with the edits of the list. @internal */
  settle(list: FieldList): void {
    if (this.state.released) {
      list.forget();
      return;
    }
    const size = list.byteLength();
    arena.reserve(size + 256);
    const { chunk, pos } = arena;
    list.putTogether(chunk.buf, pos);
    this.tookPlace(chunk, pos, size);
  }

  /** Replaces everything before `to`. @internal */
  rewrite(to: number, by: Writer): void {
    this.mustNotBeLent();
    this.replaceHead(to, by);
    this.table.forget(this);
  }

  /** Becomes the view on another record in the same bytes, for who needs one at a time. @internal */
  show(start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.opened = null;
    this.table.forget(this);
  }

  /** For a pass over the bytes as they are with all edits so far. @internal */
  beginRewrite(): Rewrite {
    this.mustNotBeLent();
    this.table.settle(this);
    rewriteOfOne.begin();
    return rewriteOfOne;
  }

  /** @internal */
  endRewrite(rewrite: Rewrite): void {
    rewrite.end();
    const size = this.end - this.start + rewrite.grown;
    arena.reserve(size + 256);
    const { chunk, pos } = arena;
    rewrite.putTogether(this, chunk.buf, pos);
    this.tookPlace(chunk, pos, size);
    this.table.forget(this);
    this.touch(rewrite.grown);
  }

  override write(to: Writer): void {
    this.table.settle(this);
    super.write(to);
  }

  /** Becomes a copy of another record of its kind, of any batch, with all that is below it. */
  copyFrom(other: this): void {
    copied.reset();
    other.write(copied);
    this.rewrite(this.end, copied);
    this.opened = null;
  }

  protected override children<M extends Message>(tag: number, of: MessageClass<M>): readonly M[] {
    // Most records have no child of a kind, and then none has to be looked for.
    if (this.openedField(tag) === null) {
      if (this.look().indexOf(tag) < 0) return none;
      this.table.settle(this);
    }
    return super.children(tag, of);
  }

  protected override add<M extends Message>(tag: number, of: MessageClass<M>): M {
    this.table.settle(this);
    return super.add(tag, of);
  }
}

/** Copies an encoded field to the buffer aside; answers where it begins. */
function aside({ side }: FieldList, field: Writer): number {
  const begin = side.pos;
  side.copy(field.buf, 0, field.pos);
  return begin;
}

function checkUint32(value: number): void {
  if (value >>> 0 !== value) throw new RangeError(`${value} is not a whole number from 0 to ${2 ** 32 - 1}`);
}
