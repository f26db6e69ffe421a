import { deepestValue } from '../model/value.ts';
import type { ExactValue } from '../model/value.ts';
import { OttlFailure } from './errors.ts';
import { OttlList, describeValue } from './values.ts';
import type { OttlMap, OttlValue } from './values.ts';

/**
 * The value as telemetry holds it, nil being the empty value. Throws `OttlFailure` for what no attribute can be: a
 * time, a duration, an id, the events of a span. Lists and maps are not copied.
 */
export function toTelemetry(value: OttlValue, depth = 0): ExactValue {
  if (value === undefined) return null;
  if (value instanceof OttlList) {
    if (depth >= deepestValue) throw tooDeep();
    return value.items.map((item) => toTelemetry(item, depth + 1));
  }
  if (isTelemetry(value)) return value;
  throw new OttlFailure(`${describeValue(value)} cannot be stored`, [value]);
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

/** A copy that shares no list or map. Throws `OttlFailure` for nesting that no attribute could hold. */
export function copyTelemetry(value: ExactValue, depth = 0): ExactValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth >= deepestValue) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => copyTelemetry(item, depth + 1));
  const copy: OttlMap = new Map();
  for (const [key, item] of value) copy.set(key, copyTelemetry(item, depth + 1));
  return copy;
}

function tooDeep(): OttlFailure {
  return new OttlFailure(`a value is nested deeper than ${deepestValue}`);
}
