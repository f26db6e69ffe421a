import {
  afterVarint,
  fixed32At,
  fixed64At,
  putFixed32,
  putFixed64,
  skipValue,
  textAt,
  varintAt,
} from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import type { FieldTable } from './fields.ts';
import { isHex } from './ids.ts';
import { Message, type MessageClass } from './message.ts';

/** Holds one encoded field before it is put in. */
const scratch = new Writer(1 << 12);
/** Holds a whole record. */
const copied = new Writer(1 << 14);
const none: never[] = [];
const mostNanos = 2n ** 64n - 1n;

/** A small message with fields of its own, looked up in a table. A field that is set to its default is taken out. */
export abstract class WireRecord extends Message {
  protected abstract readonly table: FieldTable;

  /** The table, showing this record. @internal */
  fields(): FieldTable {
    const { table } = this;
    if (table.owner !== this) table.load(this);
    return table;
  }

  /** Where the value of the first field with this tag is, or -1. */
  protected locate(tag: number): number {
    const table = this.fields();
    const index = table.indexOf(tag);
    return index < 0 ? -1 : table.begins[index]! + (tag < 128 ? 1 : 2);
  }

  protected override find(tag: number): number {
    return this.locate(tag);
  }

  protected text(tag: number): string {
    const at = this.locate(tag);
    if (at < 0) return '';
    const start = afterVarint(this.buf, at);
    return textAt(this.buf, start, start + varintAt(this.buf, at));
  }

  protected setText(tag: number, text: string): void {
    if (text === '') return this.remove(tag);
    scratch.reset().varint(tag);
    scratch.text(text);
    this.put(tag, scratch);
  }

  protected hex(tag: number): string {
    const at = this.locate(tag);
    return at < 0 ? '' : this.buf.hexSlice(afterVarint(this.buf, at), skipValue(this.buf, at, 2));
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
    return at < 0 ? 0 : varintAt(this.buf, at);
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
    return at < 0 ? 0 : fixed32At(this.buf, at);
  }

  /** Throws a RangeError unless the value is a whole number from 0 to 2^32 - 1. */
  protected setFixed32(tag: number, value: number): void {
    checkUint32(value);
    const at = this.locate(tag);
    if (at >= 0) putFixed32(this.writable().buf, at, value);
    else if (value !== 0) {
      scratch.reset().varint(tag);
      scratch.fixed32(value);
      this.append(tag, scratch);
    }
  }

  protected fixed64(tag: number): bigint {
    const at = this.locate(tag);
    return at < 0 ? 0n : fixed64At(this.buf, at);
  }

  /** Overwrites the bytes where they are. Throws a RangeError unless the value is from 0 to 2^64 - 1. */
  protected setFixed64(tag: number, value: bigint): void {
    if (value < 0n || value > mostNanos)
      throw new RangeError(`${value} does not fit an unsigned 64-bit field`);
    const at = this.locate(tag);
    if (at >= 0) putFixed64(this.writable().buf, at, value);
    else if (value !== 0n) {
      scratch.reset().varint(tag);
      scratch.fixed64(value);
      this.append(tag, scratch);
    }
  }

  /** Replaces the first field with this tag, or adds it. */
  protected put(tag: number, field: Writer): void {
    const index = this.fields().indexOf(tag);
    if (index < 0) this.append(tag, field);
    else this.replace(index, field);
  }

  /** Takes the first field with this tag out. */
  protected remove(tag: number): void {
    const index = this.fields().indexOf(tag);
    if (index >= 0) this.replace(index, scratch.reset());
  }

  /** Adds an encoded field at the end. @internal */
  append(tag: number, field: Writer): void {
    const table = this.fields();
    const moved = this.splice(this.end, this.end, field);
    if (moved !== 0) table.moved(moved);
    table.appended(tag, field.pos);
  }

  /** Puts an encoded field, or nothing, in the place of the field at `index` of the table. @internal */
  replace(index: number, field: Writer): void {
    const table = this.fields();
    const from = table.begins[index]!;
    const to = table.begins[index + 1]!;
    const moved = this.splice(from, to, field);
    if (moved !== 0) table.moved(moved);
    if (field.pos === 0) table.removed(index);
    else if (field.pos !== to - from) table.resized(index, field.pos - (to - from));
  }

  /** Replaces everything before `to`. @internal */
  rewrite(to: number, by: Writer): void {
    this.replaceHead(to, by);
    this.table.owner = null;
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
    return this.openedField(tag) === null && this.fields().indexOf(tag) < 0 ? none : super.children(tag, of);
  }
}

function checkUint32(value: number): void {
  if (value >>> 0 !== value) throw new RangeError(`${value} is not a whole number from 0 to ${2 ** 32 - 1}`);
}
