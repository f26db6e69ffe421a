/** Tokens that are known by how they begin: JSON web tokens, keys of cloud providers and services, private keys. */
import { isTokenChar, isWord, runEnd, type Finder, type Found } from './found.ts';
import { cloudTokens, pemBegins, pemEnd, pemKey, type TokenShape } from './tokens-table.ts';

const shortestPart = 4;

/** `eyJ` is how `{"` begins in base64: two parts at least, with points between them. */
export const findJwts: Finder = (text, found) => {
  for (let at = text.indexOf('eyJ'); at >= 0;) {
    let end = runEnd(text, at, isTokenChar);
    const first = end - at;
    let parts = 1;
    while (text[end] === '.' && parts < 5) {
      end = runEnd(text, end + 1, isTokenChar);
      parts++;
    }
    const isJwt = parts > 1 && first >= shortestPart * 2 && !(at > 0 && isTokenChar(text.charCodeAt(at - 1)));
    if (isJwt) found.push({ start: at, end, kind: 'jwt', normal: text.slice(at, end) });
    at = text.indexOf('eyJ', end);
  }
};

const isUpper = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
const isDotted = (code: number): boolean => isTokenChar(code) || code === 46;
const isBase64 = (code: number): boolean => isTokenChar(code) || code === 43 || code === 47 || code === 61;

const characters = { 'upper and digits': isUpper, 'with dots': isDotted, base64: isBase64 } as const;

/** By the first character, so that a text is walked through once. */
const shapesByFirst: readonly (readonly TokenShape[] | undefined)[] = Array.from(
  { length: 128 },
  (_, code) => {
    const shapes = cloudTokens.filter(({ prefix }) => prefix.charCodeAt(0) === code);
    // A longer prefix knows better.
    return shapes.length === 0
      ? undefined
      : shapes.toSorted((one, other) => other.prefix.length - one.prefix.length);
  },
);

export const findCloudKeys: Finder = (text, found) => {
  for (let at = 0; at < text.length; at++) {
    const shapes = shapesByFirst[text.charCodeAt(at)];
    if (shapes === undefined || continues(text, at)) continue;
    const token = tokenAt(text, at, shapes);
    if (token === undefined) continue;
    found.push(token);
    at = token.end - 1;
  }
  findPrivateKeys(text, found);
};

/** Whether a word is under way: then no token begins. */
function continues(text: string, at: number): boolean {
  return at > 0 && isWord(text.charCodeAt(at - 1));
}

function tokenAt(text: string, at: number, shapes: readonly TokenShape[]): Found | undefined {
  for (const { prefix, least, exactly, of } of shapes) {
    if (!text.startsWith(prefix, at)) continue;
    const from = at + prefix.length;
    const most = exactly === true ? least + 1 : longestToken;
    const end = boundedEnd(text, { from, most }, of === undefined ? isTokenChar : characters[of]);
    const length = end - from;
    if (exactly === true ? length !== least : length < least) continue;
    // What a connection string calls the key stays.
    const start = prefix.endsWith('=') ? from : at;
    return { start, end, kind: 'cloud_keys', normal: text.slice(start, end) };
  }
  return undefined;
}

/** The rest of a longer one is found as another: it begins where the first ended. */
const longestToken = 4096;

function boundedEnd(
  text: string,
  { from, most }: { from: number; most: number },
  fits: (code: number) => boolean,
): number {
  const last = Math.min(text.length, from + most);
  let end = from;
  while (end < last && fits(text.charCodeAt(end))) end++;
  return end;
}

/** With the lines around it; without its last line up to the end of the text. */
function findPrivateKeys(text: string, found: Found[]): void {
  for (let at = text.indexOf(pemBegins); at >= 0;) {
    const line = text.slice(at, at + 60);
    const title = line.slice(0, Math.max(line.indexOf('-----', pemBegins.length), 0));
    if (!title.includes(pemKey)) {
      at = text.indexOf(pemBegins, at + pemBegins.length);
      continue;
    }
    const last = text.indexOf(pemEnd, at);
    const close = last < 0 ? -1 : text.indexOf('-----', last + pemEnd.length);
    const end = close < 0 ? text.length : close + 5;
    found.push({ start: at, end, kind: 'cloud_keys', normal: text.slice(at, end) });
    at = text.indexOf(pemBegins, end);
  }
}
