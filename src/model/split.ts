import { afterVarint, skipValue, type Bytes } from '../wire/bytes.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import { metricDataTags } from './count.ts';
import type { Signal } from './signal.ts';

/** What a part may hold at most; left out means any number. */
export interface SplitLimits {
  maxItems?: number;
  maxBytes?: number;
}

/** By level, the tags of the fields that are gone into; those of the last level are the items. */
const spanLevels = [[0x0a], [0x12], [0x12]];
const levelsOf: Record<Signal, readonly (readonly number[])[]> = {
  traces: spanLevels,
  logs: spanLevels,
  metrics: [[0x0a], [0x12], [0x12], metricDataTags, [0x0a]],
};

/** A message that is shared out: what is not children stands before them or after, on each part. */
interface Frame {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  /** Where the fields end that come before the first child. */
  readonly headEnd: number;
  /** Other fields after the first child: pairs of start and end. */
  readonly tail: readonly number[];
  /** How many bytes head and tail have. */
  readonly own: number;
}

/**
 * Cuts a TracesData, LogsData or MetricsData into parts within the limits, each one as full as the order allows. An
 * item that is larger than `maxBytes` with its groups stands alone.
 */
export function splitBytes(signal: Signal, bytes: Bytes, limits: SplitLimits): Bytes[] {
  const splitter = new Splitter(signal, bytes, limits);
  return splitter.run();
}

/** Parts are put together here and copied out. */
const part = new Writer();

class Splitter {
  private readonly levels: readonly (readonly number[])[];
  private readonly buf: Bytes;
  private readonly maxItems: number;
  private readonly maxBytes: number;
  private readonly parts: Bytes[] = [];
  /** The messages that the next leaf is in, outermost first. */
  private readonly frames: Frame[] = [];
  /** How many of the frames the part has begun; where their lengths are, and how long they are without inner ones. */
  private begun = 0;
  private readonly marks: number[] = [];
  private readonly sizes: number[] = [];
  private items = 0;

  constructor(signal: Signal, buf: Bytes, limits: SplitLimits) {
    this.levels = levelsOf[signal];
    this.buf = buf;
    this.maxItems = limits.maxItems ?? Infinity;
    this.maxBytes = limits.maxBytes ?? Infinity;
  }

  run(): Bytes[] {
    part.reset();
    this.enter(0, 0, this.buf.length);
    this.finishPart();
    return this.parts;
  }

  /** Goes into the message [start, end), field `tag` of its parent; answers false when it has nothing to go into. */
  private enter(tag: number, start: number, end: number): boolean {
    const tags = this.levels[this.frames.length]!;
    const frame = this.frameOf(tag, start, end);
    if (frame === null) return false;
    this.frames.push(frame);
    const isLast = this.frames.length === this.levels.length;
    const { buf } = this;
    for (let at = frame.headEnd; at < end;) {
      const first = buf[at]!;
      const body = afterVarint(buf, at);
      const next = skipValue(buf, body, first & 7);
      if (tags.includes(first)) {
        if (isLast) this.put(at, next, 1);
        else if (!this.enter(first, afterVarint(buf, body), next)) this.put(at, next, 0);
      }
      at = next;
    }
    this.leave();
    return true;
  }

  private frameOf(tag: number, start: number, end: number): Frame | null {
    const tags = this.levels[this.frames.length]!;
    const { buf } = this;
    const tail: number[] = [];
    let headEnd = -1;
    let own = 0;
    for (let at = start; at < end;) {
      const begin = at;
      at = skipValue(buf, afterVarint(buf, at), buf[at]! & 7);
      if (tags.includes(buf[begin]!)) {
        if (headEnd < 0) headEnd = begin;
        continue;
      }
      own += at - begin;
      if (headEnd >= 0) tail.push(begin, at);
    }
    return headEnd < 0 ? null : { tag, start, end, headEnd, tail, own };
  }

  private leave(): void {
    if (this.begun === this.frames.length) this.endFrame();
    this.frames.pop();
  }

  /** Puts the field [from, to) into the part, or into the next one when this is full. */
  private put(from: number, to: number, items: number): void {
    const isFull = this.items + items > this.maxItems || this.sizeWith(to - from) > this.maxBytes;
    if (this.begun > 0 && isFull) this.finishPart();
    while (this.begun < this.frames.length) this.beginFrame();
    part.copy(this.buf, from, to);
    this.sizes[this.begun - 1]! += to - from;
    this.items += items;
  }

  /** How long the part would be with a field of this size in the innermost frame. */
  private sizeWith(size: number): number {
    let inner = size;
    for (let i = this.frames.length - 1; i >= 0; i--) {
      inner += i < this.begun ? this.sizes[i]! : this.frames[i]!.own;
      if (i > 0) inner += 1 + lengthWidth(inner);
    }
    return inner;
  }

  private beginFrame(): void {
    const frame = this.frames[this.begun]!;
    if (this.begun > 0) {
      part.varint(frame.tag);
      this.marks[this.begun] = part.begin(this.widthOf(frame));
    }
    part.copy(this.buf, frame.start, frame.headEnd);
    this.sizes[this.begun++] = frame.own;
  }

  private endFrame(): void {
    const frame = this.frames[--this.begun]!;
    for (let i = 0; i < frame.tail.length; i += 2) part.copy(this.buf, frame.tail[i]!, frame.tail[i + 1]!);
    if (this.begun === 0) return;
    part.end(this.marks[this.begun]!, this.widthOf(frame));
    const size = this.sizes[this.begun]!;
    this.sizes[this.begun - 1]! += 1 + lengthWidth(size) + size;
  }

  /** A guess at how many bytes the length of the frame takes in a part. */
  private widthOf(frame: Frame): number {
    return lengthWidth(Math.min(frame.end - frame.start, this.maxBytes));
  }

  private finishPart(): void {
    if (this.begun === 0 && part.pos === 0) return;
    while (this.begun > 0) this.endFrame();
    this.parts.push(Buffer.from(part.bytes()) as Bytes);
    part.reset();
    this.items = 0;
  }
}
