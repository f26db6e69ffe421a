/** Creates the components of a plan and joins them: exporters first, so that every consumer has a next. */
import { joinedRange, type TimeRange } from '../model/time-range.ts';
import type { Signal } from '../model/signal.ts';
import type { Clock } from './clock.ts';
import type {
  Consumer,
  Exporter,
  ExporterContext,
  Processor,
  ProcessorContext,
  Receiver,
} from './component.ts';
import type { Checkpoint, JsonValue } from './checkpoint.ts';
import { createdOutputs } from './created-output.ts';
import { flowCounts, ProcessorCounts, ReceiverCounts, type PipelineFlow } from './counts.ts';
import { ComponentError, isOfRun } from './errors.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Waiting } from './delivery.ts';
import { Exporting } from './exporting.ts';
import { noExtensions } from './extensions.ts';
import { FanOut, ProcessorNode } from './graph.ts';
import type { Ledger } from './ledger.ts';
import { named, type Logger } from './logger.ts';
import type { Plan, PlannedExporter, PlannedPipeline, PlannedProcessor } from './plan.ts';
import { Router } from './router.ts';
import { allSettled } from './settle.ts';

/** What the components of one run share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly print: ExporterContext['print'];
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly ledger: Ledger;
  readonly dryRun: boolean;
  readonly random: () => number;
  readonly deadLetters?: DeadLetters | undefined;
  readonly stopping: AbortSignal;
  readonly killing: AbortSignal;
  readonly startedAtUnixNano: bigint;
  readonly follow: boolean;
  readonly acceptFileChange: boolean;
  readonly configChanged: boolean;
  /** Where an earlier run came to. */
  readonly from: Checkpoint | undefined;
  readonly onIdle: () => void;
  /** Called when a processor holds something that it was given. */
  readonly onHeld: () => void;
  /** Called at the end of every flush. */
  readonly onFlushed: () => void;
  /** Called when some branch fails, before the batch that it was given is settled. */
  readonly onFailure: (error: unknown) => void;
}

export interface RunningReceiver {
  readonly id: string;
  readonly receiver: Receiver;
  readonly counts: ReceiverCounts;
  readonly router: Router;
  /** Where a later run would go on: behind what was handed over last. */
  position: JsonValue | undefined;
  /** Whether it has read all that it was to read, also if the run is stopped now. */
  hasAll: boolean;
}

export class Assembly {
  /** With their routes; filled by `createPipelines`. */
  readonly receivers: RunningReceiver[] = [];
  private readonly plan: Plan;
  private readonly around: Surroundings;
  private readonly created: {
    readonly id: string;
    readonly receiver: Receiver;
    readonly counts: ReceiverCounts;
    readonly isEndless: boolean;
  }[] = [];
  private readonly exportings = new Map<string, Exporting>();
  /** From source to sink. */
  private nodes: ProcessorNode[] = [];
  /** What processors make of other signals than that of their pipeline. */
  private readonly made: PipelineFlow[] = [];
  private flushing: Promise<void> | undefined;
  private readonly moveWaits: (() => void)[] = [];

  constructor(plan: Plan, around: Surroundings) {
    this.plan = plan;
    this.around = around;
  }

  get needsTimeRange(): boolean {
    return this.plan.needsTimeRange;
  }

  get isSending(): boolean {
    return [...this.exportings.values()].some((exporting) => exporting.underWay > 0);
  }

  get holdsItems(): boolean {
    return this.nodes.some((node) => node.heldItems > 0);
  }

  get waiting(): Waiting | undefined {
    return [...this.exportings.values()]
      .map((exporting) => exporting.waiting)
      .find((waiting) => waiting !== undefined);
  }

  async startExporters(): Promise<void> {
    for (const planned of this.plan.exporters) {
      const exporting = await guarded(planned.id, () => this.startExporter(planned));
      this.exportings.set(planned.id, exporting);
      this.around.ledger.tallies.push(...planned.signals.map((signal) => exporting.tallyOf(signal)));
    }
  }

  async createReceivers(): Promise<void> {
    const { acceptFileChange, configChanged, follow, ledger, stdin } = this.around;
    for (const planned of this.plan.receivers) {
      const counts = new ReceiverCounts(planned.id);
      ledger.receivers.push(counts);
      const signals = new Set(this.pipelinesOf(planned.id).map((pipeline) => pipeline.signal));
      const { outputs } = this.plan;
      const position = this.around.from?.positions[planned.id];
      const inputs = { stdin, outputs, follow, acceptFileChange, configChanged };
      const context = { ...this.contextOf(planned.id), ...inputs, counts, signals, position };
      const receiver = await guarded(planned.id, async () => await planned.create(context));
      this.created.push({ id: planned.id, receiver, counts, isEndless: planned.isEndless ?? false });
    }
  }

