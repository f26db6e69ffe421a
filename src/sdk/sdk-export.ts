/** One call of an SDK exporter, as a promise that always settles. */
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { SdkExporter, SdkResult } from './load-exporter.ts';

/**
 * Hands the items over, once. Resolves with the exporter's result; rejects with what `export` throws and, at the latest
 * when `signal` aborts, with its reason: an exporter may forget to call back. The exporter's own requests are not traced.
 */
export async function exportOnce(
  exporter: SdkExporter,
  items: readonly unknown[],
  signal: AbortSignal,
): Promise<SdkResult> {
  signal.throwIfAborted();
  const untraced = suppressTracing(context.active());
  let stop = () => {};
  try {
    return await new Promise<SdkResult>((resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      context.with(untraced, () => exporter.export(items, resolve));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
