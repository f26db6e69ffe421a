import { beyondLimit } from '../model/limits.ts';
import type { Bytes } from '../wire/bytes.ts';
import { ByteWindow } from './byte-window.ts';
import type { Unreadable } from './encoding.ts';

/** Bytes of a file that are whole lines. */
export interface LineSpan {
  /** The text, without the end of the last line. */
  readonly text: string;
  /** Where in the file it begins, and where the next line does. */
  readonly offset: number;
  readonly after: number;
  /** The number of the first line, from 1, and how many there are. */
  readonly number: number;
  readonly count: number;
}

export interface LineStart {
  readonly offset: number;
  readonly number: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a file, which may come in any chunks, into its lines. No more than one of them is held, or one block. */
export class LineCutter {
  private readonly window: ByteWindow;
  private readonly maxBytes: number;
  private number: number;
  /** Up to here no line feed was found in the line that is not complete. */
  private searchedTo = 0;
  /** Before this no line begins with } that is still to come. */
  private closingFrom = 0;
  /** A line beyond the limit is being passed. */
  private tooLong: LineStart | undefined;

  constructor({ offset, number }: LineStart, maxBytes: number) {
    this.window = new ByteWindow({ offset, line: undefined }, (distance) => {
      this.searchedTo = Math.max(0, this.searchedTo - distance);
      this.closingFrom = Math.max(0, this.closingFrom - distance);
    });
    this.number = number;
    this.maxBytes = maxBytes;
  }

  append(chunk: Bytes): void {
    this.window.append(chunk);
  }

  /** Where the next line begins; undefined within one that is passed. */
  get position(): LineStart | undefined {
    const { window, number } = this;
    return this.tooLong === undefined ? { offset: window.offsetOf(window.start), number } : undefined;
  }

  /** The next line, or what is too long for one; undefined while it is not complete. `atEnd`, the last needs no end. */
  next(atEnd: boolean): LineSpan | Unreadable | undefined {
    const { window } = this;
    const found = window.lineEnd(Math.max(window.start, this.searchedTo));
    if (found < 0) {
      this.searchedTo = window.end;
      if (window.end - window.start > this.maxBytes) this.beginTooLong();
      if (this.tooLong !== undefined) window.start = window.end;
      const isLast = atEnd && (window.start < window.end || this.tooLong !== undefined);
      return isLast ? this.to(window.end, window.end) : undefined;
    }
    return this.to(found, found + 1);
  }

  /**
   * Lines from one that is exactly `{` to the next that begins with `}`; undefined where none begins, or where it is
   * longer than `maxBytes`; `more` while its end is not there.
   */
  block(maxBytes: number, atEnd: boolean): LineSpan | 'more' | undefined {
    const { window } = this;
    const { bytes, start, end } = window;
    if (this.tooLong !== undefined || bytes[start] !== 0x7b || start >= end) return undefined;
    if (start + 2 < end && afterBreak(bytes, start + 1) === 0) return undefined;
    const last = this.closingLine();
    if (last < 0) return atEnd || end - start > maxBytes ? undefined : 'more';
    return last - start > maxBytes ? undefined : this.blockTo(last, atEnd);
  }

  /** The next line that begins with }; -1 if none is there yet. Nothing is looked at twice. */
  private closingLine(): number {
    const { window } = this;
    const { bytes, start, end } = window;
    let from = Math.max(start, this.closingFrom);
    let found = bytes.indexOf(lineFeed, from);
    while (found >= 0 && found + 1 < end && bytes[found + 1] !== 0x7d) {
      from = found + 1;
      found = bytes.indexOf(lineFeed, from);
    }
    this.closingFrom = from;
    return found >= 0 && found + 1 < end ? found + 1 : -1;
  }

  /** The block whose last line begins at `last`. */
  private blockTo(last: number, atEnd: boolean): LineSpan | 'more' {
    const { window } = this;
    const found = window.lineEnd(last);
    if (found < 0 && !atEnd) return 'more';
    const { bytes, start } = window;
    const stop = found < 0 ? window.end : found;
    let count = 1;
    for (let at = bytes.indexOf(lineFeed, start); at >= 0 && at < stop; at = bytes.indexOf(lineFeed, at + 1))
      count++;
    return this.span(stop, found < 0 ? stop : found + 1, count);
  }

  /** Goes on behind a block, or behind the line that was looked at. */
  pass({ after, count }: LineSpan): void {
    const { window } = this;
    window.start = after - window.offset;
    this.number += count;
    this.searchedTo = window.start;
  }

  private to(end: number, after: number): LineSpan | Unreadable {
    const { window } = this;
    if (end - window.start > this.maxBytes) this.beginTooLong();
    if (this.tooLong === undefined) {
      const line = this.span(end, after, 1);
      this.pass(line);
      return line;
    }
    const { offset, number } = this.tooLong;
    this.tooLong = undefined;
    const bytes = window.offsetOf(after) - offset;
    this.pass({ text: '', offset, after: window.offsetOf(after), number, count: 1 });
    const reason = beyondLimit(`a line of more than ${this.maxBytes} bytes`, 'max_document_size');
    return { kind: 'unreadable', offset, bytes, line: number, reason };
  }

  private span(end: number, after: number, count: number): LineSpan {
    const { window, number } = this;
    const { bytes, start } = window;
    let stop = end;
    while (stop > start && bytes[stop - 1] === carriageReturn) stop--;
    const decoded = bytes.utf8Slice(start, stop);
    // The mark of byte order at the beginning of a file.
    const text = decoded.startsWith('\uFEFF') && window.offsetOf(start) === 0 ? decoded.slice(1) : decoded;
    return { text, offset: window.offsetOf(start), after: window.offsetOf(after), number, count };
  }

  private beginTooLong(): void {
    const { window, number } = this;
    this.tooLong ??= { offset: window.offsetOf(window.start), number };
  }
}

/** Where the next line begins, if one ends here; else 0. */
function afterBreak(bytes: Bytes, at: number): number {
  if (bytes[at] === lineFeed) return at + 1;
  return bytes[at] === carriageReturn && bytes[at + 1] === lineFeed ? at + 2 : 0;
}
