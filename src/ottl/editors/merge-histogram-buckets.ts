import type { DataPoint } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { RefusedArgument, floatLike, literalString, optional } from '../parameters.ts';

const parameters = { targetValue: floatLike(), method: optional(literalString()) };

/**
 * Makes fewer buckets of those of a histogram: without the bound that is given (`remove_explicit_bound`), or neighbours
 * together until there are at most so many (`limit_buckets`). Buckets that do not fit their bounds stay as they are.
 */
export const mergeHistogramBuckets = editor(
  'merge_histogram_buckets',
  parameters,
  ({ targetValue, method = 'remove_explicit_bound' }) => {
    if (method !== 'remove_explicit_bound' && method !== 'limit_buckets')
      throw new RefusedArgument(`the method is remove_explicit_bound or limit_buckets, found ${method}`);
    const merge = method === 'limit_buckets' ? limitBuckets : removeBound;
    const check = method === 'limit_buckets' ? mostOf : given;
    if (targetValue.constant !== undefined) refused(() => check(targetValue.constant?.value));
    return (record) => {
      const { point } = record;
      if (point?.type === 'histogram') merge(point, check(targetValue.read(record)));
    };
  },
);

/** A literal that makes no sense is a problem of the text. */
function refused(check: () => number): void {
  try {
    check();
  } catch (error) {
    throw error instanceof OttlFailure ? new RefusedArgument(error.message) : error;
  }
}

function given(target: number | undefined): number {
  if (target === undefined) throw new OttlFailure('the target value is nil');
  return target;
}

function mostOf(target: number | undefined): number {
  const most = given(target);
  if (Number.isInteger(most) && most >= 1 && most <= 2 ** 63) return most;
  throw new OttlFailure(`the target value of limit_buckets is a whole number from 1, found ${most}`);
}

function removeBound(point: DataPoint, target: number): void {
  const { explicitBounds: bounds, bucketCounts: counts } = point;
  const at = bounds.findIndex((bound) => Math.abs(bound - target) < 1e-12);
  if (at < 0 || bounds.length + 1 !== counts.length) return;
  const merged = BigInt.asUintN(64, (counts[at] ?? 0n) + (counts[at + 1] ?? 0n));
  point.explicitBounds = bounds.toSpliced(at, 1);
  point.bucketCounts = counts.toSpliced(at, 2, merged);
}

function limitBuckets(point: DataPoint, most: number): void {
  const { explicitBounds: bounds, bucketCounts: counts } = point;
  if (bounds.length + 1 !== counts.length || counts.length <= most) return;
  if (!bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? Number.NaN))) return;
  const together = Math.ceil(counts.length / most);
  const merged: bigint[] = [];
  for (let at = 0; at < counts.length; at += together)
    merged.push(BigInt.asUintN(64, sumOf(counts.slice(at, at + together))));
  point.explicitBounds = bounds.filter((_, index) => (index + 1) % together === 0);
  point.bucketCounts = merged;
}

function sumOf(counts: readonly bigint[]): bigint {
  return counts.reduce((sum, count) => sum + count, 0n);
}
