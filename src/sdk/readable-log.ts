/** Log records as the SDK's exporters read them; copied out of the batch, as spans are. */
import type { SpanContext } from '@opentelemetry/api';
import type { LogBody } from '@opentelemetry/api-logs';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { LogRecord, LogsBatch } from '../model/logs.ts';
import type { Losses } from './losses.ts';
import { sdkResource, SdkScopes, type MakeResource } from './sdk-groups.ts';
import { hrTimeOf, sdkAttributes, sdkValue } from './sdk-values.ts';

type Surroundings = Pick<ReadableLogRecord, 'resource' | 'instrumentationScope'>;

/** The records of a batch, in their order; what cannot be carried is counted in `losses`. */
export function readableLogRecords(
  batch: LogsBatch,
  makeResource: MakeResource,
  losses: Losses,
): ReadableLogRecord[] {
  const records: ReadableLogRecord[] = [];
  for (const group of batch.resourceLogs()) {
    const resource = sdkResource(group.resource, makeResource, losses);
    const scopes = new SdkScopes(losses);
    for (const part of group.scopeLogs()) {
      const surroundings = { resource, instrumentationScope: scopes.of(part.scope) };
      for (const record of part.logRecords()) records.push(readable(record, surroundings, losses));
    }
  }
  return records;
}

function readable(record: LogRecord, surroundings: Surroundings, losses: Losses): ReadableLogRecord {
  const { severityNumber, severityText, eventName, bodyExact } = record;
  return {
    ...surroundings,
    hrTime: hrTimeOf(record.timeUnixNano),
    hrTimeObserved: hrTimeOf(record.observedTimeUnixNano),
    ...contextOf(record, losses),
    ...(severityNumber === 0 ? {} : { severityNumber }),
    ...(severityText === '' ? {} : { severityText }),
    ...(eventName === '' ? {} : { eventName }),
    ...(bodyExact === null ? {} : { body: sdkValue(bodyExact, losses) as LogBody }),
    attributes: sdkAttributes(record.attributes, losses),
    droppedAttributesCount: record.droppedAttributesCount,
  };
}

/** Ids and flags travel together; flags of a record without ids have no place. */
function contextOf({ traceId, spanId, flags }: LogRecord, losses: Losses): { spanContext?: SpanContext } {
  if (traceId !== '' || spanId !== '') return { spanContext: { traceId, spanId, traceFlags: flags } };
  if (flags !== 0) losses.add('flags');
  return {};
}
