/**
 * Credentials and cookies in the middle of a text, told by what stands before them: `Bearer ...`, `https://user:password@`,
 * `?access_token=...`, `"password": "..."`, `Cookie: ...`.
 */
import { isTokenChar, isWord, runEnd, type Found } from './found.ts';
import { isQuerySecret, type JudgeName, type NameKind } from './names.ts';

/** What is looked for. */
export interface Wanted {
  readonly auth: boolean;
  readonly cookies: boolean;
}

export function findCredentials(text: string, found: Found[], wanted: Wanted, judge: JudgeName): void {
  if (wanted.auth) {
    findSchemes(text, found);
    findUserInfo(text, found);
  }
  findNamed(text, found, { wanted, judge });
}

const isCredential = (code: number): boolean =>
  isTokenChar(code) || '.~+/='.includes(String.fromCharCode(code));

const scheme = /\b(?:bearer|basic) /i;
const schemes = /\b(bearer|basic) +/gi;
const shortestSecret = 8;

/** Prose has `basic information` and `bearer of news`: what follows has to look like more than a word. */
function findSchemes(text: string, found: Found[]): void {
  if (!scheme.test(text)) return;
  for (const match of text.matchAll(schemes)) {
    const start = match.index + match[0].length;
    const end = runEnd(text, start, isCredential);
    const secret = text.slice(start, end);
    if (secret.length < shortestSecret) continue;
    const isBasic = match[1]?.toLowerCase() === 'basic';
    if (isBasic ? !Buffer.from(secret, 'base64').includes(58) : !/[\d_.=-]/.test(secret.slice(0, 64)))
      continue;
    found.push({ start, end, kind: 'auth', normal: secret });
  }
}

const isAuthority = (code: number): boolean =>
  code > 32 &&
  code !== 47 &&
  code !== 63 &&
  code !== 35 &&
  code !== 34 &&
  code !== 39 &&
  code !== 60 &&
  code !== 62;

const longestAuthority = 512;

/** What stands before the at sign of a URL's host. */
function findUserInfo(text: string, found: Found[]): void {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const start = at + 3;
    const most = Math.min(text.length, start + longestAuthority);
    let end = -1;
    for (let to = start; to < most && isAuthority(text.charCodeAt(to)); to++)
      if (text.charCodeAt(to) === 64) end = to;
    if (end > start) found.push({ start, end, kind: 'auth', normal: text.slice(start, end) });
  }
}

interface Search {
  readonly wanted: Wanted;
  readonly judge: JudgeName;
}

/** Values behind names: at each `=` and `:` a look back for a name. */
function findNamed(text: string, found: Found[], search: Search): void {
  let equals = -1;
  let colon = -1;
  // Each part of the text is searched once for each of the two.
  for (let from = 0; from < text.length;) {
    if (equals < from) equals = indexFrom(text, '=', from);
    if (colon < from) colon = indexFrom(text, ':', from);
    const separator = Math.min(equals, colon);
    if (separator === Infinity) return;
    from = Math.max(separator + 1, valueFound(text, separator, { search, found }));
  }
}

function indexFrom(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? Infinity : at;
}

const longestName = 64;
const isName = (code: number): boolean => isWord(code) || code === 45 || code === 95 || code === 46;
const isQuote = (code: number): boolean => code === 34 || code === 39 || code === 96;

/** The name before the separator, perhaps in quotes that are escaped. */
function nameBefore(text: string, separator: number): { name: string; before: number } {
  let end = separator;
  while (end > 0 && separator - end < 4 && text.charCodeAt(end - 1) === 32) end--;
  if (end > 0 && isQuote(text.charCodeAt(end - 1))) end--;
  if (end > 0 && text.charCodeAt(end - 1) === 92) end--;
  let start = end;
  while (start > 0 && end - start < longestName && isName(text.charCodeAt(start - 1))) start--;
  return { name: text.slice(start, end), before: start === 0 ? 0 : text.charCodeAt(start - 1) };
}