  /** The time range of all inputs together. */
  async scan(): Promise<TimeRange | undefined> {
    let all: TimeRange | undefined;
    for (const { id, receiver } of this.created) {
      const range = await guarded(id, async () => await receiver.scan?.());
      all = joinedRange(all, range);
    }
    return all;
  }

  /** Builds the pipelines from sink to source, so that what a connector feeds is there first. */
  async createPipelines(timeRange: TimeRange | undefined): Promise<void> {
    const entries = new Map<string, Consumer>();
    for (const pipeline of this.plan.pipelines.toReversed()) {
      let next = this.fanOut(
        pipeline.outputs.flatMap((id) => this.consumersOf(id, pipeline.signal, entries)),
      );
      const nodes: ProcessorNode[] = [];
      for (const planned of pipeline.processors.toReversed()) {
        const counts = { ...flowCounts(planned.id, pipeline.signal), pipeline: pipeline.id };
        const created = createdOutputs(counts, planned.creates ?? [], (signal) =>
          this.takersOf(planned.id, signal, entries),
        );
        this.made.unshift(...[...created.values()].map((output) => output.counts));
        const processor = await this.createProcessor(planned, counts, {
          timeRange,
          created: (signal) => created.get(signal),
        });
        const node = new ProcessorNode(counts, processor, {
          next,
          onMove: () => this.sayMoved(),
          onHeld: this.around.onHeld,
        });
        nodes.unshift(node);
        next = node;
      }
      this.nodes = [...nodes, ...this.nodes];
      entries.set(pipeline.id, next);
    }
    this.around.ledger.processors.push(...this.nodes.map((node) => node.counts), ...this.made);
    this.around.ledger.pipelines.push(...this.plan.pipelines);
    for (const { id, receiver, counts, isEndless } of this.created) {
      const router = new Router(counts, named(this.around.logger, id), this.routesOf(id, entries));
      const position = this.around.from?.positions[id];
      this.receivers.push({ id, receiver, counts, router, position, hasAll: isEndless });
    }
  }

  /** Of each exporter that cannot go on, why. */
  get failures(): readonly Error[] {
    return [...this.exportings.values()].flatMap(({ failure }) => failure ?? []);
  }

  /** Resolves when no exporter has anything under way, also for a processor that did not wait for all it handed on. */
  async idle(): Promise<void> {
    for (const exporting of this.exportings.values()) await exporting.idle();
  }

  /**
   * Resolves when everything is past the processors, which no backend is waited for. Flushed again whenever something
   * moved: what one processor was busy with, the next one may hold.
   */
  async empty(): Promise<void> {
    for (;;) {
      // One that is under way may be past the processor that has something by now.
      await this.flushing?.catch(() => {});
      const moved = new Promise<void>((resolve) => this.moveWaits.push(resolve));
      await this.flush();
      if (!this.nodes.some((node) => node.hasInside)) return;
      await moved;
    }
  }

  /** Whether some component keeps a state, which can be saved only when nothing is under way. */
  get isStateful(): boolean {
    return this.statefuls().some(({ state }) => state !== undefined);
  }

  /** By component. */
  async states(): Promise<Record<string, JsonValue>> {
    const states: Record<string, JsonValue> = {};
    for (const { id, state } of this.statefuls()) {
      if (state !== undefined) states[id] = await guarded(id, async () => await state());
    }
    return states;
  }

  /** Releases what processors hold, from source to sink. Who asks while it is under way waits for the same one. */
  async flush(): Promise<void> {
    this.flushing ??= this.flushNodes().finally(() => {
      this.flushing = undefined;
      this.around.onFlushed();
    });
    await this.flushing;
  }

  get isFlushing(): boolean {
    return this.flushing !== undefined;
  }

  /** Ends every component, whatever the others do; throws the worst failure. What one of them fails on is not whole. */
  async shutdown(isWhole: boolean): Promise<void> {
    const end = async (id: string, work: () => Promise<void> | undefined): Promise<void> => {
      await guarded(id, async () => await work());
    };
    const before = allSettled([
      ...this.created.map(({ id, receiver }) => end(id, () => receiver.shutdown?.())),
      ...this.nodes.map((node) => end(node.counts.id, () => node.shutdown())),
    ]);
    const haveEnded = await before.then(
      () => true,
      () => false,
    );
    const exporters = [...this.exportings.values()].map(({ id, exporter }) =>
      end(id, () => exporter.shutdown?.(isWhole && haveEnded)),
    );
    await allSettled([before, ...exporters]);
  }

  whereToLook(): string[] {
    if (this.around.dryRun) return [];
    const used = [...this.exportings.values()].filter(({ tallies }) =>
      [...tallies.values()].some((tally) => tally.total().delivered > 0),
    );
    return used.flatMap(({ exporter }) => exporter.whereToLook?.() ?? []);
  }

