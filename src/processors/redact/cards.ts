/** Numbers of payment cards: of a length that their issuer has, with a check digit that is right. */
import { isDigit, isWord, type Finder } from './found.ts';

const shortest = 13;
const longest = 19;

/** The groups in which people write them. */
const groupings = new Set(['4,4,4,4', '4,6,5', '4,6,4', '4,4,4,4,3']);
const mostGroups = 5;

/** However it is written, a card's number has so many digits in a row. */
const digitsInARow = /[0-9]{4}/;

export const findCards: Finder = (text, found) => {
  if (text.length < shortest || !digitsInARow.test(text)) return;
  for (let at = 0; at < text.length;) {
    if (!isDigit(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const groups = groupsAt(text, at);
    const card = cardIn(text, groups);
    const begins = at === 0 || !isPart(text, at - 1);
    if (card !== undefined && begins) {
      found.push(card);
      at = card.end;
    } else at = groups[0]?.end ?? at + 1;
  }
};

/** Whether it is a card's number, written as an integer. */
export function isCard(digits: string): boolean {
  return hasIssuer(digits) && hasCheckDigit(digits);
}

interface Group {
  readonly start: number;
  readonly end: number;
}

/** Runs of digits with one blank or one hyphen between them, from here on. */
function groupsAt(text: string, from: number): Group[] {
  const groups: Group[] = [];
  let at = from;
  while (groups.length < mostGroups) {
    let end = at;
    while (end < text.length && isDigit(text.charCodeAt(end))) end++;
    if (end === at) break;
    groups.push({ start: at, end });
    const separator = text[end];
    if (separator !== ' ' && separator !== '-') break;
    at = end + 1;
  }
  return groups;
}

function cardIn(text: string, groups: readonly Group[]): ReturnType<typeof cardOf> {
  for (let count = groups.length; count > 0; count--) {
    const card = cardOf(text, groups.slice(0, count));
    if (card !== undefined) return card;
  }
  return undefined;
}

function cardOf(
  text: string,
  groups: readonly Group[],
): { start: number; end: number; kind: string; normal: string } | undefined {
  const [first, last] = [groups[0], groups.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const lengths = groups.map(({ start, end }) => end - start);
  if (groups.length > 1 && !groupings.has(lengths.join(','))) return undefined;
  const size = lengths.reduce((sum, length) => sum + length, 0);
  if (size < shortest || size > longest || isPart(text, last.end)) return undefined;
  const normal = groups.map(({ start, end }) => text.slice(start, end)).join('');
  if (!isCard(normal)) return undefined;
  return { start: first.start, end: last.end, kind: 'cards', normal };
}

/** Whether the number goes on there, as that of an id or of a fraction does. */
function isPart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (isWord(code) || code === 95) return true;
  return code === 46 && isDigit(text.charCodeAt(at + 1)) && isDigit(text.charCodeAt(at - 1));
}

/** First digits, as a range of numbers, and lengths. */
const issuers: readonly (readonly [least: string, most: string, lengths: readonly number[]])[] = [
  ['4', '4', [13, 16, 19]],
  ['51', '55', [16]],
  ['2221', '2720', [16]],
  ['34', '34', [15]],
  ['37', '37', [15]],
  ['300', '305', [14, 16]],
  ['36', '36', [14, 16]],
  ['38', '39', [14, 16]],
  ['3528', '3589', [16, 17, 18, 19]],
  ['6011', '6011', [16, 17, 18, 19]],
  ['62', '62', [16, 17, 18, 19]],
  ['644', '649', [16, 17, 18, 19]],
  ['65', '65', [16, 17, 18, 19]],
  ['50', '50', [16, 17, 18, 19]],
  ['56', '58', [16, 17, 18, 19]],
  ['67', '67', [16, 17, 18, 19]],
];

function hasIssuer(digits: string): boolean {
  return issuers.some(([least, most, lengths]) => {
    const first = digits.slice(0, least.length);
    return first >= least && first <= most && lengths.includes(digits.length);
  });
}

/** The formula of Luhn. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, doubles = false; at >= 0; at--, doubles = !doubles) {
    const digit = digits.charCodeAt(at) - 48;
    const value = doubles ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
