import { afterVarint, skipValue, type Bytes } from '../wire/bytes.ts';
import type { Signal } from './signal.ts';

/** [start, end) of a buffer. */
export interface Range {
  readonly buf: Bytes;
  readonly start: number;
  readonly end: number;
}

/** How many fields with this tag of one byte there are. */
export function countFields({ buf, start, end }: Range, tag: number): number {
  let count = 0;
  for (let at = start; at < end;) {
    const first = buf[at]!;
    if (first === tag) count++;
    at = skipValue(buf, first < 128 ? at + 1 : afterVarint(buf, at), first & 7);
  }
  return count;
}

/** The tags of the fields of a Metric that hold data points, which are its field 1. */
export const metricDataTags: readonly number[] = [0x2a, 0x3a, 0x4a, 0x52, 0x5a];

/** How many data points a Metric has. */
export function countPoints(metric: Range): number {
  return sumOver(metric, metricDataTags, (data) => countFields(data, 0x0a));
}

/** How many items a TracesData, LogsData or MetricsData has. */
export function countItems(signal: Signal, batch: Range): number {
  return sumOver(batch, groupTags, (group) =>
    sumOver(group, scopeTags, (scope) =>
      signal === 'metrics' ? sumOver(scope, scopeTags, countPoints) : countFields(scope, 0x12),
    ),
  );
}

const groupTags = [0x0a];
const scopeTags = [0x12];

function sumOver(
  { buf, start, end }: Range,
  tags: readonly number[],
  count: (inner: Range) => number,
): number {
  let sum = 0;
  for (let at = start; at < end;) {
    const first = buf[at]!;
    const body = first < 128 ? at + 1 : afterVarint(buf, at);
    at = skipValue(buf, body, first & 7);
    if (tags.includes(first)) sum += count({ buf, start: afterVarint(buf, body), end: Math.min(at, end) });
  }
  return sum;
}
