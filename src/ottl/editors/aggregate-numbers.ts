import type { DataPoint } from '../../model/metrics.ts';
import { toIntLike } from '../coerce.ts';

export const aggregations = ['sum', 'mean', 'min', 'max', 'median', 'count'] as const;
export type Aggregation = (typeof aggregations)[number];

export function isAggregation(name: string): name is Aggregation {
  return aggregations.some((one) => one === name);
}

/**
 * Makes one number of several. The first says whether it is an int or a double; without a value it stays as it is. The
 * start is the earliest.
 */
export function aggregateNumbers(
  first: DataPoint,
  others: readonly DataPoint[],
  aggregation: Aggregation,
): void {
  const { value } = first;
  if (value === undefined) return;
  if (others.length > 0 || aggregation === 'mean' || aggregation === 'median')
    first.value =
      typeof value === 'bigint'
        ? ofInts(value, others, aggregation)
        : ofDoubles([value, ...others.map(asDouble)], aggregation);
  takeEarliestStart(first, others);
}

export function takeEarliestStart(first: DataPoint, others: readonly DataPoint[]): void {
  for (const { startTimeUnixNano: start } of others)
    if (start < first.startTimeUnixNano) first.startTimeUnixNano = start;
}

function asDouble({ value = 0 }: DataPoint): number {
  return Number(value);
}

function asInt({ value = 0n }: DataPoint): bigint {
  return toIntLike(value) ?? 0n;
}

function ofDoubles(values: readonly number[], aggregation: Aggregation): number {
  const sum = (): number => values.reduce((total, value) => total + value);
  switch (aggregation) {
    case 'sum':
      return sum();
    case 'mean':
      return sum() / values.length;
    case 'min':
      return values.reduce(smaller);
    case 'max':
      return values.reduce(larger);
    case 'count':
      return values.length;
    case 'median':
      return medianOf(values);
  }
}

/** As in Go, an infinity comes before NaN. */
function smaller(one: number, other: number): number {
  return one === -Infinity || other === -Infinity ? -Infinity : Math.min(one, other);
}

function larger(one: number, other: number): number {
  return one === Infinity || other === Infinity ? Infinity : Math.max(one, other);
}

/** As in Go, NaN is less than every number. */
function medianOf(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) =>
    Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(b)) - Number(Number.isNaN(a)) : a - b,
  );
  const [left = 0, right = left] = middleOf(ordered);
  return ordered.length % 2 === 1 ? right : (left + right) / 2;
}

/** The two values around the middle; the second one is the middle itself if there is one. */
function middleOf<T>(ordered: readonly T[]): (T | undefined)[] {
  const middle = Math.floor(ordered.length / 2);
  return [ordered[middle - 1] ?? ordered[middle], ordered[middle]];
}

/** As in the reference, a double counts as 0 in a sum or mean of ints, and is cut toward zero otherwise. */
function ofInts(first: bigint, others: readonly DataPoint[], aggregation: Aggregation): bigint {
  const added = others.map(({ value }) => (typeof value === 'bigint' ? value : 0n));
  const sum = BigInt.asIntN(
    64,
    added.reduce((total, value) => total + value, first),
  );
  const ordered = (): bigint[] => [first, ...others.map(asInt)].toSorted(compareInts);
  switch (aggregation) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / BigInt(others.length + 1);
    case 'min':
      return ordered()[0] ?? first;
    case 'max':
      return ordered().at(-1) ?? first;
    case 'count':
      return BigInt(others.length + 1);
    case 'median':
      return intMedianOf(ordered());
  }
}

function intMedianOf(ordered: readonly bigint[]): bigint {
  const [left = 0n, right = left] = middleOf(ordered);
  return ordered.length % 2 === 1 ? right : BigInt.asIntN(64, left + right) / 2n;
}

function compareInts(a: bigint, b: bigint): number {
  return Number(a > b) - Number(a < b);
}
