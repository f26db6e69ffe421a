/** Typed members of a JSON object; what does not fit throws a ShapeError that names the member. */
import { nanosFromText, type TimeUnit } from '../../model/time.ts';
import { described, JsonNumber, JsonObject, type Json } from './json.ts';
import { ShapeError } from './shape-error.ts';

export function fail(member: string, must: string, found: Json | undefined): never {
  throw new ShapeError(`${member} must be ${must}, found ${described(found)}`);
}

export function asObject(what: string, value: Json | undefined): JsonObject {
  return value instanceof JsonObject ? value : fail(what, 'an object', value);
}

/** '' for an absent one. */
export function textMember(object: JsonObject, member: string): string {
  const value = object.get(member) ?? '';
  return typeof value === 'string' ? value : fail(member, 'text', value);
}

/** Undefined for an absent one. */
export function objectMember(object: JsonObject, member: string): JsonObject | undefined {
  const value = object.get(member);
  return value === undefined || value === null ? undefined : asObject(member, value);
}

const none: readonly Json[] = [];

/** Empty for an absent one. */
export function listMember(object: JsonObject, member: string): readonly Json[] {
  const value = object.get(member);
  if (value === undefined || value === null) return none;
  return Array.isArray(value) ? value : fail(member, 'an array', value);
}

/** Hex that may have lost zeros on its left, padded to `digits`, in lower case; '' for an absent or empty one. */
export function idMember(object: JsonObject, member: string, digits: number): string {
  const value = object.get(member);
  if (value === undefined || value === null || value === '') return '';
  return paddedId(value, digits) ?? fail(member, `at most ${digits} hex digits`, value);
}

/** Undefined for what is no id. */
export function paddedId(value: Json, digits: number): string | undefined {
  if (typeof value !== 'string' || value.length > digits || value === '') return undefined;
  for (let i = 0; i < value.length; i++) if (!isHexDigit(value.charCodeAt(i))) return undefined;
  return (value.length === digits ? value : value.padStart(digits, '0')).toLowerCase();
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

const uint64End = 1n << 64n;
const nanosPer: Record<TimeUnit, bigint> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n };

/** Exact nanoseconds, as `nanosFromText`, sooner for a short integer. */
export function nanosOfText(text: string, unit: TimeUnit): bigint | undefined {
  return isShortInteger(text) ? BigInt(Number(text)) * nanosPer[unit] : nanosFromText(text, unit);
}

/** Whether it is made of so few digits that a double holds it. */
function isShortInteger(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > 16 || (length === 16 && text.charCodeAt(0) > 0x38)) return false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Exact nanoseconds of a number that may be negative, for clocks go back; 0 for an absent one. */
export function durationMember(object: JsonObject, member: string, unit: TimeUnit): bigint {
  const value = object.get(member);
  const text = value instanceof JsonNumber ? value.text : undefined;
  if (text?.startsWith('-') !== true) return timeMember(object, member, unit) ?? 0n;
  return nanosFromText(text, unit) ?? fail(member, timeWords[unit], value);
}

/** The end of a span; it is not before 1970. */
export function endOf(start: bigint, duration: bigint): bigint {
  const end = start + duration;
  if (end >= uint64End) throw new ShapeError('it ends later than 64 bits of nanoseconds can say');
  return end < 0n ? 0n : end;
}

/** Exact nanoseconds of a number, or of a number in quotes; undefined for an absent one. */
export function timeMember(object: JsonObject, member: string, unit: TimeUnit): bigint | undefined {
  return timeOf(object.get(member), member, unit);
}

/** As `timeMember`, of a value that is called so. */
export function timeOf(value: Json | undefined, member: string, unit: TimeUnit): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const text = value instanceof JsonNumber ? value.text : value;
  const nanos = typeof text === 'string' ? nanosOfText(text, unit) : undefined;
  if (nanos === undefined || nanos < 0n || nanos >= uint64End) fail(member, timeWords[unit], value);
  return nanos;
}

const timeWords: Record<TimeUnit, string> = {
  s: 'a number of seconds',
  ms: 'a number of milliseconds',
  us: 'a number of microseconds',
  ns: 'a number of nanoseconds',
};
