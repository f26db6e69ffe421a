/** Sends what an exporter encodes: concurrency, order, deadline, retry, split, and the exporter's side of the ledger. */
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Clock } from './clock.ts';
import type { Consumer, Exporter, ExportPolicy, ExportRequest, Outcome } from './component.ts';
import { ExportError, InterruptedError } from './errors.ts';
import { add, type ExportCounts } from './counts.ts';
import { ExportTally } from './export-tally.ts';
import type { Logger } from './logger.ts';
import { Lanes, Slots } from './queue.ts';
import { backoffMs, outcomeOfError } from './retry.ts';
import { allSettled } from './settle.ts';

export interface ExportingOptions {
  readonly id: string;
  readonly exporter: Exporter;
  readonly policy: ExportPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the run ends at once: what is under way is abandoned. */
  readonly kill: AbortSignal;
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** Called when the last request under way has ended. */
  readonly onIdle: () => void;
}

/** What an exporter waits for. */
export interface Waiting {
  readonly target: string;
  /** The attempt that comes next. */
  readonly attempt: number;
  readonly reason: string;
  readonly status: number | undefined;
}

/** An outcome after which nothing more is tried. */
type SettledOutcome = Exclude<Outcome, { verdict: 'retry' | 'split' | 'bisect' }>;

export class Exporting implements Consumer {
  readonly id: string;
  readonly exporter: Exporter;
  readonly tallies = new Map<Signal, ExportTally>();
  private readonly options: ExportingOptions;
  private readonly slots: Slots;
  private readonly lanes = new Lanes();
  private readonly waits = new Set<Waiting>();
  private readonly noticed = new Set<string>();
  private readonly idleWaits: (() => void)[] = [];
  private batches = 0;
  private stoppedBy: ExportError | undefined;
  /** Aborted when nothing is sent any more: who waits for another attempt stops waiting. */
  private readonly over = new AbortController();

  constructor(options: ExportingOptions) {
    this.id = options.id;
    this.exporter = options.exporter;
    this.options = options;
    this.slots = new Slots(options.policy.consumers);
    const end = (): void => this.over.abort();
    if (options.kill.aborted) end();
    else options.kill.addEventListener('abort', end, { once: true });
  }

  /** Batches that are being encoded or sent, or wait for their turn. */
  get underWay(): number {
    return this.batches;
  }

  /** The longest wait for a backend that does not take anything now. */
  get waiting(): Waiting | undefined {
    let longest: Waiting | undefined;
    for (const wait of this.waits)
      if (longest === undefined || wait.attempt > longest.attempt) longest = wait;
    return longest;
  }

  tallyOf(signal: Signal): ExportTally {
    let tally = this.tallies.get(signal);
    if (tally === undefined)
      this.tallies.set(signal, (tally = new ExportTally(this.id, signal, this.exporter.target)));
    return tally;
  }

  async consume(batch: AnyBatch): Promise<void> {
    if (batch.itemCount === 0) return;
    // Everything that becomes of it is counted where it was handed over, however late that is.
    const counts = this.tallyOf(batch.signal).current;
    counts.handed += batch.itemCount;
    this.batches++;
    try {
      // What waits for its turn takes as little memory as it can.
      batch.pack();
      await (this.exporter.ordered === true
        ? this.consumeInOrder(batch, counts)
        : this.slots.run(() => this.consumeAlone(batch, counts)));
    } finally {
      if (--this.batches === 0) {
        this.options.onIdle();
        for (const resolve of this.idleWaits.splice(0)) resolve();
      }
    }
  }

