import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { exported } from './exported.ts';
import { SdkBridge, type SdkConfig, type SdkOptions } from './bridge.ts';
import { batchOfSpans } from './encode.ts';

/**
 * A pipeline as an exporter of spans, behind a span processor of the SDK's own. It calls back when each span is settled.
 * `PipelineSpanProcessor` does without the queue in between, which drops what is too much for it.
 *
 *     new BatchSpanProcessor(new PipelineSpanExporter(loadConfig('pipeline.yaml')))
 */
export class PipelineSpanExporter implements SpanExporter {
  private readonly bridge: SdkBridge<ReadableSpan>;

  constructor(config: SdkConfig, options: SdkOptions = {}) {
    this.bridge = new SdkBridge(config, batchOfSpans, options);
  }

  export(spans: ReadableSpan[], callback: (result: ExportResult) => void): void {
    exported(this.bridge.deliver(spans), callback);
  }

  async forceFlush(): Promise<void> {
    await this.bridge.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.bridge.shutdown();
  }
}
