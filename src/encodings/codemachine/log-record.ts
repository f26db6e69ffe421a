/** One element of `logs`. */
import type { ScopeLogs } from '../../model/logs.ts';
import { isSpanId, isTraceId } from '../../model/ids.ts';
import { exactValue, isObject, NumberText, type ExactJson, type JsonObject } from './exact-json.ts';
import {
  eachUnknown,
  fail,
  intMember,
  millisecondsMember,
  objectMember,
  textMember,
} from './read-members.ts';

const known = new Set('timestamp severityNumber severityText body attributes resource'.split(' '));

export interface LogParts {
  readonly time: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: ExactJson | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: JsonObject;
  readonly resource: JsonObject;
}

/** Throws a ShapeError. `notice` hears of members that are not carried over. */
export function readLog(element: ExactJson, notice: (text: string) => void): LogParts {
  if (!isObject(element)) fail('a log record', 'an object', element);
  const attributes = objectMember(element, 'attributes');
  const traceId = idOf(attributes, 'trace.id', isTraceId);
  const spanId = idOf(attributes, 'span.id', isSpanId);
  const parts = {
    time: timeOf(element),
    severityNumber: intMember(element, 'severityNumber', 0),
    severityText: textMember(element, 'severityText'),
    body: element['body'],
    traceId,
    spanId,
    attributes,
    resource: objectMember(element, 'resource'),
  };
  eachUnknown(element, known, (member) => notice(`member ${member} of log records is not carried over`));
  return parts;
}

export function addLog(scope: ScopeLogs, parts: LogParts): void {
  const record = scope.addLogRecord();
  record.timeUnixNano = parts.time;
  if (parts.severityNumber !== 0) record.severityNumber = parts.severityNumber;
  if (parts.severityText !== '') record.severityText = parts.severityText;
  if (parts.body !== undefined) record.bodyExact = exactValue(parts.body);
  for (const [key, value] of Object.entries(parts.attributes)) {
    const moved = (key === 'trace.id' && parts.traceId !== '') || (key === 'span.id' && parts.spanId !== '');
    if (!moved) record.attributes.setExact(key, exactValue(value));
  }
  if (parts.traceId !== '') record.traceId = parts.traceId;
  if (parts.spanId !== '') record.spanId = parts.spanId;
}

/** An attribute that can be the record's id, in lower case, else ''. */
function idOf(attributes: JsonObject, key: string, isId: (text: string) => boolean): string {
  const value = attributes[key];
  return typeof value === 'string' && isId(value) ? value.toLowerCase() : '';
}

/** `[seconds, nanoseconds]`, or milliseconds as spans have them. */
function timeOf(element: JsonObject): bigint {
  const time = element['timestamp'];
  if (!Array.isArray(time)) {
    return millisecondsMember(element, 'timestamp') ?? fail('timestamp', '[seconds, nanoseconds]', time);
  }
  const [seconds, nanos] = time.map((part) => (part instanceof NumberText ? part.text : ''));
  if (time.length !== 2 || !/^\d{1,10}$/.test(seconds ?? '') || !/^\d{1,9}$/.test(nanos ?? '')) {
    fail('timestamp', '[seconds, nanoseconds]', time);
  }
  return BigInt(seconds ?? 0) * 1_000_000_000n + BigInt(nanos ?? 0);
}
