import { afterVarint, sameBytes, skipValue, textAt, type Bytes } from '../wire/bytes.ts';
import type { AsciiText } from './ascii-text.ts';
import { oddKey, type FieldList } from './fields.ts';
import type { KeyEdits } from './key-edits.ts';
import { keyOf, keyText, type Key, type KeyCondition, type KeyTest } from './keys.ts';
import type { PreparedAttribute } from './prepared-attribute.ts';
import type { WireRecord } from './record.ts';
import { findValue, isNilAt, keyAt, keyedValueAt, relax, relaxedAt } from './value.ts';
import type { ExactValue, Value } from './value.ts';
import { writeAttribute, writeTextAttribute } from './value-writer.ts';

/** Whether a pass over all attributes is under way: there is one `changes`. */
let inPass = false;

/** What a pass changes, which is done at its end: a callback that throws has changed nothing. */
const changes = {
  count: 0,
  indexes: [] as number[],
  /** Where in the buffer aside what takes the place of an attribute is; `end` is 0 for nothing. */
  begins: [] as number[],
  ends: [] as number[],

  add(index: number, begin: number, end: number): void {
    this.indexes[this.count] = index;
    this.begins[this.count] = begin;
    this.ends[this.count++] = end;
  },
};

/** What a pass does with each attribute. */
type Visit = (list: FieldList, index: number) => void;

/**
 * The attributes of a record, read and written in place, in the order in which they came.
 *
 * Of duplicates, which protobuf allows, the first is read, set and deleted, as in the Collector's `pcommon.Map`; after
 * one `delete` a second value may remain, so whoever redacts uses `deleteKeys`, which takes all in one pass.
 */
export class Attributes {
  private readonly owner: WireRecord;
  private readonly tag: number;

  /** @internal */
  constructor(owner: WireRecord, tag: number) {
    this.owner = owner;
    this.tag = tag;
  }

  /** The value as JavaScript has it: a safe int64 and a double are both numbers. Undefined when there is none. */
  get(key: string): Value | undefined {
    const list = this.owner.look();
    const index = list.indexOfKey(this.tag, keyOf(key));
    if (index < 0) return undefined;
    const buf = list.bufOf(index);
    const at = findValue(buf, afterVarint(buf, list.from[index]! + 1), list.to[index]!);
    return at < 0 ? null : relaxedAt(buf, afterVarint(buf, at), skipValue(buf, at, 2));
  }

  /** The value with its type kept: bigint is int64, number is double. Undefined when there is none. */
  getExact(key: string): ExactValue | undefined {
    return this.exactOf(keyOf(key));
  }

  /** The same, for who asks often. @internal */
  exactOf(key: Key): ExactValue | undefined {
    const list = this.owner.look();
    const index = list.indexOfKey(this.tag, key);
    return index < 0 ? undefined : exactAt(list, index);
  }

  /** Whether there is none, or one without a value, or bytes of length 0. @internal */
  isNil(key: Key): boolean {
    const list = this.owner.look();
    const index = list.indexOfKey(this.tag, key);
    if (index < 0) return true;
    const buf = list.bufOf(index);
    return isNilAt(buf, afterVarint(buf, list.from[index]! + 1), list.to[index]!);
  }

  has(key: string): boolean {
    return this.owner.look().indexOfKey(this.tag, keyOf(key)) >= 0;
  }

  /** How many there are, duplicates included. */
  get size(): number {
    const { tags, count } = this.owner.fields();
    let size = 0;
    for (let i = 0; i < count; i++) if (tags[i] === this.tag) size++;
    return size;
  }

  /**
   * Sets or adds. An integral number is written as int64, any other (-0, NaN and unsafe integers too) as double.
   * Throws a RangeError for a bigint beyond int64 and for nesting deeper than 64, a TypeError for what is no value.
   */
  set(key: string, value: Value): void {
    this.write(keyOf(key), value, false);
  }

  /** Sets or adds. A number is always a double and a bigint always an int64. Throws as `set` does. */
  setExact(key: string, value: ExactValue): void {
    this.write(keyOf(key), value, true);
  }

