import { afterVarint, keyBytes, sameBytes, skipValue, textAt, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import type { FieldTable } from './fields.ts';
import type { KeyEdits, PreparedEdit } from './key-edits.ts';
import type { WireRecord } from './record.ts';
import { findValue, keyAt, keyedValueAt, relax, relaxedAt, type ExactValue, type Value } from './value.ts';
import { writeAttribute } from './value-writer.ts';

/** Holds one encoded attribute before it is put in. */
const scratch = new Writer(1 << 12);

/** Holds what a pass over all attributes writes. */
const rewritten = new Writer(1 << 12);

/** Whether a pass is under way: there is one `rewritten`. */
let inPass = false;

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
    const index = this.indexOf(keyBytes(key));
    if (index < 0) return undefined;
    const { buf } = this.owner;
    const { begins } = this.owner.fields();
    const at = findValue(buf, afterVarint(buf, begins[index]! + 1), begins[index + 1]!);
    return at < 0 ? null : relaxedAt(buf, afterVarint(buf, at), skipValue(buf, at, 2));
  }

  /** The value with its type kept: bigint is int64, number is double. Undefined when there is none. */
  getExact(key: string): ExactValue | undefined {
    const index = this.indexOf(keyBytes(key));
    if (index < 0) return undefined;
    const { buf } = this.owner;
    const { begins } = this.owner.fields();
    return keyedValueAt(buf, afterVarint(buf, begins[index]! + 1), begins[index + 1]!);
  }

  has(key: string): boolean {
    return this.indexOf(keyBytes(key)) >= 0;
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
    scratch.reset().varint(this.tag);
    writeAttribute(scratch, key, value, false);
    this.put(key, scratch);
  }

  /** Sets or adds. A number is always a double and a bigint always an int64. Throws as `set` does. */
  setExact(key: string, value: ExactValue): void {
    scratch.reset().varint(this.tag);
    writeAttribute(scratch, key, value, true);
    this.put(key, scratch);
  }

  /** Deletes the first one with this key; answers whether there was one. */
  delete(key: string): boolean {
    const index = this.indexOf(keyBytes(key));
    if (index >= 0) this.owner.replace(index, scratch.reset());
    return index >= 0;
  }

  /** Moves the value to another key, whose own value it replaces. Answers false when `from` is not there. */
  rename(from: string, to: string): boolean {
    const index = this.indexOf(keyBytes(from));
    if (index < 0) return false;
    if (from === to) return true;
    this.encodeAs(index, to);
    const target = this.indexOf(keyBytes(to));
    this.owner.replace(target < 0 ? index : target, scratch);
    if (target >= 0) this.owner.replace(index, scratch.reset());
    return true;
  }

  /** Copies the value to another key, whose own value it replaces. Answers false when `from` is not there. */
  copy(from: string, to: string): boolean {
    const index = this.indexOf(keyBytes(from));
    if (index < 0) return false;
    if (from === to) return true;
    this.encodeAs(index, to);
    this.put(to, scratch);
    return true;
  }

  /** Deletes by key alone: no value is decoded. The callback edits nothing. */
  deleteKeys(unwanted: (key: string) => boolean): void {
    const { owner, tag } = this;
    const { buf, start, end } = owner;
    const table = startPass(owner);
    const { tags, begins, count } = table;
    let copied = start;
    try {
      for (let i = 0; i < count; i++) {
        if (tags[i] !== tag) continue;
        const from = begins[i]!;
        const to = begins[i + 1]!;
        if (!unwanted(keyAt(buf, afterVarint(buf, from + 1), to))) continue;
        rewritten.copy(buf, copied, from);
        copied = to;
      }
    } finally {
      finishPass(table);
    }
    this.take(copied, buf, start, end);
  }

  /**
   * One pass over the values that are text of at least `minimumBytes` bytes of UTF-8; other values, and text inside
   * lists and maps, are neither decoded nor changed. The callback answers the text to be, and edits nothing.
   */
  mapStrings(edit: (text: string) => string, minimumBytes = 0): void {
    const { owner, tag } = this;
    const { buf, start, end } = owner;
    const table = startPass(owner);
    const { tags, begins, count } = table;
    let copied = start;
    try {
      for (let i = 0; i < count; i++) {
        const from = begins[i]!;
        const to = begins[i + 1]!;
        if (tags[i] !== tag || to - from < minimumBytes) continue;
        const body = afterVarint(buf, from + 1);
        if (!findString(buf, body, to, minimumBytes)) continue;
        const old = textAt(buf, string.start, string.end);
        const text = edit(old);
        if (text === old) continue;
        rewritten.copy(buf, copied, from);
        rewritten.varint(tag);
        writeAttribute(rewritten, keyAt(buf, body, to), text, true);
        copied = to;
      }
    } finally {
      finishPass(table);
    }
    this.take(copied, buf, start, end);
  }

  /**
   * One pass over all: the callback answers the value to be, the same one to leave it alone, or undefined to delete.
   * It edits nothing itself.
   */
  update(edit: (value: ExactValue, key: string) => ExactValue | undefined): void {
    const { owner, tag } = this;
    const { buf, start, end } = owner;
    const table = startPass(owner);
    const { tags, begins, count } = table;
    let copied = start;
    try {
      for (let i = 0; i < count; i++) {
        if (tags[i] !== tag) continue;
        const from = begins[i]!;
        const to = begins[i + 1]!;
        const body = afterVarint(buf, from + 1);
        const key = keyAt(buf, body, to);
        const old = keyedValueAt(buf, body, to);
        const value = edit(old, key);
        if (Object.is(value, old)) continue;
        rewritten.copy(buf, copied, from);
        copied = to;
        if (value === undefined) continue;
        rewritten.varint(tag);
        writeAttribute(rewritten, key, value, true);
      }
    } finally {
      finishPass(table);
    }
    this.take(copied, buf, start, end);
  }

  /** All the edits in one pass. */
  editKeys(edits: KeyEdits): void {
    const { owner, tag } = this;
    const { buf, start, end } = owner;
    const table = startPass(owner);
    const { tags, begins, count } = table;
    const { all } = edits;
    for (let i = 0; i < all.length; i++) all[i]!.isMet = false;
    let copied = start;
    try {
      for (let i = 0; i < count; i++) {
        if (tags[i] !== tag) continue;
        const from = begins[i]!;
        const to = begins[i + 1]!;
        const body = afterVarint(buf, from + 1);
        const edit = edits.find(buf, body, to);
        if (edit === undefined || !edit.changes(buf, body, to)) continue;
        rewritten.copy(buf, copied, from);
        edit.replace(tag, rewritten);
        copied = to;
      }
      if (this.addMissing(all, copied)) copied = end;
    } finally {
      finishPass(table);
    }
    this.take(copied, buf, start, end);
  }

  /** Ends a pass with what is added; answers whether there was such a thing. */
  private addMissing(edits: readonly PreparedEdit[], copied: number): boolean {
    let hasAdded = false;
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i]!;
      if (!edit.adds || edit.isMet) continue;
      if (!hasAdded) rewritten.copy(this.owner.buf, copied, this.owner.end);
      hasAdded = true;
      rewritten.varint(this.tag);
      rewritten.copy(edit.constant, 0, edit.constant.length);
    }
    return hasAdded;
  }

  /** Deletes all. */
  clear(): void {
    if (this.size > 0) this.deleteKeys(() => true);
  }

  /** Makes these all that there are, in one splice. Throws as `setExact` does. */
  replaceAll(entries: ReadonlyMap<string, ExactValue>): void {
    const { owner, tag } = this;
    const { buf, start, end } = owner;
    const table = startPass(owner);
    const { tags, begins, count } = table;
    try {
      for (let i = 0; i < count; i++) if (tags[i] !== tag) rewritten.copy(buf, begins[i]!, begins[i + 1]!);
      for (const [key, value] of entries) {
        rewritten.varint(tag);
        writeAttribute(rewritten, key, value, true);
      }
    } finally {
      finishPass(table);
    }
    this.take(end, buf, start, end);
  }

  /** The keys in their order, duplicates included. */
  keys(): string[] {
    const { buf } = this.owner;
    const { tags, begins, count } = this.owner.fields();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) {
      if (tags[i] === this.tag) keys.push(keyAt(buf, afterVarint(buf, begins[i]! + 1), begins[i + 1]!));
    }
    return keys;
  }

  /** Keys and values as JavaScript has them, duplicates included. */
  entries(): [string, Value][] {
    return this.exactEntries().map(([key, value]) => [key, relax(value)]);
  }

  /** Keys and values with their types kept, duplicates included. */
  exactEntries(): [string, ExactValue][] {
    const { buf } = this.owner;
    const { tags, begins, count } = this.owner.fields();
    const list: [string, ExactValue][] = [];
    for (let i = 0; i < count; i++) {
      if (tags[i] !== this.tag) continue;
      const body = afterVarint(buf, begins[i]! + 1);
      list.push([keyAt(buf, body, begins[i + 1]!), keyedValueAt(buf, body, begins[i + 1]!)]);
    }
    return list;
  }

  private put(key: string, field: Writer): void {
    const index = this.indexOf(keyBytes(key));
    if (index < 0) this.owner.append(this.tag, field);
    else this.owner.replace(index, field);
  }

  /** Puts the attribute at `index` into `scratch`, under another key. */
  private encodeAs(index: number, key: string): void {
    const { buf } = this.owner;
    const { begins } = this.owner.fields();
    const end = begins[index + 1]!;
    scratch.reset().varint(this.tag);
    const mark = scratch.begin(1);
    scratch.varint(0x0a);
    scratch.text(key);
    for (let at = afterVarint(buf, begins[index]! + 1); at < end;) {
      const next = skipValue(buf, afterVarint(buf, at), buf[at]! & 7);
      if (buf[at] !== 0x0a) scratch.copy(buf, at, next);
      at = next;
    }
    scratch.end(mark, 1);
  }

  /** Takes over what a pass over `buf` rewrote: everything before `copied`; the rest is as it was. */
  private take(copied: number, buf: Bytes, start: number, end: number): void {
    const { owner } = this;
    if (owner.buf !== buf || owner.start !== start || owner.end !== end) {
      throw new Error('a callback of update, mapStrings or deleteKeys must not edit the record');
    }
    if (copied > start || rewritten.pos > 0) owner.rewrite(copied, rewritten);
  }

  /** The first attribute with this key, or -1. */
  private indexOf(key: Bytes): number {
    const { tag } = this;
    const { buf } = this.owner;
    const { tags, begins, count } = this.owner.fields();
    for (let i = 0; i < count; i++) {
      if (tags[i] !== tag) continue;
      const at = begins[i]! + 1;
      if (hasKey(buf, buf[at]! < 128 ? at + 1 : afterVarint(buf, at), begins[i + 1]!, key)) return i;
    }
    return -1;
  }
}

/** Begins a pass: the callback may read other records, which then must not take the lists away. */
function startPass(owner: WireRecord): FieldTable {
  if (inPass) throw new Error('a callback of update, mapStrings or deleteKeys must not begin another pass');
  const table = owner.fields();
  inPass = true;
  table.lent = true;
  rewritten.reset();
  return table;
}

function finishPass(table: FieldTable): void {
  inPass = false;
  table.lent = false;
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

/** Whether the KeyValue in [start, end) has this key. */
function hasKey(buf: Bytes, start: number, end: number, key: Bytes): boolean {
  if (end - start < key.length + 2) return key.length === 0 && keyAt(buf, start, end) === '';
  if (buf[start] === 0x0a && buf[start + 1]! < 128) {
    return buf[start + 1] === key.length && sameBytes(buf, start + 2, key);
  }
  return keyAt(buf, start, end) === key.utf8Slice(0, key.length);
}
