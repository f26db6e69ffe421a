import { deepestValue } from '../model/value.ts';
import type { ExactValue } from '../model/value.ts';
import { OttlFailure } from './errors.ts';

/**
 * JSON as the reference's parser takes it: all numbers are doubles, the last of equal keys counts, and some bad JSON
 * passes (leading zeros, `1.`, raw newlines and tabs in strings). Throws `OttlFailure`, also for nesting that no
 * attribute could hold.
 */
export function parseJson(text: string): ExactValue {
  const parser = new JsonParser(text);
  return parser.whole();
}

const space = /[ \t\r\n]*/y;
const number = /(?:-[0-9.]|[0-9])[0-9.eE+-]*/y;
const goNumber = /^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const plain = /[^"\\]*/y;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): ExactValue {
    const value = this.#value(0);
    this.#match(space);
    if (this.#at < this.#text.length) throw this.#wrong('the end of the text');
    return value;
  }

  #value(depth: number): ExactValue {
    if (depth > deepestValue) throw new OttlFailure(`the JSON is nested deeper than ${deepestValue}`);
    this.#match(space);
    const letter = this.#text.charAt(this.#at);
    switch (letter) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#list(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): Map<string, ExactValue> {
    const map = new Map<string, ExactValue>();
    this.#at++;
    if (this.#accept('}')) return map;
    do {
      this.#match(space);
      if (this.#text.charAt(this.#at) !== '"') throw this.#wrong('a key in double quotes');
      const key = this.#string();
      if (!this.#accept(':')) throw this.#wrong('a colon');
      map.set(key, this.#value(depth + 1));
    } while (this.#accept(','));
    if (!this.#accept('}')) throw this.#wrong('a comma or }');
    return map;
  }

  #list(depth: number): ExactValue[] {
    const items: ExactValue[] = [];
    this.#at++;
    if (this.#accept(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#accept(','));
    if (!this.#accept(']')) throw this.#wrong('a comma or ]');
    return items;
  }

  #string(): string {
    this.#at++;
    let text = '';
    for (;;) {
      text += this.#match(plain);
      const letter = this.#text.charAt(this.#at++);
      if (letter === '') throw this.#wrong('the end of a string');
      if (letter === '"') return text.toWellFormed();
      text += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at++);
    const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (known !== undefined) return known;
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#wrong('an escape sequence of JSON');
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): number {
    const digits = this.#match(number);
    if (!goNumber.test(digits)) throw this.#wrong('a value');
    const value = Number(digits.replace(/\.(?=$|[eE])/, ''));
    if (!Number.isFinite(value)) throw new OttlFailure(`${digits} is too large for a float`);
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#wrong('a value');
    this.#at += word.length;
    return value;
  }

  #match(shape: RegExp): string {
    shape.lastIndex = this.#at;
    const found = shape.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #accept(letter: string): boolean {
    this.#match(space);
    if (this.#text.charAt(this.#at) !== letter) return false;
    this.#at++;
    return true;
  }

  #wrong(expected: string): OttlFailure {
    const found = this.#text.slice(this.#at, this.#at + 20);
    return new OttlFailure(`no JSON: expected ${expected} at ${this.#at}, found ${JSON.stringify(found)}`);
  }
}
