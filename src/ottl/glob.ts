import { compileRegex } from '../model/regex.ts';
import type { Regex } from '../model/regex.ts';

/**
 * A glob as gobwas/glob reads it, without separators: `*` and `**` match anything, `?` one character, `[a-z]` and
 * `[!a-z]` one of a set, `{a,b}` one of several, `\` takes the next character as it is. It must match a whole text.
 * Undefined for what is no glob.
 */
export function compileGlob(glob: string): Regex | undefined {
  // The reference takes it for a byte that is no UTF-8.
  if (glob.includes('\ufffd')) return undefined;
  const reader = new GlobReader(Array.from(glob));
  const whole = reader.sequence('');
  if (whole === undefined || !reader.atEnd) return undefined;
  return compileRegex(`(?s)^(?:${whole.alone})$`, { bounded: true });
}

interface Part {
  readonly source: string;
  /** The source if there is nothing else: as in the reference, `?` or `[!a]` alone matches the empty text too. */
  readonly alone: string;
}

const star = '.*';
const nothing: Part = { source: '', alone: '' };

function literal(point: string): Part {
  return { source: quoted(point), alone: quoted(point) };
}

/** One character of which the end of the text, U+FFFD for the reference, may be one. */
function one(source: string, hasEnd: boolean): Part {
  return { source, alone: hasEnd ? `(?:${source})?` : source };
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
  sequence(ends: string): Part | undefined {
    const parts: Part[] = [];
    while (!this.atEnd && !ends.includes(this.#points[this.#at] ?? '')) {
      const part = this.#part();
      if (part === undefined) return undefined;
      // A run of stars is one star.
      if (part !== nothing && (part.source !== star || parts.at(-1)?.source !== star)) parts.push(part);
    }
    const [first = nothing] = parts;
    const source = parts.map((part) => part.source).join('');
    return parts.length === 1 ? first : { source, alone: source };
  }

  #part(): Part | undefined {
    const point = this.#points[this.#at++] ?? '';
    switch (point) {
      case '*':
        return { source: star, alone: star };
      case '?':
        return one('.', true);
      case '[':
        return this.#set();
      case '{':
        return this.#alternatives();
      case '\0':
        return this.#nul();
      case '\\':
        // A backslash at the end is nothing.
        return this.#points[this.#at] === '\0' || this.atEnd ? this.#skipNul(nothing) : this.#text();
      default:
        this.#at--;
        return this.#text();
    }
  }

  #text(): Part {
    return this.#skipNul(literal(this.#points[this.#at++] ?? ''));
  }

  /** As in the reference, U+0000 behind a text is nothing, and elsewhere the end of the glob. */
  #skipNul(part: Part): Part {
    if (this.#points[this.#at] === '\0') this.#at++;
    return part;
  }

  #nul(): Part {
    this.#at = this.#points.length;
    return nothing;
  }

  /** A range of two characters, or characters of which a backslash takes the next as it is. */
  #set(): Part | undefined {
    const isNegated = this.#points[this.#at] === '!';
    if (isNegated) this.#at++;
    if (this.#points[this.#at + 1] === '-') return this.#range(isNegated);
    const members = this.#members();
    if (members.length === 0 || members.includes('\0') || this.#points[this.#at++] !== ']') return undefined;
    const source = `${isNegated ? '[^' : '['}${members.map(quoted).join('')}]`;
    return one(source, members.includes('\ufffd') !== isNegated);
  }

  #range(isNegated: boolean): Part | undefined {
    const [from = '', , to, close] = this.#points.slice(this.#at, this.#at + 4);
    this.#at += 4;
    if (to === undefined || close !== ']' || codePoint(to) < codePoint(from) || from === '\0')
      return undefined;
    const hasEnd = codePoint(from) <= 0xfffd && codePoint(to) >= 0xfffd;
    return one(`${isNegated ? '[^' : '['}${quoted(from)}-${quoted(to)}]`, hasEnd !== isNegated);
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
  #alternatives(): Part | undefined {
    if (++this.#depth > deepestAlternatives) return undefined;
    const branches: Part[] = [];
    do {
      const branch = this.sequence(',}');
      if (branch === undefined) return undefined;
      branches.push(branch);
    } while (this.#points[this.#at++] === ',');
    this.#depth--;
    const either = (sources: readonly string[]): string => `(?:${sources.join('|')})`;
    return {
      source: either(branches.map(({ source }) => source)),
      alone: either(branches.map(({ alone }) => alone)),
    };
  }
}

function codePoint(point: string): number {
  return point.codePointAt(0) ?? 0;
}

/** A regex for one character, or none for half of one. */
export function quoted(point: string): string {
  return /^[\p{L}\p{N}_]$/u.test(point) ? point : `\\x{${codePoint(point).toString(16)}}`;
}
