/** A set of code points as sorted, separate, inclusive ranges: [from, to, from, to, ...]. */
export type CodePoints = readonly number[];

const last = 0x10ffff;

export const lineFeed: CodePoints = [10, 10];

/** The ASCII classes of RE2: escapes by their letter, POSIX classes by their name. */
export const asciiClasses: Readonly<Record<string, CodePoints>> = {
  d: [48, 57],
  w: [48, 57, 65, 90, 95, 95, 97, 122],
  s: [9, 10, 12, 13, 32, 32],
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: [48, 57],
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  word: [48, 57, 65, 90, 95, 95, 97, 122],
  xdigit: [48, 57, 65, 70, 97, 102],
};

export function union(...sets: readonly CodePoints[]): CodePoints {
  const pairs: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) pairs.push([set[i]!, set[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [from, to] of pairs) {
    const end = merged.length - 1;
    if (end > 0 && from <= merged[end]! + 1) merged[end] = Math.max(merged[end]!, to);
    else merged.push(from, to);
  }
  return merged;
}

export function complement(set: CodePoints): CodePoints {
  const rest: number[] = [];
  let from = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > from) rest.push(from, set[i]! - 1);
    from = set[i + 1]! + 1;
  }
  if (from <= last) rest.push(from, last);
  return rest;
}

export function meet(a: CodePoints, b: CodePoints): boolean {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i + 1]! < b[j]!) i += 2;
    else if (b[j + 1]! < a[i]!) j += 2;
    else return true;
  }
  return false;
}

/**
 * The set with the other case of each letter, by simple Unicode folding; undefined if it reaches beyond ASCII,
 * where tables would be needed. Two letters have a third case there: the Kelvin sign and the long s.
 */
export function foldAscii(set: CodePoints): CodePoints | undefined {
  if ((set.at(-1) ?? 0) > 127) return undefined;
  const others: CodePoints[] = [set];
  for (let i = 0; i < set.length; i += 2) {
    const [from, to] = [set[i]!, set[i + 1]!];
    const upper = [Math.max(from, 65), Math.min(to, 90)] as const;
    const lower = [Math.max(from, 97), Math.min(to, 122)] as const;
    if (upper[0] <= upper[1]) others.push([upper[0] + 32, upper[1] + 32]);
    if (lower[0] <= lower[1]) others.push([lower[0] - 32, lower[1] - 32]);
  }
  const folded = union(...others);
  const kelvin = meet(folded, [107, 107]) ? [0x212a, 0x212a] : [];
  const longS = meet(folded, [115, 115]) ? [0x17f, 0x17f] : [];
  return union(folded, kelvin, longS);
}
