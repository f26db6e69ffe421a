/**
 * Prints what it gets, for people, on standard output. Put it beside another exporter, or alone, to see what a pipeline
 * does to its data. It loses nothing but what `sampling_initial` and `sampling_thereafter` leave out.
 *
 * - `basic` prints a line per batch: how many resources and items.
 * - `normal`, the default, prints traces as trees of spans with their durations, and logs beside their span. Batches cut
 *   traces anywhere, so it waits for more: until nothing came for a second, 10,000 items are there or the run ends.
 *   What comes later for a trace that is printed already is printed again under a heading of its own.
 * - `detailed` prints every field, at once.
 *
 * Control characters in the data are printed as escapes. The format is for eyes and may change.
 *
 * ```yaml
 * exporters:
 *   debug:
 *     verbosity: detailed
 * ```
 */
import { z } from 'zod';
import { moot, refused } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import { itemNouns } from '../model/signal.ts';
import type {
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../pipeline/component.ts';
import { messageOf } from '../pipeline/errors.ts';
import { localPolicy } from '../pipeline/export-config.ts';
import { detailText } from './debug/detail.ts';
import { plural, printable } from './debug/text.ts';
import { Forest } from './debug/tree.ts';

const schema = z.strictObject({
  verbosity: z
    .enum(['basic', 'normal', 'detailed'])
    .default('normal')
    .describe('basic: counts. normal: trees of spans, with logs. detailed: every field.'),
  sampling_initial: z
    .int()
    .min(0)
    .default(2)
    .describe('How many batches of each second are printed in any case.'),
  sampling_thereafter: z
    .int()
    .min(0)
    .default(1)
    .describe('Of the further batches of a second, every how manyth is printed: 1 all, 0 none.'),
  use_internal_logger: moot('data goes to standard output, messages to standard error'),
  output_paths: refused('the exporter `file`, or the redirection of standard output'),
});

type Config = z.output<typeof schema>;

export const debug: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'debug',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Prints telemetry for people: trees of spans, logs beside their span.',
  schema,
  policy: () => localPolicy,
  create: (config, context) => new DebugExporter(config, context),
};

interface DebugRequest extends ExportRequest {
  readonly batch: AnyBatch;
}

/** Items that wait for the rest of their trace, and how long. */
const mostHeld = 10_000;
const longestHoldMs = 1000;

class DebugExporter implements Exporter<DebugRequest> {
  readonly target = 'standard output';
  readonly ordered = true;
  private readonly config: Config;
  private readonly context: ExporterContext;
  private readonly forest = new Forest();
  private cancelTimer: (() => void) | undefined;
  private second = { startedMs: Number.NEGATIVE_INFINITY, batches: 0 };
  private skipped = 0;

  constructor(config: Config, context: ExporterContext) {
    this.config = config;
    this.context = context;
  }

  requests(batch: AnyBatch): DebugRequest[] {
    return [{ signal: batch.signal, items: batch.itemCount, bytes: 0, order: 'print', batch }];
  }

  async send({ batch }: DebugRequest): Promise<Outcome> {
    if (!this.isSampled()) this.skipped += batch.itemCount;
    else if (this.config.verbosity === 'basic') await this.context.print(summaryLine(batch));
    else if (this.config.verbosity === 'detailed')
      await this.context.print(summaryLine(batch) + detailText(batch));
    else await this.hold(batch);
    return { verdict: 'delivered' };
  }

  async shutdown(): Promise<void> {
    await this.printHeld();
    if (this.skipped > 0)
      this.context.logger.info(`${plural(this.skipped, 'item')} not printed, because of sampling_thereafter`);
  }

  /** The first of every second, then every manyth: how the Collector's logger samples. */
  private isSampled(): boolean {
    const { sampling_initial: first, sampling_thereafter: every } = this.config;
    const nowMs = this.context.clock.monotonicMs();
    if (nowMs - this.second.startedMs >= 1000) this.second = { startedMs: nowMs, batches: 0 };
    const beyond = ++this.second.batches - first;
    return beyond <= 0 || (every > 0 && beyond % every === 0);
  }

  private async hold(batch: AnyBatch): Promise<void> {
    if (batch.signal === 'metrics') return await this.context.print(summaryLine(batch) + metricLines(batch));
    if (batch.signal === 'traces') for (const span of batch.spans()) this.forest.addSpan(span);
    else for (const record of batch.logRecords()) this.forest.addLog(record);
    if (this.forest.items >= mostHeld) return await this.printHeld();
    this.cancelTimer?.();
    this.cancelTimer = this.context.clock.after(longestHoldMs, () => {
      this.printHeld().catch((error: unknown) =>
        this.context.logger.error(`cannot print: ${messageOf(error)}`),
      );
    });
  }

  private async printHeld(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const text = this.forest.take();
    if (text !== '') await this.context.print(text);
  }
}

function summaryLine(batch: AnyBatch): string {
  const { one, many } = itemNouns[batch.signal];
  return `${batch.signal}: ${plural(batch.itemCount, one, many)} of ${plural(batch.resources().length, 'resource')}\n`;
}

function metricLines(batch: AnyBatch & { signal: 'metrics' }): string {
  const lines = batch.metrics().map((metric) => {
    const unit = metric.unit === '' ? '' : ` (${printable(metric.unit, 50)})`;
    return `  ${printable(metric.name, 200)}${unit}  ${metric.type}  ${plural(metric.dataPointCount, 'data point')}\n`;
  });
  return lines.join('');
}
