/** One run: a job that starts the components, moves what the receivers read, drains, and ends with a ledger. */
import type { AnyBatch } from '../model/batches.ts';
import type { TimeRange } from '../model/time-range.ts';
import { Assembly, type RunningReceiver } from './assembly.ts';
import type { Checkpoint, JsonValue } from './checkpoint.ts';
import { Checkpointing } from './checkpointing.ts';
import type { Clock } from './clock.ts';
import type { EmitOptions } from './component.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Waiting } from './delivery.ts';
import { ComponentError, InterruptedError, isOfRun, messageOf } from './errors.ts';
import { Gate } from './gate.ts';
import { Ledger } from './ledger.ts';
import { exportStates, restoreLedger } from './ledger-state.ts';
import type { Logger } from './logger.ts';
import type { Plan } from './plan.ts';
import { allSettled, Settlement } from './settle.ts';
import { ShareReading } from './share-reading.ts';
import type { ShareSource, SharingOptions } from './shares.ts';
import { Sharing, unsavedError } from './sharing.ts';
import { snapshotOf, type Snapshot } from './snapshot.ts';

export interface RunOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Standard output, for exporters that print data. */
  readonly print: (text: string | Uint8Array) => Promise<void>;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Encode everything and send nothing. */
  readonly dryRun?: boolean;
  /** Abort it to stop reading: what is read is drained for `graceMs`, then abandoned. */
  readonly stop: AbortSignal;
  /** Abort it to end at once. */
  readonly kill: AbortSignal;
  readonly graceMs: number;
  /** A number from 0 to 1, for jitter. */
  readonly random?: () => number;
  /** Where items go that a backend does not take; without it they are refused. */
  readonly deadLetters?: DeadLetters | undefined;
  /** Go on reading what the inputs get, until `stop`. */
  readonly follow?: boolean;
  /** Read inputs from their beginning that are not what they were at the checkpoint. */
  readonly acceptFileChange?: boolean;
  /** The config is not that of the checkpoint. */
  readonly configChanged?: boolean;
  /** Go on from here. */
  readonly from?: Checkpoint | undefined;
  /** Keeps a checkpoint, in the place of the one before; without it none is made. Its failure ends the run. */
  readonly save?: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  /** Other threads may take a part of the input; without it the run reads alone. */
  readonly sharing?: SharingOptions | undefined;
  /** Called for each batch that is read, while no other thread takes a part. */
  readonly onBatch?: (() => void) | undefined;
  /** The run is such another thread: its receivers read these shares, and nothing else. */
  readonly shares?: ShareSource | undefined;
}

export interface RunResult {
  readonly ledger: Ledger;
  /** Why the run stopped before its end; empty for one that came to its end. */
  readonly failures: readonly Error[];
  readonly interrupted: boolean;
  /** How many checkpoints were saved. */
  readonly checkpoints: number;
  /** How many threads worked on it. */
  readonly workers: number;
  readonly elapsedMs: number;
  /** Where to find what was delivered, one line each. */
  readonly whereToLook: readonly string[];
}

/** What a person may see while a run goes on. */
export interface Progress {
  readonly readBytes: number;
  readonly totalBytes: number | undefined;
  readonly itemsRead: number;
  readonly itemsDelivered: number;
  readonly elapsedMs: number;
  readonly phase: 'starting' | 'scanning' | 'reading' | 'draining' | 'ended';
  readonly waiting: Waiting | undefined;
}

export class Run {
  readonly ledger = new Ledger();
  private readonly options: RunOptions;
  private readonly assembly: Assembly;
  private readonly startedMs: number;
  private readonly stopping = new AbortController();
  private readonly killing = new AbortController();
  private readonly settlement = new Settlement((error) => this.fail(error));
  private readonly gate: Gate;
  private readonly maxInFlightBytes: number;
  private readonly sharing: Sharing | undefined;
  private checkpointing: Pick<Checkpointing<unknown>, UsedOfCheckpointing> | undefined;
  /** What is read is shares: they are what positions and counts belong together by. */
  private readsShares = false;
  /** Whether each receiver says where it is: from elsewhere than a position nobody can go on. */
  private canGoOn = true;
  /** What stopped the run: noted at once, because what it happened in may never end. */
  private readonly failures = new Set<unknown>();
  /** Whether there was reason to flush while that was under way: what came after its turn is still held. */
  private heldWhileFlushing = false;
  private checkpoints = 0;
  /** Why the last checkpoint could not be saved. */
  private unsaved: ComponentError | undefined;
  private readonly startedAtUnixNano: bigint;
  private timeRange: TimeRange | undefined;
  /** Receivers that came to their end. */
  private readonly ended: RunningReceiver[] = [];
  private phase: Progress['phase'] = 'starting';

