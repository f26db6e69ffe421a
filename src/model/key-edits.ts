/** What is to become of some attribute keys, prepared once so that all of it is one pass over the fields of a record. */
import { afterVarint, keyBytes, sameBytes, skipValue, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { findValue, keyAt, valueAt, type ExactValue } from './value.ts';
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
  readonly key: Bytes;
  readonly text: string;
  /** The KeyValue with its length that is set and added. */
  readonly constant: Bytes;
  readonly adds: boolean;
  /** Whether the key was met in the present pass. */
  isMet = false;
  private readonly present: KeyEdit['present'];
  private edited: ExactValue = null;

  constructor({ key, present, adds = false, value = null }: KeyEdit) {
    this.key = keyBytes(key);
    this.text = key;
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

  /** Appends what stands in its place now: a field with this tag, or nothing. */
  replace(tag: number, to: Writer): void {
    if (this.present === 'delete') return;
    to.varint(tag);
    if (this.present === 'set') to.copy(this.constant, 0, this.constant.length);
    else writeAttribute(to, this.text, this.edited, true);
  }
}

/** Edits of different keys: none sees what another did, so they go in one pass. Throws a RangeError for a key that comes twice. */
export class KeyEdits {
  readonly all: readonly PreparedEdit[];
  private readonly byKey: ReadonlyMap<string, PreparedEdit>;
  /** By the number of bytes of the key, so that most keys are passed by without a look. */
  private readonly byLength: PreparedEdit[][] = Array.from({ length: 128 }, () => []);

  constructor(edits: readonly KeyEdit[]) {
    this.all = edits.map((edit) => new PreparedEdit(edit));
    this.byKey = new Map(this.all.map((edit) => [edit.text, edit]));
    if (this.byKey.size < edits.length) throw new RangeError('a key was to be edited twice in one pass');
    for (const edit of this.all) this.byLength[edit.key.length]?.push(edit);
  }

  /** The edit for the KeyValue in [start, end). */
  find(buf: Bytes, start: number, end: number): PreparedEdit | undefined {
    const length = buf[start + 1]!;
    // A key that is empty, long or not at the beginning is read as such.
    if (end - start < 3 || buf[start] !== 0x0a || length > 127 || length === 0)
      return this.byKey.get(keyAt(buf, start, end));
    const candidates = this.byLength[length]!;
    for (let i = 0; i < candidates.length; i++)
      if (sameBytes(buf, start + 2, candidates[i]!.key)) return candidates[i];
    return undefined;
  }
}