  /** The same, for who sets often. @internal */
  setOf(key: Key, value: ExactValue): void {
    this.write(key, value, true);
  }

  /** Sets or adds a text. @internal */
  setText(key: Key, text: AsciiText): void {
    const list = this.owner.editable();
    const { side } = list;
    const begin = side.pos;
    side.varint(this.tag);
    writeTextAttribute(side, key.bytes, text);
    this.put(list, key, begin);
  }

  /** @internal */
  setPrepared({ key, bytes }: PreparedAttribute): void {
    const list = this.owner.editable();
    const index = list.indexOfKey(this.tag, key);
    if (index >= 0 && isSame(list, index, bytes)) return;
    const { side } = list;
    const begin = side.pos;
    side.varint(this.tag);
    side.copy(bytes, 0, bytes.length);
    this.put(list, key, begin);
  }

  /** Appends the value to a text; false where it is no text, or one that `to` cannot hold. @internal */
  copyText(key: Key, to: AsciiText): boolean {
    const list = this.owner.look();
    const index = list.indexOfKey(this.tag, key);
    if (index < 0) return false;
    const buf = list.bufOf(index);
    const isText = findString(buf, afterVarint(buf, list.from[index]! + 1), list.to[index]!, 0);
    return isText && to.copy(buf, string.start, string.end);
  }

  /** Deletes the first one with this key; answers whether there was one. */
  delete(key: string): boolean {
    const list = this.owner.editable();
    const index = list.indexOfKey(this.tag, keyOf(key));
    if (index >= 0) this.owner.takeOut(list, index);
    return index >= 0;
  }

  /** Moves the value to another key, whose own value it replaces. Answers false when `from` is not there. */
  rename(from: string, to: string): boolean {
    const list = this.owner.editable();
    const index = list.indexOfKey(this.tag, keyOf(from));
    if (index < 0) return false;
    if (from === to) return true;
    const target = list.indexOfKey(this.tag, keyOf(to));
    const begin = this.encodeAs(list, index, to);
    this.owner.replaceByWritten(list, target < 0 ? index : target, begin);
    if (target < 0) list.named(index, keyOf(to));
    else this.owner.takeOut(list, index);
    return true;
  }

  /** Copies the value to another key, whose own value it replaces. Answers false when `from` is not there. */
  copy(from: string, to: string): boolean {
    const list = this.owner.editable();
    const index = list.indexOfKey(this.tag, keyOf(from));
    if (index < 0) return false;
    if (from === to) return true;
    this.put(list, keyOf(to), this.encodeAs(list, index, to));
    return true;
  }

  /** Deletes by key alone: no value is decoded. The callback edits nothing; a KeyTest is asked once for each key. */
  deleteKeys(unwanted: KeyCondition): void {
    if (typeof unwanted !== 'function') this.deleteTested(unwanted);
    else
      this.pass((list, index) => {
        if (unwanted(keyIn(list, index))) changes.add(index, 0, 0);
      });
  }

  private deleteTested(unwanted: KeyTest): void {
    const list = this.owner.editable();
    list.resolveKeys(this.tag);
    const { tags, keys, count } = list;
    for (let i = 0; i < count; i++) {
      if (tags[i] !== this.tag) continue;
      const number = keys[i]!;
      if (number === oddKey ? unwanted.ofText(keyIn(list, i)) : unwanted.ofNumber(number))
        this.owner.takeOut(list, i);
    }
  }

  /**
   * One pass over the values that are text of at least `minimumBytes` bytes of UTF-8; other values, and text inside
   * lists and maps, are neither decoded nor changed. The callback answers the text to be, and edits nothing.
   */
  mapStrings(edit: (text: string) => string, minimumBytes = 0): void {
    if (this.hasLongerThan(minimumBytes)) this.pass(this.textVisit(edit, minimumBytes));
  }

