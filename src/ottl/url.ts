import { parseAddress } from './address.ts';
import { OttlFailure } from './errors.ts';

/** A URL as Go's `net/url` reads it: nothing is normalised but the scheme. */
export interface ParsedUrl {
  readonly scheme: string;
  /** What follows the scheme if that is no path: `mailto:` has it. */
  readonly opaque: string;
  readonly user: { readonly name: string; readonly password: string | undefined } | undefined;
  /** With the port, and brackets around IPv6. */
  readonly host: string;
  /** A path that follows the scheme without a place for a host: `a:/b`, not `a:///b`. */
  readonly omitsHost: boolean;
  /** Without escapes. */
  readonly path: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly emptyQuery: boolean;
  readonly fragment: string;
  readonly rawFragment: string;
}

type Mode = 'path' | 'query' | 'user' | 'host' | 'fragment';

/** Throws `OttlFailure`. */
export function parseUrl(text: string): ParsedUrl {
  const [beforeFragment, rawFragment = ''] = cut(text, '#');
  if (/[\u0000-\u001f\u007f]/.test(beforeFragment))
    throw new OttlFailure('a URL must not hold control characters', [text]);
  const { scheme, rest } = splitScheme(beforeFragment);
  const [hierarchy, query] = cut(rest, '?');
  return {
    scheme,
    rawQuery: query ?? '',
    emptyQuery: query === '',
    fragment: unescape(rawFragment, 'fragment'),
    rawFragment,
    ...parseHierarchy(hierarchy, scheme),
  };
}

/** What stands before and after the first `at`. */
function cut(text: string, at: string): readonly [before: string, after: string | undefined] {
  const position = text.indexOf(at);
  return position < 0 ? [text, undefined] : [text.slice(0, position), text.slice(position + 1)];
}

type Hierarchy = Pick<ParsedUrl, 'opaque' | 'user' | 'host' | 'omitsHost' | 'path' | 'rawPath'>;

function parseHierarchy(text: string, scheme: string): Hierarchy {
  const hasScheme = scheme !== '';
  if (!text.startsWith('/')) {
    if (hasScheme)
      return { opaque: text, user: undefined, host: '', omitsHost: false, path: '', rawPath: '' };
    if (text.split('/')[0]?.includes(':') === true)
      throw new OttlFailure('the first part of a path must not hold a colon', [text]);
  }
  const hasAuthority = text.startsWith('//') && (hasScheme || !text.startsWith('///'));
  const pathStart = hasAuthority ? text.indexOf('/', 2) : 0;
  const rawPath = pathStart < 0 ? '' : text.slice(pathStart);
  const authority = hasAuthority ? text.slice(2, text.length - rawPath.length) : '';
  const omitsHost = hasScheme && !hasAuthority;
  return {
    opaque: '',
    ...parseAuthority(authority, scheme),
    omitsHost,
    path: unescape(rawPath, 'path'),
    rawPath,
  };
}

function splitScheme(text: string): { scheme: string; rest: string } {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme !== undefined) return { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) };
  if (text.startsWith(':')) throw new OttlFailure('the scheme of the URL is missing', [text]);
  return { scheme: '', rest: text };
}

function parseAuthority(authority: string, scheme: string): Pick<ParsedUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1), scheme);
  if (at < 0) return { user: undefined, host };
  const info = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(info))
    throw new OttlFailure('the user of the URL holds characters that must be escaped', [info]);
  const colon = info.indexOf(':');
  if (colon < 0) return { user: { name: unescape(info, 'user'), password: undefined }, host };
  const name = unescape(info.slice(0, colon), 'user');
  return { user: { name, password: unescape(info.slice(colon + 1), 'user') }, host };
}

function parseHost(host: string, scheme: string): string {
  const isLiteral = host.startsWith('[');
  const close = host.lastIndexOf(']');
  if (isLiteral && close < 0) throw new OttlFailure('a ] is missing in the host', [host]);
  if (host.lastIndexOf('[') > 0) throw new OttlFailure('a [ only begins a host', [host]);
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isLiteral ? close + 1 : isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::[0-9]*)?$/.test(port)) throw new OttlFailure(`${JSON.stringify(port)} is no port`, [host]);
  const unescaped = unescape(host, 'host');
  if (isLiteral) checkLiteral(unescaped.slice(1, unescaped.lastIndexOf(']')));
  return unescaped;
}

