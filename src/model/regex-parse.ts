import { asciiClasses, complement, foldAscii, lineFeed, union } from './code-points.ts';
import type { CodePoints } from './code-points.ts';

/** A regex of the common part of RE2 and V8, in a form that can be judged and written for V8. */
export type RegexNode =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'either'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly inner: RegexNode; readonly name: string | undefined }
  | {
      readonly kind: 'repeat';
      readonly inner: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

export type Assertion = 'start' | 'end' | 'line-start' | 'line-end' | 'word';

/** What a node is made of, in the order of the pattern. */
export function partsOf(node: RegexNode): readonly RegexNode[] {
  switch (node.kind) {
    case 'group':
    case 'repeat':
      return [node.inner];
    case 'sequence':
      return node.parts;
    case 'either':
      return node.branches;
    default:
      return [];
  }
}

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
}

/**
 * Thrown for everything that is left to RE2: what is rare, what is invalid, what has other rules in V8 (it finds
 * `\B` inside a surrogate pair).
 */
class NotPlain extends Error {}

const deepestGroup = 50;

/**
 * Reads the part of RE2 that is common in configurations: literals, classes (POSIX ones too), groups, alternatives,
 * repetitions, anchors, the flags i, s and m. Answers undefined for everything else, valid or not, so what is
 * accepted here is valid RE2.
 */