  /** The same for an edit that looks at no record, which need not be put together for it. @internal */
  editTexts(edit: (text: string) => string, minimumBytes = 0): void {
    if (inPass) throw anotherPass();
    if (!this.hasLongerThan(minimumBytes)) return;
    const list = this.owner.editable();
    this.collect(list, this.textVisit(edit, minimumBytes));
    this.change(list);
  }

  private textVisit(edit: (text: string) => string, minimumBytes: number): Visit {
    return (list, index) => {
      const { from, to } = list;
      const begin = from[index]!;
      if (to[index]! - begin < minimumBytes) return;
      const buf = list.bufOf(index);
      if (!findString(buf, afterVarint(buf, begin + 1), to[index]!, minimumBytes)) return;
      const old = textAt(buf, string.start, string.end);
      const text = edit(old);
      if (text !== old) this.overwrite(list, index, text);
    };
  }

  /**
   * One pass over all: the callback answers the value to be, the same one to leave it alone, or undefined to delete.
   * It edits nothing itself.
   */
  update(edit: (value: ExactValue, key: string) => ExactValue | undefined): void {
    this.pass((list, index) => {
      const old = exactAt(list, index);
      const value = edit(old, keyIn(list, index));
      if (value === undefined) changes.add(index, 0, 0);
      else if (!Object.is(value, old)) this.overwrite(list, index, value);
    });
  }

  private hasLongerThan(bytes: number): boolean {
    const { tags, from, to, count } = this.owner.fields();
    for (let i = 0; i < count; i++) if (tags[i] === this.tag && to[i]! - from[i]! > bytes) return true;
    return false;
  }

  /** All the edits in one pass. */
  editKeys(edits: KeyEdits): void {
    if (inPass) throw anotherPass();
    const { owner } = this;
    const rewrite = owner.beginRewrite();
    edits.apply(owner, this.tag, rewrite);
    if (rewrite.count > 0) owner.endRewrite(rewrite);
  }

  /** Deletes all. */
  clear(): void {
    if (inPass) throw anotherPass();
    this.takeOutOf(this.owner.editable());
  }

  /** Makes these all that there are. Throws as `setExact` does, and changes nothing then. */
  replaceAll(entries: ReadonlyMap<string, ExactValue>): void {
    const list = this.owner.editable();
    const begins: number[] = [];
    for (const [key, value] of entries) {
      begins.push(list.side.pos);
      list.side.varint(this.tag);
      writeAttribute(list.side, key, value, true);
    }
    begins.push(list.side.pos);
    this.takeOutOf(list);
    for (let i = 1; i < begins.length; i++)
      this.owner.appendWritten(list, this.tag, begins[i - 1]!, begins[i]);
  }

  /** The keys in their order, duplicates included. */
  keys(): string[] {
    const list = this.list();
    const keys: string[] = [];
    for (let i = 0; i < list.count; i++) if (list.tags[i] === this.tag) keys.push(keyIn(list, i));
    return keys;
  }

  /** Keys and values as JavaScript has them, duplicates included. */
  entries(): [string, Value][] {
    return this.exactEntries().map(([key, value]) => [key, relax(value)]);
  }

  /** Keys and values with their types kept, duplicates included. */
  exactEntries(): [string, ExactValue][] {
    const list = this.list();
    const entries: [string, ExactValue][] = [];
    for (let i = 0; i < list.count; i++)
      if (list.tags[i] === this.tag) entries.push([keyIn(list, i), exactAt(list, i)]);
    return entries;
  }

  /** The fields, with the numbers of the keys. */
  private list(): FieldList {
    const list = this.owner.fields();
    list.resolveKeys(this.tag);
    return list;
  }

  private takeOutOf(list: FieldList): void {
    for (let i = 0; i < list.count; i++) if (list.tags[i] === this.tag) this.owner.takeOut(list, i);
  }

  private write(key: Key, value: Value, exact: boolean): void {
    const list = this.owner.editable();
    const { side } = list;
    const begin = side.pos;
    side.varint(this.tag);
    writeAttribute(side, key.text, value, exact);
    this.put(list, key, begin);
  }