/** In brackets stands an IPv6 address, maybe with a zone. */
function checkLiteral(literal: string): void {
  const [address, zone] = cut(literal, '%');
  if (!address.includes(':') || parseAddress(address) === undefined || zone === '')
    throw new OttlFailure(`${JSON.stringify(literal)} is no IPv6 address`, [literal]);
}

/** The host without its port and brackets, and the port. */
export function splitPort(host: string): { name: string; port: string } {
  const [, before = host, port = ''] = /^(.*):([0-9]*)$/s.exec(host) ?? [];
  const name = before.startsWith('[') && before.endsWith(']') ? before.slice(1, -1) : before;
  return { name, port };
}

/** Which ASCII characters need no escape, besides letters, digits and `-_.~`. */
const free: Readonly<Record<Mode, string>> = {
  path: '$&+,/:;=@',
  user: '$&+,;=',
  host: '!$&\'()*+,;=:[]<>"',
  query: '',
  fragment: '$&+,/:;=?@!()*',
};

function isFree(letter: string, mode: Mode): boolean {
  return /^[A-Za-z0-9\-_.~]$/.test(letter) || free[mode].includes(letter);
}

/** Throws `OttlFailure` for a `%` that begins no escape, and for what a host must not hold. */
function unescape(text: string, mode: Mode): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (bad !== null)
    throw new OttlFailure(`${JSON.stringify(text.slice(bad.index, bad.index + 3))} is no escape in a URL`, [
      text,
    ]);
  if (mode === 'host') checkHost(text);
  const spaced = mode === 'query' ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  const bytes = spaced
    .split(/(%[0-9a-fA-F]{2})/)
    .map((part) => (/^%[0-9a-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)));
  return Buffer.concat(bytes).toString();
}

function checkHost(host: string): void {
  for (const letter of host.replaceAll(/%[89a-fA-F][0-9a-fA-F]/g, '')) {
    if (letter < '\u0080' && !isFree(letter, 'host') && !(letter === '%' && host.startsWith('[')))
      throw new OttlFailure(`${JSON.stringify(letter)} must not stand in the name of a host`, [host]);
  }
}

function escape(text: string, mode: Mode): string {
  let escaped = '';
  for (const letter of text) {
    if (isFree(letter, mode)) escaped += letter;
    else
      for (const byte of Buffer.from(letter))
        escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** The URL as text, as Go puts it together again. */
export function printUrl(url: ParsedUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.rawQuery === '' && !url.emptyQuery ? '' : `?${url.rawQuery}`;
  const fragment = url.rawFragment === '' ? '' : `#${asWritten(url.rawFragment, url.fragment, 'fragment')}`;
  return scheme + (url.opaque === '' ? printHierarchy(url) : url.opaque) + query + fragment;
}

function printHierarchy(url: ParsedUrl): string {
  const user = url.user === undefined ? '' : `${userInfo(url)}@`;
  const hasPlace = url.scheme !== '' && url.path !== '' && !url.omitsHost;
  const hasAuthority = url.host !== '' || user !== '' || hasPlace;
  const authority = hasAuthority ? `//${user}${escape(url.host, 'host')}` : '';
  return authority + asWritten(url.rawPath, url.path, 'path');
}

/** The user and password as they stand in a URL. */
export function userInfo({ user }: ParsedUrl): string {
  if (user === undefined) return '';
  const name = escape(user.name, 'user');
  return user.password === undefined ? name : `${name}:${escape(user.password, 'user')}`;
}

/** The text as it was written if that is a valid form of it. */
function asWritten(raw: string, plain: string, mode: 'path' | 'fragment'): string {
  const isValid = Array.from(raw).every((letter) => isFree(letter, mode) || "!'()*[]%".includes(letter));
  return isValid ? raw : escape(plain, mode);
}

/** The values of each key of a query. Throws `OttlFailure`. */
export function parseQuery(query: string): ReadonlyMap<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    if (part.includes(';')) throw new OttlFailure('a query must not hold a semicolon', [query]);
    const equal = part.indexOf('=');
    const key = unescape(equal < 0 ? part : part.slice(0, equal), 'query');
    const value = equal < 0 ? '' : unescape(part.slice(equal + 1), 'query');
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}