  private statefuls(): readonly { id: string; state: (() => JsonValue | Promise<JsonValue>) | undefined }[] {
    return [
      ...this.nodes.map(({ counts, processor }) => ({
        id: `${counts.pipeline}/${counts.id}`,
        state: processor.state?.bind(processor),
      })),
      ...[...this.exportings.values()].map(({ id, exporter }) => ({
        id,
        state: exporter.state?.bind(exporter),
      })),
    ];
  }

  private async flushNodes(): Promise<void> {
    for (const node of this.nodes) await node.flush();
  }

  private sayMoved(): void {
    for (const resolve of this.moveWaits.splice(0)) resolve();
  }

  private contextOf(id: string) {
    const { clock, logger, stopping, startedAtUnixNano } = this.around;
    return {
      id,
      clock,
      logger: named(logger, id),
      signal: stopping,
      startedAtUnixNano,
      directory: this.plan.directory,
      extensions: this.plan.extensions ?? noExtensions,
    };
  }

  private async startExporter(planned: PlannedExporter): Promise<Exporting> {
    const { clock, deadLetters, dryRun, killing, onIdle, print, random } = this.around;
    const context = this.contextOf(planned.id);
    const state = this.around.from?.states[planned.id];
    const created = await planned.create({ ...context, print, state });
    const exporter = dryRun ? withoutSending(created) : created;
    await exporter.prepare?.();
    await exporter.start?.();
    const { id, policy } = planned;
    return new Exporting({
      id,
      exporter,
      policy,
      clock,
      logger: context.logger,
      kill: killing,
      random,
      deadLetters,
      onIdle,
    });
  }

  private async createProcessor(
    planned: PlannedProcessor,
    flow: PipelineFlow,
    given: Pick<ProcessorContext, 'timeRange' | 'created'>,
  ): Promise<Processor> {
    const id = `${flow.pipeline}/${planned.id}`;
    const context = {
      ...this.contextOf(id),
      state: this.around.from?.states[id],
      counts: new ProcessorCounts(flow),
      pipeline: flow.pipeline,
      pipelineSignal: flow.signal,
      deadLetters: this.around.dryRun ? undefined : this.around.deadLetters,
      ...given,
    };
    return await guarded(id, async () => await planned.create(context));
  }

  private fanOut(branches: readonly Consumer[]): Consumer {
    return FanOut.of(branches, this.around.onFailure);
  }

  private pipelinesOf(receiver: string): readonly PlannedPipeline[] {
    return this.plan.pipelines.filter((pipeline) => pipeline.inputs.includes(receiver));
  }

  /** An exporter, or the pipelines of this signal behind a connector. */
  private consumersOf(
    output: string,
    signal: Signal,
    entries: ReadonlyMap<string, Consumer>,
  ): readonly Consumer[] {
    const exporting = this.exportings.get(output);
    return exporting === undefined ? this.pipelinesBehind(output, signal, entries) : [exporting];
  }

  private pipelinesBehind(
    input: string,
    signal: Signal,
    entries: ReadonlyMap<string, Consumer>,
  ): readonly Consumer[] {
    const behind = this.pipelinesOf(input).filter((pipeline) => pipeline.signal === signal);
    return behind.map((pipeline) => entries.get(pipeline.id)).filter((entry) => entry !== undefined);
  }

  /** The pipelines that name a processor among their receivers, unless a receiver has that name. */
  private takersOf(
    processor: string,
    signal: Signal,
    entries: ReadonlyMap<string, Consumer>,
  ): Consumer | undefined {
    if (this.plan.receivers.some(({ id }) => id === processor)) return undefined;
    const takers = this.pipelinesBehind(processor, signal, entries);
    return takers.length === 0 ? undefined : this.fanOut(takers);
  }

  private routesOf(receiver: string, entries: ReadonlyMap<string, Consumer>): Map<Signal, Consumer> {
    const signals = new Set(this.pipelinesOf(receiver).map((pipeline) => pipeline.signal));
    return new Map(
      [...signals].map((signal) => [signal, this.fanOut(this.pipelinesBehind(receiver, signal, entries))]),
    );
  }
}

/** The exporter as `--dry-run` has it: everything is checked, encoded and summed up, nothing is opened or sent. */
function withoutSending(exporter: Exporter): Exporter {
  return {
    target: exporter.target,
    ordered: exporter.ordered ?? false,
    prepare: async () => await exporter.prepare?.(),
    requests: (batch) => exporter.requests(batch),
    send: async () => ({ verdict: 'delivered' }),
    shutdown: async () => await exporter.shutdown?.(),
  };
}

async function guarded<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOfRun(error) ? error : new ComponentError(id, error);
  }
}
