import type { Buckets } from '../../model/metrics-parts.ts';
import type { DataPoint } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import { takeEarliestStart } from './aggregate-numbers.ts';

/** Adds histograms with the same bounds to the first. Those that hold nothing are passed over. */
export function mergeHistograms(first: DataPoint, others: readonly DataPoint[]): void {
  const filled = others.filter(holdsSomething);
  if (filled.length === 0) return;
  const counts = [...first.bucketCounts];
  for (const point of filled) {
    addShared(first, point);
    for (const [index, count] of point.bucketCounts.entries())
      counts[index] = wrapped((counts[index] ?? 0n) + count);
  }
  first.bucketCounts = counts;
  takeEarliestStart(first, filled);
}

/** Adds exponential histograms of the same scale to the first. Those that hold nothing are passed over. */
export function mergeExponential(first: DataPoint, others: readonly DataPoint[]): void {
  const filled = others.filter(holdsSomething);
  for (const point of filled) {
    addShared(first, point);
    first.zeroCount = wrapped((first.zeroCount ?? 0n) + (point.zeroCount ?? 0n));
    addBuckets(first.positive, point.positive);
    addBuckets(first.negative, point.negative);
  }
  takeEarliestStart(first, filled);
}

function holdsSomething({ count }: DataPoint): boolean {
  return count !== 0n;
}

function addShared(first: DataPoint, point: DataPoint): void {
  first.count = wrapped((first.count ?? 0n) + (point.count ?? 0n));
  first.sum = (first.sum ?? 0) + (point.sum ?? 0);
  // Data points of a group agree on whether these are known.
  const { min = 0, max = 0 } = point;
  // NaN is not taken over, as in the reference.
  if (first.min !== undefined && first.min > min) first.min = min;
  if (first.max !== undefined && first.max < max) first.max = max;
  first.addCopiesOf(point.exemplars);
}

/**
 * The counts of the reference, also where it is wrong: of buckets that begin lower, those that are not empty go in
 * front of all others, even where they overlap; and empty buckets at the front go without moving the offset.
 */
function addBuckets(to: Buckets | undefined, from: Buckets | undefined): void {
  if (to === undefined || from === undefined) return;
  const [offset, added] = [from.offset, from.counts];
  if (added.length === 0) return;
  if (offset < to.offset) to.counts = [...added.filter((count) => count > 0n), ...to.counts];
  else to.counts = addedAt(to.counts, added, offset - to.offset);
  if (offset === to.offset) return;
  to.offset = Math.min(offset, to.offset);
  const { counts } = to;
  const filled = counts.findIndex((count) => count !== 0n);
  to.counts = filled < 0 ? [] : counts.slice(filled);
}

/** Buckets may lie as far apart as the offsets say, and what is between them is held. */
const mostBuckets = 1 << 20;

function addedAt(counts: readonly bigint[], added: readonly bigint[], shift: number): bigint[] {
  if (shift + added.length > mostBuckets)
    throw new OttlFailure(`buckets ${shift} apart cannot be held in one histogram`);
  const sum = [...counts];
  for (const [index, count] of added.entries()) {
    if (count === 0n && shift > 0) continue;
    while (sum.length < index + shift) sum.push(0n);
    sum[index + shift] = wrapped((sum[index + shift] ?? 0n) + count);
  }
  return sum;
}

function wrapped(count: bigint): bigint {
  return BigInt.asUintN(64, count);
}
