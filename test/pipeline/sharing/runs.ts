/** Runs of the receiver of files whose other threads are runs in the same process, with an exporter that keeps what it took. */
import { batch } from '../../../src/processors/batch.ts';
import { file } from '../../../src/receivers/file.ts';
import { checkpointJson, checkpointSchema, type Checkpoint } from '../../../src/pipeline/checkpoint.ts';
import { systemClock } from '../../../src/pipeline/clock.ts';
import type { Outcome, ReceiverFactory } from '../../../src/pipeline/component.ts';
import { wholeState } from '../../../src/pipeline/ledger-state.ts';
import { createLogger } from '../../../src/pipeline/logger.ts';
import type { Plan } from '../../../src/pipeline/plan.ts';
import { Run, type RunOptions, type RunResult } from '../../../src/pipeline/run.ts';
import type { SharingOptions, Thread, ThreadEvents, ThreadStart } from '../../../src/pipeline/shares.ts';
import { FakeExporter, fakePlan, quickPolicy, type FakeRequest } from '../../support/fake-components.ts';

export interface SharedRunOptions {
  readonly directory: string;
  readonly workers: 'auto' | number;
  readonly cores?: number;
  readonly alone?: string;
  readonly maxInFlightBytes: number;
  readonly batches?: boolean;
  readonly config?: object;
  readonly from?: Checkpoint | undefined;
  readonly answer?: (request: FakeRequest) => Outcome | Promise<Outcome>;
  readonly onSave?: (checkpoint: Checkpoint) => void;
  readonly stop?: AbortSignal;
  readonly kill?: AbortSignal;
  /** How long a thread takes to come up. */
  readonly bootMs?: number;
  /** The thread of this number dies when it has sent so many requests. */
  readonly dies?: { readonly thread: number; readonly requests: number };
}

export interface SharedRunResult extends RunResult {
  /** Names of spans, once for each time that they were taken. */
  readonly taken: string[];
  readonly log: string[];
  /** The last checkpoint, as it is read from a disk. */
  readonly saved: Checkpoint | undefined;
  /** How many threads were started besides the run. */
  readonly started: number;
}

export async function sharedRun(options: SharedRunOptions): Promise<SharedRunResult> {
  const taken: string[] = [];
  const log: string[] = [];
  let saved: Checkpoint | undefined;
  let started = 0;
  const runOptions: RunOptions = {
    clock: systemClock,
    logger: createLogger('info', (level, message) => log.push(`${level} ${message}`)),
    print: () => Promise.resolve(),
    stdin: noInput(),
    stop: options.stop ?? new AbortController().signal,
    kill: options.kill ?? new AbortController().signal,
    graceMs: 20_000,
    from: options.from,
    save: async (checkpoint) => {
      saved = checkpointSchema.parse(JSON.parse(JSON.stringify(checkpointJson(checkpoint))));
      options.onSave?.(saved);
      await Promise.resolve();
    },
  };
  const sharing: SharingOptions = {
    workers: options.workers,
    cores: options.cores ?? 4,
    alone: options.alone,
    worthBytes: 64 << 20,
    startThread: (start, events) => thread(planOf(options, taken), start, { events, options, at: ++started }),
  };
  const run = new Run(planOf(options, taken), { ...runOptions, sharing });
  const result = await run.execute();
  return { ...result, taken, log, saved, started };
}

function planOf(
  { directory, maxInFlightBytes, config, answer, batches }: SharedRunOptions,
  taken: string[],
): Plan {
  const plan = fakePlan({
    receivers: {},
    pipelines: { traces: { inputs: ['file'], outputs: ['memory'] } },
    exporters: {
      memory: () =>
        new FakeExporter(async (request) => {
          const outcome = (await answer?.(request)) ?? { verdict: 'delivered' };
          if (outcome.verdict === 'delivered') taken.push(...request.names);
          return outcome;
        }),
    },
    maxInFlightBytes,
    policy: quickPolicy,
  });
  const factory = file as ReceiverFactory<never>;
  const settings = factory.schema.parse({
    include: ['.'],
    batch_bytes: 1024,
    format: 'otlp_json',
    ...config,
  });
  const processors = [
    {
      id: 'batch',
      create: (context: Parameters<typeof batch.create>[1]) =>
        batch.create(batch.schema.parse({ send_batch_size: 5 }), context),
    },
  ];
  return {
    ...plan,
    directory,
    pipelines: plan.pipelines.map((pipeline) => (batches === true ? { ...pipeline, processors } : pipeline)),
    receivers: [{ id: 'file', create: (context) => factory.create(settings, context) }],
  };
}

/** A thread without a thread: what it tells goes the way that messages go. */
function thread(
  plan: Plan,
  { startedAtUnixNano, timeRange }: ThreadStart,
  { events, options, at }: { events: ThreadEvents; options: SharedRunOptions; at: number },
): Thread {
  const [stop, kill] = [new AbortController(), new AbortController()];
  let isOver = false;
  const live = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, options.bootMs ?? 0));
    if (isOver) return;
    let settled = 0;
    const run = new Run(plan, {
      clock: systemClock,
      logger: createLogger('warn', () => {}),
      print: () => Promise.resolve(),
      stdin: noInput(),
      stop: stop.signal,
      kill: kill.signal,
      graceMs: 20_000,
      shares: {
        next: async () => copied(await (isOver ? undefined : events.next())),
        settled: (shares, ledger, states) => {
          if (isOver) return;
          events.settled(copied(shares), copied(ledger), copied(states));
          if (options.dies?.thread === at && ++settled >= options.dies.requests) die();
        },
        failed: (error) => events.failed(error),
      },
      from: {
        startedAtUnixNano,
        timeRange,
        positions: {},
        states: {},
        ledger: { receivers: [], processors: [], exporters: [], forcedFlushes: 0 },
      },
    });
    const die = (): void => {
      isOver = true;
      kill.abort();
      events.failed(new Error('the thread is gone'));
      events.ended({ ledger: undefined, readBytes: {}, whereToLook: [] });
    };
    const { ledger } = await run.execute();
    if (isOver) return;
    isOver = true;
    const readBytes = Object.fromEntries(
      ledger.receivers.map(({ id, progress }) => [id, progress.readBytes]),
    );
    events.ended({ ledger: copied(wholeState(ledger)), readBytes, whereToLook: [] });
  };
  void live();
  return {
    stop: () => stop.abort(),
    kill: () => kill.abort(),
    terminate: () => {
      isOver = true;
      kill.abort();
    },
  };
}

function copied<T>(value: T): T {
  return structuredClone(value);
}

// oxlint-disable-next-line require-yield
async function* noInput(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
}