/** Adds the value behind the separator if its name says that it is one; answers where it ends. */
function valueFound(
  text: string,
  separator: number,
  { search: { wanted, judge }, found }: { search: Search; found: Found[] },
): number {
  const { name, before } = nameBefore(text, separator);
  if (name.length < 2) return separator;
  const inQuery = before === 63 || before === 38;
  const kind = judge(name) ?? (inQuery && isQuerySecret(name) ? 'auth' : undefined);
  if (kind === undefined || !wanted[kind]) return separator;
  return addValue(text, separator + 1, { kind, inQuery, isHeader: isHeaderName(name), found });
}

const headerNames = /^(?:proxy-)?authorization$|^(?:set-)?cookie$/i;

/** The values of these go up to the end of a line, with blanks and semicolons. */
function isHeaderName(name: string): boolean {
  return headerNames.test(name);
}

interface ValueFacts {
  readonly kind: NonNullable<NameKind>;
  readonly inQuery: boolean;
  readonly isHeader: boolean;
  readonly found: Found[];
}

function addValue(text: string, from: number, facts: ValueFacts): number {
  let start = from;
  while (start - from < 4 && text.charCodeAt(start) === 32) start++;
  const escaped = text.charCodeAt(start) === 92 && isQuote(text.charCodeAt(start + 1));
  const quote = text[escaped ? start + 1 : start] ?? '';
  const isQuoted = isQuote(quote.charCodeAt(0));
  if (isQuoted) start += escaped ? 2 : 1;
  const end = isQuoted
    ? quotedEnd(text, start, { quote, escaped })
    : runEnd(text, start, facts.inQuery ? isQueryValue : facts.isHeader ? isLine : isBareValue);
  pushValue(text, { start, end }, facts);
  return end;
}

const isQueryValue = (code: number): boolean => isBareValue(code) && code !== 35;
const isLine = (code: number): boolean => code !== 10 && code !== 13 && code !== 34 && code !== 39;
const isBareValue = (code: number): boolean =>
  code > 32 && !'"\'`,;&<>(){}[]|\\'.includes(String.fromCharCode(code));

/** The end of a text in quotes, or of everything. */
function quotedEnd(
  text: string,
  from: number,
  { quote, escaped }: { quote: string; escaped: boolean },
): number {
  if (escaped) {
    const end = text.indexOf(`\\${quote}`, from);
    return end < 0 ? text.length : end;
  }
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

/** No secret is meant by these, and no text is left out for them. */
const empties = new Set(['', 'null', 'true', 'false', 'undefined', 'none', '***']);

function pushValue(text: string, { start, end }: { start: number; end: number }, facts: ValueFacts): void {
  const { found, kind } = facts;
  if (kind === 'cookies') {
    pushCookies(text, { start, end }, found);
    return;
  }
  const from = start + schemeLength(text.slice(start, Math.min(end, start + 40)));
  const value = text.slice(from, end);
  if (!empties.has(value.toLowerCase())) found.push({ start: from, end, kind, normal: value });
}

/** `Bearer ` stays: it says how, and not what. */
export function schemeLength(value: string): number {
  return /^(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256) +/i.exec(value)?.[0].length ?? 0;
}

/** Of `sid=1; theme=dark` the values; names of what a server says about a cookie keep theirs. */
const cookieAttributes = new Set(['path', 'domain', 'expires', 'max-age', 'samesite', 'priority', 'version']);

export function pushCookies(
  text: string,
  { start, end }: { start: number; end: number },
  found: Found[],
): void {
  for (let at = start; at < end;) {
    const semicolon = text.indexOf(';', at);
    const stop = semicolon < 0 || semicolon > end ? end : semicolon;
    // Looked for in this part alone: else a text without any would be searched to its end for each of its parts.
    const equals = text.slice(at, stop).indexOf('=');
    const name =
      equals < 0
        ? ''
        : text
            .slice(at, at + equals)
            .trim()
            .toLowerCase();
    const from = at + equals + 1;
    if (stop > from && !cookieAttributes.has(name) && (equals >= 0 || at === start))
      found.push({ start: from, end: stop, kind: 'cookies', normal: text.slice(from, stop) });
    at = stop + 1;
  }
}
