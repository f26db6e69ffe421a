/** Which signal a protobuf message holds: TracesData, LogsData and MetricsData are alike down to their records. */
import {
  KeyValueType,
  LogRecordType,
  MetricType,
  SpanType,
  type Field,
  type MessageType,
} from '../model/schema.ts';
import { signals, type Signal } from '../model/signal.ts';
import { textAt, type Bytes } from '../wire/bytes.ts';

/** A message, or as much of it as there is. */
export interface Excerpt {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
  /** The message goes on after `end`. */
  readonly isCut: boolean;
}

export interface Guess {
  readonly signal: Signal | undefined;
  /** How much speaks for it; below zero when it is no OTLP message at all. */
  readonly score: number;
  /** How many records were looked at. */
  readonly records: number;
}

const recordTypes: Record<Signal, MessageType> = {
  traces: SpanType,
  logs: LogRecordType,
  metrics: MetricType,
};

const mostRecords = 4;
const mostFields = 64;
const deepest = 3;
/** What no message of this type can be. */
const impossible = -1000;
/** By how much the likeliest must be ahead. */
const margin = 3;

/** Times from 1990 to 2100 are plausible. */
const earliestHigh = Math.floor(631152000e9 / 2 ** 32);
const latestHigh = Math.floor(4102444800e9 / 2 ** 32);

/** Says which signal a message holds by looking at its first records. */
export function guessSignal(excerpt: Excerpt): Guess {
  const reader = new Reader(excerpt);
  const records = reader.records();
  if (records === undefined) return { signal: undefined, score: impossible, records: 0 };
  const scored = signals.map((signal) => {
    let score = 0;
    for (const [start, end] of records) score += reader.plausibility(start, end, recordTypes[signal]);
    return { signal, score };
  });
  scored.sort((one, other) => other.score - one.score);
  const [first, second] = scored;
  if (first === undefined || records.length === 0) return { signal: undefined, score: 0, records: 0 };
  const isAhead = first.score > 0 && first.score - (second?.score ?? 0) >= margin;
  return { signal: isAhead ? first.signal : undefined, score: first.score, records: records.length };
}

class Reader {
  private readonly excerpt: Excerpt;
  /** What the last `varint` was, and where it ended. */
  private value = 0;
  private after = 0;

  constructor(excerpt: Excerpt) {
    this.excerpt = excerpt;
  }

  /** Where the first records are; undefined when it is no OTLP message. */
  records(): [start: number, end: number][] | undefined {
    const found: [number, number][] = [];
    const { start, end } = this.excerpt;
    const isFine = this.each(start, end, (resource, from, to) => {
      if (resource !== 0x0a) return resource >>> 3 > 1;
      return this.each(from, to, (scope, scopeFrom, scopeTo) => {
        if (scope !== 0x12) return isGroupField(scope);
        return this.each(scopeFrom, scopeTo, (record, recordFrom, recordTo) => {
          if (record === 0x12 && found.length < mostRecords) found.push([recordFrom, recordTo]);
          return isGroupField(record);
        });
      });
    });
    return isFine ? found : undefined;
  }

  /** How much speaks for a message to be of this type: what each field of it looks like. */
  plausibility(start: number, end: number, type: MessageType, depth = 0): number {
    let score = 0;
    const isFine = this.each(start, end, (tag, from, to) => {
      const field = type.byNumber[tag >>> 3];
      if (field === undefined) score -= 2;
      else if (tag !== field.tag && tag !== field.loneTag) return false;
      else score += this.fieldPlausibility(field, from, to, depth);
      return true;
    });
    return isFine ? score : impossible;
  }

  private fieldPlausibility(field: Field, from: number, to: number, depth: number): number {
    switch (field.kind) {
      case 'id':
        return this.idPlausibility(field.size, from, to);
      case 'string':
        return this.textPlausibility(from, to);
      case 'fixed64':
        return this.timePlausibility(from);
      case 'enum':
        return this.varint(from, to) && this.value < (field.values?.size ?? 0) ? 1 : -3;
      case 'message':
        return depth < deepest ? this.childPlausibility(field, from, to, depth) : 0;
      default:
        return 0;
    }
  }