export function parsePlainRegex(pattern: string): RegexNode | undefined {
  try {
    return new PlainParser(pattern).whole();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const assertions: Readonly<Record<string, Assertion>> = { A: 'start', z: 'end', b: 'word' };

class PlainParser {
  readonly #points: readonly string[];
  #at = 0;
  #depth = 0;
  #flags: Flags = { i: false, s: false, m: false };

  constructor(pattern: string) {
    this.#points = Array.from(pattern);
  }

  whole(): RegexNode {
    const node = this.#either();
    if (this.#at < this.#points.length) throw new NotPlain();
    return node;
  }

  #peek(ahead = 0): string | undefined {
    return this.#points[this.#at + ahead];
  }

  #next(): string {
    const point = this.#points[this.#at++];
    if (point === undefined) throw new NotPlain();
    return point;
  }

  #accept(point: string): boolean {
    const found = this.#peek() === point;
    if (found) this.#at++;
    return found;
  }

  #either(): RegexNode {
    if (++this.#depth > deepestGroup) throw new NotPlain();
    const outer = this.#flags;
    const branches = [this.#sequence()];
    while (this.#accept('|')) branches.push(this.#sequence());
    this.#flags = outer;
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { kind: 'either', branches };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    for (
      let point = this.#peek();
      point !== undefined && point !== '|' && point !== ')';
      point = this.#peek()
    ) {
      const atom = this.#atom();
      if (atom !== undefined) parts.push(this.#repeated(atom));
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  /** Undefined for flags, which match nothing themselves. */
  #atom(): RegexNode | undefined {
    const point = this.#next();
    switch (point) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: this.#class() };
      case '.':
        return { kind: 'set', set: this.#flags.s ? complement([]) : complement(lineFeed) };
      case '^':
        return { kind: 'assert', what: this.#flags.m ? 'line-start' : 'start' };
      case '$':
        return { kind: 'assert', what: this.#flags.m ? 'line-end' : 'end' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new NotPlain();
      default:
        if (point === '{' && this.#counts() !== undefined) throw new NotPlain();
        return this.#literal(point.codePointAt(0)!);
    }
  }

  #literal(point: number): RegexNode {
    return { kind: 'set', set: this.#fold([point, point]) };
  }

  #fold(set: CodePoints): CodePoints {
    if (!this.#flags.i) return set;
    const folded = foldAscii(set);
    if (folded === undefined) throw new NotPlain();
    return folded;
  }

  #group(): RegexNode | undefined {
    let name: string | undefined;
    let captures = true;
    const outer = this.#flags;
    if (this.#accept('?')) {
      name = this.#groupName();
      if (name === undefined) {
        captures = false;
        if (!this.#setFlags()) return undefined;
      }
    }
    const inner = this.#either();
    this.#flags = outer;
    if (!this.#accept(')')) throw new NotPlain();
    return captures ? { kind: 'group', inner, name } : inner;
  }

  /** After `(?`: the name in `P<name>` or `<name>`. */
  #groupName(): string | undefined {
    const start = this.#peek() === 'P' ? 1 : 0;
    if (this.#peek(start) !== '<') return undefined;
    this.#at += start + 1;
    let name = '';
    while (/^\w$/.test(this.#peek() ?? '')) name += this.#next();
    if (name === '' || !this.#accept('>')) throw new NotPlain();
    return name;
  }

  /** After `(?`: sets flags. True if a group follows (`(?i:`), false if they hold for the rest (`(?i)`). */
  #setFlags(): boolean {
    const flags = { ...this.#flags };
    let value = true;
    for (let point = this.#next(); ; point = this.#next()) {
      if (point === 'i' || point === 's' || point === 'm') flags[point] = value;
      else if (point === '-' && value) value = false;
      else if (point === ':' || point === ')') {
        this.#flags = flags;
        return point === ':';
      } else throw new NotPlain();
    }
  }

  #escape(): RegexNode {
    const letter = this.#peek() ?? '';
    const assertion = assertions[letter];
    if (assertion !== undefined) {
      this.#at++;
      return { kind: 'assert', what: assertion };
    }
    const found = this.#classEscape();
    return found === undefined ? this.#literal(this.#pointEscape()) : { kind: 'set', set: found };
  }

  /** After a backslash: the set of `\d` and its kin. */
  #classEscape(): CodePoints | undefined {
    const letter = this.#peek() ?? '';
    if (!/^[dswDSW]$/.test(letter)) return undefined;
    this.#at++;
    const set = this.#fold(asciiClasses[letter.toLowerCase()]!);
    return letter < 'a' ? complement(set) : set;
  }

  /** After a backslash: the code point of an escape for one character. */
  #pointEscape(): number {
    const letter = this.#next();
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === 'x') return this.#hexEscape();
    if (!/^[!-/:-@[-`{-~]$/.test(letter)) throw new NotPlain();
    return letter.codePointAt(0)!;
  }

  #hexEscape(): number {
    let digits = '';
    if (this.#accept('{')) {
      while (!this.#accept('}')) digits += this.#next();
    } else digits = this.#next() + this.#next();
    const point = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (point < 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new NotPlain();
    return point;
  }

  #class(): CodePoints {
    const negated = this.#accept('^');
    const sets: CodePoints[] = [];
    do sets.push(this.#classItem());
    while (!this.#accept(']'));
    const set = union(...sets);
    return negated ? complement(set) : set;
  }

  #classItem(): CodePoints {
    if (this.#peek() === '[' && this.#peek(1) === ':') return this.#posixClass();
    if (this.#peek() === '\\') {
      this.#at++;
      const set = this.#classEscape();
      if (set !== undefined) return set;
      return this.#range(this.#pointEscape());
    }
    return this.#range(this.#next().codePointAt(0)!);
  }

  #range(from: number): CodePoints {
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === undefined)
      return this.#fold([from, from]);
    this.#at++;
    const to = this.#accept('\\') ? this.#pointEscape() : this.#next().codePointAt(0)!;
    if (to < from) throw new NotPlain();
    return this.#fold([from, to]);
  }

  #posixClass(): CodePoints {
    this.#at += 2;
    const negated = this.#accept('^');
    let name = '';
    while (/^[a-z]$/.test(this.#peek() ?? '')) name += this.#next();
    const set = name.length > 1 ? asciiClasses[name] : undefined;
    if (set === undefined || !this.#accept(':') || !this.#accept(']')) throw new NotPlain();
    const folded = this.#fold(set);
    return negated ? complement(folded) : folded;
  }

  #repeated(inner: RegexNode): RegexNode {
    const bounds = this.#bounds();
    if (bounds === undefined) return inner;
    const lazy = this.#accept('?');
    const again = this.#peek() ?? '';
    if (
      inner.kind === 'assert' ||
      '*+?'.includes(again || ' ') ||
      (again === '{' && this.#countsAfterBrace())
    ) {
      throw new NotPlain();
    }
    return { kind: 'repeat', inner, min: bounds[0], max: bounds[1], lazy };
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#accept('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#accept('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#accept('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    this.#at++;
    const counts = this.#counts();
    if (counts === undefined) {
      this.#at--;
      return undefined;
    }
    while (this.#next() !== '}');
    const [min, max] = counts;
    if (min > max || min > 1000 || (max > 1000 && max !== Number.POSITIVE_INFINITY)) throw new NotPlain();
    return counts;
  }

  #countsAfterBrace(): boolean {
    this.#at++;
    const counts = this.#counts();
    this.#at--;
    return counts !== undefined;
  }

  /** After `{`, without reading: the counts of `{n}`, `{n,}` and `{n,m}`; undefined if the brace is a literal. */
  #counts(): readonly [number, number] | undefined {
    const text = this.#points.slice(this.#at, this.#at + 64).join('');
    const [, min, comma, max] = /^([0-9]+)(,?)([0-9]*)\}/.exec(text) ?? [];
    if (min === undefined || (comma === '' && max !== '')) return undefined;
    if (max !== '') return [Number(min), Number(max)];
    return [Number(min), comma === '' ? Number(min) : Number.POSITIVE_INFINITY];
  }
}
