import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { RunResult } from '../../pipeline/run.ts';
import { SdkBridge, type SdkConfig, type SdkOptions } from './bridge.ts';
import { batchOfSpans } from './encode.ts';

export interface PipelineSpanProcessorOptions extends SdkOptions {
  /** Spans that are recorded and not sampled go through the pipeline too: for one that decides itself. */
  readonly includeUnsampled?: boolean;
}

const sampledFlag = 1;

/**
 * Puts a pipeline behind a tracer provider of the OTel SDK, in the place of BatchSpanProcessor: spans go through its
 * processors (redaction, filters, sampling) and leave by its exporters, with their queues, retries and ledger. The config
 * names the receiver `program`, which stands for the SDK.
 *
 *     const processor = new PipelineSpanProcessor(loadConfig('pipeline.yaml'));
 *     const provider = new NodeTracerProvider({ spanProcessors: [processor] });
 */
export class PipelineSpanProcessor implements SpanProcessor {
  private readonly bridge: SdkBridge<ReadableSpan>;
  private readonly includeUnsampled: boolean;

  constructor(config: SdkConfig, options: PipelineSpanProcessorOptions = {}) {
    this.bridge = new SdkBridge(config, batchOfSpans, options);
    this.includeUnsampled = options.includeUnsampled ?? false;
  }

  /** Spans that had no room under `maxQueueSize`. */
  get dropped(): number {
    return this.bridge.dropped;
  }

  onStart(_span: Span, _parent: Context): void {
    // A pipeline takes spans that are over.
  }

  onEnd(span: ReadableSpan): void {
    if (this.includeUnsampled || (span.spanContext().traceFlags & sampledFlag) !== 0) this.bridge.add(span);
  }

  /** Resolves when every span that ended before is settled. @throws ConfigError */
  async forceFlush(): Promise<void> {
    await this.bridge.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.bridge.shutdown();
  }

  /** What became of every span: there after `shutdown`. */
  async result(): Promise<RunResult | undefined> {
    return await this.bridge.shutdown();
  }
}
