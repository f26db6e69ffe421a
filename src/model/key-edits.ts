/** What is to become of some attribute keys, prepared once so that all of it is one pass over the fields of a record. */
import { afterVarint, sameBytes, skipValue, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import type { Range } from './count.ts';
import { isPlainKey, keyOf } from './keys.ts';
import type { Rewrite } from './rewrite.ts';
import { findValue, freshValueAt, keyAt, type ExactValue } from './value.ts';
import { writeAttribute } from './value-writer.ts';

export interface KeyEdit {
  readonly key: string;
  /** What becomes of one that is there: of duplicates the first, but `delete` takes all. A function edits nothing itself. */
  readonly present: 'keep' | 'set' | 'delete' | ((value: ExactValue) => ExactValue);
  /** Whether it is added where there is none. */
  readonly adds?: boolean;
  /** What is set and added. */
  readonly value?: ExactValue;
}

/** One edit at work. */
class PreparedEdit {
  readonly key: string;
  readonly keyBytes: Bytes;
  /** The KeyValue with its length that is set and added. */
  readonly constant: Bytes;
  readonly adds: boolean;
  /** Whether the key was met in the present pass. */
  isMet = false;
  private readonly present: KeyEdit['present'];
  private edited: ExactValue = null;

  constructor({ key, present, adds = false, value = null }: KeyEdit) {
    this.key = key;
    this.keyBytes = keyOf(key).bytes;
    this.present = present;
    this.adds = adds;
    const writer = new Writer(256);
    writeAttribute(writer, key, value, true);
    this.constant = writer.bytes();
  }

  /** Whether the attribute whose KeyValue is [start, end) changes; its length stands before it. */
  changes(buf: Bytes, start: number, end: number): boolean {
    const { present } = this;
    if (present === 'delete') return true;
    if (this.isMet) return false;
    this.isMet = true;
    if (present === 'keep') return false;
    if (present === 'set') {
      const begin = start - lengthWidth(end - start);
      return end - begin !== this.constant.length || !sameBytes(buf, begin, this.constant);
    }
    const at = findValue(buf, start, end);
    const old = at < 0 ? null : freshValueAt(buf, afterVarint(buf, at), skipValue(buf, at, 2));
    this.edited = present(old);
    return !Object.is(this.edited, old);
  }

  get deletes(): boolean {
    return this.present === 'delete';
  }

  /** Appends the attribute that is added. */
  add(to: Writer, tag: number): void {
    to.varint(tag);
    to.copy(this.constant, 0, this.constant.length);
  }

  /** Appends the attribute that stands in its place now. */
  write(to: Writer, tag: number): void {
    if (this.present === 'set') {
      this.add(to, tag);
      return;
    }
    to.varint(tag);
    writeAttribute(to, this.key, this.edited, true);
  }
}

/** Edits of different keys: none sees what another did, so they go in one pass. Throws a RangeError for a key that comes twice. */
export class KeyEdits {
  private readonly all: readonly PreparedEdit[];
  private readonly byKey: ReadonlyMap<string, PreparedEdit>;
  /** By the length of the key, in bytes: most attributes are told apart by that. */
  private readonly byLength: readonly (readonly PreparedEdit[])[];

  constructor(edits: readonly KeyEdit[]) {
    this.all = edits.map((edit) => new PreparedEdit(edit));
    this.byKey = new Map(this.all.map((edit) => [edit.key, edit]));
    if (this.byKey.size < edits.length) throw new RangeError('a key was to be edited twice in one pass');
    this.byLength = Array.from({ length: 128 }, (_, length) =>
      this.all.filter(({ keyBytes }) => keyBytes.length === length),
    );
  }

  /** Replaces what changes of the attributes with this tag of the record [start, end) of `buf`, in the order of its bytes. */
  apply({ buf, start, end }: Range, tag: number, record: Rewrite): void {
    const { all } = this;
    for (let i = 0; i < all.length; i++) all[i]!.isMet = false;
    for (let at = start; at < end;) {
      const from = at;
      const body = buf[at]! < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, buf[from]! & 7);
      if (buf[from] !== tag) continue;
      const keyValue = buf[body]! < 128 ? body + 1 : afterVarint(buf, body);
      const edit = this.find(buf, keyValue, at);
      if (edit === undefined || !edit.changes(buf, keyValue, at)) continue;
      const to = record.replace(from, at);
      if (!edit.deletes) edit.write(to, tag);
    }
    for (let i = 0; i < all.length; i++)
      if (all[i]!.adds && !all[i]!.isMet) all[i]!.add(record.replace(end, end), tag);
  }

  /** The edit for the KeyValue in [start, end). */
  private find(buf: Bytes, start: number, end: number): PreparedEdit | undefined {
    if (!isPlainKey(buf, start, end)) return this.byKey.get(keyAt(buf, start, end));
    const edits = this.byLength[buf[start + 1]!]!;
    for (let i = 0; i < edits.length; i++) if (sameBytes(buf, start + 2, edits[i]!.keyBytes)) return edits[i];
    return undefined;
  }
}
