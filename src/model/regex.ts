import { createRequire } from 'node:module';

import type { Matcher, RE2JS } from 're2js';

import { complement } from './code-points.ts';
import type { CodePoints } from './code-points.ts';
import { parsePlainRegex } from './regex-parse.ts';
import type { Assertion, RegexNode } from './regex-parse.ts';
import { runsInLinearTime } from './regex-safety.ts';

/** Thrown for a pattern that RE2 does not accept. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
  readonly pattern: string;
  /** RE2's words, e.g. "missing closing ): `(`". */
  readonly reason: string;

  constructor(pattern: string, reason: string) {
    super(`${JSON.stringify(pattern)} is not a valid RE2 regex: ${reason}${remedyFor(reason)}`);
    this.pattern = pattern;
    this.reason = reason;
  }
}

/** One match; positions are UTF-16 offsets. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** The whole match, then the text of each group; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** A compiled pattern with the meaning that Go's `regexp` gives it. Safe on any text: it runs in linear time. */
export interface Regex {
  readonly pattern: string;
  /** What `test` runs on: V8 where that is proven to be linear and to mean the same, otherwise RE2 in JavaScript. */
  readonly engine: 'v8' | 're2';
  /** The names of the groups by number, 0 being the whole match; undefined for a group without a name. */
  readonly groupNames: readonly (string | undefined)[];
  /** Whether the pattern occurs in the text, anywhere. */
  test(text: string): boolean;
  /** The first match at or after `from`. */
  match(text: string, from?: number): RegexMatch | undefined;
  /** All matches from left to right, without the empty match that may follow a match directly (Go's rule). */
  matches(text: string): RegexMatch[];
  /** Replaces all matches; the replacement is taken as it is. */
  replaceAll(text: string, replace: (match: RegexMatch) => string): string;
}

/** Compiles a pattern in RE2 syntax. Throws `RegexError`. */
export function compileRegex(pattern: string): Regex {
  checkFlags(pattern);
  const plain = parsePlainRegex(pattern);
  const engine = plain === undefined ? undefined : v8Engine(pattern, plain);
  return new CompiledRegex(pattern, engine ?? re2Engine(pattern));
}

interface Engine {
  readonly name: 'v8' | 're2';
  readonly groupNames: readonly (string | undefined)[];
  readonly test: (text: string) => boolean;
  readonly match: (text: string, from: number) => RegexMatch | undefined;
}

class CompiledRegex implements Regex {
  readonly pattern: string;
  readonly engine: 'v8' | 're2';
  readonly groupNames: readonly (string | undefined)[];
  readonly test: (text: string) => boolean;
  readonly #match: (text: string, from: number) => RegexMatch | undefined;

  constructor(pattern: string, engine: Engine) {
    this.pattern = pattern;
    this.engine = engine.name;
    this.groupNames = engine.groupNames;
    this.test = engine.test;
    this.#match = engine.match;
  }

  match(text: string, from = 0): RegexMatch | undefined {
    return this.#match(text, from);
  }

  matches(text: string): RegexMatch[] {
    const found: RegexMatch[] = [];
    let from = 0;
    let lastEnd = -1;
    while (from <= text.length) {
      const match = this.#match(text, from);
      if (match === undefined) break;
      if (match.end > lastEnd || match.start > lastEnd) found.push(match);
      lastEnd = match.end;
      from = match.end > from ? match.end : afterPoint(text, from);
    }
    return found;
  }

  replaceAll(text: string, replace: (match: RegexMatch) => string): string {
    let result = '';
    let lastEnd = 0;
    for (const match of this.matches(text)) {
      result += text.slice(lastEnd, match.start) + replace(match);
      lastEnd = match.end;
    }
    return result + text.slice(lastEnd);
  }
}