  /** Why nothing is sent any more. */
  get failure(): ExportError | undefined {
    return this.stoppedBy;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.batches > 0) await new Promise<void>((resolve) => this.idleWaits.push(resolve));
  }

  /** One slot a batch: it is encoded when it is its turn, so that what waits takes no memory twice. */
  private async consumeAlone(batch: AnyBatch, counts: ExportCounts): Promise<void> {
    let left = batch.itemCount;
    try {
      this.throwIfOver();
      for await (const request of this.exporter.requests(batch)) {
        left -= request.items;
        await this.deliver(request, counts);
      }
    } catch (error) {
      throw this.lost(counts, left, afterwards(error));
    }
  }

  /** Encoded in the order in which batches came, so that requests enter their lanes in that order. */
  private async consumeInOrder(batch: AnyBatch, counts: ExportCounts): Promise<void> {
    const deliveries: Promise<void>[] = [];
    await this.lanes.run('encode', async () => {
      let left = batch.itemCount;
      try {
        this.throwIfOver();
        for await (const request of this.exporter.requests(batch)) {
          left -= request.items;
          const turn = this.lanes.run(`order ${request.order ?? ''}`, () =>
            this.slots.run(() => this.deliver(request, counts)),
          );
          deliveries.push(turn);
          turn.catch(() => {}); // observed by allSettled below, which may begin later than this rejects
        }
      } catch (error) {
        deliveries.push(Promise.reject(this.lost(counts, left, afterwards(error))));
      }
    });
    await allSettled(deliveries);
  }

  /** Counts items that are not settled because of `error`; returns the error to throw. */
  private lost(counts: ExportCounts, items: number, error: unknown): Error {
    if (error instanceof CutError) counts.uncertain += items;
    else if (error instanceof InterruptedError) counts.abandoned += items;
    else counts.failed += items;
    return error instanceof InterruptedError || error instanceof ExportError
      ? error
      : this.stop(outcomeOfThrown(error));
  }

  /** Sends one request until it is settled. Throws when its items are not safe, having counted them. */
  private async deliver(request: ExportRequest, counts: ExportCounts): Promise<void> {
    const startedMs = this.options.clock.monotonicMs();
    for (let attempt = 1; ; attempt++) {
      let outcome: Outcome;
      try {
        outcome = await this.attempt(request, counts);
      } catch (error) {
        throw this.lost(counts, request.items, error);
      }
      if (outcome.verdict === 'split' || outcome.verdict === 'bisect')
        return await this.deliverParts(request, outcome, counts);
      if (outcome.verdict !== 'retry') return this.settle(request, outcome, counts);
      const final = this.finalOutcome(outcome, attempt, startedMs);
      if (final !== undefined) return this.settle(request, final, counts);
      counts.retries++;
      await this.wait(outcome, attempt);
    }
  }

  private async attempt(request: ExportRequest, counts: ExportCounts): Promise<Outcome> {
    this.throwIfOver();
    counts.requests++;
    counts.bytes += request.bytes;
    const { clock, kill, policy } = this.options;
    const deadline = new AbortController();
    const cut = Promise.withResolvers<never>();
    const end = (): void => {
      deadline.abort();
      cut.reject(new CutError());
    };
    kill.addEventListener('abort', end, { once: true });
    const cancel = policy.timeoutMs > 0 ? clock.after(policy.timeoutMs, () => deadline.abort()) : undefined;
    try {
      return await Promise.race([this.exporter.send(request, deadline.signal), cut.promise]);
    } catch (error) {
      if (error instanceof CutError) throw error;
      return outcomeOfError(error);
    } finally {
      cancel?.();
      kill.removeEventListener('abort', end);
    }
  }

  private async partsOf(request: ExportRequest, counts: ExportCounts): Promise<readonly ExportRequest[]> {
    if (request.items < 2) return [];
    try {
      return (await this.exporter.split?.(request)) ?? [];
    } catch (error) {
      throw this.lost(counts, request.items, error);
    }
  }

  private async deliverParts(
    request: ExportRequest,
    outcome: Outcome & { verdict: 'split' | 'bisect' },
    counts: ExportCounts,
  ): Promise<void> {
    const parts = await this.partsOf(request, counts);
    if (parts.length < 2) {
      const { reason, status } = outcome;
      return this.settle(
        request,
        { verdict: 'refused', reason, ...(status === undefined ? {} : { status }) },
        counts,
      );
    }
    let left = request.items;
    for (const part of parts) {
      left -= part.items;
      try {
        await this.deliver(part, counts);
      } catch (error) {
        throw this.lost(counts, left, afterwards(error));
      }
    }
  }

  /** What a retry becomes when there are no more: refused where the answer bounds its attempts, else a stop. */
  private finalOutcome(
    outcome: Outcome & { verdict: 'retry' },
    attempt: number,
    startedMs: number,
  ): SettledOutcome | undefined {
    const { retry } = this.options.policy;
    const status = outcome.status === undefined ? {} : { status: outcome.status };
    if (outcome.maxAttempts !== undefined && attempt >= outcome.maxAttempts) {
      return { verdict: 'refused', reason: outcome.reason, ...status };
    }
    if (!retry.enabled) {
      const remedy = 'set `retry_on_failure: {enabled: true}` to try again';
      return { verdict: 'stop', reason: outcome.reason, ...status, remedy };
    }
    const elapsedMs = this.options.clock.monotonicMs() - startedMs;
    if (retry.maxElapsedMs === 0 || elapsedMs < retry.maxElapsedMs) return undefined;
    return {
      verdict: 'stop',
      reason: `gave up after ${attempt} attempts: ${outcome.reason}`,
      ...status,
      remedy: 'raise `retry_on_failure.max_elapsed_time`; 0s never gives up',
    };
  }

  private async wait(outcome: Outcome & { verdict: 'retry' }, attempt: number): Promise<void> {
    const { clock, policy, random } = this.options;
    const { reason, status } = outcome;
    const wait: Waiting = { target: this.exporter.target, attempt: attempt + 1, reason, status };
    this.waits.add(wait);
    await clock.sleep(
      Math.max(backoffMs(policy.retry, attempt, random()), outcome.retryAfterMs ?? 0),
      this.over.signal,
    );
    this.waits.delete(wait);
  }

  private settle(request: ExportRequest, outcome: SettledOutcome, counts: ExportCounts): void {
    if (outcome.verdict === 'stop') {
      counts.failed += request.items;
      throw this.stop(outcome);
    }
    const uncertain = Math.min(outcome.uncertain ?? 0, request.items);
    counts.uncertain += uncertain;
    const rest = request.items - uncertain;
    const delivered = Math.min(
      outcome.verdict === 'delivered' ? rest - (outcome.refused ?? 0) : (outcome.delivered ?? 0),
      rest,
    );
    counts.delivered += Math.max(delivered, 0);
    const refused = rest - Math.max(delivered, 0);
    if (refused > 0) add(counts.refused, outcome.reason ?? 'refused', refused);
    const notice = outcome.verdict === 'delivered' ? outcome.notice : undefined;
    if (notice !== undefined) this.noticeOnce(notice);
  }

  private noticeOnce(notice: string): void {
    if (this.noticed.has(notice) || this.noticed.size >= 20) return;
    this.noticed.add(notice);
    this.options.logger.warn(notice);
  }

  /** From here on nothing is sent any more: what would meet the same answer waits for a person. */
  private stop(outcome: { reason: string; status?: number; remedy?: string }): ExportError {
    this.stoppedBy ??= new ExportError({ component: this.id, target: this.exporter.target, ...outcome });
    this.over.abort();
    return this.stoppedBy;
  }

  private throwIfOver(): void {
    if (this.stoppedBy !== undefined) throw this.stoppedBy;
    if (this.options.kill.aborted) throw new InterruptedError();
  }
}

/** The run ended while a request was under way: the backend may have it or not. */
class CutError extends InterruptedError {}

/** What an error means for items that were not tried. */
function afterwards(error: unknown): unknown {
  return error instanceof CutError ? new InterruptedError() : error;
}

function outcomeOfThrown(error: unknown): { reason: string; status?: number; remedy?: string } {
  return { reason: error instanceof Error ? error.message : String(error) };
}
