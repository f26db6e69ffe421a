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
  return compileRegex(`(?s)^(?:${source})$`, { bounded: true });
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
        // A backslash at the end is nothing.
        return this.atEnd ? '' : quoted(this.#points[this.#at++] ?? '');
      default:
        return quoted(point);
    }
  }

  /** A range of two characters, or characters of which a backslash takes the next as it is. */
  #set(): string | undefined {
    const isNegated = this.#points[this.#at] === '!';
    if (isNegated) this.#at++;
    const from = this.#points[this.#at];
    const begin = isNegated ? '[^' : '[';
    if (from !== undefined && this.#points[this.#at + 1] === '-') {
      const [to, close] = this.#points.slice(this.#at + 2, this.#at + 4);
      this.#at += 4;
      if (to === undefined || close !== ']' || codePoint(to) < codePoint(from)) return undefined;
      return `${begin}${quoted(from)}-${quoted(to)}]`;
    }
    const members = this.#members();
    return members.length === 0 || this.#points[this.#at++] !== ']'
      ? undefined
      : `${begin}${members.map(quoted).join('')}]`;
  }

  #members(): string[] {
    const members: string[] = [];
    for (; !this.atEnd && this.#points[this.#at] !== ']'; this.#at++) {
      if (this.#points[this.#at] === '\\') this.#at++;
      members.push(...this.#points.slice(this.#at, this.#at + 1));
    }
    return members;
  }

  /** What is never closed is closed by the end. */
  #alternatives(): string | undefined {
    if (++this.#depth > deepestAlternatives) return undefined;
    const branches: string[] = [];
    do {
      const branch = this.sequence(',}');
      if (branch === undefined) return undefined;
      branches.push(branch);
    } while (this.#points[this.#at++] === ',');
    this.#depth--;
    return `(?:${branches.join('|')})`;
  }
}

function codePoint(point: string): number {
  return point.codePointAt(0) ?? 0;
}

function quoted(point: string): string {
  return /^[\p{L}\p{N}_]$/u.test(point) ? point : `\\x{${(point.codePointAt(0) ?? 0).toString(16)}}`;
}
