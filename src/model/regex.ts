import { complement } from './code-points.ts';
import type { CodePoints } from './code-points.ts';
import { parsePlainRegex, partsOf } from './regex-parse.ts';
import type { RegexEngine, RegexMatch } from './regex-engine.ts';
import type { Assertion, RegexNode } from './regex-parse.ts';
import { re2Engine } from './regex-re2.ts';
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

/**
 * A compiled pattern with the meaning that Go's `regexp` gives it. Safe on any text: to test and to find the first
 * match takes linear time.
 */
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
  matches(text: string): Iterable<RegexMatch>;
  /** Replaces all matches; the replacement is taken as it is. */
  replaceAll(text: string, replace: Replace): string;
  /** The same; undefined where there is no match. */
  replaced(text: string, replace: Replace): string | undefined;
  /** Whether to look for a match takes no longer than `test`, which need not be asked first then. */
  readonly findsAsFast: boolean;
}

/** What comes in the place of a match, behind a result of so many UTF-16 units. */
export type Replace = (match: RegexMatch, length: number) => string;

export interface RegexOptions {
  /**
   * Whether `RegexLimit` is thrown where a pattern takes too many steps on one text: for all its matches they can
   * grow with the square of the length, and with the size of the pattern always. False if left out.
   */
  readonly bounded?: boolean;
}

/** Compiles a pattern in RE2 syntax. Throws `RegexError`. */
export function compileRegex(pattern: string, { bounded = false }: RegexOptions = {}): Regex {
  checkFlags(pattern);
  const plain = parsePlainRegex(pattern);
  const re2 = (): RegexEngine => re2ForPattern(pattern, bounded);
  const engine = plain === undefined ? undefined : v8Engine(plain, re2);
  return new CompiledRegex(pattern, engine ?? re2());
}

function re2ForPattern(pattern: string, bounded: boolean): RegexEngine {
  try {
    return re2Engine(pattern, bounded);
  } catch (error) {
    throw new RegexError(pattern, messageOf(error).replace(/^error parsing regexp: /, ''));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class CompiledRegex implements Regex {
  readonly pattern: string;
  readonly engine: 'v8' | 're2';
  readonly groupNames: readonly (string | undefined)[];
  readonly findsAsFast: boolean;
  readonly test: (text: string) => boolean;
  readonly #search: RegexEngine['search'];

  constructor(pattern: string, engine: RegexEngine) {
    this.pattern = pattern;
    this.engine = engine.name;
    this.groupNames = engine.groupNames;
    this.findsAsFast = engine.findsAsFast;
    this.test = engine.test;
    this.#search = engine.search;
  }

  match(text: string, from = 0): RegexMatch | undefined {
    return this.#search(text)(from);
  }

  *matches(text: string): Generator<RegexMatch, undefined> {
    const walk = new Walk(text, this.#search(text));
    for (let match = walk.next(); match !== undefined; match = walk.next()) yield match;
  }

  replaceAll(text: string, replace: Replace): string {
    return this.replaced(text, replace) ?? text;
  }

  replaced(text: string, replace: Replace): string | undefined {
    const walk = new Walk(text, this.#search(text));
    let match = walk.next();
    if (match === undefined) return undefined;
    let result = '';
    let end = 0;
    for (; match !== undefined; match = walk.next()) {
      if (match.start > end) result += text.slice(end, match.start);
      result += replace(match, result.length);
      end = match.end;
    }
    return end < text.length ? result + text.slice(end) : result;
  }
}

/** The matches in a text, one after the other. */
class Walk {
  private from = 0;
  private lastEnd = -1;
  private readonly text: string;
  private readonly search: (from: number) => RegexMatch | undefined;

  constructor(text: string, search: (from: number) => RegexMatch | undefined) {
    this.text = text;
    this.search = search;
  }

  next(): RegexMatch | undefined {
    const { text, search } = this;
    // Behind a match that goes to the end there is only the empty one that does not count.
    while (this.from <= text.length && this.lastEnd < text.length) {
      const match = search(this.from);
      if (match === undefined) return undefined;
      const isNew = match.end > this.lastEnd || match.start > this.lastEnd;
      this.lastEnd = match.end;
      this.from = match.end > this.from ? match.end : afterPoint(text, this.from);
      if (isNew) return match;
    }
    return undefined;
  }
}

function afterPoint(text: string, position: number): number {
  return position + ((text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1);
}

/** V8 for the pattern, or undefined if V8 could run away on it. Matches may still need RE2 where tests do not. */
function v8Engine(node: RegexNode, re2: () => RegexEngine): RegexEngine | undefined {
  const tested = withoutLeadingOptions(node);
  if (!runsInLinearTime(tested, 'test')) return undefined;
  const tester = new RegExp(sourceOf(tested, '(?:'), 'u');
  const findsAsFast = runsInLinearTime(node, 'all matches');
  let search: RegexEngine['search'] | undefined;
  return {
    name: 'v8',
    groupNames: [undefined, ...namesOf(node)],
    findsAsFast,
    test: (text) => tester.test(text),
    search(text) {
      search ??= findsAsFast ? v8Search(node) : re2().search;
      return search(text);
    },
  };
}

function v8Search(node: RegexNode): RegexEngine['search'] {
  const finder = new RegExp(sourceOf(node, '('), 'gu');
  return (text) => (from) => {
    finder.lastIndex = from;
    const found = finder.exec(text);
    if (found === null) return undefined;
    return { start: found.index, end: found.index + found[0].length, groups: found.slice() };
  };
}

/** For a search, what may match nothing at the beginning can be left out: `.*password` is `password`. */
function withoutLeadingOptions(node: RegexNode): RegexNode {
  if (node.kind !== 'sequence') return node;
  const start = node.parts.findIndex((part) => part.kind !== 'repeat' || part.min > 0);
  return start < 0 ? { kind: 'sequence', parts: [] } : { kind: 'sequence', parts: node.parts.slice(start) };
}

/** Of the groups, in the order in which they open. */
function namesOf(node: RegexNode): (string | undefined)[] {
  const inner = partsOf(node).flatMap(namesOf);
  return node.kind === 'group' ? [node.name, ...inner] : inner;
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

const emptyFlagsOrSkipped =
  /\\Q.*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w*:\]|\\[^]|[^\]\\])*\]|(\(\?[imsU]*-[:)])/gs;

/** RE2 wants a flag after the minus, RE2JS does not. */
function checkFlags(pattern: string): void {
  for (const [, flags] of pattern.matchAll(emptyFlagsOrSkipped))
    if (flags !== undefined)
      throw new RegexError(pattern, `invalid or unsupported Perl syntax: \`${flags}\``);
}

function remedyFor(reason: string): string {
  if (/(?:Perl syntax: `\(\?(?:=|!|<)|named capture: `\(\?<[=!])/.test(reason))
    return ' (RE2 has no look-around)';
  if (/escape sequence: `\\[1-9]`/.test(reason)) return ' (RE2 has no back-references)';
  return '';
}
