/** Between a provider of the OTel SDK, which does not wait, and a pipeline, which does. */
import type { AnyBatch } from '../../model/batches.ts';
import { systemClock, type Clock } from '../../pipeline/clock.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { RunResult } from '../../pipeline/run.ts';
import type { LoadedConfig } from '../load-config.ts';
import { LivePipeline, type LiveOptions } from './live-pipeline.ts';

export interface SdkOptions extends LiveOptions {
  /** Items that are handed to the pipeline together, at the most; 512 unless given. */
  readonly maxExportBatchSize?: number;
  /** How long fewer than these wait for more, in milliseconds; 1000 unless given. */
  readonly scheduledDelayMillis?: number;
  /**
   * Items that are not delivered yet, at the most; 65 536 unless given. An application cannot be made to wait: what
   * comes beyond is dropped, counted in `dropped`, and told once.
   */
  readonly maxQueueSize?: number;
  /** How long `shutdown` waits for the backend, in milliseconds; 30 000 unless given. */
  readonly shutdownTimeoutMillis?: number;
}

/** A config, or the promise of one: `new PipelineSpanProcessor(loadConfig('pipeline.yaml'))`. */
export type SdkConfig = LoadedConfig | Promise<LoadedConfig>;

export type Encode<Item> = (items: readonly Item[]) => Promise<AnyBatch | undefined>;

const flushAgainMs = 20;

/** Where the SDK's users look for what an exporter has to say. */
async function tell(message: string): Promise<void> {
  const { diag } = await import('@opentelemetry/api');
  diag.error(`respool: ${message}`);
}

export class SdkBridge<Item> {
  /** Items that had no room. */
  dropped = 0;
  /** Items of which it is not known that the pipeline delivered or dropped them. */
  unsafe = 0;
  private readonly encode: Encode<Item>;
  private readonly opened: Promise<LivePipeline>;
  private readonly clock: Clock;
  private readonly batchSize: number;
  private readonly delayMs: number;
  private readonly mostItems: number;
  private readonly shutdownMs: number;
  private pipeline: LivePipeline | undefined;
  private buffer: Item[] = [];
  private unsettled = 0;
  private readonly settling = new Set<Promise<void>>();
  private cancelTimer: (() => void) | undefined;
  private ending: Promise<RunResult | undefined> | undefined;

  constructor(config: SdkConfig, encode: Encode<Item>, options: SdkOptions = {}) {
    this.encode = encode;
    this.clock = options.clock ?? systemClock;
    this.batchSize = options.maxExportBatchSize ?? 512;
    this.delayMs = options.scheduledDelayMillis ?? 1000;
    this.mostItems = options.maxQueueSize ?? 65_536;
    this.shutdownMs = options.shutdownTimeoutMillis ?? 30_000;
    this.opened = this.open(config, options);
    this.opened.catch((error: unknown) => void tell(messageOf(error)));
  }

  /** Takes one item; never waits and never throws. */
  add(item: Item): void {
    if (this.ending !== undefined) return;
    if (this.unsettled + this.buffer.length >= this.mostItems) {
      if (this.dropped++ === 0)
        void tell(
          `more than ${this.mostItems} items wait for the pipeline (maxQueueSize): what comes is dropped`,
        );
      return;
    }
    this.buffer.push(item);
    if (this.buffer.length >= this.batchSize) this.send();
    else this.cancelTimer ??= this.clock.after(this.delayMs, () => this.send());
  }

  /** Hands over what is buffered. */
  private send(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const items = this.buffer;
    if (items.length === 0) return;
    this.buffer = [];
    void this.deliver(items);
  }

  /** Whether all of the items are settled: delivered, refused and counted, or dropped on purpose. */
  async deliver(items: readonly Item[]): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.unsettled += items.length;
    const settled = promise.then((isSafe) => {
      this.unsettled -= items.length;
      if (!isSafe) this.unsafe += items.length;
      this.settling.delete(settled);
    });
    this.settling.add(settled);
    const feeding = { make: () => this.encode(items), onSettled: resolve };
    if (this.pipeline !== undefined) this.pipeline.feed(feeding);
    else
      this.opened.then(
        (pipeline) => pipeline.feed(feeding),
        () => resolve(false),
      );
    return await promise;
  }

  /** Resolves when everything that was added before is settled. @throws what is wrong with the config */
  async forceFlush(): Promise<void> {
    this.send();
    const pipeline = await this.opened;
    // What is on its way into the pipeline now is held back by a processor a little later.
    while (this.settling.size > 0) {
      await pipeline.flush();
      const waited = new AbortController();
      await Promise.race([Promise.all(this.settling), this.clock.sleep(flushAgainMs, waited.signal)]);
      waited.abort();
    }
  }

  /** Delivers what there is, and ends the pipeline. Its result has the ledger. */
  async shutdown(): Promise<RunResult | undefined> {
    this.ending ??= this.end();
    return await this.ending;
  }

  private async end(): Promise<RunResult | undefined> {
    this.send();
    const pipeline = await this.opened;
    return await pipeline.end(this.shutdownMs);
  }

  private async open(config: SdkConfig, options: SdkOptions): Promise<LivePipeline> {
    const pipeline = new LivePipeline(await config, options);
    this.pipeline = pipeline;
    const running = pipeline.start();
    void running.then(({ failures }) => {
      for (const failure of failures) void tell(failure.message);
    });
    return pipeline;
  }
}
