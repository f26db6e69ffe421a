import type { DataPoint } from '../../model/metrics.ts';

/** How the counts of a bucket that reaches over several others are given to them. */
export const distributions = ['upper', 'midpoint', 'random', 'uniform'] as const;
export type Distribution = (typeof distributions)[number];

export function isDistribution(name: string): name is Distribution {
  return distributions.some((one) => one === name);
}

/** A bucket of an exponential histogram. */
interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: bigint;
}

/**
 * The positive buckets of an exponential histogram as those with these bounds, which rise. As in the reference
 * there are as many counts as bounds: the last one also counts what is beyond its bound. Negative values are left out,
 * and zeros unless the first bound is 0.
 */
export function countsWithin(
  point: DataPoint,
  bounds: readonly number[],
  distribution: Distribution,
): bigint[] {
  const counts = new Counts(bounds);
  const { zeroCount = 0n, positive, scale = 0 } = point;
  if (bounds[0] === 0) counts.add(0, zeroCount);
  const factor = Math.LN2 * 2 ** -scale;
  const offset = positive?.offset ?? 0;
  for (const [position, count] of (positive?.counts ?? []).entries()) {
    const index = offset + position;
    const bucket = { lower: Math.exp(index * factor), upper: Math.exp((index + 1) * factor), count };
    counts.take(bucket, distribution);
  }
  return counts.counts;
}

class Counts {
  readonly counts: bigint[];
  readonly #bounds: readonly number[];
  readonly #last: number;

  constructor(bounds: readonly number[]) {
    this.counts = bounds.map(() => 0n);
    this.#bounds = bounds;
    this.#last = bounds.length - 1;
  }

  add(index: number, count: bigint): void {
    this.counts[index] = BigInt.asUintN(64, (this.counts[index] ?? 0n) + count);
  }

  take(bucket: Bucket, distribution: Distribution): void {
    const { lower, upper, count } = bucket;
    if (lower > this.#bound(this.#last)) return this.add(this.#last, count);
    const inside = this.#bounds.findIndex((_, at) => lower > this.#bound(at) && upper <= this.#bound(at + 1));
    if (inside >= 0) return this.add(inside, count);
    switch (distribution) {
      case 'upper':
        return this.add(this.#reaching(upper), count);
      case 'midpoint':
        return this.#takeMidpoint(bucket);
      case 'uniform':
        return this.#takeEvenly(bucket);
      case 'random':
        return this.#takeAtRandom(bucket);
    }
  }

  #bound(index: number): number {
    return this.#bounds[index] ?? Number.NaN;
  }

  /** The first bound that is not below the value, or the last one. */
  #reaching(value: number): number {
    const found = this.#bounds.findIndex((bound) => value <= bound);
    return found < 0 ? this.#last : found;
  }

  #takeMidpoint({ lower, upper, count }: Bucket): void {
    const middle = (upper + lower) / 2;
    const found = this.#bounds.findIndex((bound) => middle <= bound);
    this.add(found < 0 ? this.#last : Math.max(found - 1, 0), count);
  }

  #takeEvenly({ lower, upper, count }: Bucket): void {
    const start = this.#reaching(lower);
    const shares = BigInt(this.#reaching(upper) - start + 1);
    for (let share = 0n; share < shares; share++)
      this.add(start + Number(share), count / shares + (share < count % shares ? 1n : 0n));
  }

  /** By the width of what they have in common, and by chance; what is left over goes anywhere. */
  #takeAtRandom({ lower, upper, count }: Bucket): void {
    const start = this.#reaching(lower);
    const shares = this.#reaching(upper) - start + 1;
    if (shares === 1) return this.add(start, count);
    let left = count;
    for (let index = start; index < start + shares; index++) {
      const from = index === 0 ? lower : Math.max(this.#bound(index - 1), lower);
      const width = Math.max(Math.min(this.#bound(index), upper) - from, 0);
      const most = Math.trunc(Number(count) * (width / (upper - lower)));
      const share = BigInt(Math.trunc(Math.random() * most));
      this.add(index, share);
      left -= share;
    }
    this.#scatter(left, start, shares);
  }

  #scatter(count: bigint, start: number, shares: number): void {
    let left = count;
    // What is many comes out even: only the rest is left to chance.
    const even = left > mostByChance ? (left - mostByChance) / BigInt(shares) : 0n;
    for (let index = start; index < start + shares; index++) this.add(index, even);
    left -= even * BigInt(shares);
    for (; left > 0n; left--) this.add(start + Math.floor(Math.random() * shares), 1n);
  }
}

const mostByChance = 10_000n;
