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
export const levelsOf: Record<Signal, readonly (readonly number[])[]> = {
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
  /** The field that is next to be shared out. */
  at: number;
}

/**
 * Cuts a TracesData, LogsData or MetricsData into parts within the limits, each one as full as the order allows, and
 * makes them one at a time. The bytes have to stay as they are until the last one is made.
 *
 * An item that is larger than `maxBytes` with its groups stands alone. Where the groups themselves take up more than
 * four fifths of `maxBytes`, a part may be a quarter larger than they are: else a resource of 4 MiB would be repeated
 * for each of its items. Without `maxItems` all parts together are thus about nine times the whole at the most.
 */
export function* splitBytes(signal: Signal, bytes: Bytes, limits: SplitLimits): Generator<Bytes> {
  const splitter = new Splitter(signal, bytes, limits);
  for (let part = splitter.next(); part !== undefined; part = splitter.next()) yield part;
}

/** How large a part may be that is mostly groups, against the groups alone. */
const roomForItems = 1.25;

/** Parts are put together here and copied out. It is empty between two of them, whoever makes the next one. */
const part = new Writer();

class Splitter {
  private readonly levels: readonly (readonly number[])[];
  private readonly buf: Bytes;
  private readonly maxItems: number;
  private readonly maxBytes: number;
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
    this.enter(0, 0, buf.length);
  }

  /** The next part; undefined when everything is shared out. */
  next(): Bytes | undefined {
    part.reset();
    for (let frame = this.frames.at(-1); frame !== undefined; frame = this.frames.at(-1)) {
      if (frame.at >= frame.end) this.leave();
      else if (!this.takeField(frame)) return this.finishPart();
    }
    return part.pos === 0 ? undefined : this.finishPart();
  }

  /** Shares out one field of the innermost frame; answers false, and does nothing, when the part is full. */
  private takeField(frame: Frame): boolean {
    const { buf } = this;
    const { at } = frame;
    const first = buf[at]!;
    const body = afterVarint(buf, at);
    const next = skipValue(buf, body, first & 7);
    const depth = this.frames.length;
    if (this.levels[depth - 1]!.includes(first)) {
      const isItem = depth === this.levels.length;
      if (isItem || !this.enter(first, afterVarint(buf, body), next)) {
        if (this.isFull(next - at, isItem ? 1 : 0)) return false;
        this.put(at, next, isItem ? 1 : 0);
      }
    }
    frame.at = next;
    return true;
  }

  /** Goes into the message [start, end), field `tag` of its parent; answers false when it has nothing to go into. */
  private enter(tag: number, start: number, end: number): boolean {
    const frame = this.frameOf(tag, start, end);
    if (frame === null) return false;
    this.frames.push(frame);
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
    return headEnd < 0 ? null : { tag, start, end, headEnd, tail, own, at: headEnd };
  }

  private leave(): void {
    if (this.begun === this.frames.length) this.endFrame();
    this.frames.pop();
  }

  /** Whether a field of this size has to go into the next part; into an empty one everything goes. */
  private isFull(size: number, items: number): boolean {
    if (this.begun === 0) return false;
    if (this.items + items > this.maxItems) return true;
    const whole = this.sizeWith(size);
    return whole > this.maxBytes && whole > this.sizeOfFrames() * roomForItems;
  }

  private put(from: number, to: number, items: number): void {
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

  /** How long a part would be with nothing in its frames. */
  private sizeOfFrames(): number {
    let inner = 0;
    for (let i = this.frames.length - 1; i >= 0; i--) {
      inner += this.frames[i]!.own;
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

  private finishPart(): Bytes {
    while (this.begun > 0) this.endFrame();
    this.items = 0;
    const bytes = Buffer.from(part.bytes()) as Bytes;
    part.reset();
    return bytes;
  }
}
