/**
 * JSON as values whose numbers keep their text: a time in microseconds with a fraction is no double, and 5 and 5.0 are
 * not the same. Members are a list, not properties: no name of a recording means anything to JavaScript.
 */
import { tooDeep } from '../../model/limits.ts';
import type { ExactValue } from '../../model/value.ts';
import { noNames, type NameList } from './name-list.ts';
import { ShapeError } from './shape-error.ts';

/** A number as it is written, NaN and the infinities of Python and JavaScript included. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class JsonObject {
  /** Objects with the same members may share this list. */
  readonly names: readonly string[];
  readonly values: readonly Json[];

  constructor(names: readonly string[] = [], values: readonly Json[] = []) {
    this.names = names;
    this.values = values;
  }

  /** The value of the last member of this name. */
  get(name: string): Json | undefined {
    for (let i = this.names.length - 1; i >= 0; i--) if (this.names[i] === name) return this.values[i];
    return undefined;
  }
}

export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words: readonly (readonly [string, Json])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new JsonNumber('NaN')],
  ['Infinity', new JsonNumber('Infinity')],
  ['-Infinity', new JsonNumber('-Infinity')],
];

/** Names that came before, by a few of their letters; no more of them are kept than there are places. */
const names: (string | undefined)[] = Array.from({ length: 2048 });
const longestName = 40;

function slotOf(text: string, start: number, length: number): number {
  const middle = text.charCodeAt(start + (length >> 1));
  const third = text.charCodeAt(start + ((length * 3) >> 2));
  const sum = text.charCodeAt(start) + middle * 37 + third * 211 + text.charCodeAt(start + length - 1) * 709;
  return (sum + length * 1201) & (names.length - 1);
}

/** The one string of these letters that property names share. */
function internalized(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text;
}

/** Throws a ShapeError that says what was expected. Nesting beyond `maxDepth` is refused. */
export function parseJson(text: string, maxDepth: number): Json {
  return new JsonParser(text, maxDepth).document();
}

class JsonParser {
  private readonly text: string;
  private readonly maxDepth: number;
  private at = 0;
  private depth = 0;
  /** The next backslash at or after `at`, as far as that was looked for; beyond the text if there is none. */
  private escape: number;

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.escape = this.nextEscape(0);
  }

  document(): Json {
    const value = this.value(this.space());
    this.space();
    if (this.at < this.text.length) this.fail('the end of the value');
    return value;
  }

  private value(first: number): Json {
    if (first === 0x22) return this.string();
    if (first === 0x7b) return this.object();
    if (first === 0x5b) return this.array();
    if ((first >= 0x30 && first <= 0x39) || first === 0x2d) return this.number();
    return this.word();
  }

  private object(): JsonObject {
    this.enter();
    let names = noNames();
    if (this.space() === 0x7d) return this.leave(new JsonObject(names.list));
    const values: Json[] = [];
    for (;;) {
      if (this.space() !== 0x22) this.fail('a member name');
      names = this.nameBehind(names);
      if (this.space() !== 0x3a) this.fail(':');
      this.at++;
      values.push(this.value(this.space()));
      const byte = this.space();
      if (byte === 0x7d) return this.leave(new JsonObject(names.list, values));
      if (byte !== 0x2c) this.fail(', or }');
      this.at++;
    }
  }

  private array(): Json[] {
    const array: Json[] = [];
    this.enter();
    if (this.space() === 0x5d) return this.leave(array);
    for (;;) {
      array.push(this.value(this.space()));
      const byte = this.space();
      if (byte === 0x5d) return this.leave(array);
      if (byte !== 0x2c) this.fail(', or ]');
      this.at++;
    }
  }

  private enter(): void {
    this.at++;
    if (++this.depth > this.maxDepth) throw new ShapeError(tooDeep(this.maxDepth));
  }

  private leave<T>(value: T): T {
    this.at++;
    this.depth--;
    return value;
  }

  /** What came behind these names the last time is not looked for anywhere. */
  private nameBehind(names: NameList): NameList {
    const { text, at } = this;
    const expected = names.latest;
    if (expected !== undefined) {
      const { last } = expected;
      if (text.charCodeAt(at + 1 + last.length) === 0x22 && text.startsWith(last, at + 1)) {
        this.at = at + last.length + 2;
        return expected;
      }
    }
    return names.and(this.name());
  }

  /** The same names come over and over: one that is known is not made anew, and compared by its identity. */
  private name(): string {
    const { text, at } = this;
    const end = text.indexOf('"', at + 1);
    const length = end - at - 1;
    if (length < 1 || length > longestName) return this.string();
    const slot = slotOf(text, at + 1, length);
    const known = names[slot];
    if (known?.length === length && text.startsWith(known, at + 1)) {
      this.at = end + 1;
      return known;
    }
    const name = this.string();
    if (name.length === length) names[slot] = internalized(name);
    return name;
  }

  private string(): string {
    const { text } = this;
    const from = this.at + 1;
    if (this.escape < from) this.escape = this.nextEscape(from);
    let end = text.indexOf('"', from);
    if (end >= 0 && end < this.escape) {
      this.at = end + 1;
      return text.slice(from, end);
    }
    while (end >= 0 && this.escape < end) {
      const after = this.escape + 2;
      this.escape = this.nextEscape(after);
      if (end < after) end = text.indexOf('"', after);
    }
    if (end < 0) this.fail('the end of a string');
    const quoted = text.slice(from - 1, end + 1);
    this.at = end + 1;
    try {
      return JSON.parse(quoted) as string;
    } catch (error) {
      throw new ShapeError(`a string with an escape that JSON does not know: ${shortened(quoted)}`, {
        cause: error,
      });
    }
  }

  private nextEscape(from: number): number {
    const found = this.text.indexOf('\\', from);
    return found < 0 ? this.text.length : found;
  }

  private number(): JsonNumber {
    const { text, at } = this;
    const digits = digitsAt(text, at);
    if (digits > 0) {
      this.at += digits;
      return new JsonNumber(text.slice(at, this.at));
    }
    numberPattern.lastIndex = at;
    if (!numberPattern.test(text)) return this.word() as JsonNumber;
    this.at = numberPattern.lastIndex;
    return new JsonNumber(text.slice(at, this.at));
  }

  private word(): Json {
    for (const [word, value] of words) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.fail('a value');
  }

  /** Passes white space; answers the code there. */
  private space(): number {
    const { text } = this;
    let code = text.charCodeAt(this.at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09)
      code = text.charCodeAt(++this.at);
    return code;
  }

  private fail(wanted: string): never {
    const rest = this.text.slice(this.at, this.at + 60);
    const found = rest === '' ? 'its end' : (/^(?:"[^"]*"?|[\w.+-]+|[^])/.exec(rest)?.[0] ?? rest);
    throw new ShapeError(`expected ${wanted}, found ${shortened(found)}`);
  }
}

