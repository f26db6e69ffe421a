import type { ExportResult } from '@opentelemetry/core';

/** Tells an exporter's caller how it went. */
export function exported(delivered: Promise<boolean>, callback: (result: ExportResult) => void): void {
  void delivered.then((isSafe) =>
    callback(isSafe ? { code: 0 } : { code: 1, error: new Error('the pipeline did not deliver all of it') }),
  );
}
