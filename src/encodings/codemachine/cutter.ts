/**
 * Cuts a codemachine file, which may come in any chunks, into its members and the elements of its array,
 * and holds no more than one element. Only nesting is looked at here: that an element is no JSON shows when it is
 * parsed, and `reject` then finds the next one.
 */
import { beyondLimit } from '../../model/limits.ts';
import type { Bytes } from '../../wire/bytes.ts';
import type { DecoderStart } from '../encoding.ts';
import { isJson } from './exact-json.ts';
import { Held } from './held.ts';
import type { ElementPiece, Piece, UnreadablePiece } from './pieces.ts';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const lineFeed = 0x0a;
const comma = 0x2c;

/** Members of the document that are longer than this mean nothing to us. */
const longestMember = 4096;
/** How far into an element its beginning, up to the first colon, is looked for. */
const longestBeginning = 256;
/** How many times the bytes of a document, and how many on top, are looked through again for what damage swallowed. */
const timesAgain = 64;
const bytesAgain = 16 << 20;
const arrays: ReadonlySet<string> = new Set(['spans', 'logs']);

/** A key, and what may stand before its value, that is not there to its end. */
const incompleteMember = /^"(?:[^"\\\n]|\\.)*(?:\\|"\s*(?::\s*)?)?$/;

interface Known {
  readonly line: number;
  /** The last array, and what its elements begin with: after damage, elements are looked for before anything else. */
  readonly array: string;
  readonly beginning?: string;
}

const unknown: Known = { line: 1, array: '' };

/** `elements` is before an element and `element` in one, which may take many chunks. */
type State = 'outside' | 'members' | 'value' | 'elements' | 'element' | 'lost';

export class ElementCutter {
  private readonly maxBytes: number;
  private readonly held: Held;
  private state: State = 'outside';
  /** The member whose value comes next, and the array whose elements do. */
  private key = '';
  private arrayKey = '';
  /** How far the value that begins at `held.at` is looked through, and what was found on the way. */
  private scan = 0;
  private depth = 0;
  private deepest = 0;
  private inString = false;
  private isScalar = false;
  /** Where the region began whose bytes are let go: a value beyond the limit, or what is between two elements. */
  private gone: { offset: number; line: number; reason: string } | undefined;
  /** What the elements begin with, up to the first colon: it tells the next one after damage. */
  private beginning: Buffer | undefined;
  /** Where the document began, and how much of it was looked through more than once. */
  private began: number;
  private again = 0;

  constructor(maxBytes: number, start: DecoderStart = { offset: 0, state: '' }) {
    this.maxBytes = maxBytes;
    const { line, array, beginning } = start.state === '' ? unknown : (JSON.parse(start.state) as Known);
    this.held = new Held(start.offset, line);
    this.began = start.offset;
    this.arrayKey = array;
    if (beginning !== undefined) this.beginning = Buffer.from(beginning, 'latin1');
  }

  /** What a cutter has to know that begins here, between documents. */
  get known(): string {
    const { held, beginning } = this;
    const known: Known = {
      line: held.lineOf(held.at),
      array: this.arrayKey,
      ...(beginning && { beginning: beginning.toString('latin1') }),
    };
    return JSON.stringify(known);
  }

  /** The offset in the input up to which everything is cut. */
  get offset(): number {
    return this.held.offsetOf(this.held.at);
  }

  *push(chunk: Bytes): Generator<Piece> {
    this.scan -= this.held.append(chunk);
    for (let piece = this.next(); piece !== undefined; piece = this.next()) yield piece;
    this.scan -= this.held.keep();
  }

  *end(): Generator<Piece> {
    while (this.held.rest > 0 || this.gone !== undefined) {
      yield this.cutOff();
      for (let piece = this.next(); piece !== undefined; piece = this.next()) yield piece;
    }
    if (this.state === 'outside') return;
    this.state = 'outside';
    yield this.regionTo(
      this.held.at,
      'the file ends before the end of its document: it is cut off, or not written to its end',
    );
  }

  /**
   * The last element is no JSON, or not what it should be: answers the region to name, and goes on behind it or at an
   * element that begins within. Undefined for a shred of a broken element: its region comes once its end is found.
   */
  reject(piece: ElementPiece, reason: string): UnreadablePiece | undefined {
    const { held, beginning } = this;
    const next = this.beginningWithin(piece.start + 1, piece.end);
    held.at = next ?? piece.end;
    const { offset, line } = { offset: held.offsetOf(piece.start), line: held.lineOf(piece.start) };
    if (held.bytes[piece.start] === openBrace || beginning === undefined) {
      return { kind: 'unreadable', offset, bytes: held.at - piece.start, line, reason };
    }
    // The shred may end amid a beginning.
    if (next === undefined) held.at = Math.max(piece.start + 1, piece.end - beginning.length + 1);
    this.gone = { offset, line, reason };
    this.state = 'lost';
    return undefined;
  }

  private next(): Piece | undefined {
    switch (this.state) {
      case 'outside':
        return this.nextDocument();
      case 'members':
        return this.nextMember();
      case 'value':
        return this.nextValue();
      case 'elements':
        return this.nextElement();
      case 'element':
        return this.elementTo(this.endOfValue());
      case 'lost':
        return this.nextFound();
    }
  }

  private nextDocument(): Piece | undefined {
    const { held } = this;
    const byte = this.skipBlanks();
    if (byte === undefined) return undefined;
    if (byte === openBrace) {
      held.at++;
      this.state = 'members';
      return this.next();
    }
    return this.lose('expected { here, where a document begins');
  }

  private nextMember(): Piece | undefined {
    const { held } = this;
    const byte = this.skipBlanks();
    if (byte === closeBrace) {
      held.at++;
      this.state = 'outside';
      this.began = this.offset;
      this.again = 0;
      return { kind: 'document' };
    }
    if (byte === undefined) return undefined;
    const head = held.bytes.latin1Slice(held.at, Math.min(held.at + longestMember, held.bytes.length));
    const match = /^"((?:[^"\\\n]|\\.)*)"\s*:\s*(?=\S)/.exec(head);
    if (match === null) {
      const incomplete = head.length < longestMember && incompleteMember.test(head);
      return incomplete ? undefined : this.lose('expected a member of the document here, such as "spans"');
    }
    this.key = match[1] ?? '';
    held.at += match[0].length;
    const isArray = arrays.has(this.key) && held.bytes[held.at] === openBracket;
    if (isArray) {
      held.at++;
      this.arrayKey = this.key;
    }
    this.state = isArray ? 'elements' : 'value';
    this.startValue();
    return this.next();
  }

  private nextValue(): Piece | undefined {
    const { held, key } = this;
    const start = held.at;
    const end = this.endOfValue();
    if (end === undefined) return undefined;
    this.state = 'members';
    held.at = end;
    if (this.gone !== undefined) return this.regionTo(end, this.gone.reason);
    if (!this.isScalar && !isJson(held.bytes.utf8Slice(start, end))) return this.loseValue(start, end);
    const text = end - start <= longestMember ? held.bytes.toString('utf8', start, end) : undefined;
    return { kind: 'member', key, text };
  }

  /** A broken value may have an array and its elements within, as nesting is counted only. */
  private loseValue(start: number, end: number): UnreadablePiece {
    const { held } = this;
    this.gone = { offset: held.offsetOf(start), line: held.lineOf(start), reason: '' };
    const found = this.beginningWithin(start, end);
    if (found !== undefined) this.state = 'elements';
    held.at = found ?? end;
    return this.regionTo(held.at, 'a value that is no JSON');
  }

  private nextElement(): Piece | undefined {
    const { held } = this;
    const byte = this.skipBlanks();
    if (byte === closeBracket) {
      held.at++;
      this.state = 'members';
      return this.next();
    }
    if (byte === undefined) return undefined;
    if (byte === closeBrace) return this.lose('found } where an element or ] belongs');
    this.state = 'element';
    this.startValue();
    return this.next();
  }

  private elementTo(end: number | undefined): Piece | undefined {
    const { held, arrayKey: key } = this;
    if (end === undefined) return undefined;
    const start = held.at;
    this.learnBeginning();
    this.state = 'elements';
    held.at = end;
    if (this.gone !== undefined) return this.regionTo(end, this.gone.reason);
    return { kind: 'element', key, bytes: held.bytes, start, end, depth: this.deepest };
  }

  /** Between what is broken and the next element. */
  private nextFound(): Piece | undefined {
    const { held } = this;
    const found = this.beginningIn(held.at, held.bytes.length);
    if (found === undefined) {
      const overlap = this.beginning === undefined ? 0 : this.beginning.length - 1;
      held.at = Math.max(held.at, held.bytes.length - overlap);
      return undefined;
    }
    held.at = found;
    this.state = 'elements';
    return this.regionTo(found, this.gone?.reason ?? '');
  }

  private lose(reason: string): Piece | undefined {
    const { held } = this;
    this.gone = { offset: held.offsetOf(held.at), line: held.lineOf(held.at), reason };
    held.at++;
    this.state = 'lost';
    return this.next();
  }

  /** What is held when the input ends. */
  private cutOff(): UnreadablePiece {
    const { held } = this;
    const reason = this.gone?.reason ?? 'it ends in the middle: it is cut off, or not written to its end';
    const within = this.state === 'element' && this.gone === undefined;
    if (within) this.learnBeginning();
    const next = within ? this.beginningWithin(held.at + 1, held.bytes.length) : undefined;
    this.gone ??= { offset: held.offsetOf(held.at), line: held.lineOf(held.at), reason };
    this.state = next === undefined ? 'outside' : 'elements';
    held.at = next ?? held.bytes.length;
    return this.regionTo(held.at, next === undefined ? reason : 'an element that does not end');
  }

  /** The region from where it was lost, and an end of being lost. */
  private regionTo(end: number, reason: string): UnreadablePiece {
    const { held } = this;
    const { offset, line } = this.gone ?? { offset: held.offsetOf(end), line: held.lineOf(end) };
    this.gone = undefined;
    return { kind: 'unreadable', offset, bytes: held.offsetOf(end) - offset, line, reason };
  }

  private startValue(): void {
    this.scan = this.held.at;
    this.depth = 0;
    this.deepest = 0;
    this.inString = false;
  }

  /** Where the value at `held.at` ends; undefined while that is not there yet. */
  private endOfValue(): number | undefined {
    const { held } = this;
    const first = held.bytes[held.at];
    // Of a value that is let go the beginning is not there any more.
    if (this.gone === undefined) {
      this.isScalar = first !== openBrace && first !== openBracket && first !== quote;
    }
    const end = this.isScalar ? this.endOfScalar() : this.endOfNested();
    if ((end ?? held.bytes.length) - held.at > this.maxBytes) this.letGo(end ?? this.scan);
    return end;
  }

  private endOfScalar(): number | undefined {
    const { bytes } = this.held;
    for (; this.scan < bytes.length; this.scan++) {
      const byte = bytes[this.scan] ?? 0;
      if (byte <= 0x20 || byte === comma || byte === closeBrace || byte === closeBracket) return this.scan;
    }
    return undefined;
  }

  private endOfNested(): number | undefined {
    const { bytes } = this.held;
    let { scan } = this;
    while (scan < bytes.length) {
      if (this.inString) scan = this.afterString(scan);
      else this.take(bytes[scan++]);
      if (this.depth <= 0 && !this.inString) return scan;
    }
    this.scan = scan;
    return undefined;
  }

  /** One byte outside of strings. */
  private take(byte: number | undefined): void {
    if (byte === quote) this.inString = true;
    else if (byte === openBrace || byte === openBracket) {
      this.depth++;
      if (this.depth > this.deepest) this.deepest = this.depth;
    } else if (byte === closeBrace || byte === closeBracket) this.depth--;
  }

  /** No string goes over a line feed: one that is not closed ends there, so that the nesting is kept. */
  private afterString(from: number): number {
    const { bytes } = this.held;
    let i = from;
    for (; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === backslash) i++;
      else if (byte === quote || byte === lineFeed) {
        this.inString = false;
        return i + 1;
      }
    }
    return i;
  }

  /** The value is larger than allowed: only its end is looked for. */
  private letGo(until: number): void {
    const { held } = this;
    const reason = beyondLimit(`a value of more than ${this.maxBytes} bytes`, 'max_document_size');
    this.learnBeginning();
    this.gone ??= { offset: held.offsetOf(held.at), line: held.lineOf(held.at), reason };
    held.at = Math.min(until, held.bytes.length);
  }

  private skipBlanks(): number | undefined {
    const { held } = this;
    for (; held.at < held.bytes.length; held.at++) {
      const byte = held.bytes[held.at] ?? 0;
      const blank = byte <= 0x20 || (byte === comma && this.state !== 'outside');
      if (!blank && !this.isByteOrderMark(byte)) return byte;
    }
    return undefined;
  }

  /** EF BB BF at the very beginning, a byte at a time. */
  private isByteOrderMark(byte: number): boolean {
    return this.offset < 3 && (byte === 0xef || byte === 0xbb || byte === 0xbf);
  }

  private learnBeginning(): void {
    const { held } = this;
    if (this.beginning !== undefined || this.gone !== undefined || this.state !== 'element') return;
    // No more than is there of any element, however the input is cut.
    const most = held.at + Math.min(longestBeginning, this.maxBytes);
    const head = held.bytes.latin1Slice(held.at, Math.min(most, held.bytes.length));
    const match = /^\{\s*"\w+"\s*:/.exec(head);
    if (match !== null) this.beginning = Buffer.from(match[0], 'latin1');
  }

  /** A whole beginning: one that goes beyond the end may or may not be there yet. */
  private beginningIn(from: number, end: number): number | undefined {
    if (this.beginning === undefined) return undefined;
    const found = this.held.bytes.subarray(from, end).indexOf(this.beginning);
    return found < 0 ? undefined : from + found;
  }

  /**
   * An element that begins within what was looked through up to `end`, to go back to. Beginnings within each other would
   * take the square of their number in time, so that this is refused once too much has been looked through again.
   */
  private beginningWithin(from: number, end: number): number | undefined {
    const found = this.beginningIn(from, end);
    if (found === undefined) return undefined;
    this.again += end - found;
    const length = this.held.offsetOf(end) - this.began;
    return this.again > timesAgain * length + bytesAgain ? undefined : found;
  }
}
