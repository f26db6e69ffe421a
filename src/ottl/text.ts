import { bounded, checkSize } from './budget.ts';
import { compareText } from './compare.ts';
import { OttlFailure } from './errors.ts';
import { formatLayout } from './time/layout.ts';
import {
  OttlBuckets,
  OttlDuration,
  OttlId,
  OttlItems,
  OttlList,
  OttlLooseMap,
  OttlStatus,
  OttlTime,
  describeValue,
} from './values.ts';
import type { OttlValue } from './values.ts';

/**
 * The text that `Concat`, `String` and `IsMatch` see: text as it is, bytes in hex, everything else as the JSON of
 * the reference (HTML characters escaped, keys sorted, ids as arrays of their bytes, durations as nanoseconds).
 * undefined for nil. Throws `OttlFailure` for what has no JSON: NaN, the infinities, opaque objects.
 */
export function likeText(value: OttlValue): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  if (value instanceof Uint8Array)
    return bounded(Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex'));
  checkSize(value);
  return bounded(jsonText(value));
}

/** The depth of values is bounded where they are made. */
function jsonText(value: OttlValue): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value);
    case 'number':
      return jsonNumber(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === undefined || value === null ? 'null' : jsonOfObject(value);
  }
}

function jsonOfObject(
  value: Exclude<OttlValue, undefined | null | string | number | bigint | boolean>,
): string {
  if (value instanceof Uint8Array) return jsonOfBytes(value);
  if (value instanceof Map) return jsonOfMap(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (value instanceof OttlList) return jsonOfList(value);
  if (value instanceof OttlTime) return `"${rfc3339(value)}"`;
  if (value instanceof OttlDuration) return String(value.nanos);
  // Go sees nothing in them.
  if (value instanceof OttlItems || value instanceof OttlStatus || value instanceof OttlBuckets) return '{}';
  if (value instanceof OttlId) return `[${[...Buffer.from(value.hex, 'hex')].join(',')}]`;
  throw new OttlFailure(`${describeValue(value)} has no text`, [value]);
}

/** Go has no list at all where a data point has no numbers. */
/** Go has no bytes where there are none. */
function jsonOfBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'null' : `"${Buffer.from(bytes).toString('base64')}"`;
}

function jsonOfList({ items, origin }: OttlList): string {
  const isNothing = items.length === 0 && (origin === 'counts' || origin === 'floats');
  return isNothing ? 'null' : `[${items.map(jsonOfItem).join(',')}]`;
}

/** In a list literal Go sees nothing in the maps and lists of telemetry. */
function jsonOfItem(item: OttlValue): string {
  const isTelemetry = Array.isArray(item) || (item instanceof Map && !(item instanceof OttlLooseMap));
  return isTelemetry ? '{}' : jsonText(item);
}

function jsonOfMap(value: ReadonlyMap<string, OttlValue>): string {
  const entries = [...value].toSorted(([a], [b]) => compareText(a, b));
  return `{${entries.map(([key, item]) => `${jsonString(key)}:${jsonText(item)}`).join(',')}}`;
}

function jsonString(text: string): string {
  const json = JSON.stringify(text.toWellFormed());
  return /[<>&\u2028\u2029]/.test(json) ? json.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape) : json;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JavaScript's shortest form, with an exponent of at least two digits. */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new OttlFailure(`${value} has no text`, [value]);
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e-(\d)$/, 'e-0$1');
}

/** RFC 3339 in the zone of the time, with as many digits of fraction as it has. */
function rfc3339(time: OttlTime): string {
  const text = formatLayout(time, '2006-01-02T15:04:05.999999999Z07:00');
  if (!/^[0-9]{4}-/.test(text)) throw new OttlFailure('the year of this time is not from 0 to 9999');
  return text;
}
