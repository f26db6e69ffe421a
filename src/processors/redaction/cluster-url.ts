/**
 * URLs and paths with `*` for what looks like an id, so that few are left of many: the rules, quirks too, of the
 * library that the Collector uses for it. A segment of letters stays if its letters follow each other as in English.
 */
import { letterPairs } from './letter-pairs-table.ts';

const mostSegments = 10;
/** Letters and a few signs; as second character any of ASCII, for `v1`. */
const plainSegment = /^[A-Za-z._ -](?:[\0-\x7f][A-Za-z._ -]*)?$/;

export function clusterUrl(url: string): string {
  const cut = url.search(/[?&#]/);
  const segments = (cut < 0 ? url : url.slice(0, cut)).split('/', mostSegments + 1);
  if (segments.length > mostSegments)
    return [
      ...segments.slice(0, mostSegments - 1).map(clustered),
      lastOfMany(segments[mostSegments - 1] ?? ''),
    ].join('/');
  const last = segments.pop() ?? '';
  // What a query or fragment follows is not looked at as a word.
  const end = cut >= 0 && (last === '' || plainSegment.test(last)) ? last : clustered(last);
  return [...segments.map(clustered), end].join('/');
}

function clustered(segment: string): string {
  if (segment === '') return '';
  return plainSegment.test(segment) && isWord(segment) ? segment : '*';
}

/** The tenth segment, behind which all is cut off, is looked at twice. */
function lastOfMany(segment: string): string {
  if (segment === '') return '';
  if (!plainSegment.test(segment)) return '**';
  if (isWord(segment)) return segment;
  const rest = segment.slice(1);
  return rest === '' || !isWord(rest) ? `*${rest === '' ? '' : '*'}` : `*${rest}`;
}

/** The mean of what the least likely of good words and the most likely of bad ones were found to have. */
const leastLikelihood = 0.015099318064947853;

/** The geometric mean of the likelihoods of its pairs decides. Text without a pair is a word. */
function isWord(text: string): boolean {
  const likelihoods = (logLikelihoods ??= countedLikelihoods());
  let sum = 0;
  let pairs = 0;
  let before = -1;
  const lower = text.toLowerCase();
  for (let i = 0; i < lower.length; i++) {
    const index = indexOfLetter(lower.charCodeAt(i));
    if (index < 0) continue;
    if (before >= 0) {
      sum += likelihoods[before * letters + index] ?? 0;
      pairs++;
    }
    before = index;
  }
  return Math.exp(sum / Math.max(pairs, 1)) > leastLikelihood;
}

const letters = 27;

/** a is 0 and blank is 26; -1 for all else. */
function indexOfLetter(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code === 0x20 ? 26 : -1;
}

let logLikelihoods: readonly number[] | undefined;

/** Each pair counts as if it had been seen ten times more, so that none is impossible. */
function countedLikelihoods(): number[] {
  return letterPairs.flatMap((row) => {
    const counts = row.split(' ').map((count) => Number(count) + 10);
    const all = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => Math.log(count / all));
  });
}
