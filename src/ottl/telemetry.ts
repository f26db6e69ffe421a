import { deepestValue } from '../model/value.ts';
import type { ExactValue } from '../model/value.ts';
import { checkSize } from './budget.ts';
import { OttlFailure } from './errors.ts';
import { OttlList, describeValue } from './values.ts';
import type { OttlMap, OttlValue } from './values.ts';

/**
 * The value as telemetry holds it, nil being the empty value. Throws `OttlFailure` for what no attribute can be: a
 * time, a duration, an id, the events of a span. Lists and maps are not copied.
 */
export function toTelemetry(value: OttlValue, depth = 0): ExactValue {
  if (value === undefined) return null;
  if (value instanceof OttlList && value.origin !== 'counts') {
    if (depth >= deepestValue) throw tooDeep();
    return value.items.map((item) => toTelemetry(item, depth + 1));
  }
  if (isTelemetry(value)) return value;
  throw new OttlFailure(`${describeValue(value)} cannot be stored`, [value]);
}

/** What a place holds after a value was set there, which may have failed. */
export interface Stored {
  readonly value: ExactValue;
  /** To be thrown once the value is where it belongs. */
  readonly failure?: Error | undefined;
}

/**
 * What setting a value makes of a place, as in the reference: what no attribute can be leaves the place as it is; in
 * a list it leaves an empty element, and only that of the last element is a failure. Lists and maps are not copied.
 */
export function stored(value: OttlValue, before: ExactValue, depth = 0): Stored {
  if (value === undefined) return { value: null };
  if (isTelemetry(value)) return { value };
  if (!(value instanceof OttlList) || value.origin === 'counts')
    return { value: before, failure: new OttlFailure(`${describeValue(value)} cannot be stored`, [value]) };
  if (depth >= deepestValue) return { value: before, failure: tooDeep() };
  const items = value.items.map((item) => stored(item, null, depth + 1));
  return { value: items.map((item) => item.value), failure: items.at(-1)?.failure };
}

export function isTelemetry(value: OttlValue): value is ExactValue {
  return (
    typeof value !== 'object' ||
    value === null ||
    value instanceof Uint8Array ||
    value instanceof Map ||
    Array.isArray(value)
  );
}

/** A copy that shares no list or map. Throws `OttlFailure` for what is too large or nested too deep to be stored. */
export function copyTelemetry(value: ExactValue): ExactValue {
  checkSize(value);
  return copied(value, 0);
}

function copied(value: ExactValue, depth: number): ExactValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth >= deepestValue) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => copied(item, depth + 1));
  const copy: OttlMap = new Map();
  for (const [key, item] of value) copy.set(key, copied(item, depth + 1));
  return copy;
}

function tooDeep(): OttlFailure {
  return new OttlFailure(`a value is nested deeper than ${deepestValue}`);
}