function afterPoint(text: string, position: number): number {
  return position + ((text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1);
}

/** V8 for the pattern, or undefined if V8 could run away on it. Matches may still need RE2 where tests do not. */
function v8Engine(pattern: string, node: RegexNode): Engine | undefined {
  const tested = withoutLeadingOptions(node);
  if (!runsInLinearTime(tested, 'test')) return undefined;
  const tester = new RegExp(sourceOf(tested, '(?:'), 'u');
  let finder: Engine['match'] | undefined;
  return {
    name: 'v8',
    groupNames: [undefined, ...namesOf(node)],
    test: (text) => tester.test(text),
    match(text, from) {
      finder ??= runsInLinearTime(node, 'all matches') ? v8Finder(node) : re2Engine(pattern).match;
      return finder(text, from);
    },
  };
}

function v8Finder(node: RegexNode): Engine['match'] {
  const finder = new RegExp(sourceOf(node, '('), 'gu');
  return (text, from) => {
    finder.lastIndex = from;
    const found = finder.exec(text);
    if (found === null) return undefined;
    return { start: found.index, end: found.index + found[0].length, groups: [...found] };
  };
}

/** For a search, what may match nothing at the beginning can be left out: `.*password` is `password`. */
function withoutLeadingOptions(node: RegexNode): RegexNode {
  if (node.kind !== 'sequence') return node;
  const start = node.parts.findIndex((part) => part.kind !== 'repeat' || part.min > 0);
  return start < 0 ? { kind: 'sequence', parts: [] } : { kind: 'sequence', parts: node.parts.slice(start) };
}

function namesOf(node: RegexNode): (string | undefined)[] {
  switch (node.kind) {
    case 'group':
      return [node.name, ...namesOf(node.inner)];
    case 'sequence':
      return node.parts.flatMap(namesOf);
    case 'either':
      return node.branches.flatMap(namesOf);
    case 'repeat':
      return namesOf(node.inner);
    default:
      return [];
  }
}

const assertionSources: Readonly<Record<Assertion, string>> = {
  start: '^',
  end: '$',
  'line-start': '(?<=\\n|^)',
  'line-end': '(?=\\n|$)',
  word: '\\b',
};

/** The pattern for V8 with the flag u. `open` begins the groups that RE2 captures. */
function sourceOf(node: RegexNode, open: '(' | '(?:'): string {
  switch (node.kind) {
    case 'set':
      return setSource(node.set);
    case 'assert':
      return assertionSources[node.what];
    case 'sequence':
      return node.parts
        .map((part) => (part.kind === 'either' ? `(?:${sourceOf(part, open)})` : sourceOf(part, open)))
        .join('');
    case 'either':
      return node.branches
        .map((branch) =>
          branch.kind === 'either' ? `(?:${sourceOf(branch, open)})` : sourceOf(branch, open),
        )
        .join('|');
    case 'group':
      return `${open}${sourceOf(node.inner, open)})`;
    case 'repeat':
      return repeatSource(node, open);
  }
}

function repeatSource(node: Extract<RegexNode, { kind: 'repeat' }>, open: '(' | '(?:'): string {
  const inner = sourceOf(node.inner, open);
  const single = node.inner.kind === 'set' || node.inner.kind === 'group';
  const max = node.max === Number.POSITIVE_INFINITY ? '' : String(node.max);
  return `${single ? inner : `(?:${inner})`}{${node.min},${max}}${node.lazy ? '?' : ''}`;
}

function setSource(set: CodePoints): string {
  if (set.length === 2 && set[0] === set[1]) return pointSource(set[0]!);
  if (set.length === 0) return '[]';
  const negated = set.at(-1) === 0x10ffff;
  const shown = negated ? complement(set) : set;
  let source = '';
  for (let i = 0; i < shown.length; i += 2) {
    source += pointSource(shown[i]!);
    if (shown[i] !== shown[i + 1]) source += `-${pointSource(shown[i + 1]!)}`;
  }
  return `[${negated ? '^' : ''}${source}]`;
}

function pointSource(point: number): string {
  const text = String.fromCodePoint(point);
  return /^[A-Za-z0-9 ]$/.test(text) ? text : `\\u{${point.toString(16)}}`;
}

/** Loaded when the first pattern needs it: most runs do without. */
let re2: typeof RE2JS | undefined;

function re2Engine(pattern: string): Engine {
  re2 ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
  const { source, names } = withUniqueNames(pattern);
  const compiled = compileRe2(re2, pattern, source);
  const groupNames: (string | undefined)[] = Array.from(
    { length: compiled.groupCount() + 1 },
    () => undefined,
  );
  for (const [name, group] of Object.entries(compiled.namedGroups()))
    groupNames[group] = names.get(name) ?? name;
  return {
    name: 're2',
    groupNames,
    test: (text) => compiled.test(text),
    match(text, from) {
      const matcher = compiled.matcher(text);
      if (!matcher.find(from)) return undefined;
      return { start: matcher.start(), end: matcher.end(), groups: groupsOf(matcher, groupNames.length) };
    },
  };
}

function compileRe2(engine: typeof RE2JS, pattern: string, source: string): RE2JS {
  try {
    return engine.compile(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RegexError(pattern, message.replace(/^error parsing regexp: /, ''));
  }
}

function groupsOf(matcher: Matcher, count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, group) => matcher.group(group) ?? undefined);
}

const emptyFlagsOrSkipped =
  /\\Q.*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w*:\]|\\[^]|[^\]\\])*\]|(\(\?[imsU]*-[:)])/gs;

/** RE2 wants a flag after the minus, RE2JS does not. */
function checkFlags(pattern: string): void {
  for (const [, flags] of pattern.matchAll(emptyFlagsOrSkipped))
    if (flags !== undefined)
      throw new RegexError(pattern, `invalid or unsupported Perl syntax: \`${flags}\``);
}

const nameOrSkipped = /\\Q.*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w*:\]|\\[^]|[^\]\\])*\]|\(\?P?<(\w+)>/gs;

/** Go lets two groups have one name, the engine does not: later ones get another name for it. */
function withUniqueNames(pattern: string): { source: string; names: ReadonlyMap<string, string> } {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const source = pattern.replaceAll(nameOrSkipped, (whole: string, name: string | undefined) => {
    if (name === undefined) return whole;
    if (!seen.has(name)) {
      seen.add(name);
      return whole;
    }
    const other = `${name}_again_${names.size}`;
    names.set(other, name);
    return `(?P<${other}>`;
  });
  return { source, names };
}

function remedyFor(reason: string): string {
  if (/(?:Perl syntax: `\(\?(?:=|!|<)|named capture: `\(\?<[=!])/.test(reason))
    return ' (RE2 has no look-around)';
  if (/escape sequence: `\\[1-9]`/.test(reason)) return ' (RE2 has no back-references)';
  return '';
}
