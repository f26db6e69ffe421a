import type { ExportResult } from '@opentelemetry/core';
import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { loadConfig } from '../load-config.ts';
import { SdkBridge, type SdkOptions } from './bridge.ts';
import { batchOfLogRecords } from './encode.ts';
import { exported } from './exported.ts';

/** The keys of the exporter `loki`, as in a config. */
export interface LokiOptions {
  /** `http://localhost:3100`. */
  readonly endpoint: string;
  readonly [key: string]: unknown;
}

/**
 * Sends log records of the OTel SDK to Loki's push API: what the exporter `loki` does in a pipeline, with its labels,
 * structured metadata, order and retries.
 *
 *     new BatchLogRecordProcessor(new LokiLogRecordExporter({ endpoint: 'http://localhost:3100' }))
 */
export class LokiLogRecordExporter implements LogRecordExporter {
  private readonly bridge: SdkBridge<ReadableLogRecord>;

  constructor(options: LokiOptions, more: SdkOptions = {}) {
    const config = loadConfig({
      receivers: { program: {} },
      exporters: { loki: options },
      service: { pipelines: { logs: { receivers: ['program'], exporters: ['loki'] } } },
    });
    this.bridge = new SdkBridge(config, batchOfLogRecords, more);
  }

  export(records: ReadableLogRecord[], callback: (result: ExportResult) => void): void {
    exported(this.bridge.deliver(records), callback);
  }

  async forceFlush(): Promise<void> {
    await this.bridge.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.bridge.shutdown();
  }
}
