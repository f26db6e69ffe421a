import { exactDecimal, partsOf, rounded, shortestDecimal } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { padded, withoutZero } from './style.ts';
import type { Style } from './style.ts';

/** A float64 for a verb as in Go's `fmt`; undefined for a verb that floats do not know. */
export function formatFloat(value: number, verb: string, style: Style): string | undefined {
  const letter = otherNames[verb] ?? verb;
  if (!'bgGxXfeE'.includes(letter)) return undefined;
  const sign = signOf(value, style);
  if (!Number.isFinite(value)) return unusual(value, sign, style);
  const precision = style.precision ?? ('feE'.includes(letter) ? 6 : undefined);
  const digits = digitsOf(Math.abs(value), letter, precision);
  const body = style.sharp && letter !== 'b' ? sharpened(digits, letter, precision) : digits;
  return sign === '+' && !style.plus ? padded(body, style) : withSign(sign, body, style);
}

const otherNames: Readonly<Record<string, string>> = { v: 'g', F: 'f' };

function signOf(value: number, { space, plus }: Style): '-' | ' ' | '+' {
  if (value < 0 || Object.is(value, -0)) return '-';
  return space && !plus ? ' ' : '+';
}

/** Zeros stand behind the sign. */
function withSign(sign: string, body: string, style: Style): string {
  const { width = 0 } = style;
  const isFilled = style.zero && !style.minus && width > body.length + 1;
  return isFilled ? sign + body.padStart(width - 1, '0') : padded(sign + body, style);
}

function unusual(value: number, sign: string, style: Style): string {
  const hasSign = !Number.isNaN(value) || style.space || style.plus;
  return padded((hasSign ? sign : '') + (Number.isNaN(value) ? 'NaN' : 'Inf'), withoutZero(style));
}

/** Go's `strconv.FormatFloat`; without a precision as few digits as are needed. */
function digitsOf(magnitude: number, letter: string, precision: number | undefined): string {
  if (letter === 'b') return binary(magnitude);
  if (letter === 'x' || letter === 'X') {
    const hex = hexadecimal(magnitude, precision);
    return letter === 'X' ? hex.toUpperCase() : hex;
  }
  if (letter === 'g' || letter === 'G') return general(magnitude, letter, precision);
  const exact = exactDecimal(magnitude);
  const places = precision ?? 0;
  if (letter === 'f') return fixed(rounded(exact, exact.point + places), places);
  return exponential(rounded(exact, places + 1), places, letter);
}

function general(magnitude: number, letter: 'g' | 'G', precision: number | undefined): string {
  const wanted = precision === 0 ? 1 : precision;
  const decimal =
    wanted === undefined ? shortestDecimal(magnitude) : rounded(exactDecimal(magnitude), wanted);
  const { digits, point } = decimal;
  const count = digits.length;
  // As Go has it, 1e+06 is written as that, and 100000 is not.
  const limit = wanted === undefined ? 6 : wanted > count && count >= point ? count : wanted;
  if (point - 1 < -4 || point - 1 >= limit)
    return exponential(decimal, Math.min(wanted ?? count, count) - 1, letter === 'g' ? 'e' : 'E');
  return fixed(decimal, Math.max(count - point, 0));
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places <= 0) return whole;
  const fraction = '0'.repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0));
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function exponential({ digits, point }: Decimal, places: number, letter: string): string {
  const exponent = digits === '' ? 0 : point - 1;
  const fraction = places > 0 ? `.${digits.slice(1, places + 1).padEnd(places, '0')}` : '';
  return (digits.charAt(0) || '0') + fraction + letter + signedPower(exponent, 2);
}

function signedPower(exponent: number, least: number): string {
  return (exponent < 0 ? '-' : '+') + String(Math.abs(exponent)).padStart(least, '0');
}

function binary(magnitude: number): string {
  const { mantissa, exponent } = partsOf(magnitude);
  return `${mantissa}p${signedPower(exponent, 1)}`;
}

const top = 1n << 60n;

function hexadecimal(magnitude: number, precision: number | undefined): string {
  let { mantissa, exponent } = partsOf(magnitude);
  exponent = mantissa === 0n ? 0 : exponent + 52;
  mantissa <<= 8n;
  while (mantissa !== 0n && mantissa < top) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision !== undefined && precision < 15) {
    const dropped = BigInt(60 - precision * 4);
    const rest = mantissa & ((1n << dropped) - 1n);
    const half = 1n << (dropped - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa++;
    mantissa <<= dropped;
    if (mantissa >= top << 1n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const digits = (mantissa & (top - 1n)).toString(16).padStart(15, '0');
  const fraction =
    precision === undefined ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  return `0x${mantissa >> 60n}${fraction === '' ? '' : `.${fraction}`}p${signedPower(exponent, 2)}`;
}

/** With `#` there is a point, and zeros at the end stay. */
function sharpened(number: string, letter: string, precision: number | undefined): string {
  const [, mantissa = '', tail = ''] =
    (letter === 'x' || letter === 'X' ? /^(.*?)(p.*)$/i : /^(.*?)(e.*)?$/i).exec(number) ?? [];
  const hasPoint = mantissa.includes('.');
  let missing = 'gGx'.includes(letter) ? (precision ?? 6) : 0;
  missing -= mantissa.replace('.', '').replace(/^0+/, '').length;
  if (!hasPoint && mantissa === '0') missing--;
  return mantissa + (hasPoint ? '' : '.') + '0'.repeat(Math.max(missing, 0)) + tail;
}
