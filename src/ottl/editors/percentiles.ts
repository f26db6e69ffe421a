import type { Buckets } from '../../model/metrics-parts.ts';
import type { DataPoint } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';

/** Where in a bucket a value is looked for: how many of its measurements lie below, as a ratio from 0 to 1. */
interface Position {
  readonly index: number;
  readonly ratio: number;
}

/**
 * The value below which so many percent of the measurements of a histogram are, as if they were spread evenly in each
 * bucket. Undefined if it holds none, or nothing says where they are.
 */
export function percentileOf(point: DataPoint, percent: number): number | undefined {
  const wanted = BigInt(Math.ceil(Number(point.count ?? 0n) * (percent / 100)));
  if (point.count === 0n) return undefined;
  return point.type === 'histogram' ? ofHistogram(point, wanted) : ofExponential(point, wanted);
}

function ofHistogram(point: DataPoint, wanted: bigint): number | undefined {
  const { bucketCounts: counts, explicitBounds: bounds, min, max } = point;
  if (counts.length === 0) return undefined;
  if (counts.length !== bounds.length + 1)
    throw new OttlFailure(`a histogram has ${counts.length} buckets for ${bounds.length} bounds`);
  if (bounds.length === 0) {
    if (min === undefined || max === undefined) return undefined;
    return between(min, max, Number(wanted) / Number(counts[0]));
  }
  const { index, ratio } = found(counts, wanted);
  const [lower, upper] = boundsOf(point, index);
  if (lower === undefined || upper === undefined) return lower ?? upper;
  return between(lower, upper, ratio);
}

/** An end of a bucket that is not known is undefined: there the bucket is open, or nothing was measured beyond it. */
function boundsOf(
  { explicitBounds: bounds, min, max }: DataPoint,
  index: number,
): [lower: number | undefined, upper: number | undefined] {
  const [below, above] = [bounds[index - 1], bounds[index]];
  if (below === undefined) return [lowest(above ?? 0, min), above];
  // A greatest value that is NaN is not below anything, as in the reference.
  if (above === undefined) return [below, max === undefined || max <= below ? undefined : max];
  return [below, above];
}

/** Where the first bucket begins: at the least value if that is in it, else at 0. */
function lowest(bound: number, min: number | undefined): number | undefined {
  if (min !== undefined && min < bound) return min;
  return bound < 0 ? undefined : 0;
}

/** The bucket in which the measurement with this number is. */
function found(counts: readonly bigint[], wanted: bigint): Position {
  let below = 0n;
  for (const [index, count] of counts.entries()) {
    if (below + count >= wanted) return { index, ratio: Number(wanted - below) / Number(count) };
    below += count;
  }
  throw new OttlFailure(`the buckets of a histogram hold ${below} measurements, fewer than it counts`);
}

function ofExponential(point: DataPoint, wanted: bigint): number | undefined {
  const { zeroCount = 0n, scale = 0 } = point;
  const [positive, negative] = [halfOf(point.positive), halfOf(point.negative)];
  if (positive.counts.length === 0 && negative.counts.length === 0 && zeroCount === 0n) return undefined;
  const below = negative.counts.reduce((sum, count) => sum + count, 0n);
  if (below >= wanted) return ofNegative(negative, wanted, scale);
  if (below + zeroCount >= wanted) return ofZeros(point, Number(wanted - below) / Number(zeroCount));
  const { index, ratio } = found(positive.counts, wanted - below - zeroCount);
  return inBucket(positive.offset + index, scale, ratio);
}

interface Half {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

function halfOf(buckets: Buckets | undefined): Half {
  return { offset: buckets?.offset ?? 0, counts: buckets?.counts ?? [] };
}

/** The bucket with the highest index has the lowest values. */
function ofNegative({ offset, counts }: Half, wanted: bigint, scale: number): number {
  const { index, ratio } = found(counts.toReversed(), wanted);
  return -inBucket(offset + counts.length - 1 - index, scale, 1 - ratio);
}

/** Zeros reach to the threshold on those sides on which there are other values. */
function ofZeros({ positive, negative, zeroThreshold: most = 0 }: DataPoint, ratio: number): number {
  const hasPositive = (positive?.counts.length ?? 0) > 0;
  const hasNegative = (negative?.counts.length ?? 0) > 0;
  const lower = hasPositive && !hasNegative ? 0 : -most;
  const upper = hasNegative && !hasPositive ? 0 : most;
  return between(lower, upper, ratio);
}

function between(lower: number, upper: number, ratio: number): number {
  checkRatio(ratio);
  return lower + ratio * (upper - lower);
}

/** In an exponential bucket the logarithms are spread evenly. */
function inBucket(index: number, scale: number, ratio: number): number {
  checkRatio(ratio);
  const [lower, upper] = [boundAt(index, scale), boundAt(index + 1, scale)];
  if (!(lower > 0 && upper > 0)) throw new OttlFailure(`bucket ${index} of scale ${scale} is too close to 0`);
  const from = Math.log2(lower);
  return 2 ** (from + (Math.log2(upper) - from) * ratio);
}

function boundAt(index: number, scale: number): number {
  return scale <= 0 ? 2 ** (index * 2 ** -scale) : Math.exp(index * (Math.LN2 * 2 ** -scale));
}

/** Counts that contradict each other. */
function checkRatio(ratio: number): void {
  if (ratio < 0 || ratio > 1)
    throw new OttlFailure('the buckets of a histogram hold fewer measurements than it counts');
}
