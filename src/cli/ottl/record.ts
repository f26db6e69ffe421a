/** What a record of a context is called, and what it holds: itself and what it stands in. */
import { isoTime } from '../../model/time.ts';
import { valueText } from '../../model/value.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import type { RecordTarget } from '../../processors/shared/target.ts';
import { printable } from '../../exporters/debug/text.ts';
import {
  eventFields,
  logFields,
  metricFields,
  pointFields,
  resourceFields,
  scopeFields,
  spanFields,
  type Field,
} from './fields.ts';

/** The record as it is now. */
export function snapshot({ resource, scope, span, event, log, metric, point }: RecordTarget): Field[] {
  return [
    ...(event === undefined ? [] : eventFields(event)),
    ...(span === undefined ? [] : spanFields(span)),
    ...(log === undefined ? [] : logFields(log)),
    ...(point === undefined ? [] : pointFields(point)),
    ...(metric === undefined ? [] : metricFields(metric)),
    ...(scope === undefined ? [] : scopeFields(scope)),
    ...(resource === undefined ? [] : resourceFields(resource)),
  ];
}

const longestName = 60;

/** How a person finds the record: one line, safe to print. */
export function titleOf(context: ContextName, target: RecordTarget): string {
  const { event, point } = target;
  switch (context) {
    case 'resource':
      return `resource of ${serviceIn(target)}`;
    case 'scope':
      return `scope ${quoted(target.scope?.name)} of ${serviceIn(target)}`;
    case 'span':
      return spanTitle(target);
    case 'spanevent':
      return `event ${quoted(event?.name)} of ${spanTitle(target)}`;
    case 'log':
      return logTitle(target);
    case 'metric':
      return metricTitle(target);
    case 'datapoint':
      return `data point of ${isoTime(point?.timeUnixNano ?? 0n)} of ${metricTitle(target)}`;
  }
}

function spanTitle({ span }: RecordTarget): string {
  const id = span?.spanId === '' ? 'without id' : span?.spanId;
  return `span ${id} of trace ${span?.traceId === '' ? 'without id' : span?.traceId}  ${quoted(span?.name)}`;
}

function logTitle({ log }: RecordTarget): string {
  const time = log?.timeUnixNano || log?.observedTimeUnixNano || 0n;
  return `log record ${time === 0n ? 'without time' : `of ${isoTime(time)}`}  ${quoted(valueText(log?.bodyExact ?? null))}`;
}

function metricTitle({ metric }: RecordTarget): string {
  return `metric ${quoted(metric?.name)}`;
}

function serviceIn({ resource }: RecordTarget): string {
  const service = resource?.attributes.getExact('service.name');
  return typeof service === 'string' ? `service ${quoted(service)}` : 'no service';
}

function quoted(text = ''): string {
  return `"${printable(text, longestName)}"`;
}
