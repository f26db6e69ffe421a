/** Telemetry as objects of OTLP JSON, into batches and back. */
import { decodeRequest } from '../encodings/otlp-request.ts';
import type { AnyBatch } from '../model/batches.ts';
import { dataTypeOf } from '../model/schema.ts';
import type { Signal } from '../model/signal.ts';
import { toJson } from '../model/to-json.ts';

/** TracesData, LogsData or MetricsData as OTLP JSON has them. */
export type OtlpObject =
  | { readonly resourceSpans: readonly object[] }
  | { readonly resourceLogs: readonly object[] }
  | { readonly resourceMetrics: readonly object[] };

const signalOfList: Readonly<Record<string, Signal>> = {
  resourceSpans: 'traces',
  resourceLogs: 'logs',
  resourceMetrics: 'metrics',
};

/** @throws TypeError when it is no OTLP, and an error with the place of what is wrong in it */
export function batchFromOtlp(object: OtlpObject): AnyBatch {
  const signal = Object.keys(object).map((key) => signalOfList[key])[0];
  if (signal === undefined)
    throw new TypeError(
      `must have one of ${Object.keys(signalOfList).join(', ')}, found ${Object.keys(object).join(', ') || 'nothing'}`,
    );
  const text = JSON.stringify(object, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return decodeRequest(Buffer.from(text), { format: 'json', signal, maxDepth: 64, maxAttributes: 10_000 })
    .batch;
}

/** Canonical OTLP JSON: ids in hex, 64-bit integers as texts. */
export function batchToOtlp(batch: AnyBatch): OtlpObject {
  const bytes = batch.encode();
  return JSON.parse(toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal))) as OtlpObject;
}
