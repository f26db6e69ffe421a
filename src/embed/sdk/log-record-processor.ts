import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { RunResult } from '../../pipeline/run.ts';
import { SdkBridge, type SdkConfig, type SdkOptions } from './bridge.ts';
import { batchOfLogRecords } from './encode.ts';

/**
 * Puts a pipeline behind a logger provider of the OTel SDK, in the place of BatchLogRecordProcessor; see
 * `PipelineSpanProcessor`.
 *
 *     new LoggerProvider({ processors: [new PipelineLogRecordProcessor(loadConfig('pipeline.yaml'))] })
 */
export class PipelineLogRecordProcessor implements LogRecordProcessor {
  private readonly bridge: SdkBridge<ReadableLogRecord>;

  constructor(config: SdkConfig, options: SdkOptions = {}) {
    this.bridge = new SdkBridge(config, batchOfLogRecords, options);
  }

  /** Records that had no room under `maxQueueSize`. */
  get dropped(): number {
    return this.bridge.dropped;
  }

  onEmit(record: ReadableLogRecord): void {
    this.bridge.add(record);
  }

  /** Resolves when every record that was emitted before is settled. @throws ConfigError */
  async forceFlush(): Promise<void> {
    await this.bridge.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.bridge.shutdown();
  }

  /** What became of every record: there after `shutdown`. */
  async result(): Promise<RunResult | undefined> {
    return await this.bridge.shutdown();
  }
}
