import { afterVarint, skipValue, viewOf, type Bytes } from '../wire/bytes.ts';
import { metricDataTags, type Range } from './count.ts';
import type { Signal } from './signal.ts';

/** From the earliest to the latest time that some items carry. */
export interface TimeRange {
  startUnixNano: bigint;
  endUnixNano: bigint;
}

/** What both span, and all between; of undefined and a range, the range. */
export function joinedRange(a: TimeRange | undefined, b: TimeRange | undefined): TimeRange | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    startUnixNano: a.startUnixNano < b.startUnixNano ? a.startUnixNano : b.startUnixNano,
    endUnixNano: a.endUnixNano > b.endUnixNano ? a.endUnixNano : b.endUnixNano,
  };
}

/** By level, the tags of the fields that are gone into; the messages of the last level carry times. */
const spanLevels = [[0x0a], [0x12], [0x12]];
export const itemLevels: Record<Signal, readonly (readonly number[])[]> = {
  traces: spanLevels,
  logs: spanLevels,
  metrics: [[0x0a], [0x12], [0x12], metricDataTags, [0x0a]],
};

/** The tags of the times: start and end of a span, time of a log record, start and time of a data point. */
export const timeTags: Record<Signal, readonly number[]> = {
  traces: [0x39, 0x41],
  logs: [0x09],
  metrics: [0x11, 0x19],
};
const observedTime = 0x59;

/** The times of the items in a TracesData, LogsData or MetricsData; undefined when none carries any. */
export function timeRangeIn(signal: Signal, batch: Range): TimeRange | undefined {
  const finder = new Finder(signal);
  finder.visit(batch, 0);
  return finder.range();
}

/** Keeps the extremes as two words each, since a bigint per time would be an object per time. */
class Finder {
  private readonly signal: Signal;
  private readonly levels: readonly (readonly number[])[];
  private readonly tags: readonly number[];
  private minHigh = Infinity;
  private minLow = Infinity;
  private maxHigh = -1;
  private maxLow = -1;

  constructor(signal: Signal) {
    this.signal = signal;
    this.levels = itemLevels[signal];
    this.tags = timeTags[signal];
  }

  visit(message: Range, level: number): void {
    const { buf, end } = message;
    const tags = this.levels[level]!;
    const isLast = level + 1 === this.levels.length;
    for (let at = message.start; at < end;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (!tags.includes(first)) continue;
      const start = afterVarint(buf, body);
      if (isLast) this.item(buf, start, at);
      else this.visit({ buf, start, end: at }, level + 1);
    }
  }

  private item(buf: Bytes, start: number, end: number): void {
    if (this.takeAll(buf, start, end) || this.signal !== 'logs') return;
    for (let at = start; at < end;) {
      const body = afterVarint(buf, at);
      if (buf[at] === observedTime) this.takeAt(buf, body);
      at = skipValue(buf, body, buf[at]! & 7);
    }
  }

  range(): TimeRange | undefined {
    if (this.maxHigh < 0) return undefined;
    return {
      startUnixNano: (BigInt(this.minHigh) << 32n) | BigInt(this.minLow),
      endUnixNano: (BigInt(this.maxHigh) << 32n) | BigInt(this.maxLow),
    };
  }

  /** Takes the times in; answers whether one of them was not zero. None comes twice: what is behind the last is not looked at. */
  private takeAll(buf: Bytes, start: number, end: number): boolean {
    const { tags } = this;
    let found = false;
    let left = tags.length;
    for (let at = start; at < end && left > 0;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (first !== tags[0] && first !== tags[1]) continue;
      left--;
      found = this.takeAt(buf, body) || found;
    }
    return found;
  }

  private takeAt(buf: Bytes, at: number): boolean {
    const view = viewOf(buf);
    return this.take(view.getUint32(at + 4, true), view.getUint32(at, true));
  }

  private take(high: number, low: number): boolean {
    if (high === 0 && low === 0) return false;
    if (high < this.minHigh || (high === this.minHigh && low < this.minLow)) {
      this.minHigh = high;
      this.minLow = low;
    }
    if (high > this.maxHigh || (high === this.maxHigh && low > this.maxLow)) {
      this.maxHigh = high;
      this.maxLow = low;
    }
    return true;
  }
}
