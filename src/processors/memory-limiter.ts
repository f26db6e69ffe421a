/**
 * Holds data up while the process takes more memory than it may, so that a job on a small machine becomes slower instead
 * of being killed.
 *
 * Belongs first in a pipeline. It loses nothing: where the Collector's refuses data and relies on a receiver that tries
 * again, this one waits until less is in flight, batch by batch, and reading waits with it. What is in flight is bounded
 * by `service.max_in_flight` anyway; this is for a machine whose memory others take, and for processors of your own.
 *
 *     processors:
 *       memory_limiter:
 *         check_interval: 1s
 *         limit_mib: 400
 */
import { totalmem } from 'node:os';
import { z } from 'zod';
import { duration, moot } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import type { Consumer, Processor, ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';

const mebibyte = 1 << 20;
const percentage = z.int().min(0).max(100).default(0);
const mebibytes = z.int().min(0).default(0);

const schema = z
  .strictObject({
    check_interval: duration({ min: 1 })
      .default(1000)
      .describe('How old a measurement of the memory may be. 1s, as the Collector advises.'),
    limit_mib: mebibytes.describe(
      'The most resident memory, in MiB, that the process is to take; goes before `limit_percentage`.',
    ),
    spike_limit_mib: mebibytes.describe(
      'How far below the limit data begins to wait. 0: a fifth of the limit.',
    ),
    limit_percentage: percentage.describe(
      'The limit as a part of the memory of the machine, or of the container.',
    ),
    spike_limit_percentage: percentage.describe('The same as a part of that memory.'),
    min_gc_interval_when_soft_limited: moot('V8 collects garbage when it has to'),
    min_gc_interval_when_hard_limited: moot('V8 collects garbage when it has to'),
  })
  .refine(({ limit_mib, limit_percentage }) => limit_mib > 0 || limit_percentage > 0, {
    path: ['limit_mib'],
    message: 'must be more than 0, or limit_percentage must be',
  })
  .refine(({ limit_mib, spike_limit_mib }) => limit_mib === 0 || spike_limit_mib < limit_mib, {
    path: ['spike_limit_mib'],
    message: 'must be less than limit_mib',
  })
  .refine(
    ({ limit_mib, limit_percentage, spike_limit_percentage }) =>
      limit_mib > 0 || limit_percentage === 0 || spike_limit_percentage < limit_percentage,
    { path: ['spike_limit_percentage'], message: 'must be less than limit_percentage' },
  );

type Config = z.output<typeof schema>;

export const memoryLimiter: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'memory_limiter',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Holds data up while the process takes more memory than it may.',
  schema,
  create: (config, context) => new MemoryLimiter(config, context),
};

class MemoryLimiter implements Processor {
  private readonly softLimitBytes: number;
  private readonly checkIntervalMs: number;
  private readonly context: ProcessorContext;
  /** Batches handed on and not settled. */
  private underWay = 0;
  /** Those that wait, one behind the other. */
  private line: Promise<void> | undefined;
  private readonly settlements: (() => void)[] = [];
  private measuredMs = -Infinity;
  private isAbove = false;
  private isWarned = false;

  constructor(config: Config, context: ProcessorContext) {
    this.softLimitBytes = softLimitOf(config, memoryBytes());
    this.checkIntervalMs = config.check_interval;
    this.context = context;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    if (this.line !== undefined || this.isLimited()) await this.waitInLine();
    else this.underWay++;
    try {
      await next.consume(batch);
    } finally {
      this.underWay--;
      for (const wake of this.settlements.splice(0)) wake();
    }
  }

  private async waitInLine(): Promise<void> {
    const before = this.line;
    const mine = (async (): Promise<void> => {
      await before;
      await this.room();
    })();
    this.line = mine;
    await mine;
    if (this.line === mine) this.line = undefined;
  }

  /** Resolves when there is room, and when nothing is in flight whose end could make some: then one batch goes alone. */
  private async room(): Promise<void> {
    while (this.isLimited() && this.underWay > 0) {
      const checked = new AbortController();
      const settled = new Promise<void>((resolve) => this.settlements.push(resolve));
      await Promise.race([settled, this.context.clock.sleep(this.checkIntervalMs, checked.signal)]);
      checked.abort();
    }
    this.underWay++;
  }

  private isLimited(): boolean {
    const nowMs = this.context.clock.monotonicMs();
    if (nowMs - this.measuredMs < this.checkIntervalMs) return this.isAbove;
    this.measuredMs = nowMs;
    const bytes = process.memoryUsage.rss();
    this.isAbove = bytes > this.softLimitBytes;
    if (this.isAbove) this.warnOnce(bytes);
    return this.isAbove;
  }

  private warnOnce(bytes: number): void {
    if (this.isWarned) return;
    this.isWarned = true;
    const [taken, limit] = [bytes, this.softLimitBytes].map((number) => Math.round(number / mebibyte));
    this.context.logger.warn(
      `the process takes ${taken} MiB, more than ${limit} MiB (the limit without the spike): one batch goes at a time until it takes less`,
    );
  }
}

/** From where on data waits, in bytes. Without a spike limit it is a fifth of the limit, as in the Collector. */
export function softLimitOf(config: Omit<Config, 'check_interval'>, memory: number): number {
  if (config.limit_mib > 0) {
    const spike = config.spike_limit_mib === 0 ? config.limit_mib / 5 : config.spike_limit_mib;
    return (config.limit_mib - spike) * mebibyte;
  }
  const { limit_percentage: limit, spike_limit_percentage: spike } = config;
  return (memory / 100) * (limit - (spike === 0 ? limit / 5 : spike));
}

/** Of the container where there is one. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
