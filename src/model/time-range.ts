import { afterVarint, skipValue, viewOf } from '../wire/bytes.ts';
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
    if (level === this.levels.length) {
      if (!this.takeAll(message, this.tags) && this.signal === 'logs') this.takeAll(message, [observedTime]);
      return;
    }
    const { buf, end } = message;
    const tags = this.levels[level]!;
    for (let at = message.start; at < end;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (tags.includes(first)) this.visit({ buf, start: afterVarint(buf, body), end: at }, level + 1);
    }
  }

  range(): TimeRange | undefined {
    if (this.maxHigh < 0) return undefined;
    return {
      startUnixNano: (BigInt(this.minHigh) << 32n) | BigInt(this.minLow),
      endUnixNano: (BigInt(this.maxHigh) << 32n) | BigInt(this.maxLow),
    };
  }

  /** Takes the fields with these tags in; answers whether one of them was not zero. */
  private takeAll({ buf, start, end }: Range, tags: readonly number[]): boolean {
    let found = false;
    for (let at = start; at < end;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (!tags.includes(first)) continue;
      const view = viewOf(buf);
      found = this.take(view.getUint32(body + 4, true), view.getUint32(body, true)) || found;
    }
    return found;
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
