/**
 * "Did you mean": the nearest of some words.
 */

/** The candidate that a person most likely meant, or nothing when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = folded(word);
  const same = candidates.find((candidate) => folded(candidate) === wanted);
  if (same !== undefined) return same;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    // So far apart that nothing need be compared: the word may be of any length.
    if (Math.abs(wanted.length - folded(candidate).length) >= bestDistance) continue;
    const distance = editDistance(wanted, folded(candidate));
    if (distance < bestDistance && distance < folded(candidate).length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? extension(wanted, candidates);
}

/** `did you mean X?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** `verBosity`, `max-elapsed-time` and `maxElapsedTime` are the key that people see in them. */
function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/gu, '');
}

/** `batch` for `batch_size`, when only one candidate begins or ends so. */
function extension(wanted: string, candidates: readonly string[]): string | undefined {
  if (wanted.length < 4) return undefined;
  const longer = candidates.filter((candidate) => {
    const text = folded(candidate);
    return text.length >= 4 && (text.startsWith(wanted) || text.endsWith(wanted) || wanted.startsWith(text));
  });
  return longer.length === 1 ? longer[0] : undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= right.length; j++) {
      const replaced = at(i - 1, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row.push(
        Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped ? at(i - 2, j - 2) + 1 : Infinity),
      );
    }
  }
  return at(left.length, right.length);
}
