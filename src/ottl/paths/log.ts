import type { LogRecord } from '../../model/logs.ts';
import { valueText } from '../../model/value.ts';
import { stored } from '../telemetry.ts';
import type { Target } from '../target.ts';
import { attributes, id, nanos, small, text, time } from './fields.ts';
import type { Fields } from './fields.ts';

const logOf = (target: Target): LogRecord => target.log as LogRecord;

const setTime = (target: Target, nanos: bigint): void => {
  logOf(target).timeUnixNano = nanos;
};
const setObservedTime = (target: Target, nanos: bigint): void => {
  logOf(target).observedTimeUnixNano = nanos;
};

export const logFields: Fields = {
  time_unix_nano: nanos((target) => logOf(target).timeUnixNano, setTime),
  observed_time_unix_nano: nanos((target) => logOf(target).observedTimeUnixNano, setObservedTime),
  time: time((target) => logOf(target).timeUnixNano, setTime),
  observed_time: time((target) => logOf(target).observedTimeUnixNano, setObservedTime),
  severity_number: {
    ...small(
      (target) => logOf(target).severityNumber,
      (target, number) => (logOf(target).severityNumber = number),
    ),
    data: { at: 'field', field: 'severityNumber' },
  },
  severity_text: {
    ...text(
      (target) => logOf(target).severityText,
      (target, severity) => (logOf(target).severityText = severity),
    ),
    data: { at: 'field', field: 'severityText' },
  },
  body: {
    read: (target) => logOf(target).bodyExact,
    write(target, value) {
      const { value: next, failure } = stored(value, logOf(target).bodyExact);
      logOf(target).bodyExact = next;
      if (failure !== undefined) throw failure;
    },
    index: { kind: 'body' },
    data: { at: 'field', field: 'body' },
    fields: {
      string: text(
        (target) => valueText(logOf(target).bodyExact),
        (target, body) => (logOf(target).bodyExact = body),
      ),
    },
  },
  attributes: attributes(logOf, (log) => log.attributes, 'item'),
  dropped_attributes_count: small(
    (target) => logOf(target).droppedAttributesCount,
    (target, count) => (logOf(target).droppedAttributesCount = count),
  ),
  flags: small(
    (target) => logOf(target).flags,
    (target, flags) => (logOf(target).flags = flags),
  ),
  trace_id: id(
    'trace',
    (target) => logOf(target).traceId,
    (target, digits) => (logOf(target).traceId = digits),
  ),
  span_id: id(
    'span',
    (target) => logOf(target).spanId,
    (target, digits) => (logOf(target).spanId = digits),
  ),
  event_name: text(
    (target) => logOf(target).eventName,
    (target, name) => (logOf(target).eventName = name),
  ),
};
