import { checkUnits } from './budget.ts';
import { plainStyle } from './fmt/style.ts';
import type { Style } from './fmt/style.ts';
import { formatValue } from './fmt/values.ts';
import { goTypeName } from './values.ts';
import type { OttlValue } from './values.ts';

/** The widest that a verb pads to, as in Go. */
const widest = 1_000_000;

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
    // A point at the end is the verb.
    if (this.#format[this.#at] === '.' && this.#at + 1 < this.#format.length) {
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
    return (
      this.#trouble +
      formatValue(this.#values[this.#next++], letter, styleOf(letter, flags, width, precision))
    );
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

/** `v` and `w` take the flag `#` in another way. */
function styleOf(
  letter: string,
  flags: string,
  width: number | undefined,
  precision: number | undefined,
): Style {
  const isGeneral = letter === 'v' || letter === 'w';
  const isNegative = width !== undefined && width < 0;
  return {
    minus: isNegative || flags.includes('-'),
    plus: flags.includes('+') && !isGeneral,
    sharp: flags.includes('#') && !isGeneral,
    space: flags.includes(' '),
    zero: flags.includes('0') && !isNegative,
    sharpV: flags.includes('#') && isGeneral,
    width: width && Math.abs(width),
    precision,
  };
}

function typedText(value: OttlValue): string {
  if (value === undefined || value === null) return '<nil>';
  return `${goTypeName(value)}=${formatValue(value, 'v', plainStyle)}`;
}