  constructor(plan: Plan, options: RunOptions) {
    this.options = options;
    this.startedMs = options.clock.monotonicMs();
    this.startedAtUnixNano = options.from?.startedAtUnixNano ?? options.clock.nowUnixNano();
    this.maxInFlightBytes = plan.maxInFlightBytes;
    this.gate = new Gate(plan.maxInFlightBytes, () => this.makeRoom());
    const { save, sharing } = options;
    this.sharing = sharing && new Sharing(sharing);
    this.checkpointing = save && this.checkpointingBy(save, plan.maxInFlightBytes / 4);
    this.assembly = new Assembly(plan, {
      ...options,
      ledger: this.ledger,
      dryRun: options.dryRun ?? false,
      random: options.random ?? Math.random,
      stopping: this.stopping.signal,
      killing: this.killing.signal,
      startedAtUnixNano: this.startedAtUnixNano,
      from: options.from,
      follow: options.follow ?? false,
      acceptFileChange: options.acceptFileChange ?? false,
      configChanged: options.configChanged ?? false,
      onHeld: () => this.releaseHeld(),
      onFlushed: () => {
        if (this.heldWhileFlushing) this.releaseHeld();
      },
      onIdle: () => {
        this.checkpointing?.advance();
        this.releaseHeld();
      },
      onFailure: (error) => this.fail(error),
    });
  }

  /** Runs to the end. Never rejects: what went wrong is in the result. */
  async execute(): Promise<RunResult> {
    this.observeSignals();
    const note = (error: unknown): void => this.fail(error);
    const isAssembled = await this.orKilled(this.assemble()).then(() => true, note);
    if (isAssembled === true) {
      await this.orKilled(this.read()).catch(note);
      await this.drain().catch(note);
      await Promise.race([this.checkpointing?.finish(), aborted(this.killing.signal)]).catch(note);
      await Promise.race([this.sharing?.finish(), this.abandoned()]);
      // A kill may end the wait for it, and what is counted from here on belongs to no checkpoint.
      this.checkpointing?.close();
      // What was counted behind the last position is counted again by a run that goes on from there.
      for (const { counts } of this.ended) counts.commit();
    }
    await Promise.race([this.assembly.shutdown(this.isWhole), this.abandoned()]).catch(note);
    const elsewhere = this.sharing?.end() ?? [];
    this.phase = 'ended';
    return this.result(elsewhere);
  }

  progress(): Progress {
    const { exporters, receivers } = this.ledger;
    const totals = receivers.map(({ progress }) => progress.totalBytes);
    const flows = receivers.flatMap((counts) => [...counts.flows.values()]);
    const others = this.sharing?.progress() ?? [];
    return {
      readBytes: sum([...receivers.map(({ progress }) => progress), ...others].map((one) => one.readBytes)),
      totalBytes: totals.includes(undefined) ? undefined : sum(totals.map((bytes) => bytes ?? 0)),
      itemsRead: sum([...flows.map((flow) => flow.in), ...others.map((one) => one.itemsRead)]),
      itemsDelivered: sum([
        ...exporters.map((one) => one.delivered),
        ...others.map((one) => one.itemsDelivered),
      ]),
      elapsedMs: this.options.clock.monotonicMs() - this.startedMs,
      phase: this.phase,
      waiting: this.assembly.waiting ?? others.find(({ waiting }) => waiting !== undefined)?.waiting,
    };
  }

  /**
   * A stop closes the way in, and what was read is drained; the end of the grace after it, and a kill, abandon what is
   * under way. A failure stops the run as a person does.
   */
  private observeSignals(): void {
    const { stop, kill, clock, graceMs } = this.options;
    onAbort(this.stopping.signal, () => {
      this.gate.close();
      this.sharing?.stop();
      clock.after(graceMs, () => this.killing.abort());
    });
    onAbort(this.killing.signal, () => {
      this.stopping.abort();
      this.sharing?.kill();
    });
    onAbort(stop, () => {
      if (this.sharing?.isBegun !== true) {
        this.stopping.abort();
        return;
      }
      // Shares count as a whole: what is begun is read to its end.
      this.sharing.close();
      clock.after(graceMs, () => this.killing.abort());
    });
    onAbort(kill, () => this.killing.abort());
  }

