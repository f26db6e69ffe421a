/** What the SDK's objects say, as batches: with the official serializers, which every OTLP exporter of the SDK uses. */
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { batchOf, type AnyBatch } from '../../model/batches.ts';

export async function batchOfSpans(spans: readonly ReadableSpan[]): Promise<AnyBatch | undefined> {
  await detected(spans);
  const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer');
  const bytes = ProtobufTraceSerializer.serializeRequest([...spans]);
  return bytes && batchOf('traces', bytes, { trusted: true });
}

export async function batchOfLogRecords(
  records: readonly ReadableLogRecord[],
): Promise<AnyBatch | undefined> {
  await detected(records);
  const { ProtobufLogsSerializer } = await import('@opentelemetry/otlp-transformer');
  const bytes = ProtobufLogsSerializer.serializeRequest([...records]);
  return bytes && batchOf('logs', bytes, { trusted: true });
}

/** What a machine or a cloud says about itself may still be on its way. */
async function detected(items: readonly { readonly resource: Resource }[]): Promise<void> {
  const pending = new Set(
    items.map(({ resource }) => resource).filter((one) => one.asyncAttributesPending === true),
  );
  for (const resource of pending) await resource.waitForAsyncAttributes?.();
}
