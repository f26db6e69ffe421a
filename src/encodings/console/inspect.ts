/**
 * What `console.dir` and `util.inspect` print: JavaScript notation that was never meant to be read back. Node.js, Deno and
 * Bun differ in quotes and commas, and all of that is read.
 */
import { tooDeep } from '../../model/limits.ts';
import { JsonNumber, JsonObject, type Json } from '../shared/json.ts';
import { ShapeError } from '../shared/shape-error.ts';

/** Bytes, as `Uint8Array(4) [ 222, 173, 190, 239 ]`; as an object it holds its text, so that it differs from others. */
export class PrintedBytes extends JsonObject {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(['bytes'], [Buffer.from(bytes).toString('base64')]);
    this.bytes = bytes;
  }
}

/** What the print-out left out, for those who ask about it. */
export type LeftOut = 'nested values' | 'items' | 'characters';

export interface InspectOptions {
  readonly maxDepth: number;
  leftOut(what: LeftOut): void;
}

/** The value that the text is, `undefined` as null. Throws a ShapeError. */
export function parseInspected(text: string, options: InspectOptions): Json {
  return new InspectParser(text, options).document();
}

const blank = /\s*/y;
/** `... 12 more items`, `... 1 more character`. */
const more = /\.\.\. (\d+) more (items?|characters?|properties)/y;
/** `Map(2)`, `Uint8Array(4)`, `TraceState`, `[Object: null prototype]`, `<ref *1>`, `(3)` before a bracket. */
const classBefore =
  /(?:<ref \*\d+>|\[[A-Z][^\]\n]{0,200}\]|\(\d+\)|[A-Za-z_$][\w$.]*(?:\(\d+\))?(?: \[[\w$]+\])?(?: <[^>\n]{0,100}>)?)\s*(?=[[{])/y;
/** `[Object]`, `[Array]`, `[Circular *1]`, `[Function: name]`; arrays have a blank or a line break behind the bracket. */
const marker =
  /\[([A-Z][\w$]*|Circular[^\]]{0,20}|Function[^\]]{0,200}|class[^\]]{0,200}|Getter[^\]]{0,20}|Setter|AsyncFunction[^\]]{0,200})\]/y;
const empties = /<(\d+) empty items?>/y;
const bufferBytes = /<Buffer((?: [\da-f]{2})*)(?: \.\.\. \d+ more bytes?)?>/y;
const numberText = /-?(?:\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|Infinity|NaN)n?(?![\w$.-])/y;
/** Dates, symbols, regular expressions: kept as they are printed. */
const otherWord =
  /Symbol\([^)\n]{0,200}\)|\/[^\n]{1,1000}?\/[a-z]*(?=[,\s}\]])|[^\s,:{}[\]"'`][^\s,{}[\]"'`]*/y;
const symbolKey = /\[(Symbol\([^)\n]{0,200}\))\]/y;
const plainKey = /[\w$.-]+|[^\s:,{}[\]()'"`]+/y;
const typedBytes = /^(?:Uint8Array|Uint8ClampedArray|Buffer)\b/;

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  0: '\0',
};

class InspectParser {
  private readonly text: string;
  private readonly options: InspectOptions;
  private at = 0;
  private depth = 0;

  constructor(text: string, options: InspectOptions) {
    this.text = text;
    this.options = options;
  }

