/** The candidate that a misspelt `word` most likely means, or undefined when none is near. */
function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.round(word.length / 3));
  const wanted = plain(word);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // So far apart that nothing need be compared: the word may be of any length.
    if (Math.abs(wanted.length - plain(candidate).length) >= bestDistance) continue;
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "x"?`, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean ${found}?`;
}

const otherLiterals: Readonly<Record<string, string>> = {
  nil: 'nil',
  null: 'nil',
  none: 'nil',
  undefined: 'nil',
  true: 'true',
  false: 'false',
};

/** For what other languages write where OTTL has nil, true and false. */
export function literalRemedy(word: string): string | undefined {
  const small = word.toLowerCase();
  return Object.hasOwn(otherLiterals, small) ? `write ${otherLiterals[small]}` : undefined;
}

/** For a name that stands where a path must, and begins with none of the prefixes. */
export function bareWordRemedy(word: string, prefixes: Iterable<string>): string {
  return literalRemedy(word) ?? didYouMean(word, prefixes) ?? 'a text stands in double quotes';
}

/** Letter case and underscores are the usual slips (`severityText`, `Is_Match`): they cost nothing. */
function plain(word: string): string {
  return word.replaceAll('_', '').toLowerCase();
}

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = costAt(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(costAt(last, j) + 1, costAt(row, j - 1) + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(cost, costAt(beforeLast, j - 2) + 1) : cost);
    }
    beforeLast = last;
    last = row;
  }
  return costAt(last, b.length);
}

function costAt(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
