/** A pipeline that runs as long as a program feeds it. */
import type { Clock } from '../../pipeline/clock.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { Logger } from '../../pipeline/logger.ts';
import type { Run, RunResult } from '../../pipeline/run.ts';
import type { Fed } from '../ends.ts';
import type { LoadedConfig } from '../load-config.ts';
import { createRun, type RunPipelineOptions } from '../run-pipeline.ts';

export interface LiveOptions {
  readonly outputs?: RunPipelineOptions['outputs'];
  /** What the run has to say; nothing is said without it. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Makes a batch when it is its turn: in the run, and not where it was fed. */
export interface Feeding {
  readonly make: () => Promise<Fed['batch'] | undefined>;
  readonly onSettled: (isSafe: boolean) => void;
}

export class LivePipeline {
  private readonly run: Run;
  private readonly clock: Clock;
  private readonly stop = new AbortController();
  private readonly queue: Feeding[] = [];
  private wake: (() => void) | undefined;
  private isEnded = false;
  private ended: Promise<RunResult> | undefined;
  private result: RunResult | undefined;

  /** @throws Error unless the config has one receiver `program` */
  constructor(config: LoadedConfig, { outputs = {}, logger, clock = systemClock }: LiveOptions) {
    const inputs = config.receivers.filter((id) => id.split('/', 1)[0] === 'program');
    const [input] = inputs;
    if (input === undefined || inputs.length > 1)
      throw new Error(
        `the config must have one receiver \`program: {}\`, which stands for the SDK; its receivers are ${config.receivers.join(', ')}`,
      );
    this.clock = clock;
    this.run = createRun(config, {
      fed: { [input]: this.fed() },
      outputs,
      clock,
      ...(logger === undefined ? {} : { logger }),
      signal: this.stop.signal,
      graceMs: 0,
    });
  }

  /** Resolves when the run is over. What its components do is not traced: spans of exporting would beget spans. */
  async start(): Promise<RunResult> {
    // Whoever ends it before it began waits for the same promise.
    this.ended ??= this.execute();
    return await this.ended;
  }

  private async execute(): Promise<RunResult> {
    const [{ context }, { suppressTracing }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
    ]);
    const result = await context.with(suppressTracing(context.active()), () => this.run.execute());
    this.result = result;
    this.isEnded = true;
    for (const { onSettled } of this.queue.splice(0)) onSettled(false);
    return result;
  }

  feed(feeding: Feeding): void {
    if (this.isEnded) {
      feeding.onSettled(false);
      return;
    }
    this.queue.push(feeding);
    this.wake?.();
  }

  /** Releases what processors hold back, and waits until it is settled. */
  async flush(): Promise<void> {
    if (this.result === undefined) await this.run.flush();
  }

  /** Nothing more is fed. What is not delivered after `timeoutMs` is abandoned. */
  async end(timeoutMs: number): Promise<RunResult | undefined> {
    this.isEnded = true;
    this.wake?.();
    const cancel = this.clock.after(timeoutMs, () => this.stop.abort());
    const result = await this.ended;
    cancel();
    return result;
  }

  private async *fed(): AsyncGenerator<Fed> {
    for (;;) {
      const next = this.queue.shift();
      if (next !== undefined) {
        const batch = await next.make().catch(() => undefined);
        if (batch === undefined) next.onSettled(false);
        else yield { batch, onSettled: next.onSettled };
      } else if (this.isEnded) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