  /** Ids are random, so one that can be read is rather a text of the same length. */
  private idPlausibility(size: number, from: number, to: number): number {
    if (to - from !== size) return from === to ? 0 : -6;
    for (let at = from; at < to; at++) {
      const byte = this.excerpt.bytes[at] ?? 0;
      if (byte < 32 || byte > 126) return 4;
    }
    return 1;
  }

  private textPlausibility(from: number, to: number): number {
    if (from === to) return 0;
    return isText(this.excerpt.bytes, from, Math.min(to, this.excerpt.end)) ? 1 : -4;
  }

  private timePlausibility(at: number): number {
    const { bytes, end } = this.excerpt;
    if (at + 8 > end) return 0;
    const high = bytes.readUInt32LE(at + 4);
    if (high === 0) return 0;
    return high >= earliestHigh && high <= latestHigh ? 3 : -2;
  }

  private childPlausibility(field: Field, from: number, to: number, depth: number): number {
    if (field.type === null || from === to) return 0;
    const score = this.plausibility(from, to, field.type, depth + 1);
    if (score <= impossible / 2) return impossible;
    // Whatever a child holds, it is one field; attributes alone say little, since all signals have them.
    const most = field.type === KeyValueType ? 2 : 4;
    return Math.max(-6, Math.min(most, score));
  }

  /**
   * Calls `visit` with the tag and the bounds of each field, a length not among them. False when it is no message, or
   * `visit` said so. A message that is cut may end anywhere.
   */
  private each(
    start: number,
    end: number,
    visit: (tag: number, from: number, to: number) => boolean,
  ): boolean {
    const { excerpt } = this;
    const isCut = excerpt.isCut && end >= excerpt.end;
    const limit = Math.min(end, excerpt.end);
    let at = start;
    for (let count = 0; at < limit && count < mostFields; count++) {
      if (!this.varint(at, limit)) return isCut;
      const tag = this.value;
      const from = this.after;
      const next = this.fieldEnd(tag & 7, from, limit);
      if (next === undefined || tag < 8 || tag > 0xffffffff) return false;
      if (next > end) return isCut && next > limit && this.cutField(tag, limit, visit);
      if (!visit(tag, this.after, next)) return false;
      at = next;
    }
    return true;
  }

  /** The beginning of the last field is worth a look when there is much of it. */
  private cutField(
    tag: number,
    limit: number,
    visit: (tag: number, from: number, to: number) => boolean,
  ): boolean {
    if ((tag & 7) !== 2 || limit - this.after < 64) return true;
    return visit(tag, this.after, limit);
  }

  /** Where a field ends, with `after` where its content begins; undefined for a wire type that does not exist. */
  private fieldEnd(wireType: number, from: number, limit: number): number | undefined {
    this.after = from;
    if (wireType === 2) return this.varint(from, limit) ? this.after + this.value : limit + 1;
    if (wireType === 0) {
      const isWhole = this.varint(from, limit);
      const end = isWhole ? this.after : limit + 1;
      this.after = from;
      return end;
    }
    return wireType === 1 ? from + 8 : wireType === 5 ? from + 4 : undefined;
  }

  private varint(at: number, limit: number): boolean {
    const { bytes } = this.excerpt;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10 && at + i < limit; i++) {
      const byte = bytes[at + i] ?? 0;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) {
        this.value = value;
        this.after = at + i + 1;
        return true;
      }
    }
    return false;
  }
}

/** Whether it may be a field of ResourceX or ScopeX: resource or scope, the list below, the schema URL, or a new one. */
function isGroupField(tag: number): boolean {
  return tag === 0x0a || tag === 0x12 || tag === 0x1a || tag >>> 3 > 3;
}

/** UTF-8 without control characters. A cut may be within a character. */
function isText(bytes: Bytes, start: number, end: number): boolean {
  const text = textAt(bytes, start, Math.min(end, start + 256));
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isBlank = code === 10 || code === 9 || code === 13;
    if ((code < 32 && !isBlank) || (code === 0xfffd && i < text.length - 4)) return false;
  }
  return true;
}
