import type { LogRecord } from '../../model/logs.ts';
import { valueText } from '../../model/value.ts';
import type { Target } from '../target.ts';
import { attributes, id, nanos, small, text, time } from './fields.ts';
import type { Fields } from './fields.ts';

const logOf = (target: Target): LogRecord => target.log as LogRecord;

export const logFields: Fields = {
  time_unix_nano: nanos((target) => logOf(target).timeUnixNano),
  observed_time_unix_nano: nanos((target) => logOf(target).observedTimeUnixNano),
  time: time((target) => logOf(target).timeUnixNano),
  observed_time: time((target) => logOf(target).observedTimeUnixNano),
  severity_number: small((target) => logOf(target).severityNumber),
  severity_text: text((target) => logOf(target).severityText),
  body: {
    read: (target) => logOf(target).bodyExact,
    index: { kind: 'body' },
    fields: { string: text((target) => valueText(logOf(target).bodyExact)) },
  },
  attributes: attributes(
    (target) => logOf(target).attributes,
    (key) => (target) => logOf(target).attributes.getExact(key),
  ),
  dropped_attributes_count: small((target) => logOf(target).droppedAttributesCount),
  flags: small((target) => logOf(target).flags),
  trace_id: id('trace', (target) => logOf(target).traceId),
  span_id: id('span', (target) => logOf(target).spanId),
  event_name: text((target) => logOf(target).eventName),
};
