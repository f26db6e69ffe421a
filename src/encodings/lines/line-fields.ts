/** Time, severity and ids that a line has in fields: the members of a JSON object, or the pairs of logfmt. */
import { isSpanId, isTraceId } from '../../model/ids.ts';
import { nanosFromText } from '../../model/time.ts';
import { wholeTime } from './known-times.ts';
import type { Moment } from './moment.ts';
import { severityNumber, severityOfNumber, type Severity } from './severity.ts';

/** The fields of one line, by name. */
export interface LineFields {
  get(name: string): unknown;
  /** How the value is written, for numbers that a double does not hold. */
  sourceOf(name: string): string | undefined;
}

const timeNames =
  'time timestamp @timestamp ts t datetime date asctime @t _time Timestamp Time eventTime timeMillis time_iso8601 start_time'.split(
    ' ',
  );
const severityNames =
  'level severity lvl loglevel log_level log.level levelname @l severityText severity_text SeverityText Level'.split(
    ' ',
  );
const traceNames = 'trace_id traceId trace.id traceID TraceId TraceID'.split(' ');
const spanNames = 'span_id spanId span.id spanID SpanId SpanID'.split(' ');

/** Longer lines are not looked into. */
const longestParsed = 1 << 20;

/** Undefined for a line that is neither. */
export function fieldsOf(line: string): LineFields | undefined {
  if (line.length > longestParsed) return undefined;
  const text = line.trim();
  if (text.startsWith('{') && text.endsWith('}')) return jsonFields(text);
  return isLogfmt.test(text) ? logfmtFields(text) : undefined;
}

const isLogfmt = /^[\w.@-]{1,64}=(?:"|\S)|[^=]\b(?:level|lvl|time|ts|msg)=\S/;

function jsonFields(text: string): LineFields | undefined {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    return undefined;
  }
  const members = object as Record<string, unknown>;
  return {
    get: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
    sourceOf(name) {
      const key = JSON.stringify(name).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      return new RegExp(String.raw`${key}\s*:\s*(-?[\d.eE+-]{1,40})`).exec(text)?.[1];
    },
  };
}

const pair = /(?:^|\s)([\w.@/-]{1,64})=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/g;
const mostPairs = 64;

function logfmtFields(text: string): LineFields | undefined {
  const members = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of text.matchAll(pair)) {
    if (!members.has(name))
      members.set(name, quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1'));
    if (members.size >= mostPairs) break;
  }
  return members.size === 0
    ? undefined
    : { get: (name) => members.get(name), sourceOf: (name) => members.get(name) };
}

/** The first of the usual fields that holds a time. */
export function fieldTime(
  fields: LineFields,
  names: readonly string[] = timeNames,
): Moment | bigint | undefined {
  for (const name of names) {
    const value = fields.get(name);
    if (value === undefined) continue;
    const found =
      typeof value === 'number' ? epochTime(fields.sourceOf(name) ?? String(value)) : timeOfText(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function timeOfText(value: unknown): Moment | bigint | undefined {
  if (typeof value !== 'string') return undefined;
  return wholeTime(value) ?? epochTime(value);
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size; before 2286. */
function epochTime(text: string): bigint | undefined {
  const size = Math.abs(Number(text));
  if (!(size >= 1e8 && size < 1e19)) return undefined;
  const unit = size < 1e10 ? 's' : size < 1e13 ? 'ms' : size < 1e16 ? 'us' : 'ns';
  const nanos = nanosFromText(text, unit);
  return nanos !== undefined && nanos >= 0n ? nanos : undefined;
}

/** The first of the usual fields that names a level. */
export function fieldSeverity(
  fields: LineFields,
  names: readonly string[] = severityNames,
): Severity | undefined {
  for (const name of names) {
    const value = fields.get(name);
    if (typeof value === 'number') return { number: severityOfNumber(value), text: String(value) };
    if (typeof value !== 'string' || value === '') continue;
    const number = /^\d{1,3}$/.test(value) ? severityOfNumber(Number(value)) : severityNumber(value);
    return { number, text: value };
  }
  return undefined;
}

/** The ids of the trace and the span, in lower case; '' for none. */
export function fieldIds(fields: LineFields): { traceId: string; spanId: string } {
  return { traceId: idIn(fields, traceNames, isTraceId), spanId: idIn(fields, spanNames, isSpanId) };
}

function idIn(fields: LineFields, names: readonly string[], isId: (text: string) => boolean): string {
  for (const name of names) {
    const value = fields.get(name);
    if (typeof value === 'string' && isId(value)) return value.toLowerCase();
  }
  return '';
}
