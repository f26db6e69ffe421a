/**
 * Runs a part of a plan as a run would, in memory and in virtual time: what is put in takes the place of the receivers,
 * what would be sent is kept.
 */
import type { AnyBatch } from '../model/batches.ts';
import { timeRangeOf } from '../model/batches.ts';
import { joinedRange, type TimeRange } from '../model/time-range.ts';
import type {
  Exporter,
  ExportRequest,
  Outcome,
  Receiver,
  ReceiverContext,
  ReceiverOutput,
} from '../pipeline/component.ts';
import { localPolicy } from '../pipeline/export-config.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import { createLogger, type LogLevel } from '../pipeline/logger.ts';
import type { Plan, PlannedExporter, PlannedPipeline } from '../pipeline/plan.ts';
import { Run } from '../pipeline/run.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What goes in, in this order: batches, and waits in milliseconds of the virtual clock. */
export type Step = AnyBatch | number;

export interface Part {
  /** The pipeline that the input enters; without it, all that receivers feed. */
  readonly pipeline?: string | undefined;
  /** A processor to begin at, or a receiver that is to run itself. */
  readonly start?: string | undefined;
  /** The last processor, or an exporter that is to run itself. */
  readonly end?: string | undefined;
  /** Only these processors, in this order. */
  readonly processors?: readonly string[] | undefined;
}

export interface Observed {
  /** What each exporter was given, in order. */
  readonly outputs: ReadonlyMap<string, readonly AnyBatch[]>;
  readonly ledger: Ledger;
  readonly messages: readonly Message[];
  readonly failures: readonly Error[];
  /** What was written to standard output. */
  readonly printed: string;
}

export interface Message {
  readonly level: LogLevel;
  readonly text: string;
}

/** A test names a component or a pipeline that its config does not have. */
export class PartError extends Error {
  override readonly name = 'PartError';
  /** Which part of the test names it. */
  readonly key: keyof Part;
  readonly remedy: string;

  constructor(key: keyof Part, found: string, known: readonly string[]) {
    super(`names ${JSON.stringify(found)}, which the config does not have there`);
    this.key = key;
    const shown = known.filter((id) => id !== inputId);
    this.remedy = `it has: ${[...new Set(shown)].join(', ') || 'nothing'}`;
  }
}

/** The id of the receiver that stands for the test. */
const inputId = 'test_input';

/** Runs to the end; failures are in the answer. `startUnixNano` is the beginning of the virtual time. */
export async function runThrough(
  plan: Plan,
  part: Part,
  { steps, startUnixNano }: { steps: readonly Step[]; startUnixNano: bigint },
): Promise<Observed> {
  const clock = new VirtualClock({ auto: true, startUnixNano });
  const kept = new Map<string, AnyBatch[]>();
  const messages: Message[] = [];
  let printed = '';
  const run = new Run(partOf(plan, part, { steps, kept, clock }), {
    clock,
    logger: createLogger('debug', (level, text) => void messages.push({ level, text })),
    print: (text) => {
      printed += typeof text === 'string' ? text : Buffer.from(text).toString();
      return Promise.resolve();
    },
    stdin: noInput(),
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    graceMs: 60_000,
    random: () => 0.5,
  });
  const { ledger, failures } = await run.execute();
  const imbalances = ledger.imbalances().map((text) => new Error(`the ledger does not balance: ${text}`));
  return { outputs: kept, ledger, messages, failures: [...failures, ...imbalances], printed };
}

interface Ends {
  readonly steps: readonly Step[];
  readonly kept: Map<string, AnyBatch[]>;
  readonly clock: VirtualClock;
}

/** The plan with the ends of the test in the place of its own. */
function partOf(plan: Plan, part: Part, ends: Ends): Plan {
  const real = plan.receivers.find(({ id }) => id === part.start);
  const fed = fedPipelines(plan, part, real?.id);
  const exporterIds = plan.exporters.map(({ id }) => id);
  const isInPlan = fed.flatMap((pipeline) => behind(plan, pipeline));
  const pipelines = plan.pipelines
    .filter((pipeline) => isInPlan.includes(pipeline))
    .map((pipeline) => ({
      ...(fed.includes(pipeline) ? cut(pipeline, part, real?.id) : pipeline),
      inputs: fed.includes(pipeline) ? [real?.id ?? inputId] : pipeline.inputs,
    }));
  checkEnds(plan, pipelines, part);
  const used = pipelines.flatMap(({ outputs }) => outputs).filter((id) => exporterIds.includes(id));
  const exporters = plan.exporters
    .filter(({ id }) => used.includes(id))
    .map((planned) => (planned.id === part.end ? planned : keeping(planned, ends.kept)));
  const receivers = real === undefined ? [inputReceiver(ends)] : [real];
  return { ...plan, receivers, pipelines, exporters };
}

