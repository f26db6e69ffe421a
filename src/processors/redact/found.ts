/** What is found in a text, and how it is put together. */

/** The presets, and what keys and patterns of the config find. */
export type Kind = string;

export interface Found {
  readonly start: number;
  readonly end: number;
  readonly kind: Kind;
  /** What is the same for each way to write the same thing: an e-mail address in lower case. */
  readonly normal: string;
}

/** Looks at a text once, in time that grows with its length and nothing else. */
export type Finder = (text: string, found: Found[]) => void;

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isWord = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** The characters of base64 for URLs, which most tokens are made of. */
export const isTokenChar = (code: number): boolean => isWord(code) || code === 45 || code === 95;

/** Where the run of such characters from `at` on ends. */
export function runEnd(text: string, at: number, fits: (code: number) => boolean): number {
  let end = at;
  while (end < text.length && fits(text.charCodeAt(end))) end++;
  return end;
}

/**
 * In their order, none touching another. Of two of the same extent the first counts, one within another is left to it,
 * and two that overlap become one, so that no part of either stays.
 */
export function disjoint(text: string, found: readonly Found[]): readonly Found[] {
  if (found.length < 2) return found;
  const sorted = found.toSorted((one, other) => one.start - other.start || other.end - one.end);
  const kept: Found[] = [];
  for (const one of sorted) {
    const last = kept.at(-1);
    if (last === undefined || one.start >= last.end) kept.push(one);
    else if (one.end > last.end)
      kept[kept.length - 1] = { ...last, end: one.end, normal: text.slice(last.start, one.end) };
  }
  return kept;
}
