import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';
import { lengthWidth, Writer } from '../wire/writer.ts';
import type { MessageCheck } from './check.ts';
import { dataTypeOf, type MessageType } from './schema.ts';
import type { Signal } from './signal.ts';

export interface Salvaged {
  readonly bytes: Bytes;
  /** Spans, log records or metrics that are left out, and what is wrong with the first of them. */
  readonly left: number;
  readonly reason: string;
}

/**
 * A TracesData, LogsData or MetricsData without those of its items that `check` refuses, so that one ill-formed span does
 * not take its request along. Throws a WireError where more than items is wrong.
 */
export function salvage(signal: Signal, bytes: Uint8Array, check: MessageCheck): Salvaged {
  const walk = new Walk(bytesOf(bytes), check);
  const salvaged = walk.run(dataTypeOf(signal));
  check.check(salvaged, 0, salvaged.length, dataTypeOf(signal));
  return { bytes: salvaged, left: walk.left, reason: walk.reason };
}

/** The list in data, in a resource and in a scope; the last holds the items. */
const listTags = [0x0a, 0x12, 0x12] as const;

class Walk {
  left = 0;
  reason = '';
  private readonly buf: Bytes;
  private readonly check: MessageCheck;
  private readonly to: Writer;
  /** Where the last varint ended. */
  private after = 0;

  constructor(buf: Bytes, check: MessageCheck) {
    this.buf = buf;
    this.check = check;
    this.to = new Writer(buf.length + 64);
  }

  run(type: MessageType): Bytes {
    this.message(0, this.buf.length, { type, depth: 0 });
    return this.to.bytes();
  }

  private message(start: number, end: number, level: { type: MessageType; depth: number }): void {
    for (let at = start; at < end;) {
      const tag = this.varint(at, end);
      const [from, next] = this.extent(tag, this.after, end);
      if (tag !== listTags[level.depth]) this.to.copy(this.buf, at, next);
      else this.element(tag, { from, next }, { ...level, begin: at });
      at = next;
    }
  }

  private element(
    tag: number,
    { from, next }: { from: number; next: number },
    { type, depth, begin }: { type: MessageType; depth: number; begin: number },
  ): void {
    const { buf, to } = this;
    const child = type.byNumber[tag >>> 3]?.type;
    if (child === undefined || child === null) throw new WireError('a list without a type', begin);
    if (depth + 1 === listTags.length) {
      if (this.isFine(from, next, child)) to.copy(buf, begin, next);
      return;
    }
    to.varint(tag);
    const width = lengthWidth(next - from);
    const mark = to.begin(width);
    this.message(from, next, { type: child, depth: depth + 1 });
    to.end(mark, width);
  }

  private isFine(start: number, end: number, type: MessageType): boolean {
    try {
      this.check.check(this.buf, start, end, type);
      return true;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (this.left++ === 0) this.reason = error.message;
      return false;
    }
  }

  /** Where the content of a field begins and where it ends. */
  private extent(tag: number, at: number, end: number): [from: number, next: number] {
    let from = at;
    let next = at;
    const wireType = tag & 7;
    if (wireType === 2) {
      next = this.varint(at, end);
      from = this.after;
      next += from;
    } else if (wireType === 0) {
      this.varint(at, end);
      next = this.after;
    } else if (wireType === 1) next = at + 8;
    else if (wireType === 5) next = at + 4;
    else throw new WireError(`wire type ${wireType} is not used by protobuf 3`, at);
    if (next > end) throw new WireError('a field runs past the end of its message', at);
    return [from, next];
  }

  /** Exact up to 2^53, and larger values stay larger. */
  private varint(at: number, end: number): number {
    let value = 0;
    let scale = 1;
    for (let to = at; to < end && to < at + 10; to++) {
      const byte = this.buf[to]!;
      value += (byte & 127) * scale;
      scale *= 128;
      this.after = to + 1;
      if (byte < 128) return value;
    }
    throw new WireError('a number runs past the end of its message', at);
  }
}