  document(): Json {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) this.fail('the end of the value');
    return value;
  }

  private value(): Json {
    this.space();
    const first = this.text.charCodeAt(this.at);
    if (first === 0x27 || first === 0x22 || first === 0x60) return this.strings();
    if (isDigit(first)) return this.digits() ?? this.word();
    return this.otherValue(first);
  }

  private otherValue(first: number): Json {
    const name = first === 0x7b ? '' : (this.take(classBefore) ?? '');
    switch (this.text[this.at]) {
      case '{':
        return name.startsWith('Set') ? this.list('}') : this.object();
      case '[':
        return this.leftOutValue() ?? asBytes(name, this.list(']'));
      case '<':
        return this.angle();
      default:
        return this.word();
    }
  }

  /** The usual number, which is nothing but digits. */
  private digits(): JsonNumber | undefined {
    const { text, at } = this;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    const code = text.charCodeAt(end);
    if (code !== 0x2c && code !== 0x20 && code !== 0x0a) return undefined;
    this.at = end;
    return new JsonNumber(text.slice(at, end));
  }

  /** A marker in the place of a value that is nested too deeply. */
  private leftOutValue(): string | undefined {
    const found = this.take(marker);
    if (found !== undefined) this.options.leftOut('nested values');
    return found;
  }

  private object(): JsonObject {
    const names: string[] = [];
    const values: Json[] = [];
    this.enter();
    while (!this.closes('}')) {
      if (!this.passMore()) this.member(names, values);
      this.comma('}');
    }
    this.depth--;
    return new JsonObject(names, values);
  }

  private member(names: string[], values: Json[]): void {
    const key = this.key();
    this.space();
    if (this.text.startsWith('=>', this.at)) this.at += 2;
    else if (this.text[this.at] === ':') this.at++;
    else this.fail(': behind a member name');
    names.push(key);
    values.push(this.value());
  }

  private key(): string {
    const first = this.text[this.at] ?? '';
    if (first === '"' || first === "'" || first === '`') return this.string(first);
    return this.wordKey() ?? this.take(symbolKey) ?? this.take(plainKey) ?? this.fail('a member name');
  }

  /** The usual key without quotes: letters and a colon. */
  private wordKey(): string | undefined {
    const { text, at } = this;
    let end = at;
    while (isLetter(text.charCodeAt(end))) end++;
    if (end === at || text.charCodeAt(end) !== 0x3a) return undefined;
    this.at = end;
    return text.slice(at, end);
  }

  private list(close: string): Json[] {
    const list: Json[] = [];
    this.enter();
    while (!this.closes(close)) {
      const empty = this.text[this.at] === '<' ? this.take(empties) : undefined;
      if (empty !== undefined) this.options.leftOut('items');
      else if (!this.passMore()) this.item(list);
      this.comma(close);
    }
    this.depth--;
    return list;
  }

  /** Arrays may have members besides their items; those are passed. */
  private item(list: Json[]): void {
    const value = this.value();
    this.space();
    if (this.text[this.at] !== ':') {
      list.push(value);
      return;
    }
    this.at++;
    this.value();
  }

  private passMore(): boolean {
    if (this.text[this.at] !== '.' || this.take(more) === undefined) return false;
    this.options.leftOut('items');
    return true;
  }

  private closes(close: string): boolean {
    this.space();
    if (this.text[this.at] !== close) return false;
    this.at++;
    return true;
  }

  private comma(close: string): void {
    this.space();
    if (this.text[this.at] === ',') this.at++;
    else if (this.text[this.at] !== close) this.fail(`, or ${close}`);
  }

  private enter(): void {
    this.at++;
    if (++this.depth > this.options.maxDepth) throw new ShapeError(tooDeep(this.options.maxDepth));
  }

  /** Long texts are printed in parts: `'a\n' +` and on the next line `'b'`. */
  private strings(): string {
    let result = this.string(this.text[this.at] ?? '');
    for (;;) {
      this.space();
      const next = this.text.charCodeAt(this.at);
      if (next === 0x2c) return result;
      if (next === 0x2e && this.take(more) !== undefined) this.options.leftOut('characters');
      else if (next === 0x2b) {
        this.at++;
        this.space();
        const quote = this.text[this.at] ?? '';
        if (quote !== "'" && quote !== '"' && quote !== '`') this.fail('the rest of a text');
        result += this.string(quote);
      } else return result;
    }
  }

  private string(quote: string): string {
    const { text } = this;
    let result = '';
    let from = this.at + 1;
    for (;;) {
      const end = text.indexOf(quote, from);
      if (end < 0) this.fail(`the ${quote} at the end of a text`);
      const escape = text.indexOf('\\', from);
      if (escape < 0 || escape > end) {
        this.at = end + 1;
        return result + text.slice(from, end);
      }
      result += text.slice(from, escape);
      from = escape + 1;
      result += this.escaped(from);
      from = this.at;
    }
  }

  /** What the escape stands for whose letter is at `at`; goes on behind it. */
  private escaped(at: number): string {
    const letter = this.text[at] ?? '';
    const digits = /^(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|u\{([\dA-Fa-f]{1,6})\})/.exec(
      this.text.slice(at, at + 9),
    );
    this.at = at + (digits?.[0].length ?? 1);
    if (digits === null) return Object.hasOwn(simple, letter) ? (simple[letter] ?? '') : letter;
    const code = Number.parseInt(digits[1] ?? digits[2] ?? digits[3] ?? '', 16);
    return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code);
  }

  private angle(): Json {
    const bytes = this.take(bufferBytes);
    if (bytes === undefined) return this.word();
    return new PrintedBytes(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
  }

  private word(): Json {
    const number = this.take(numberText);
    if (number !== undefined) return new JsonNumber(number.replace(/n$/, '').replaceAll('_', ''));
    const word = this.take(otherWord);
    switch (word) {
      case undefined:
        return this.fail('a value');
      case 'true':
      case 'false':
        return word === 'true';
      case 'null':
      case 'undefined':
        return null;
      default:
        return word;
    }
  }

  /** The first group of what is there, or all of it; undefined when the pattern does not fit. */
  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return pattern === marker ? found[0] : (found[1] ?? found[0]);
  }

  private space(): void {
    const { text } = this;
    let code = text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a) code = text.charCodeAt(++this.at);
    if (code > 0x20 && code < 0x7f) return;
    blank.lastIndex = this.at;
    blank.test(text);
    this.at = blank.lastIndex;
  }

  private fail(wanted: string): never {
    const rest = this.text.slice(this.at, this.at + 40);
    const found = rest === '' ? 'its end' : JSON.stringify(rest.split('\n', 1)[0] ?? '');
    throw new ShapeError(`expected ${wanted}, found ${found}`);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

/** Numbers from 0 to 255 under the name of an array of bytes are bytes. */
function asBytes(name: string, list: Json[]): Json {
  if (!typedBytes.test(name)) return list;
  const numbers = list.map((each) => (each instanceof JsonNumber ? Number(each.text) : -1));
  const isBytes = numbers.every((each) => Number.isInteger(each) && each >= 0 && each <= 255);
  return isBytes ? new PrintedBytes(Uint8Array.from(numbers)) : list;
}
