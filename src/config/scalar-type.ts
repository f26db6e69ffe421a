/**
 * What a plain YAML scalar is. The rules are those of the Collector's YAML library, which knows the numbers of
 * YAML 1.2 and, of YAML 1.1, underscores in numbers and octals with a leading zero.
 */
import type { Scalar } from './node.ts';

const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);
const truths = new Set(['true', 'True', 'TRUE']);
const falsehoods = new Set(['false', 'False', 'FALSE']);
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/u;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/u;
const infinity = /^[-+]?\.(?:inf|Inf|INF)$/u;
const notANumber = new Set(['.nan', '.NaN', '.NAN']);

/** The typed value of a plain scalar's text. Integers beyond 64 bits are floats. */
export function typedScalar(text: string): Scalar {
  if (nulls.has(text)) return null;
  if (truths.has(text)) return true;
  if (falsehoods.has(text)) return false;
  if (!/^[-+.0-9]/u.test(text)) return text;
  if (infinity.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (notANumber.has(text)) return Number.NaN;
  const digits = /^[-+.]?[0-9]/u.test(text) ? text.replaceAll('_', '') : text;
  if (integer.test(digits)) return integerOf(digits);
  return float.test(digits) ? Number(digits) : text;
}

/** True for `0123`, which is 83 to the Collector and 123 to other readers of YAML. */
export function isOldOctal(text: string): boolean {
  return /^[-+]?0[0-7]+$/u.test(text) && !/^[-+]?0+$/u.test(text);
}

function integerOf(text: string): bigint | number {
  const negative = text.startsWith('-');
  let digits = text.replace(/^[-+]/u, '');
  if (/^0[0-7]+$/u.test(digits)) digits = `0o${digits.slice(1)}`;
  const value = negative ? -BigInt(digits) : BigInt(digits);
  const fits = value >= -(2n ** 63n) && value < 2n ** 64n;
  return fits ? value : Number(value);
}
