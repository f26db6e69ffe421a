/** E-mail addresses, also as a URL writes them: ada%40example.com. */
import { isDigit, isWord, runEnd, type Finder } from './found.ts';

const longestLocal = 64;
const longestDomain = 253;

/** What looks like a top-level domain and is the ending of a file: `icon@2x.png`. */
const fileEndings = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'svg',
  'webp',
  'ico',
  'js',
  'ts',
  'mjs',
  'cjs',
  'css',
  'json',
]);

export const findEmails: Finder = (text, found) => {
  const signs = new Signs(text);
  let from = 0;
  for (let at = signs.next(0); at !== undefined; at = signs.next(from)) {
    const { start: sign, end: after } = at;
    const start = localStart(text, sign, from);
    const end = domainEnd(text, after);
    from = Math.max(after, end);
    if (start === sign || end === after) continue;
    const normal = `${text.slice(start, sign)}@${text.slice(after, end)}`.toLowerCase();
    found.push({ start, end, kind: 'emails', normal });
  }
};

/** At signs from left to right, whichever way they are written. Each part of the text is searched once for each way. */
class Signs {
  private readonly text: string;
  private plain = -1;
  private encoded = -1;

  constructor(text: string) {
    this.text = text;
  }

  next(from: number): { start: number; end: number } | undefined {
    if (this.plain < from) this.plain = this.after('@', from);
    if (this.encoded < from) this.encoded = this.after('%40', from);
    const start = Math.min(this.plain, this.encoded);
    if (start === Infinity) return undefined;
    return { start, end: start + (start === this.plain ? 1 : 3) };
  }

  private after(sign: string, from: number): number {
    const at = this.text.indexOf(sign, from);
    return at < 0 ? Infinity : at;
  }
}

/** Letters beyond ASCII are allowed in both parts. */
const isLocal = (code: number): boolean =>
  isWord(code) || code > 127 || code === 46 || code === 95 || code === 37 || code === 43 || code === 45;
const isDomain = (code: number): boolean => isWord(code) || code > 127 || code === 45 || code === 46;

function localStart(text: string, sign: number, from: number): number {
  const least = Math.max(from, sign - longestLocal);
  let start = sign;
  while (start > least && isLocal(text.charCodeAt(start - 1))) start--;
  // A dot begins no name: `...ada@example.com`.
  while (start < sign && text[start] === '.') start++;
  return start;
}

/** The end of a domain of two labels at least, the last of letters; `at` when there is none. */
function domainEnd(text: string, at: number): number {
  let end = Math.min(runEnd(text, at, isDomain), at + longestDomain);
  while (end > at && (text[end - 1] === '.' || text[end - 1] === '-')) end--;
  const labels = text.slice(at, end).split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels[0] === '') return at;
  const isName = last.length > 1 && !isDigit(last.charCodeAt(0)) && !fileEndings.has(last.toLowerCase());
  return isName ? end : at;
}