/** The pipelines that the input enters: those that a receiver feeds, and that take what the test puts in. */
function fedPipelines(plan: Plan, part: Part, real: string | undefined): PlannedPipeline[] {
  const { pipeline, start, processors: listed } = part;
  const receiverIds = plan.receivers.map(({ id }) => id);
  const known = plan.pipelines.map(({ id }) => id);
  if (pipeline !== undefined && !known.includes(pipeline)) throw new PartError('pipeline', pipeline, known);
  return plan.pipelines.filter(({ id, inputs, processors }) => {
    if (pipeline !== undefined) return id === pipeline;
    if (listed !== undefined && !processors.some((processor) => listed.includes(processor.id))) return false;
    if (real !== undefined) return inputs.includes(real);
    if (start !== undefined) return processors.some((processor) => processor.id === start);
    return inputs.some((input) => receiverIds.includes(input));
  });
}

/** A pipeline and those that it feeds: through connectors, and through processors that make items of other signals. */
function behind(plan: Plan, pipeline: PlannedPipeline): PlannedPipeline[] {
  // A receiver and an exporter may have the same id; they join nothing.
  const ends = [...plan.receivers, ...plan.exporters].map(({ id }) => id);
  const makers = pipeline.processors.map(({ id }) => id);
  const next = plan.pipelines.filter(({ inputs, signal }) =>
    inputs.some(
      (id) => !ends.includes(id) && (signal === pipeline.signal ? pipeline.outputs : makers).includes(id),
    ),
  );
  return [pipeline, ...next.flatMap((each) => behind(plan, each))];
}

function cut(pipeline: PlannedPipeline, part: Part, real: string | undefined): PlannedPipeline {
  const { processors: listed, start, end } = part;
  let { processors } = pipeline;
  const placeOf = (id: string): number => processors.findIndex((processor) => processor.id === id);
  if (listed !== undefined) processors = listed.flatMap((id) => processors[placeOf(id)] ?? []);
  if (end !== undefined && placeOf(end) >= 0) processors = processors.slice(0, placeOf(end) + 1);
  if (start !== undefined && start !== real) processors = processors.slice(Math.max(0, placeOf(start)));
  return { ...pipeline, processors };
}

function checkEnds(plan: Plan, pipelines: readonly PlannedPipeline[], part: Part): void {
  const { start, end, processors = [] } = part;
  const defined = plan.pipelines.flatMap((pipeline) => pipeline.processors.map(({ id }) => id));
  const unknown = processors.find((id) => !defined.includes(id));
  if (unknown !== undefined) throw new PartError('processors', unknown, defined);
  const inside = pipelines.flatMap(({ processors }) => processors.map(({ id }) => id));
  const outputs = pipelines.flatMap(({ outputs }) => outputs);
  if (start !== undefined && pipelines.length === 0)
    throw new PartError('start', start, [
      ...plan.receivers.map(({ id }) => id),
      ...plan.pipelines.flatMap(({ processors }) => processors.map(({ id }) => id)),
    ]);
  if (end !== undefined && !inside.includes(end) && !outputs.includes(end))
    throw new PartError('end', end, [...inside, ...outputs]);
}

function inputReceiver({ steps, clock }: Ends): Plan['receivers'][number] {
  return { id: inputId, create: (context) => new InputReceiver(steps, clock, context) };
}

/** Gives the batches of a test, once each. */
class InputReceiver implements Receiver {
  private readonly steps: readonly Step[];
  private readonly clock: VirtualClock;
  private readonly context: ReceiverContext;

  constructor(steps: readonly Step[], clock: VirtualClock, context: ReceiverContext) {
    this.steps = steps;
    this.clock = clock;
    this.context = context;
  }

  async scan(): Promise<TimeRange | undefined> {
    let range: TimeRange | undefined;
    for (const step of this.steps)
      if (typeof step !== 'number' && this.context.signals.has(step.signal))
        range = joinedRange(range, timeRangeOf(step));
    return range;
  }

  async start(output: ReceiverOutput): Promise<void> {
    for (const step of this.steps) {
      if (typeof step !== 'number') await output.emit(step);
      else {
        await quiet();
        this.clock.advance(step);
        await quiet();
      }
    }
  }
}

/** How many turns of the event loop what was handed over has to come to rest, before time moves on. */
const turnsToRest = 10;

async function quiet(): Promise<void> {
  for (let turn = 0; turn < turnsToRest; turn++) await new Promise((resolve) => setImmediate(resolve));
}

interface KeptRequest extends ExportRequest {
  readonly batch: AnyBatch;
}

/** The exporter of that id, keeping what it is given. */
function keeping({ id, signals }: PlannedExporter, kept: Map<string, AnyBatch[]>): PlannedExporter {
  const batches: AnyBatch[] = [];
  kept.set(id, batches);
  const exporter: Exporter = {
    target: 'the test',
    ordered: true,
    requests: (batch) => [
      {
        signal: batch.signal,
        items: batch.itemCount,
        bytes: batch.byteLength,
        order: id,
        batch: batch.clone(),
      },
    ],
    send(request): Promise<Outcome> {
      batches.push((request as KeptRequest).batch);
      return Promise.resolve({ verdict: 'delivered' });
    },
  };
  return { id, signals, policy: localPolicy, create: () => exporter };
}

async function* noInput(): AsyncGenerator<Uint8Array> {}
