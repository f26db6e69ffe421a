import { checkUnits } from './budget.ts';
import { goDuration } from './time/durations.ts';
import { formatLayout } from './time/layout.ts';
import { OttlDuration, OttlId, OttlTime, describeValue, goTypeName, listItems } from './values.ts';
import type { OttlValue } from './values.ts';

/** The widest that a verb pads to, as in Go. */
const widest = 1_000_000;

interface Verb {
  readonly letter: string;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/**
 * Go's `fmt.Sprintf` for the values of OTTL. Mistakes do not fail but show in the text, as in Go: `%!d(string=hi)`,
 * `%!d(MISSING)`, `%!(EXTRA int64=1)`, `%!(NOVERB)`, `%!(BADINDEX)`.
 */
export function sprintf(format: string, values: readonly OttlValue[]): string {
  return new Printer(format, values).whole();
}

class Printer {
  readonly #format: string;
  readonly #values: readonly OttlValue[];
  #at = 0;
  #next = 0;
  #reordered = false;
  #badIndex = false;
  #trouble = '';

  constructor(format: string, values: readonly OttlValue[]) {
    this.#format = format;
    this.#values = values;
  }

  whole(): string {
    let text = '';
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      if (percent < 0) break;
      text += this.#format.slice(this.#at, percent);
      this.#at = percent + 1;
      text += this.#verb();
      checkUnits(text.length);
    }
    text += this.#format.slice(this.#at);
    if (this.#reordered || this.#next >= this.#values.length) return text;
    const extra = this.#values.slice(this.#next).map(typedText);
    return `${text}%!(EXTRA ${extra.join(', ')})`;
  }

