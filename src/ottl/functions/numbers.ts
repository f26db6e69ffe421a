import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { floatLike, int, string, stringLike } from '../parameters.ts';

/** The natural logarithm of a number above zero. */
export const log = converter('Log', { target: floatLike() }, ({ target }) => {
  return (record) => {
    const value = target.read(record);
    if (value === undefined) throw new OttlFailure('nil has no logarithm');
    if (value <= 0)
      throw new OttlFailure(`only a number above zero has a logarithm, found ${value}`, [value]);
    return logarithm(value);
  };
});

const coefficients = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
] as const;
const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;

/** The method of FreeBSD in the order of Go, which rounds the last digit in another way than V8 does. */
function logarithm(value: number): number {
  if (!Number.isFinite(value)) return value;
  const { fraction, exponent } = split(value);
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const [l1, l2, l3, l4, l5, l6, l7] = coefficients;
  const odd = s2 * (l1 + s4 * (l3 + s4 * (l5 + s4 * l7)));
  const even = s4 * (l2 + s4 * (l4 + s4 * l6));
  const half = 0.5 * f * f;
  return exponent * ln2High - (half - (s * (half + odd + even) + exponent * ln2Low) - f);
}

const view = new DataView(new ArrayBuffer(8));

/** As a fraction from sqrt(1/2) to sqrt(2) times a power of two; as in Go on amd64, wrong for subnormal numbers. */
function split(value: number): { fraction: number; exponent: number } {
  view.setFloat64(0, value);
  const high = view.getUint32(0);
  view.setUint32(0, (high & 0xfffff) | 0x3fe00000);
  const fraction = view.getFloat64(0);
  const exponent = (high >>> 20) - 1022;
  return fraction < Math.SQRT1_2
    ? { fraction: fraction * 2, exponent: exponent - 1 }
    : { fraction, exponent };
}

/** An int64 in a base from 2 to 36; base 0 reads the prefix (`0x`, `0b`, `0o`, `0`), and `_` between digits. */
export const parseInteger = converter('ParseInt', { target: string(), base: int() }, ({ target, base }) => {
  return (record) => {
    const text = target.read(record);
    const found = base.read(record);
    if (text === '') throw new OttlFailure('there is nothing to parse in an empty text');
    if (found !== 0n && (found < 2n || found > 36n))
      throw new OttlFailure(`the base is 0 or from 2 to 36, found ${found}`, [found]);
    const value = found === 0n ? prefixed(text) : inBase(withoutSign(text), Number(found));
    if (value === undefined)
      throw new OttlFailure(`${JSON.stringify(text)} is no int in base ${found}`, [text]);
    const signed = text.startsWith('-') ? -value : value;
    if (BigInt.asIntN(64, signed) !== signed) throw new OttlFailure(`${text} does not fit an int64`, [text]);
    return signed;
  };
});

function withoutSign(text: string): string {
  return /^[+-]/.test(text) ? text.slice(1) : text;
}

const prefixes: Readonly<Record<string, number>> = { x: 16, b: 2, o: 8 };
const underscored = /^(?:0[xbo]_?)?[0-9a-z]+(?:_[0-9a-z]+)*$/i;

function prefixed(text: string): bigint | undefined {
  const body = withoutSign(text);
  if (!underscored.test(body)) return undefined;
  const digits = body.replaceAll('_', '');
  const base = digits.startsWith('0') ? prefixes[digits.charAt(1).toLowerCase()] : undefined;
  if (base !== undefined) return inBase(digits.slice(2), base);
  return inBase(digits, digits.length > 1 && digits.startsWith('0') ? 8 : 10);
}

/** Digits beyond int64 are counted, not multiplied: a text may be long. */
function inBase(digits: string, base: number): bigint | undefined {
  let value = 0n;
  if (digits === '') return undefined;
  for (const digit of digits) {
    const number = /^[0-9a-z]$/i.test(digit) ? Number.parseInt(digit, 36) : base;
    if (number >= base) return undefined;
    if (value < 1n << 64n) value = value * BigInt(base) + BigInt(number);
  }
  return value;
}

/** Whether the digits of a card number or the like pass the check of Luhn; spaces between them are fine. */
export const isValidLuhn = converter('IsValidLuhn', { target: stringLike() }, ({ target }) => {
  return (record) => {
    const text = target.read(record);
    if (text === undefined) throw new OttlFailure('nil has no digits');
    const digits = text.replaceAll(' ', '');
    if (!/^[0-9]*$/.test(digits))
      throw new OttlFailure(`${JSON.stringify(text)} holds more than digits`, [text]);
    return digits !== '' && luhnSum(digits) % 10 === 0;
  };
});

/** From the right, every second digit counts twice, as the sum of the digits of that. */
function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.charAt(digits.length - 1 - i));
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}