  private put(list: FieldList, key: Key, begin: number): void {
    const index = list.indexOfKey(this.tag, key);
    if (index < 0) this.owner.appendWritten(list, this.tag, begin);
    else this.owner.replaceByWritten(list, index, begin);
    list.named(index < 0 ? list.count - 1 : index, key);
  }

  private overwrite(list: FieldList, index: number, value: ExactValue): void {
    const { side } = list;
    const begin = side.pos;
    side.varint(this.tag);
    writeAttribute(side, keyIn(list, index), value, true);
    changes.add(index, begin, side.pos);
  }

  /** Writes the attribute at `index` aside, under another key; answers where. */
  private encodeAs(list: FieldList, index: number, key: string): number {
    const { side } = list;
    const begin = side.pos;
    const end = list.to[index]!;
    const isAside = list.inSide[index] === 1;
    side.varint(this.tag);
    const mark = side.begin(1);
    side.varint(0x0a);
    side.text(key);
    // The buffer aside may grow under way.
    const buf = (): Bytes => (isAside ? side.buf : list.bufOf(index));
    for (let at = afterVarint(buf(), list.from[index]! + 1); at < end;) {
      const next = skipValue(buf(), afterVarint(buf(), at), buf()[at]! & 7);
      if (buf()[at] !== 0x0a) side.copy(buf(), at, next);
      at = next;
    }
    side.end(mark, 1);
    return begin;
  }

  /** Visits the attributes, which may read other records; what `visit` adds to `changes` is done then. */
  private pass(visit: Visit): void {
    if (inPass) throw anotherPass();
    const { owner } = this;
    const list = owner.lend();
    try {
      this.collect(list, visit);
    } finally {
      owner.takeBack(list);
    }
    this.change(list);
  }

  private collect(list: FieldList, visit: Visit): void {
    const { tag } = this;
    list.resolveKeys(tag);
    const { count } = list;
    changes.count = 0;
    inPass = true;
    try {
      for (let i = 0; i < count; i++) if (list.tags[i] === tag) visit(list, i);
    } finally {
      inPass = false;
    }
  }

  private change(list: FieldList): void {
    const { count, indexes, begins, ends } = changes;
    for (let at = 0; at < count; at++) {
      const index = indexes[at]!;
      const end = ends[at]!;
      if (end === 0) this.owner.takeOut(list, index);
      else this.owner.replaceByWritten(list, index, begins[at]!, end);
    }
  }
}

function anotherPass(): Error {
  return new Error('a callback of update, mapStrings or deleteKeys must not begin another pass');
}

function keyIn(list: FieldList, index: number): string {
  const number = list.keys[index]!;
  if (number !== oddKey) return keyText(number);
  const buf = list.bufOf(index);
  return keyAt(buf, afterVarint(buf, list.from[index]! + 1), list.to[index]!);
}

function exactAt(list: FieldList, index: number): ExactValue {
  const buf = list.bufOf(index);
  return keyedValueAt(buf, afterVarint(buf, list.from[index]! + 1), list.to[index]!);
}

/** Whether the KeyValue at `index` is this one. Both have their length before them. */
function isSame(list: FieldList, index: number, bytes: Bytes): boolean {
  const from = list.from[index]! + 1;
  return list.to[index]! - from === bytes.length && sameBytes(list.bufOf(index), from, bytes);
}

/** The text that `findString` stopped at. */
const string = { start: 0, end: 0 };

/** Finds the text of the KeyValue in [start, end), when it has one of at least `minimum` bytes. */
function findString(buf: Bytes, start: number, end: number, minimum: number): boolean {
  const at = findValue(buf, start, end);
  if (at < 0) return false;
  const value = afterVarint(buf, at);
  const valueEnd = skipValue(buf, at, 2);
  if (valueEnd === value || buf[value] !== 0x0a) return false;
  string.start = afterVarint(buf, value + 1);
  string.end = skipValue(buf, value + 1, 2);
  return string.end - string.start >= minimum && string.end === valueEnd;
}
