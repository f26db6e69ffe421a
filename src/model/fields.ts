import { afterVarint, copyBytes, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { isKeyAt, mostKeys, numberBehind, type Key } from './keys.ts';

/** What a list shows: [start, end) of a buffer. */
interface Fields {
  readonly buf: Bytes;
  readonly start: number;
  readonly end: number;
  /** Takes over the edits of the list. */
  settle(list: FieldList): void;
}

/** A field that was taken out has this tag, which no field has. */
const gone = 0;
const noTag = -1;
/** Where more keys than these are looked for in a record they get their numbers, which are told apart faster. */
const fewLookups = 2;
/** Instead of the number of a key, for one that has to be told by its bytes. */
export const oddKey = -1;

/**
 * Where each field of one record is, found when it is asked for. What is edited lies in a buffer aside until another
 * record is looked at, or the bytes are needed: then the record is put together anew, once for all of its edits.
 */
export class FieldList {
  owner: Fields | null = null;
  /** How many fields are known. */
  count = 0;
  tags = new Int32Array(64);
  from = new Int32Array(64);
  to = new Int32Array(64);
  /** Of attributes, the numbers of their keys. */
  keys = new Int32Array(64);
  /** Whether a field is in the buffer aside. */
  inSide = new Uint8Array(64);
  readonly side = new Writer(1 << 12);
  isEdited = false;
  /** By the number of a key, the first attribute with it, unless that is gone or of another record. */
  private readonly places = new Int32Array(mostKeys + 1);
  /** Whether all attributes that the record came with have numbers: one without may be the first with its key. */
  private arePlain = false;
  /** How many attributes `places` may not tell of: only without any does it tell what is not there. */
  private unplaced = 0;
  /** How many keys were looked for, and whether those in the record before were more than a few. */
  private lookups = 0;
  private wereMany = false;
  /** The tag of the attributes of which the keys are known. */
  private keyedTag = gone;
  /** Where the fields begin that are not known yet, and where they end. */
  private at = 0;
  private end = 0;

  /** Shows a record, whose fields are found when they are asked for. */
  load(owner: Fields): void {
    if (this.side.pos > 0) {
      this.inSide.fill(0, 0, this.count);
      this.side.pos = 0;
    }
    this.owner = owner;
    this.keyedTag = gone;
    this.wereMany = this.lookups > fewLookups;
    this.lookups = 0;
    this.count = 0;
    this.at = owner.start;
    this.end = owner.end;
  }

  /** The same list, with all fields. */
  complete(): this {
    if (this.at < this.end) this.find(noTag);
    return this;
  }

  /** Goes on to the next field with this tag; answers its index, or -1 when all fields are known. */
  private find(wanted: number): number {
    const { end } = this;
    const { buf } = this.owner!;
    let { at, count, tags, from, to } = this;
    let found = -1;
    while (at < end && found < 0) {
      if (count === tags.length) {
        this.grow();
        ({ tags, from, to } = this);
      }
      from[count] = at;
      let tag = buf[at]!;
      if (tag < 128) at++;
      else {
        tag = varintAt(buf, at);
        at = afterVarint(buf, at);
      }
      tags[count] = tag;
      to[count] = at = skipValue(buf, at, tag & 7);
      if (tag === wanted) found = count;
      count++;
    }
    this.at = at;
    this.count = count;
    return found;
  }

  forget(): void {
    this.owner = null;
    this.isEdited = false;
  }

  /** The buffer that a field is in. */
  bufOf(index: number): Bytes {
    return this.inSide[index] === 1 ? this.side.buf : this.owner!.buf;
  }

  /** The first field with this tag, or -1. */
  indexOf(tag: number): number {
    const { tags, count } = this;
    for (let i = 0; i < count; i++) if (tags[i] === tag) return i;
    return this.at < this.end ? this.find(tag) : -1;
  }

  /** The first attribute with this tag and key, or -1. */
  indexOfKey(tag: number, key: Key): number {
    this.lookups++;
    if (this.keyedTag !== tag && (this.wereMany || this.lookups > fewLookups))
      this.complete().resolveKeys(tag);
    const { tags, count } = this;
    if (this.keyedTag === tag && key.number > 0 && this.arePlain) {
      const place = this.places[key.number]!;
      if (place < count && tags[place] === tag && this.keys[place] === key.number) return place;
      if (this.unplaced === 0) return -1;
    }
    for (let i = 0; i < count; i++) if (tags[i] === tag && this.hasKey(i, key)) return i;
    return this.findKey(tag, key);
  }

  /** The same among the fields that are not known yet. */
  private findKey(tag: number, key: Key): number {
    while (this.at < this.end) {
      const i = this.find(tag);
      if (i >= 0 && this.hasKey(i, key)) return i;
    }
    return -1;
  }

  private hasKey(index: number, key: Key): boolean {
    if (this.tags[index] === this.keyedTag && this.keys[index] !== oddKey)
      return this.keys[index] === key.number;
    const buf = this.bufOf(index);
    return isKeyAt(key, buf, afterVarint(buf, this.from[index]! + 1), this.to[index]!);
  }

  /** Sees to it that the keys of the attributes with this tag have their numbers; all fields are known. */
  resolveKeys(tag: number): void {
    if (this.keyedTag === tag) return;
    const { tags, count } = this;
    let before = 0;
    let arePlain = true;
    for (let i = 0; i < count; i++) {
      if (tags[i] !== tag) continue;
      before = this.resolveKey(i, before);
      if (before === 0) arePlain = false;
    }
    // Of duplicates the first is to stay.
    for (let i = count - 1; i >= 0; i--) if (tags[i] === tag) this.place(i);
    this.arePlain = arePlain;
    this.unplaced = 0;
    this.keyedTag = tag;
  }

  /** Answers the number of the key, 0 for an odd one. */
  private resolveKey(index: number, before: number): number {
    const buf = this.bufOf(index);
    const at = this.from[index]! + 1;
    const body = buf[at]! < 128 ? at + 1 : afterVarint(buf, at);
    const length = buf[body + 1]!;
    const isPlain = body + 1 < this.to[index]! && buf[body] === 0x0a && length < 128;
    const number = isPlain ? numberBehind(before, buf, body + 2, body + 2 + length) : 0;
    this.keys[index] = number === 0 ? oddKey : number;
    return number;
  }

  /** Whether the field at `index` is the one that was written to the buffer aside from `begin` on, of the same length. */
  isSame(index: number, begin: number): boolean {
    const buf = this.bufOf(index);
    const aside = this.side.buf;
    const from = this.from[index]!;
    for (let i = this.to[index]! - from - 1; i >= 0; i--)
      if (buf[from + i] !== aside[begin + i]) return false;
    return true;
  }

  /**
   * The field that was written to the buffer aside from `begin` on overwrites the one at `index`, of the same length. As
   * in `replaced`, an attribute keeps its key.
   */
  overwrite(index: number, begin: number, buf: Bytes): void {
    const from = this.from[index]!;
    this.side.buf.copy(buf, from, begin, begin + this.to[index]! - from);
  }

  /** The field [begin, end) of the buffer aside takes the place of the one at `index`. */
  replaced(index: number, begin: number, end: number): void {
    this.from[index] = begin;
    this.to[index] = end;
    this.inSide[index] = 1;
    this.isEdited = true;
  }

  /** The field [begin, end) of the buffer aside comes at the end. */
  appended(tag: number, begin: number, end: number): void {
    const { count } = this;
    if (count === this.tags.length) this.grow();
    this.tags[count] = tag;
    this.keys[count] = oddKey;
    this.unplaced++;
    this.count = count + 1;
    this.replaced(count, begin, end);
  }

  private place(index: number): void {
    const number = this.keys[index]!;
    if (number !== oddKey) this.places[number] = index;
  }

  /** The attribute at `index` has this key now, and is the first with it. */
  named(index: number, key: Key): void {
    const { keys } = this;
    if (this.tags[index] !== this.keyedTag || keys[index] === key.number) return;
    if (keys[index] !== oddKey) this.unplaced++;
    else if (key.number > 0) this.unplaced--;
    keys[index] = key.number === 0 ? oddKey : key.number;
    this.place(index);
  }

  removed(index: number): void {
    this.unplaced++;
    this.tags[index] = gone;
    this.to[index] = this.from[index]!;
    this.isEdited = true;
  }

  /** How many bytes the record has with its edits. */
  byteLength(): number {
    let length = 0;
    for (let i = 0; i < this.count; i++) length += this.to[i]! - this.from[i]!;
    return length;
  }

  /** Writes the record with its edits to `out` from `pos` on, and shows nothing any more. */
  putTogether(out: Bytes, pos: number): void {
    const { count, from, to, inSide } = this;
    for (let i = 0; i < count;) {
      const buf = this.bufOf(i);
      const side = inSide[i];
      const begin = from[i]!;
      let end = begin;
      // What lies one behind the other is copied at once.
      for (; i < count && from[i] === end && inSide[i] === side; i++) end = to[i]!;
      copyBytes(buf, begin, end, out, pos);
      pos += end - begin;
    }
    this.forget();
  }

  private grow(): void {
    this.tags = larger(this.tags);
    this.from = larger(this.from);
    this.to = larger(this.to);
    this.keys = larger(this.keys);
    const { inSide } = this;
    this.inSide = new Uint8Array(this.tags.length);
    this.inSide.set(inSide);
  }
}

/** The same numbers, with room for twice as many. */
export function larger(list: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(list.length * 2);
  copy.set(list);
  return copy;
}

/**
 * Each kind of record has one list, for the record looked at last: walking the fields is what costs, and processors look
 * at one record many times.
 */
export class FieldTable {
  private list = new FieldList();
  /** The list that a pass is over, if there is one: other records are shown by another list meanwhile. */
  private lent: FieldList | null = null;

  /** The list, showing this record. */
  of(owner: Fields): FieldList {
    const { list } = this;
    return list.owner === owner ? list : this.load(owner);
  }

  /** To be called before the bytes of a record are used. */
  settle(owner: Fields): void {
    const { list } = this;
    if (list.isEdited && list.owner === owner) owner.settle(list);
  }

  /** The list for a pass over this record, whose bytes are as they are to be until the list is taken back. */
  lend(owner: Fields): FieldList {
    this.settle(owner);
    return (this.lent = this.of(owner));
  }

  /** Whether a pass over this record is under way. */
  isLent(owner: Fields): boolean {
    return this.lent !== null && this.lent.owner === owner;
  }

  takeBack(lent: FieldList): void {
    const { list } = this;
    if (list !== lent && list.isEdited) list.owner!.settle(list);
    this.list = lent;
    this.lent = null;
  }

  /** Shows nothing of this record any more, whose bytes are other ones now. */
  forget(owner: Fields): void {
    if (this.list.owner === owner) this.list.forget();
  }

  private load(owner: Fields): FieldList {
    if (this.isLent(owner)) return this.lent!;
    if (this.list === this.lent) this.list = new FieldList();
    const { list } = this;
    if (list.isEdited) list.owner!.settle(list);
    list.load(owner);
    return list;
  }
}
