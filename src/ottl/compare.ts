import type { ExactValue } from '../model/value.ts';
import type { ComparisonOperator } from './ast.ts';
import { OttlDuration, OttlId, OttlItems, OttlList, OttlStatus, OttlTime } from './values.ts';
import type { OttlValue } from './values.ts';

/**
 * Compares any two values, and never fails: values of different types are unequal and have no order, except int
 * and float, which meet as float64. Maps, lists and ids are equal or not, without an order (`x <= x` is false).
 */
export function compareValues(operator: ComparisonOperator, left: OttlValue, right: OttlValue): boolean {
  const order = orderOf(left, right);
  if (order !== undefined) return holds(operator, order);
  if (operator === '==') return sameCompound(left, right);
  return operator === '!=' && !sameCompound(left, right);
}

/** Whether an order (negative, 0, positive, or NaN for none) satisfies the operator. */
function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Negative, 0 or positive; NaN if a NaN takes part; undefined if the two have no order. */
function orderOf(a: OttlValue, b: OttlValue): number | undefined {
  if (isNil(a) || isNil(b)) return bothNil(a, b) ? 0 : undefined;
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : undefined;
  if (typeof a === 'bigint' || typeof a === 'number') return compareNumbers(a, b);
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined;
  return orderOfObjects(a, b);
}

function orderOfObjects(a: OttlValue, b: OttlValue): number | undefined {
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && isEmptyBytes(a) === isEmptyBytes(b) ? Buffer.compare(a, b) : undefined;
  }
  if (a instanceof OttlTime) return b instanceof OttlTime ? compareInts(a.nanos, b.nanos) : undefined;
  if (a instanceof OttlDuration) return b instanceof OttlDuration ? compareInts(a.nanos, b.nanos) : undefined;
  return undefined;
}

function isNil(value: OttlValue): value is null | undefined {
  return value === null || value === undefined;
}

/** Bytes of length 0 are nil as well: telemetry cannot tell the two apart in the reference. */
function bothNil(a: OttlValue, b: OttlValue): boolean {
  return (isNil(a) || isEmptyBytes(a)) && (isNil(b) || isEmptyBytes(b));
}

function isEmptyBytes(value: OttlValue): boolean {
  return value instanceof Uint8Array && value.length === 0;
}

function compareNumbers(a: bigint | number, b: OttlValue): number | undefined {
  if (typeof b !== 'bigint' && typeof b !== 'number') return undefined;
  if (typeof a === 'bigint' && typeof b === 'bigint') return compareInts(a, b);
  const left = Number(a);
  const right = Number(b);
  if (left === right) return 0;
  if (left < right) return -1;
  return left > right ? 1 : Number.NaN;
}

function compareInts(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The order of the UTF-8 bytes, which is that of the code points. UTF-16 differs only where a surrogate meets a
 * unit from U+E000 on, so it is enough to move those two ranges past each other.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return inCodePointOrder(left) - inCodePointOrder(right);
  }
  return a.length - b.length;
}

function inCodePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function sameCompound(a: OttlValue, b: OttlValue): boolean {
  if (a instanceof OttlId) return b instanceof OttlId && a.of === b.of && a.hex === b.hex;
  // A record has one of each.
  if (a instanceof OttlItems) return b instanceof OttlItems && a.of === b.of;
  if (a instanceof OttlStatus) return b instanceof OttlStatus;
  if (a instanceof Map) return b instanceof Map && sameMap(a, b);
  return isList(a) && isList(b) && sameList(a, b);
}

type List = readonly ExactValue[] | OttlList;

function isList(value: OttlValue): value is ExactValue[] | OttlList {
  return Array.isArray(value) || value instanceof OttlList;
}

function sameList(a: List, b: List): boolean {
  if (a instanceof OttlList && b instanceof OttlList)
    return a.origin === b.origin && sameItems(a.items, b.items, sameInside);
  if (a instanceof OttlList) return !(b instanceof OttlList) && sameList(b, a);
  if (b instanceof OttlList) return b.origin === 'literal' && sameItems(a, b.items, sameAsLiteral);
  return sameItems(a, b, sameInside);
}

type Same = (a: OttlValue, b: OttlValue) => boolean;

function sameItems(a: readonly OttlValue[], b: readonly OttlValue[], same: Same): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]));
}

function sameMap(a: ReadonlyMap<string, OttlValue>, b: ReadonlyMap<string, OttlValue>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (!b.has(key) || !sameInside(value, b.get(key))) return false;
  }
  return true;
}

/** Inside lists and maps, types are kept apart: 1 is not 1.0. The depth of values is bounded where they are made. */
function sameInside(a: OttlValue, b: OttlValue): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof OttlTime) return b instanceof OttlTime && a.nanos === b.nanos;
  if (a instanceof OttlDuration) return b instanceof OttlDuration && a.nanos === b.nanos;
  return sameCompound(a, b);
}

/** An item of a list of telemetry against one of a list literal: as in the reference, maps never match there. */
function sameAsLiteral(item: OttlValue, literal: OttlValue): boolean {
  if (item instanceof Map) return false;
  if (!Array.isArray(item)) return sameInside(item, literal);
  return (
    literal instanceof OttlList &&
    literal.origin === 'literal' &&
    sameItems(item, literal.items, sameAsLiteral)
  );
}
