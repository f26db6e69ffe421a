/** Time as OTLP has it: nanoseconds since 1970 in UTC, as a bigint. No detour over a double, which holds 53 bits. */

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** Seconds and nanoseconds, as the OTel JS SDK has them. */
export type HrTime = [seconds: number, nanoseconds: number];

const digitsBelow: Record<TimeUnit, number> = { s: 9, ms: 6, us: 3, ns: 0 };
const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * The exact nanoseconds that a decimal number of seconds, milliseconds or microseconds stands for:
 * `('1795342924740.8215', 'ms')` is 1795342924740821500n. Digits below a nanosecond are rounded, halves away from zero.
 * Answers undefined when the text is no decimal number (an exponent is allowed, at most 40 either way).
 */
export function nanosFromText(text: string, unit: TimeUnit): bigint | undefined {
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const length = whole.length + fraction.length;
  if (length === 0 || length > 80 || Math.abs(shift) > 40) return undefined;
  const digits = whole + fraction;
  const kept = whole.length + digitsBelow[unit] + shift;
  const nanos = kept < 0 ? 0n : BigInt(digits.slice(0, kept).padEnd(kept, '0'));
  const rounded = kept >= 0 && digits.charCodeAt(kept) >= 0x35 ? nanos + 1n : nanos;
  return sign === '-' ? -rounded : rounded;
}

const perSecond = 1_000_000_000n;

/** ISO 8601 in UTC with nine digits of fraction: `2026-11-22T13:00:00.123456789Z`. */
export function isoTime(nanos: bigint): string {
  const fraction = BigInt.asUintN(64, ((nanos % perSecond) + perSecond) % perSecond);
  const seconds = (nanos - fraction) / perSecond;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${nanos} ns is beyond the dates of JavaScript`);
  return `${date.toISOString().slice(0, -5)}.${fraction.toString().padStart(9, '0')}Z`;
}

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,30}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

/**
 * The nanoseconds of an RFC 3339 time, whose offset is required; undefined for anything else, days that do not exist
 * included. Digits below a nanosecond are cut off; the leap second :60 counts as the second after it.
 */
export function parseIsoTime(text: string): bigint | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as SixNumbers;
  const offsetHour = Number(match[10] ?? 0);
  const offsetMinute = Number(match[11] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (match[9] === '-' ? -60 : 60);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return BigInt(seconds) * perSecond + BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
}

type SixNumbers = [number, number, number, number, number, number];

/** The nanoseconds of the SDK's pair. */
export function nanosFromHrTime([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(Math.trunc(seconds)) * perSecond + BigInt(Math.trunc(nanoseconds));
}

/** The SDK's pair of a time not before 1970. */
export function hrTime(nanos: bigint): HrTime {
  return [Number(nanos / perSecond), Number(nanos % perSecond)];
}