/** How many digits an integer has that is nothing but digits; 0 for any other number. */
function digitsAt(text: string, start: number): number {
  let at = start;
  let code = text.charCodeAt(at);
  if (code === 0x30 || code === 0x2d) return 0;
  while (code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at);
  return code === 0x2e || code === 0x45 || code === 0x65 ? 0 : at - start;
}

function shortened(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return /[\u0000-\u001F\u007F]/.test(short) ? JSON.stringify(short) : short;
}

/** What a value is, for a sentence that complains about it. */
export function described(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value instanceof JsonNumber) return shortened(value.text);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof JsonObject) return 'an object';
  return shortened(JSON.stringify(value));
}

const int64Max = 9_223_372_036_854_775_807n;
const int64Min = -int64Max - 1n;

/** As an attribute's value: an integer literal is an int64, any other number a double, an object a map. */
export function valueOfJson(json: Json): ExactValue {
  if (json instanceof JsonNumber) return valueOfNumber(json.text);
  if (Array.isArray(json)) return json.map(valueOfJson);
  if (!(json instanceof JsonObject)) return json;
  const map = new Map<string, ExactValue>();
  for (const [index, name] of json.names.entries()) map.set(name, valueOfJson(json.values[index] ?? null));
  return map;
}

/** Beyond int64, and for -0, a double is nearest. */
export function valueOfNumber(text: string): bigint | number {
  const isInteger = /^-?\d{1,20}$/.test(text) && text !== '-0';
  if (!isInteger) return Number(text);
  const whole = BigInt(text);
  return whole >= int64Min && whole <= int64Max ? whole : Number(text);
}

/** JSON text of a value, numbers as they were written; for shapes that hold a value as text. */
export function textOfJson(json: Json): string {
  if (json instanceof JsonNumber) return json.text;
  if (Array.isArray(json)) return `[${json.map(textOfJson).join(',')}]`;
  if (!(json instanceof JsonObject)) return JSON.stringify(json);
  const { names, values } = json;
  let members = '';
  for (let i = 0; i < names.length; i++) {
    const comma = i === 0 ? '' : ',';
    members += `${comma}${JSON.stringify(names[i])}:${textOfJson(values[i] ?? null)}`;
  }
  return `{${members}}`;
}