  /** Stops the run. What is drained after it may take a while: then the failure is told before the end. */
  private fail(error: unknown): void {
    const { clock, logger } = this.options;
    if (!(error instanceof InterruptedError) && !this.stopping.signal.aborted) {
      clock.after(sayFailureAfterMs, () => {
        if (this.phase !== 'ended') logger.error(`stopping: ${messageOf(error)}`);
      });
    }
    this.failures.add(error);
    this.options.shares?.failed?.(error);
    this.stopping.abort();
  }

  /** Does not wait for work that a kill does not end. */
  private async orKilled(work: Promise<void>): Promise<void> {
    const killed = aborted(this.killing.signal).then(() => Promise.reject(new InterruptedError()));
    await Promise.race([work, killed]);
  }

  private async assemble(): Promise<void> {
    await this.assembly.startExporters();
    await this.assembly.createReceivers();
    const { from } = this.options;
    this.timeRange = from?.timeRange;
    if (this.assembly.needsTimeRange && this.timeRange === undefined) {
      this.phase = 'scanning';
      this.timeRange = await this.assembly.scan();
    }
    await this.assembly.createPipelines(this.timeRange);
    if (from !== undefined) restoreLedger(this.ledger, from.ledger);
  }

  private async read(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.phase = 'reading';
    const shares = this.options.shares ?? (await this.beginSharing());
    if (shares !== undefined) return await this.readShares(shares);
    if (this.stopping.signal.aborted) return;
    const started = this.assembly.receivers.map(async (source) => {
      try {
        await source.receiver.start({
          emit: (batch, position, options) => {
            this.options.onBatch?.();
            return this.emit(source, { batch, position, ...options });
          },
          advance: (position) => this.advance(source, position),
        });
        this.ended.push(source);
        source.hasAll ||= !this.stopping.signal.aborted;
      } catch (error) {
        if (error instanceof InterruptedError) return;
        throw this.failureOf(source.id, error);
      }
    });
    await allSettled(started);
  }

  /** What a receiver throws stops the run. */
  private failureOf(id: string, error: unknown): Error {
    const failure = isOfRun(error) ? error : new ComponentError(id, error);
    this.fail(failure);
    return failure;
  }

  private async beginSharing(): Promise<ShareSource | undefined> {
    const { assembly, ledger, options, startedAtUnixNano, timeRange } = this;
    const { save } = options;
    return await this.sharing?.begin({
      receivers: assembly.receivers,
      ledger,
      logger: options.logger,
      maxInFlightBytes: this.maxInFlightBytes,
      startedAtUnixNano,
      timeRange,
      goesOn: options.from !== undefined,
      save:
        save &&
        (async (checkpoint) => {
          await save(checkpoint);
          this.checkpoints++;
        }),
      fail: (error) => this.fail(error),
    });
  }

  private async readShares(source: ShareSource): Promise<void> {
    const { assembly, ledger, settlement } = this;
    const reading = new ShareReading({
      source,
      assembly,
      ledger,
      stopping: this.stopping.signal,
      snapshot: () => snapshotOf(assembly, settlement, ledger),
      emit: (receiver, batch) => this.emit(receiver, { batch, position: undefined }),
      onFailure: (error) => this.fail(error),
    });
    this.readsShares = true;
    this.checkpointing = reading.checkpointing;
    await reading.run((id, error) => this.failureOf(id, error));
  }

  private async emit(
    source: RunningReceiver,
    { batch, position, onSettled, signal }: Emission,
  ): Promise<void> {
    const { checkpointing, gate, settlement, stopping } = this;
    if (stopping.signal.aborted) throw new InterruptedError();
    if (batch.itemCount === 0) {
      if (position !== undefined) this.advance(source, position);
      onSettled?.(true);
      return;
    }
    const bytes = batch.byteLength;
    await gate.enter(bytes, signal);
    while (checkpointing?.cut !== undefined) {
      await Promise.race([checkpointing.cut, aborted(stopping.signal)]);
      if (!stopping.signal.aborted) continue;
      gate.leave(bytes);
      throw new InterruptedError();
    }
    // From here to the position without a pause: what is handed over, counted and said of it belongs together.
    const epoch = checkpointing?.enter(bytes);
    const delivered = settlement.track(source.router.consume(batch));
    source.counts.commit();
    source.position = position ?? source.position;
    this.canGoOn &&= position !== undefined;
    // Who came to a full gate before this batch was handed over could not ask it for room.
    if (gate.isFull) this.makeRoom();
    void delivered.then((isSafe) => {
      onSettled?.(isSafe);
      if (epoch !== undefined) checkpointing?.leave(epoch, isSafe);
      // Of shares so many are read as there is room for: they are saved as a whole.
      if (epoch === undefined || this.readsShares) gate.leave(bytes);
      // After a failure someone who did not wait for all it handed on may still be sending these bytes.
      if (settlement.failure === undefined) batch.release();
    });
  }

