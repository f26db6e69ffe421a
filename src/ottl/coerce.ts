import { OttlFailure } from './errors.ts';
import { likeText } from './text.ts';
import { OttlDuration, OttlList, OttlLooseMap, OttlTime, describeValue, listItems } from './values.ts';
import type { OttlMap, OttlValue } from './values.ts';

/**
 * From any value to the type that a parameter wants. The strict forms take that type only; the `Like` forms
 * convert, and give undefined for nil. All throw `OttlFailure` for a value they do not take.
 */

export function toText(value: OttlValue): string {
  if (typeof value === 'string') return value;
  throw unexpected('string', value);
}

export function toInt(value: OttlValue): bigint {
  if (typeof value === 'bigint') return value;
  throw unexpected('int64', value);
}

export function toFloat(value: OttlValue): number {
  if (typeof value === 'number') return value;
  throw unexpected('float64', value);
}

export function toBool(value: OttlValue): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpected('bool', value);
}

export function toMap(value: OttlValue): OttlMap {
  if (value instanceof Map) return value;
  throw unexpected('pcommon.Map', value);
}

export function toItems(value: OttlValue): readonly OttlValue[] {
  const items = heldItems(value);
  if (items !== undefined) return items;
  throw unexpected('pcommon.Slice', value);
}

/** The items of a list. As in the reference, a list literal must hold only scalars, bytes and such lists here. */
export function heldItems(value: OttlValue): readonly OttlValue[] | undefined {
  if (value instanceof OttlList && value.origin === 'literal')
    for (const item of value.items) checkHeld(item);
  return listItems(value);
}

function checkHeld(item: OttlValue): void {
  if (item instanceof OttlList && item.origin === 'literal') for (const inner of item.items) checkHeld(inner);
  else if (typeof item === 'object' && item !== null && !canStand(item))
    throw new OttlFailure(`a list cannot hold ${describeValue(item)} here`, [item]);
}

export function toTime(value: OttlValue): OttlTime {
  if (value instanceof OttlTime) return value;
  throw unexpected('time', value);
}

export function toDuration(value: OttlValue): OttlDuration {
  if (value instanceof OttlDuration) return value;
  throw unexpected('duration', value);
}

export function toAnything(value: OttlValue): OttlValue {
  return value;
}

export const toTextLike = likeText;

const canStand = (item: object): boolean => item instanceof Uint8Array || item instanceof OttlLooseMap;

const decimalInt = /^[+-]?[0-9]+$/;

/** Text that is no decimal int64 is undefined, not an error; a float is cut toward zero. */
export function toIntLike(value: OttlValue): bigint | undefined {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return intOfFloat(value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return decimalInt.test(value) && value.length <= 40
        ? inInt64(BigInt(value.replace('+', '')))
        : undefined;
    default:
      return nilOr(value);
  }
}

function inInt64(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** As Go on amd64: what does not fit, NaN included, becomes the smallest int64. */
function intOfFloat(value: number): bigint {
  const fits = value >= -(2 ** 63) && value < 2 ** 63;
  return fits ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** Text must be a float as Go reads it. */
export function toFloatLike(value: OttlValue): number | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
    case 'boolean':
      return Number(value);
    case 'string':
      return parseFloat64(value);
    default:
      return nilOr(value);
  }
}

export const decimalFloat = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;
const namedFloat = /^([+-]?)(inf|infinity|nan)$/i;

/** As in Go, `_` may stand between two digits and behind `0x`. */
const misplaced = /(?<![0-9])_|_(?![0-9])/;
const misplacedInHex = /(?<![0-9a-fA-F]|^[+-]?0[xX])_|_(?![0-9a-fA-F])/;

function parseFloat64(text: string): number {
  const wrong = /^[+-]?0[xX]/.test(text) ? misplacedInHex : misplaced;
  const digits = text.includes('_') && !wrong.test(text) ? text.replaceAll('_', '') : text;
  const value = decimalFloat.test(digits) ? Number(digits) : unusualFloat(digits);
  if (value === undefined) throw new OttlFailure(`${JSON.stringify(text)} is no float`, [text]);
  const named = namedFloat.test(text);
  if (!named && !Number.isFinite(value))
    throw new OttlFailure(`${JSON.stringify(text)} is too large for a float`, [text]);
  return value;
}

function unusualFloat(text: string): number | undefined {
  const [, sign, name] = namedFloat.exec(text) ?? [];
  if (name !== undefined) {
    const value = name.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return sign === '-' ? -value : value;
  }
  const [, hexSign, whole = '', fraction = '', exponent] = hexFloat.exec(text) ?? [];
  if (exponent === undefined || (whole === '' && fraction === '')) return undefined;
  const value = Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length);
  return hexSign === '-' ? -value : value;
}

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export function toBoolLike(value: OttlValue): boolean | undefined {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'string':
      if (trueTexts.has(value)) return true;
      if (falseTexts.has(value)) return false;
      throw new OttlFailure(`${JSON.stringify(value)} is no bool`, [value]);
    default:
      return nilOr(value);
  }
}

/** Text as UTF-8, numbers as 8 bytes big-endian, a bool as one byte. */
export function toBytesLike(value: OttlValue): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  switch (typeof value) {
    case 'string':
      return Buffer.from(value);
    case 'boolean':
      return Buffer.of(Number(value));
    case 'bigint':
    case 'number':
      return eightBytes(value);
    default:
      return nilOr(value);
  }
}

function eightBytes(value: bigint | number): Uint8Array {
  const bytes = Buffer.alloc(8);
  if (typeof value === 'bigint') bytes.writeBigInt64BE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

function nilOr(value: OttlValue): undefined {
  if (value !== undefined && value !== null)
    throw new OttlFailure(`unsupported type: ${describeValue(value)}`, [value]);
  return undefined;
}

function unexpected(wanted: string, value: OttlValue): OttlFailure {
  return new OttlFailure(`expected ${wanted} but got ${describeValue(value)}`, [value]);
}