  #verb(): string {
    this.#badIndex = false;
    this.#reordered = false;
    this.#trouble = '';
    const flags = this.#match(/[+\-# 0]*/y);
    this.#index();
    const width = this.#number('WIDTH');
    let precision: number | undefined;
    if (this.#format[this.#at] === '.') {
      this.#at++;
      this.#index();
      precision = this.#number('PREC') ?? 0;
    }
    this.#index();
    const point = this.#format.codePointAt(this.#at);
    if (point === undefined) return `${this.#trouble}%!(NOVERB)`;
    const letter = String.fromCodePoint(point);
    this.#at += letter.length;
    if (letter === '%') return `${this.#trouble}%`;
    if (this.#badIndex) return `${this.#trouble}%!${letter}(BADINDEX)`;
    if (this.#next >= this.#values.length) return `${this.#trouble}%!${letter}(MISSING)`;
    const left = width !== undefined && width < 0;
    const verb = { letter, flags: left ? `${flags}-` : flags, width: width && Math.abs(width), precision };
    return this.#trouble + printed(verb, this.#values[this.#next++]);
  }

  #match(shape: RegExp): string {
    shape.lastIndex = this.#at;
    const found = shape.exec(this.#format)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** `[2]`: which argument is the next. */
  #index(): void {
    const found = this.#match(/\[[^\]]*\]/y);
    if (found === '') return;
    this.#reordered = true;
    const index = /^\[\d+\]$/.test(found) ? Number(found.slice(1, -1)) : 0;
    if (index < 1 || index > this.#values.length) this.#badIndex = true;
    else this.#next = index - 1;
  }

  /** Digits, or `*` for an argument. */
  #number(name: 'WIDTH' | 'PREC'): number | undefined {
    if (this.#format[this.#at] !== '*') {
      const digits = this.#match(/[0-9]+/y);
      return digits === '' ? undefined : Math.min(Number(digits), widest);
    }
    this.#at++;
    const value = this.#values[this.#next++];
    const number = typeof value === 'bigint' ? Number(value) : Number.NaN;
    if (Math.abs(number) <= widest && (name === 'WIDTH' || number >= 0)) return number;
    this.#trouble += `%!(BAD${name})`;
    return undefined;
  }
}

function printed(verb: Verb, value: OttlValue): string {
  if (verb.letter === 'T') return padded(verb, goTypeName(value));
  if (value === undefined || value === null) {
    return verb.letter === 'v' ? padded(verb, '<nil>') : `%!${verb.letter}(<nil>)`;
  }
  const text = textOf(verb, value);
  return text ?? `%!${verb.letter}(${typedText(value)})`;
}

/** Undefined for a verb that the type does not know. */
function textOf(verb: Verb, value: Exclude<OttlValue, undefined | null>): string | undefined {
  switch (typeof value) {
    case 'string':
      return textVerb(verb, value);
    case 'bigint':
      return intVerb(verb, value);
    case 'number':
      return floatVerb(verb, value);
    case 'boolean':
      return 'tv'.includes(verb.letter) ? padded(verb, String(value)) : undefined;
    default:
      return objectVerb(verb, value);
  }
}

function objectVerb(verb: Verb, value: object): string | undefined {
  if (value instanceof Uint8Array) return bytesVerb(verb, value);
  const shown = stringerText(value);
  if (shown !== undefined && 'vsqxX'.includes(verb.letter)) return textVerb(verb, shown);
  const items = listItems(value as OttlValue);
  if (items !== undefined) return `[${spaced(items, (item) => printed(verb, item))}]`;
  if (value instanceof Map) {
    const entries = [...(value as Map<string, OttlValue>)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${spaced(entries, ([key, item]) => `${key}:${printed(verb, item)}`)}]`;
  }
  if (value instanceof OttlDuration) return intVerb(verb, value.nanos);
  return shown === undefined ? describeValue(value as OttlValue) : undefined;
}

/** Each can be as wide as the verb says, so the whole is bounded as it grows. */
function spaced<T>(items: readonly T[], textOfItem: (item: T) => string): string {
  let text = '';
  for (const [index, item] of items.entries()) {
    text += (index === 0 ? '' : ' ') + textOfItem(item);
    checkUnits(text.length);
  }
  return text;
}

/** What has a text of its own in Go. */
function stringerText(value: object): string | undefined {
  if (value instanceof OttlDuration) return goDuration(value.nanos);
  if (value instanceof OttlTime) return formatLayout(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  return value instanceof OttlId ? value.hex : undefined;
}

function typedText(value: OttlValue): string {
  if (value === undefined || value === null) return '<nil>';
  const text = textOf({ letter: 'v', flags: '', width: undefined, precision: undefined }, value);
  return `${goTypeName(value)}=${text ?? ''}`;
}

function padded({ flags, width }: Verb, text: string, fill = ' '): string {
  if (width === undefined) return text;
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return fill.repeat(missing) + text;
}

function textVerb(verb: Verb, text: string): string | undefined {
  const cut = verb.precision === undefined ? text : Array.from(text).slice(0, verb.precision).join('');
  switch (verb.letter) {
    case 's':
    case 'v':
      if (verb.letter === 'v' && verb.flags.includes('#')) return padded(verb, quoted(text));
      return padded(verb, cut, verb.flags.includes('0') ? '0' : ' ');
    case 'q':
      return padded(verb, quoted(cut));
    case 'x':
    case 'X':
      return bytesVerb(verb, Buffer.from(text));
    default:
      return undefined;
  }
}

function bytesVerb(verb: Verb, bytes: Uint8Array): string | undefined {
  const { letter, flags } = verb;
  if (letter === 'v' || letter === 'd') return `[${[...bytes].join(' ')}]`;
  if (letter === 's' || letter === 'q') return textVerb(verb, Buffer.from(bytes).toString());
  if (letter !== 'x' && letter !== 'X') return undefined;
  const length = verb.precision ?? bytes.length;
  const pairs = [...bytes.subarray(0, length)].map((byte) => byte.toString(16).padStart(2, '0'));
  const prefix = flags.includes('#') ? '0x' : '';
  const separator = flags.includes(' ') ? ` ${prefix}` : '';
  const text = pairs.length === 0 ? '' : prefix + pairs.join(separator);
  return padded(verb, letter === 'X' ? text.toUpperCase() : text);
}

function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '"': '\\"',
    '\\': '\\\\',
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
  };
  let body = '';
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    const isControl = point < 0x20 || point === 0x7f;
    body += escapes[letter] ?? (isControl ? `\\x${point.toString(16).padStart(2, '0')}` : letter);
  }
  return `"${body}"`;
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function intVerb(verb: Verb, value: bigint): string | undefined {
  const base = bases[verb.letter];
  if (base !== undefined) return integer(verb, value, base);
  if (value < 0n || value > 0x10ffffn) return undefined;
  const point = Number(value);
  if (verb.letter === 'c') return padded(verb, String.fromCodePoint(point));
  if (verb.letter === 'q') return padded(verb, `'${String.fromCodePoint(point)}'`);
  if (verb.letter !== 'U') return undefined;
  const hex = point.toString(16).toUpperCase().padStart(4, '0');
  return padded(verb, verb.flags.includes('#') ? `U+${hex} '${String.fromCodePoint(point)}'` : `U+${hex}`);
}

const basePrefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

function integer(verb: Verb, value: bigint, base: number): string {
  const { letter, precision } = verb;
  const magnitude = value < 0n ? -value : value;
  const plain = precision === 0 && value === 0n ? '' : magnitude.toString(base);
  const sign = signFor(verb, value < 0n);
  const cased = letter === 'X' ? plain.toUpperCase() : plain;
  const digits = precision === undefined ? zeroFilled(verb, cased, sign) : cased.padStart(precision, '0');
  return padded(verb, sign + prefixFor(verb, digits) + digits);
}

function prefixFor({ letter, flags }: Verb, digits: string): string {
  if (letter === 'O') return '0o';
  if (!flags.includes('#') || (letter === 'o' && digits.startsWith('0'))) return '';
  return basePrefixes[letter] ?? '';
}

function signFor({ flags }: Verb, negative: boolean): string {
  if (negative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function zeroFilled({ flags, width }: Verb, digits: string, sign: string): string {
  if (!flags.includes('0') || flags.includes('-') || width === undefined) return digits;
  return digits.padStart(width - sign.length, '0');
}

function floatVerb(verb: Verb, value: number): string | undefined {
  const { letter } = verb;
  if (!'vgGeEfF'.includes(letter)) return undefined;
  if (!Number.isFinite(value)) return padded(verb, infinite(verb, value));
  const digits = floatDigits(letter, Math.abs(value), verb.precision);
  const sign = signFor(verb, value < 0 || Object.is(value, -0));
  const cased = letter === 'E' || letter === 'G' ? digits.toUpperCase() : digits;
  return padded(verb, sign + zeroFilled(verb, cased, sign));
}

function infinite({ flags }: Verb, value: number): string {
  if (Number.isNaN(value)) return flags.includes('+') ? '+NaN' : 'NaN';
  return value < 0 ? '-Inf' : '+Inf';
}

function floatDigits(letter: string, magnitude: number, precision: number | undefined): string {
  if (letter === 'f' || letter === 'F') return magnitude.toFixed(Math.min(precision ?? 6, 100));
  if (letter === 'e' || letter === 'E')
    return withExponent(magnitude.toExponential(Math.min(precision ?? 6, 100)));
  return shortest(magnitude, precision);
}

/** `%g`: an exponent below 1e-4, and from the precision or, without one, from 1e21 on. */
function shortest(magnitude: number, precision: number | undefined): string {
  const significant = precision === 0 ? 1 : precision;
  const exponential =
    significant === undefined
      ? magnitude.toExponential()
      : magnitude.toExponential(Math.min(significant, 100) - 1);
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1));
  if (exponent < -4 || exponent >= (significant ?? 21)) return withExponent(trimmed(exponential));
  if (significant === undefined) return String(magnitude);
  return trimmed(magnitude.toFixed(Math.min(100, Math.max(0, significant - 1 - exponent))));
}

function trimmed(text: string): string {
  return text.replace(/(\.[0-9]*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

/** At least two digits. */
function withExponent(text: string): string {
  return text.replace(/e([+-])([0-9])$/, 'e$10$2');
}
