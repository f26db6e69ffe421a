/** Times of test records: `12ms` after the beginning of the test, or a time of day; exact to the nanosecond. */
import { parseDuration } from '../../config/units.ts';
import { isoTime, parseIsoTime } from '../../model/time.ts';
import type { ExactValue } from '../../model/value.ts';

/** Further from the beginning than this, a time is shown as that of a day. */
const farNanos = 86_400_000_000_000n;

/** The nanoseconds of `12ms`, exact up to a day; undefined for anything else. */
export function durationNanos(value: ExactValue | undefined): bigint | undefined {
  if (value === 0n || value === 0) return 0n;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  return ms === undefined ? undefined : BigInt(Math.round(ms * 1e6));
}

/** The nanoseconds since 1970 of `12ms` after `base`, of an ISO time, or of their own number. */
export function timeNanos(value: ExactValue | undefined, base: bigint): bigint | undefined {
  if (value === 'none') return 0n;
  if (typeof value === 'string') {
    const after = durationNanos(value);
    return after === undefined ? parseIsoTime(value) : base + after;
  }
  // A small number can only be nanoseconds after the beginning.
  if (typeof value === 'bigint') return value > farNanos ? value : base + value;
  return undefined;
}

export function timeText(nanos: bigint, base: bigint): string {
  if (nanos === 0n) return 'none';
  const after = nanos - base;
  return after > -farNanos && after < farNanos ? nanosText(after) : isoTime(nanos);
}

const units: readonly (readonly [bigint, string])[] = [
  [1_000_000_000n, 's'],
  [1_000_000n, 'ms'],
  [1_000n, 'us'],
];

/** `1.5s`, `12ms`, `0s`: every digit of it. */
export function nanosText(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  for (const [unit, name] of units) {
    if (size < unit) continue;
    const digits = String(unit).length - 1;
    const fraction = (size % unit).toString().padStart(digits, '0').replace(/0+$/, '');
    return `${sign}${size / unit}${fraction === '' ? '' : `.${fraction}`}${name}`;
  }
  return `${sign}${size}ns`;
}
