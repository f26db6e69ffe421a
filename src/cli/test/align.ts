/** Which of the expected records is which of those that came out, so that one too many does not make all others wrong. */

export interface Pair {
  readonly left: number | undefined;
  readonly right: number | undefined;
}

/** Beyond so many comparisons, records are paired by their place. */
const mostComparisons = 40_000;
/** What leaving out a record costs, in differences of a pair. */
const costOfGap = 2.5;

/** Pairs in order, with the fewest differences; a side of a pair is undefined where the other has no counterpart. */
export function align(
  lefts: number,
  rights: number,
  differences: (left: number, right: number) => number,
): Pair[] {
  if (lefts === rights || lefts * rights > mostComparisons) return inPlace(lefts, rights);
  const costs = costTable(lefts, rights, differences);
  const costAt = (left: number, right: number): number => costs[left]?.[right] ?? Infinity;
  const pairs: Pair[] = [];
  let [left, right] = [lefts, rights];
  // From the end: each step is one that the cost here can have come from.
  while (left > 0 || right > 0) {
    const gapLeft = costAt(left - 1, right) + costOfGap;
    const gapRight = costAt(left, right - 1) + costOfGap;
    const here = costAt(left, right);
    if (here < Math.min(gapLeft, gapRight)) pairs.unshift({ left: --left, right: --right });
    else if (here === gapLeft) pairs.unshift({ left: --left, right: undefined });
    else pairs.unshift({ left: undefined, right: --right });
  }
  return pairs;
}

function capped(differences: number): number {
  return Math.min(differences, 2 * costOfGap);
}

function costTable(
  lefts: number,
  rights: number,
  differences: (left: number, right: number) => number,
): number[][] {
  const table: number[][] = [];
  for (let left = 0; left <= lefts; left++) {
    const row: number[] = [];
    table.push(row);
    for (let right = 0; right <= rights; right++) {
      if (left === 0 || right === 0) row.push((left + right) * costOfGap);
      else {
        const both = (table[left - 1]?.[right - 1] ?? 0) + capped(differences(left - 1, right - 1));
        const gap = Math.min(table[left - 1]?.[right] ?? Infinity, row[right - 1] ?? Infinity) + costOfGap;
        row.push(Math.min(both, gap));
      }
    }
  }
  return table;
}

function inPlace(lefts: number, rights: number): Pair[] {
  return Array.from({ length: Math.max(lefts, rights) }, (_, at) => ({
    left: at < lefts ? at : undefined,
    right: at < rights ? at : undefined,
  }));
}
