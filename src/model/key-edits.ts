/** What is to become of some attribute keys, prepared once so that all of it is one pass over the fields of a record. */
import { afterVarint, sameBytes, skipValue, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { keyOf } from './keys.ts';
import { findValue, valueAt, type ExactValue } from './value.ts';
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
export class PreparedEdit {
  readonly key: string;
  /** The KeyValue with its length that is set and added. */
  readonly constant: Bytes;
  readonly adds: boolean;
  /** Whether the key was met in the present pass. */
  isMet = false;
  private readonly present: KeyEdit['present'];
  private edited: ExactValue = null;

  constructor({ key, present, adds = false, value = null }: KeyEdit) {
    this.key = key;
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
    const old = at < 0 ? null : valueAt(buf, afterVarint(buf, at), skipValue(buf, at, 2), 0);
    this.edited = present(old);
    return !Object.is(this.edited, old);
  }

  get deletes(): boolean {
    return this.present === 'delete';
  }

  /** Appends the KeyValue with its length that stands in its place now. */
  write(to: Writer): void {
    if (this.present === 'set') to.copy(this.constant, 0, this.constant.length);
    else writeAttribute(to, this.key, this.edited, true);
  }
}

/** Edits of different keys: none sees what another did, so they go in one pass. Throws a RangeError for a key that comes twice. */
export class KeyEdits {
  readonly all: readonly PreparedEdit[];
  private readonly byKey: ReadonlyMap<string, PreparedEdit>;
  private readonly byNumber: (PreparedEdit | undefined)[] = [];

  constructor(edits: readonly KeyEdit[]) {
    this.all = edits.map((edit) => new PreparedEdit(edit));
    this.byKey = new Map(this.all.map((edit) => [edit.key, edit]));
    if (this.byKey.size < edits.length) throw new RangeError('a key was to be edited twice in one pass');
    for (const edit of this.all) {
      const { number } = keyOf(edit.key);
      while (this.byNumber.length <= number) this.byNumber.push(undefined);
      if (number > 0) this.byNumber[number] = edit;
    }
  }

  /** The edit for the key with this number. */
  numbered(number: number): PreparedEdit | undefined {
    return number < this.byNumber.length ? this.byNumber[number] : undefined;
  }

  named(key: string): PreparedEdit | undefined {
    return this.byKey.get(key);
  }
}
