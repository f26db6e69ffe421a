import { jsonPadding } from '../model/json-cursor.ts';
import { viewOf, type Bytes } from '../wire/bytes.ts';
import { acquire, release } from '../wire/pool.ts';

/** A larger buffer is not kept once its content is small again. */
const kept = 4 << 20;
const lineFeed = 10;
const pieceBytes = 1 << 20;
const shortLine = 100;
const blockBytes = 1 << 12;

/** Input is taken in by pieces, so that little is held however large a chunk is. */
export function* piecesOf(chunk: Bytes): Generator<Bytes> {
  for (let at = 0; at < chunk.length; at += pieceBytes) yield chunk.subarray(at, at + pieceBytes) as Bytes;
}

/**
 * The part of a file that is looked at: bytes are appended at one end and given up at the other. Behind the last one
 * there is always the padding that the transcoder needs. It counts the lines that go by.
 */
export class ByteWindow {
  bytes: Bytes = acquire(1 << 16);
  /** The first byte that is still needed. */
  start = 0;
  /** Behind the last byte. */
  end = 0;
  /** Where in the file `bytes` begins. */
  offset: number;
  private line: number;
  /** Before this there is no line feed that is not counted. */
  private clearTo = 0;
  private readonly isText: boolean;
  private readonly moved: (distance: number) => void;

  /** `moved` is called when the bytes were moved towards the beginning. Lines are counted in text, which has a first. */
  constructor(
    { offset, line }: { offset: number; line: number | undefined },
    moved: (distance: number) => void = () => undefined,
  ) {
    this.offset = offset;
    this.isText = line !== undefined;
    this.line = line ?? 1;
    this.moved = moved;
  }

  append(chunk: Bytes): void {
    this.makeRoom(chunk.length);
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
    this.bytes.fill(0, this.end, this.end + jsonPadding);
    // So that no search for a line feed runs on into what was there before.
    this.bytes[this.end] = lineFeed;
  }

  /** Gives the memory back: nothing of it is looked at any more. */
  close(): void {
    release(this.bytes);
    this.bytes = Buffer.alloc(0) as Bytes;
  }

  /** The place in the file. */
  offsetOf(at: number): number {
    return this.offset + at;
  }

  /** The line, from 1, of a byte in the window. To be asked in ascending order. */
  lineAt(at: number): number {
    // Where the line begins that was asked for: what ended the one before was found already.
    if (at === this.clearTo + 1 && this.bytes[this.clearTo] === lineFeed) {
      this.line++;
      this.clearTo = at;
    }
    while (at > this.clearTo) {
      const found = this.bytes.indexOf(lineFeed, this.clearTo);
      if (found >= 0 && found < at) {
        this.line++;
        // Short lines are counted in another way: each search takes as long as 50 bytes.
        if (found - this.clearTo < shortLine) this.countLines(found + 1, Math.min(at, found + blockBytes));
        else this.clearTo = found + 1;
      } else this.clearTo = Math.max(at, Math.min(found, this.end));
    }
    return this.line;
  }

  private countLines(from: number, to: number): void {
    const view = viewOf(this.bytes);
    let count = 0;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, true) ^ 0x0a0a0a0a;
      // A one in the highest bit of each byte that is zero.
      const zeros = ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f);
      if (zeros !== 0) count += Math.imul(zeros >>> 7, 0x01010101) >>> 24;
    }
    for (; at < to; at++) if (this.bytes[at] === lineFeed) count++;
    this.line += count;
    this.clearTo = Math.max(from, to);
  }

  /** The next line feed at or after `from`; -1 if there is none yet. */
  lineEnd(from: number): number {
    const found = this.bytes.indexOf(lineFeed, from);
    // What was looked through here is not looked through once more to count lines.
    if (from <= this.clearTo) this.clearTo = Math.max(this.clearTo, Math.min(found, this.end));
    return found < this.end ? found : -1;
  }

  /** Only what is small is moved for small chunks: what is large lies at the beginning since it was. */
  private makeRoom(size: number): void {
    const { bytes, start, end } = this;
    const length = end - start;
    const needed = length + size + jsonPadding;
    const isTooLarge = bytes.length > kept && needed < kept / 4;
    if (start === 0 && needed <= bytes.length && !isTooLarge) return;
    if (this.isText) this.lineAt(start);
    if (needed > bytes.length || isTooLarge) {
      // With what is left of one chunk there is room for the next one.
      this.bytes = acquire(Math.max(needed, length * 2, size * 2, 1 << 16));
    }
    bytes.copy(this.bytes, 0, start, end);
    if (bytes !== this.bytes) release(bytes);
    this.start = 0;
    this.end = length;
    this.offset += start;
    this.clearTo -= start;
    this.moved(start);
  }
}
