import { afterVarint, skipValue, viewOf } from '../wire/bytes.ts';
import type { Range } from './count.ts';
import type { Signal } from './signal.ts';
import { itemLevels, timeTags } from './time-range.ts';

/**
 * The first time that is not zero of each of the first items of a TracesData, LogsData or MetricsData, of at most so
 * many items: what it takes does not grow with the batch.
 */
export function firstTimesIn(signal: Signal, batch: Range, mostItems: number): bigint[] {
  const levels = itemLevels[signal];
  const tags = timeTags[signal];
  const times: bigint[] = [];
  let left = mostItems;
  const visit = ({ buf, start, end }: Range, level: number): void => {
    if (level === levels.length) {
      left--;
      const time = firstTime({ buf, start, end }, tags);
      if (time !== undefined) times.push(time);
      return;
    }
    const wanted = levels[level]!;
    for (let at = start; at < end && left > 0;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (wanted.includes(first)) visit({ buf, start: afterVarint(buf, body), end: at }, level + 1);
    }
  };
  visit(batch, 0);
  return times;
}

function firstTime({ buf, start, end }: Range, tags: readonly number[]): bigint | undefined {
  for (let at = start; at < end;) {
    const first = buf[at]!;
    const body = first < 128 ? at + 1 : afterVarint(buf, at);
    at = skipValue(buf, body, first & 7);
    if (!tags.includes(first)) continue;
    const time = viewOf(buf).getBigUint64(body, true);
    if (time !== 0n) return time;
  }
  return undefined;
}
