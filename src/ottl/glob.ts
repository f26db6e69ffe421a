import { compileRegex } from '../model/regex.ts';
import type { Regex } from '../model/regex.ts';

/**
 * A glob as gobwas/glob reads it, without separators: `*` and `**` match anything, `?` one character, `[a-z]` and
 * `[!a-z]` one of a set, `{a,b}` one of several, `\` takes the next character as it is. It must match a whole text.
 * Undefined for what is no glob.
 */
export function compileGlob(glob: string): Regex | undefined {
  const reader = new GlobReader(Array.from(glob));
  const source = reader.sequence('');
  if (source === undefined || !reader.atEnd) return undefined;
  return compileRegex(`(?s)^(?:${source})$`);
}

const deepestAlternatives = 20;

class GlobReader {
  readonly #points: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(points: readonly string[]) {
    this.#points = points;
  }

  get atEnd(): boolean {
    return this.#at >= this.#points.length;
  }

  /** Up to one of the characters in `ends`, which is not read. */
  sequence(ends: string): string | undefined {
    let source = '';
    while (!this.atEnd && !ends.includes(this.#points[this.#at] ?? '')) {
      const part = this.#part();
      if (part === undefined) return undefined;
      // A run of stars is one star.
      if (part !== '.*' || !source.endsWith('.*')) source += part;
    }
    return source;
  }

  #part(): string | undefined {
    const point = this.#points[this.#at++] ?? '';
    switch (point) {
      case '*':
        return '.*';
      case '?':
        return '.';
      case '[':
        return this.#set();
      case '{':
        return this.#alternatives();
      case '\\':
        return this.atEnd ? undefined : quoted(this.#points[this.#at++] ?? '');
      default:
        return quoted(point);
    }
  }

  #set(): string | undefined {
    const close = this.#points.indexOf(']', this.#at + 1);
    if (close < 0) return undefined;
    const body = this.#points.slice(this.#at, close);
    this.#at = close + 1;
    const negated = body[0] === '!';
    const members = negated ? body.slice(1) : body;
    if (members.length === 0) return undefined;
    const [from, dash, to] = members;
    if (members.length === 3 && dash === '-' && from !== undefined && to !== undefined) {
      return from > to ? undefined : `[${negated ? '^' : ''}${quoted(from)}-${quoted(to)}]`;
    }
    return `[${negated ? '^' : ''}${members.map(quoted).join('')}]`;
  }

  #alternatives(): string | undefined {
    if (++this.#depth > deepestAlternatives) return undefined;
    const branches: string[] = [];
    for (;;) {
      const branch = this.sequence(',}');
      if (branch === undefined || this.atEnd) return undefined;
      branches.push(branch);
      if (this.#points[this.#at++] === '}') break;
    }
    this.#depth--;
    return `(?:${branches.join('|')})`;
  }
}

function quoted(point: string): string {
  return /^[\p{L}\p{N}_]$/u.test(point) ? point : `\\x{${(point.codePointAt(0) ?? 0).toString(16)}}`;
}