  private advance(source: RunningReceiver, position: JsonValue): void {
    source.position = position;
    source.counts.commit();
    this.checkpointing?.touch();
  }

  private checkpointingBy(
    save: (checkpoint: Checkpoint) => Promise<void>,
    epochBytes: number,
  ): Checkpointing<Snapshot> {
    return new Checkpointing<Snapshot>({
      epochBytes,
      snapshot: () => snapshotOf(this.assembly, this.settlement, this.ledger),
      // The exporters' counts are those of the snapshot only until the next turn of the event loop.
      save: async ({ flows, ...snapshot }) => {
        if (!this.canGoOn) return;
        await save({
          startedAtUnixNano: this.startedAtUnixNano,
          timeRange: this.timeRange,
          ...snapshot,
          ledger: { ...flows, exporters: exportStates(this.ledger) },
        });
        this.checkpoints++;
      },
      tallies: () => this.ledger.tallies,
      onSaved: (bytes) => this.gate.leave(bytes),
      onFailure: (error) => {
        this.unsaved ??= unsavedError(error);
        this.fail(this.unsaved);
      },
      later: (callback) => this.options.clock.after(cutEveryMs, callback),
      isFull: () => this.gate.isFull,
    });
  }

  /** Somebody waits at the gate. */
  private makeRoom(): void {
    this.checkpointing?.makeRoom();
    this.releaseHeld();
  }

  /**
   * When the gate is full and nothing is being sent, only what processors hold back can make room:
   * then they have to let go of it.
   */
  private releaseHeld(): void {
    const { assembly } = this;
    this.heldWhileFlushing = assembly.isFlushing;
    if (assembly.isFlushing || !this.gate.isFull || assembly.isSending || !assembly.holdsItems) return;
    this.ledger.forcedFlushes++;
    void this.settlement.track(assembly.flush());
  }

  /** Releases what processors hold back, and waits until all that was handed over is settled. The run goes on. */
  async flush(): Promise<void> {
    await this.settlement.track(this.assembly.empty());
    await this.settlement.idle();
  }

  /** Whether all that was to be read is read and settled. */
  private get isWhole(): boolean {
    if (this.killing.signal.aborted || this.failures.size > 0) return false;
    const isStopped = this.stopping.signal.aborted || this.options.stop.aborted;
    return !isStopped || this.assembly.receivers.every(({ hasAll }) => hasAll);
  }

  /** Releases what is held, then waits until everything is settled; at once after a kill. */
  private async drain(): Promise<void> {
    this.phase = 'draining';
    const flushed = this.settlement.track(this.assembly.empty());
    await Promise.race([flushed, aborted(this.killing.signal)]);
    await Promise.race([this.settlement.idle().then(() => this.assembly.idle()), this.abandoned()]);
  }

  /** Resolves some time after a kill, for a component that does not react to it. */
  private async abandoned(): Promise<void> {
    await aborted(this.killing.signal);
    await this.options.clock.sleep(longestAbandonMs);
  }

  private result(elsewhere: readonly string[]): RunResult {
    const { stop, kill, clock } = this.options;
    const real = [...this.failures]
      .filter((error) => !(error instanceof InterruptedError))
      .map((error) => (error instanceof Error ? error : new ComponentError('run', error)));
    return {
      ledger: this.ledger,
      failures: distinct([...real, ...this.assembly.failures]),
      interrupted: stop.aborted || kill.aborted,
      checkpoints: this.checkpoints,
      workers: this.sharing?.workers ?? 1,
      elapsedMs: clock.monotonicMs() - this.startedMs,
      whereToLook: [...new Set([...this.assembly.whereToLook(), ...elsewhere])],
    };
  }
}

/** What a receiver hands over. */
interface Emission extends EmitOptions {
  readonly batch: AnyBatch;
  readonly position: JsonValue | undefined;
}

type UsedOfCheckpointing = 'advance' | 'close' | 'cut' | 'enter' | 'finish' | 'leave' | 'makeRoom' | 'touch';

/** Of threads that fail alike, one says so. */
function distinct(failures: readonly Error[]): Error[] {
  return [...new Map(failures.map((failure) => [failure.message, failure])).values()];
}

/** An epoch that does not become full ends after this time. */
const cutEveryMs = 1000;

/** A failure that ends the run sooner is told by its end alone. */
const sayFailureAfterMs = 1000;

/** How long after a kill a run waits for promises that should have been abandoned by then. */
const longestAbandonMs = 2000;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function onAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => onAbort(signal, resolve));
}
