import type { Bytes } from '../wire/bytes.ts';
import type { Writer } from '../wire/writer.ts';
import { withoutDuplicates } from './duplicates.ts';
import { jsonPadding } from './json-cursor.ts';
import { JsonError } from './json-error.ts';
import { tooDeep, tooManyAttributes } from './limits.ts';
import {
  AnyValueType,
  defaultMaxDepth,
  isAttributes,
  KeyValueType,
  type Field,
  type MessageType,
  type Spelling,
} from './schema.ts';
import { ScalarTranscoder } from './transcode-scalars.ts';

export interface TranscoderLimits {
  /** How deeply values may be nested in values, and members that are skipped in themselves; 64 unless given. */
  maxDepth?: number;
  /** How many attributes an item may have; unlimited unless given. */
  maxAttributes?: number;
}

const quote = 34;

/** Four letters as a little-endian word. */
const word = (text: string): number => Buffer.from(text).readInt32LE();
const openKey = word('{"ke');
const quotedKey = word('y":"');
const commaValue = word(',"va');
const lueQuote = word('lue"');
const quoteOpen = word('e":{');
const quotedString = [word('"str'), word('ingV'), word('alue'), word('e":"')] as const;

const keyField = KeyValueType.byName.get('key')!.field;
const valueField = KeyValueType.byName.get('value')!.field;
const stringValueField = AnyValueType.byName.get('stringValue')!.field;
const { tag: keyTag, bit: keyBit } = keyField;
const { tag: valueTag, bit: valueBit } = valueField;
const { tag: stringValueTag, bit: stringValueBit } = stringValueField;

/**
 * OTLP JSON to OTLP protobuf, byte by byte, driven by the schema, without an object in between.
 *
 * Takes what protobuf's JSON mapping and OTLP's changes to it allow, and what real producers write besides: names in
 * camelCase, snake_case and of older OTLP versions; enums as numbers, quoted numbers or names; 64-bit integers as
 * strings or numbers, also 1e3 and 5.0, without loss, and values beyond 64 bits as doubles, which is counted; ids in hex of any case, or in base64, which is counted; null for
 * a default; NaN and Infinity quoted or bare. Unknown members are skipped. Invalid UTF-8 and lone surrogates become
 * U+FFFD. When a singular member comes twice, the last one counts; lists add up.
 */
export class Transcoder extends ScalarTranscoder {
  private depth = 0;
  private readonly maxAttributes: number;
  /** How long the list of attributes was that was read last. */
  private listed = 0;

  constructor(limits: TranscoderLimits = {}) {
    super(limits.maxDepth ?? defaultMaxDepth);
    this.maxAttributes = limits.maxAttributes ?? Infinity;
  }

  /**
   * Appends the JSON document in `[start, end)` to `to` as a message of this type, without a length.
   * On failure nothing is appended and a JsonError thrown, with the offset in `json`.
   */
  // oxlint-disable-next-line max-params -- a text and its bounds, what it is, and where it goes
  message(json: Bytes, start: number, end: number, type: MessageType, to: Writer): void {
    if (end + jsonPadding > json.length) {
      this.padded(json, start, end, type, to);
      return;
    }
    const { base64Ids, wideIntegers } = this;
    const { pos } = to;
    try {
      this.load(json, start, end);
      this.begin(to);
      this.fields(type);
      this.commit();
      this.space();
      if (this.at < end) this.fail('expected the end of the document');
    } catch (error) {
      this.base64Ids = base64Ids;
      this.wideIntegers = wideIntegers;
      to.pos = pos;
      throw this.failure(error);
    }
  }

  protected override begin(to: Writer): void {
    super.begin(to);
    this.depth = 0;
  }

  /** A text that is not closed runs on through what follows it in the buffer, at worst to where the buffer ends. */
  protected failure(error: unknown): unknown {
    if (error instanceof RangeError) return new JsonError('the text ends inside a document', this.stop, true);
    return error;
  }

  // oxlint-disable-next-line max-params -- as `message`
  private padded(json: Bytes, start: number, end: number, type: MessageType, to: Writer): void {
    const copy = Buffer.allocUnsafeSlow(end - start + jsonPadding) as Bytes;
    json.copy(copy, 0, start, end);
    copy.fill(0, end - start);
    try {
      this.message(copy, 0, end - start, type, to);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw new JsonError(error.reason, error.offset + start, error.incomplete);
    }
  }

  /** The members of one object, without a length. */
  private fields(type: MessageType): void {
    if (this.open(123)) this.members(type, this.pos, 0);
  }

  /** The members of an object that is open, of a message that begins at `start`; those in `seen` have been there. */
  private members(type: MessageType, start: number, seen: number): void {
    let guess = type.first;
    let last: Spelling | null = null;
    let unwanted = 0;
    let isTwice = false;
    let attributes = 0;
    do {
      const spelling = this.spelling(type, guess);
      if (spelling === null) {
        this.skip();
        continue;
      }
      if (spelling !== guess) {
        if (last === null) type.first = spelling;
        else last.next = spelling;
      }
      last = spelling;
      guess = spelling.next;
      const { field } = spelling;
      this.listed = 0;
      if ((seen & field.bit) === 0) {
        seen |= field.bit;
        this.value(field, field.explicit);
      } else {
        isTwice = true;
        unwanted = this.value(field, true) ? unwanted & ~field.bit : unwanted | field.bit;
      }
      if (isAttributes(type, field) && (attributes += this.listed) > this.maxAttributes)
        throw new JsonError(tooManyAttributes(this.maxAttributes), this.at);
    } while (this.more(125));
    if (isTwice) this.pos = withoutDuplicates(this.out, start, this.pos, { type, unwanted });
  }

