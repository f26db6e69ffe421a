import type { MathOperator } from './ast.ts';
import { OttlFailure } from './errors.ts';
import { OttlDuration, OttlTime, describeValue } from './values.ts';
import type { OttlValue } from './values.ts';

/**
 * `left operator right`: int64 that wraps, float64 as soon as one side is a float, times and durations with `+`
 * and `-`. Throws `OttlFailure` for everything else, and for a division by zero, of floats too.
 */
export function arithmetic(operator: MathOperator, left: OttlValue, right: OttlValue): OttlValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return ofInts(operator, left, right);
  if (isNumber(left) && isNumber(right)) return ofFloats(operator, Number(left), Number(right));
  if (isTemporal(left) || isTemporal(right)) return ofTimes(operator, left, right);
  const wrong = isNumber(left) ? right : left;
  throw new OttlFailure(`arithmetic needs int64, float64, time or duration, found ${describeValue(wrong)}`, [
    left,
    right,
  ]);
}

/** `-value` of a number; as in the reference, `+` does nothing to any value. Throws `OttlFailure` for what is no number. */
export function signed(sign: '+' | '-', value: OttlValue): OttlValue {
  if (sign === '+') return value;
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  if (typeof value === 'number') return -value;
  throw new OttlFailure(`a minus needs int64 or float64 after it, found ${describeValue(value)}`, [value]);
}

function isNumber(value: OttlValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function isTemporal(value: OttlValue): value is OttlTime | OttlDuration {
  return value instanceof OttlTime || value instanceof OttlDuration;
}

function ofInts(operator: MathOperator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, left + right);
    case '-':
      return BigInt.asIntN(64, left - right);
    case '*':
      return BigInt.asIntN(64, left * right);
    case '/':
      if (right === 0n) throw new OttlFailure('attempted to divide by 0', [left, right]);
      return BigInt.asIntN(64, left / right);
  }
}

function ofFloats(operator: MathOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new OttlFailure('attempted to divide by 0', [left, right]);
      return left / right;
  }
}

function ofTimes(operator: MathOperator, left: OttlValue, right: OttlValue): OttlTime | OttlDuration {
  if (operator !== '+' && operator !== '-') {
    throw new OttlFailure('times and durations can only be added and subtracted', [left, right]);
  }
  const result = isTemporal(left) && isTemporal(right) ? shifted(operator, left, right) : undefined;
  if (result === undefined) throw mismatch(operator, left, right);
  return result;
}

/** Two times only give their difference, and a time cannot be taken from a duration. */
function shifted(
  operator: '+' | '-',
  left: OttlTime | OttlDuration,
  right: OttlTime | OttlDuration,
): OttlTime | OttlDuration | undefined {
  const nanos = operator === '+' ? left.nanos + right.nanos : left.nanos - right.nanos;
  if (left instanceof OttlTime) {
    if (right instanceof OttlDuration) {
      // As in Go, the duration is negated first, which the smallest int64 does not survive.
      const step = BigInt.asIntN(64, operator === '+' ? right.nanos : -right.nanos);
      return new OttlTime(left.nanos + step, left.offsetSeconds, left.zoneName);
    }
    return operator === '-' ? new OttlDuration(saturated(nanos)) : undefined;
  }
  if (right instanceof OttlDuration) return new OttlDuration(BigInt.asIntN(64, nanos));
  return operator === '+' ? new OttlTime(nanos, right.offsetSeconds, right.zoneName) : undefined;
}

/** As in Go, times that are too far apart for an int64 are as far apart as it can say. */
function saturated(nanos: bigint): bigint {
  if (nanos >= 2n ** 63n) return 2n ** 63n - 1n;
  return nanos < -(2n ** 63n) ? -(2n ** 63n) : nanos;
}

function mismatch(operator: MathOperator, left: OttlValue, right: OttlValue): OttlFailure {
  const what = operator === '+' ? 'added to' : 'subtracted from';
  return new OttlFailure(`${describeValue(right)} cannot be ${what} ${describeValue(left)}`, [left, right]);
}