  /** Passes a name and its colon; null if it is not known. Names mostly come in the order they came last time. */
  protected spelling(type: MessageType, guess: Spelling | null): Spelling | null {
    if (guess !== null && this.matches(guess)) return guess;
    const before = this.at;
    if (this.space() !== quote) this.fail('expected a member name');
    if (guess !== null && this.at !== before && this.matches(guess)) return guess;
    const { spellings } = type;
    for (let i = 0; i < spellings.length; i++) if (this.matches(spellings[i]!)) return spellings[i]!;
    return type.byName.get(this.memberName()) ?? null;
  }

  /** Compares `"name":` four bytes at a time; the last four may overlap the ones before. */
  private matches(spelling: Spelling): boolean {
    const { quoted, length } = spelling;
    const { at, words } = this;
    const lastWord = quoted.length - 1;
    for (let i = 0; i < lastWord; i++) if (words.getInt32(at + i * 4, true) !== quoted[i]) return false;
    if (words.getInt32(at + length - 4, true) !== quoted[lastWord]) return false;
    this.at = at + length;
    return true;
  }

  /** The value of a member; `force` writes it even if it is the default. False if it is null, which writes nothing. */
  private value(field: Field, force: boolean): boolean {
    const first = this.input[this.at] === quote ? quote : this.space();
    if (first === 110) {
      this.literal('null');
      return false;
    }
    if (field.kind === 'message') {
      if (field.repeated) this.list(field);
      else this.child(field);
    } else if (field.repeated) this.list(field);
    else {
      const begin = this.pos;
      this.tag(field.tag);
      if (!this.scalar(field, first) && !force) this.pos = begin;
    }
    return true;
  }

  private list(field: Field): void {
    if (!this.open(91)) return;
    if (field.type === KeyValueType) {
      let listed = 0;
      do {
        this.attribute(field);
        listed++;
      } while (this.more(93));
      this.listed = listed;
    } else if (field.kind === 'message') {
      do {
        if (field.type!.nests && this.space() === 110) this.emptyChild(field);
        else this.child(field);
      } while (this.more(93));
    } else if (field.kind === 'strings') {
      do {
        this.tag(field.tag);
        this.string(this.space());
      } while (this.more(93));
    } else this.packed(field);
  }

  /** `child` for a KeyValue, of which telemetry consists for the most part: `{"key":"...","value":{...}}` at once. */
  private attribute(field: Field): void {
    const { words } = this;
    if (this.input[this.at] !== 123) this.space();
    const { at } = this;
    if (words.getInt32(at, true) !== openKey || words.getInt32(at + 4, true) !== quotedKey) {
      this.child(field);
      return;
    }
    this.at = at + 7;
    this.tag(field.tag);
    const mark = this.pos;
    this.out[mark + 1] = keyTag;
    this.pos = mark + 2;
    if (!this.string(quote)) this.pos = mark + 1;
    if (!this.keyedValue()) {
      if (this.more(125)) this.members(KeyValueType, mark + 1, keyBit);
    } else if (this.more(125)) this.members(KeyValueType, mark + 1, keyBit | valueBit);
    this.patch(mark, 1);
  }

  /** Passes `,"value":{...}` and writes it; false if something else stands here. */
  private keyedValue(): boolean {
    const { at, words } = this;
    const isValue = words.getInt32(at, true) === commaValue && words.getInt32(at + 4, true) === lueQuote;
    if (!isValue || words.getInt32(at + 6, true) !== quoteOpen) return false;
    this.at = at + 9;
    const isText =
      words.getInt32(at + 10, true) === quotedString[0] &&
      words.getInt32(at + 14, true) === quotedString[1] &&
      words.getInt32(at + 18, true) === quotedString[2] &&
      words.getInt32(at + 21, true) === quotedString[3];
    if (!isText || this.depth >= this.maxDepth) {
      this.child(valueField);
      return true;
    }
    this.at = at + 24;
    const { pos } = this;
    this.out[pos] = valueTag;
    this.out[pos + 2] = stringValueTag;
    this.pos = pos + 3;
    this.string(quote);
    if (this.more(125)) this.members(AnyValueType, pos + 2, stringValueBit);
    this.patch(pos + 1, 1);
    return true;
  }

  /** One message with tag and length. */
  protected child(field: Field): void {
    const type = field.type!;
    const { width } = type;
    this.tag(field.tag);
    const mark = this.pos;
    this.pos += width;
    if (type.nests) {
      if (++this.depth > this.maxDepth) throw new JsonError(tooDeep(this.maxDepth), this.at);
      this.fields(type);
      this.depth--;
    } else this.fields(type);
    this.patch(mark, width);
  }

  /** A null among values, which some SDKs write for the empty value. */
  private emptyChild(field: Field): void {
    this.literal('null');
    this.tag(field.tag);
    this.out[this.pos++] = 0;
  }
}
