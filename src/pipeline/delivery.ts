/** Sends the requests of an exporter until each is settled: retry, split, what is refused, and the counts of it all. */
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import { Attempts, CutError } from './attempts.ts';
import { Bisection, mostInARow, type Search } from './bisection.ts';
import type { Clock } from './clock.ts';
import type { Exporter, ExportPolicy, ExportRequest, Outcome } from './component.ts';
import { addReason, type ExportCounts } from './counts.ts';
import { ExportError, InterruptedError, messageOf } from './errors.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Logger } from './logger.ts';
import { backoffMs } from './retry.ts';

export interface DeliveryOptions {
  readonly id: string;
  readonly exporter: Exporter;
  readonly policy: ExportPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the run ends at once: what is under way is abandoned. */
  readonly kill: AbortSignal;
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number;
  readonly deadLetters?: DeadLetters | undefined;
  /** Makes so many items uncertain that were delivered before. */
  readonly doubt: (signal: Signal, items: number) => void;
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
type LastOutcome = Exclude<Outcome, { verdict: 'retry' | 'split' | 'bisect' }> | GivenUp;

/** The attempts are used up. Unlike a stop, it says nothing of the next request. */
interface GivenUp extends Failure {
  readonly verdict: 'given up';
}

/** Why an exporter cannot go on, as an outcome says it. */
interface Failure {
  readonly reason: string;
  readonly status?: number;
  readonly remedy?: string;
}

/** What belongs to a request and to all the parts that it is split into. */
interface Way {
  readonly counts: ExportCounts;
  /** What it was encoded from. */
  readonly batch: AnyBatch;
  readonly search: Search;
  /** The backend may have stored it at an earlier attempt. */
  readonly mayBeStored: boolean;
}

export class Delivery {
  /** The waits of requests for their next attempt. */
  readonly waits = new Set<Waiting>();
  private readonly options: DeliveryOptions;
  private readonly attempts: Attempts;
  private readonly bisection = new Bisection();
  private readonly noticed = new Set<string>();
  private stoppedBy: ExportError | undefined;
  /** Why nothing is sent any more, in a run that goes on all the same. */
  private ended: (Outcome & { verdict: 'stop' }) | undefined;
  private saidWhatIsLeft = false;
  /** When the backend began to take nothing; undefined when it last answered for good. */
  private failingSinceMs: number | undefined;
  /** Aborted when nothing is sent any more: who waits for another attempt stops waiting. */
  private readonly over = new AbortController();

  constructor(options: DeliveryOptions) {
    this.options = options;
    this.attempts = new Attempts(options);
    const end = (): void => this.over.abort();
    if (options.kill.aborted) end();
    else options.kill.addEventListener('abort', end, { once: true });
  }

  /** Why the run cannot go on. */
  get failure(): ExportError | undefined {
    return this.stoppedBy;
  }

  /** How many requests may be under way now. */
  get pace(): number {
    return this.attempts.pace;
  }

  throwIfOver(): void {
    if (this.stoppedBy !== undefined) throw this.stoppedBy;
    if (this.options.kill.aborted) throw new InterruptedError();
  }

  /** Counts items that are not settled because of `error`; returns the error to throw. */
  lost(counts: ExportCounts, items: number, error: unknown): Error {
    if (error instanceof CutError) counts.uncertain += items;
    else if (error instanceof InterruptedError) counts.abandoned += items;
    else counts.failed += items;
    return error instanceof InterruptedError || error instanceof ExportError
      ? error
      : this.stop({ reason: messageOf(error) });
  }

  /** Sends one request until it is settled. Throws when its items are not safe, having counted them. */
  async request(request: ExportRequest, batch: AnyBatch, counts: ExportCounts): Promise<void> {
    await this.deliver(request, { counts, batch, search: this.bisection.begin(), mayBeStored: false });
  }

  /** Settles a batch without encoding it, where nothing is sent any more and the run goes on; else answers false. */
  async leaves(batch: AnyBatch, counts: ExportCounts): Promise<boolean> {
    if (this.ended === undefined) return false;
    await this.leave({ items: batch.itemCount, batchOf: () => batch }, this.ended, counts);
    return true;
  }

  private async deliver(request: ExportRequest, way: Way): Promise<void> {
    const startedMs = this.options.clock.monotonicMs();
    let { mayBeStored } = way;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(request, way.counts);
      mayBeStored ||= 'mayBeStored' in outcome;
      if (outcome.verdict === 'split' || outcome.verdict === 'bisect')
        return await this.deliverParts(request, outcome, { ...way, mayBeStored });
      if (outcome.verdict === 'retry') this.options.doubt(request.signal, outcome.doubted ?? 0);
      else return await this.settle(request, outcome, { ...way, mayBeStored });
      this.failingSinceMs ??= startedMs;
      const last = this.lastOutcome(outcome, attempt, startedMs);
      if (last !== undefined) return await this.settle(request, last, { ...way, mayBeStored });
      way.counts.retries++;
      await this.wait(outcome, attempt);
    }
  }

  private async attempt(request: ExportRequest, counts: ExportCounts): Promise<Outcome> {
    try {
      return await this.attempts.send(request, () => {
        this.throwIfOver();
        if (this.ended !== undefined) return this.ended;
        counts.requests++;
        counts.bytes += request.bytes;
        return undefined;
      });
    } catch (error) {
      throw this.lost(counts, request.items, error);
    }
  }

  private async deliverParts(
    request: ExportRequest,
    outcome: Outcome & { verdict: 'split' | 'bisect' },
    way: Way,
  ): Promise<void> {
    this.failingSinceMs = undefined;
    const parts = await this.partsOf(request, way);
    if (parts.length < 2) {
      if (request.items < 2 && way.search.refusedAlone()) this.sayHopeless(outcome);
      return await this.refuse(request, outcome.reason, way);
    }
    let left = request.items;
    for (const part of parts) {
      left -= part.items;
      try {
        await this.deliver(part, way);
      } catch (error) {
        throw this.lost(way.counts, left, afterwards(error));
      }
    }
  }

  private async partsOf(request: ExportRequest, way: Way): Promise<readonly ExportRequest[]> {
    if (request.items < 2 || !way.search.mayDivide()) return [];
    try {
      return (await this.options.exporter.split?.(request)) ?? [];
    } catch (error) {
      throw this.lost(way.counts, request.items, error);
    }
  }

  /** What a retry becomes when there are no more: refused where the answer bounds its attempts, else given up. */
  private lastOutcome(
    outcome: Outcome & { verdict: 'retry' },
    attempt: number,
    startedMs: number,
  ): LastOutcome | undefined {
    const { retry } = this.options.policy;
    const { reason, maxAttempts = Infinity, retryAfterMs = 0 } = outcome;
    const status = outcome.status === undefined ? {} : { status: outcome.status };
    if (attempt >= maxAttempts) return { verdict: 'refused', reason, ...status };
    if (!retry.enabled) {
      const remedy = 'set `retry_on_failure: {enabled: true}` to try again';
      return { verdict: 'given up', reason, ...status, remedy };
    }
    const leftMs = retry.maxElapsedMs - (this.options.clock.monotonicMs() - this.countedFrom(startedMs));
    if (retry.maxElapsedMs === 0 || (leftMs > 0 && retryAfterMs <= leftMs)) return undefined;
    return {
      verdict: 'given up',
      reason: `gave up after ${attempt} attempts: ${reason}`,
      ...status,
      remedy: 'raise `retry_on_failure.max_elapsed_time`; 0s never gives up',
    };
  }

  /**
   * In a run that goes on without what this exporter does not deliver, a backend that is down for so long is asked once
   * for each request; else every one of them would take the whole of `max_elapsed_time`.
   */
  private countedFrom(startedMs: number): number {
    return this.onError === 'fail' ? startedMs : Math.min(startedMs, this.failingSinceMs ?? startedMs);
  }

  private async wait(outcome: Outcome & { verdict: 'retry' }, attempt: number): Promise<void> {
    const { clock, exporter, policy, random } = this.options;
    const { reason, status } = outcome;
    const wait: Waiting = { target: exporter.target, attempt: attempt + 1, reason, status };
    this.waits.add(wait);
    await clock.sleep(
      Math.max(backoffMs(policy.retry, attempt, random()), outcome.retryAfterMs ?? 0),
      this.over.signal,
    );
    this.waits.delete(wait);
  }

  private async settle(request: ExportRequest, outcome: LastOutcome, way: Way): Promise<void> {
    if (outcome.verdict === 'stop' || outcome.verdict === 'given up')
      return await this.giveUp(request, outcome, way);
    this.failingSinceMs = undefined;
    const { counts } = way;
    const { delivered, uncertain, refused, reason } = sharesOf(outcome, request.items);
    counts.delivered += delivered;
    counts.uncertain += uncertain;
    if (way.mayBeStored) counts.possiblyDuplicated += delivered;
    if (delivered > 0) this.bisection.taken();
    if (outcome.verdict === 'delivered' && outcome.notice !== undefined) this.noticeOnce(outcome.notice);
    // Of a part that is refused nobody knows which items it is.
    if (refused === request.items) await this.refuse(request, reason, way);
    else if (refused > 0) addReason(counts.refused, reason, refused);
  }

  /** The backend will never take this request. */
  private async refuse(request: ExportRequest, reason: string, way: Way): Promise<void> {
    const { counts } = way;
    const items = this.onError === 'drop' ? undefined : this.itemsOf(request, way.batch);
    if (items === undefined) addReason(counts.refused, reason, request.items);
    else await this.deadLetter(items, reason, counts);
  }

  /** The exporter cannot go on with this request, or at all. */
  private async giveUp(
    request: ExportRequest,
    outcome: LastOutcome & { verdict: 'stop' | 'given up' },
    { batch, counts }: Way,
  ): Promise<void> {
    if (outcome.verdict === 'stop' && this.onError !== 'fail' && this.ended === undefined) {
      this.ended = outcome;
      this.over.abort();
    }
    const items = this.itemsOf(request, batch) ?? { items: request.items };
    await this.leave(items, outcome, counts);
  }

  /** By the exporter's policy: the run fails, or goes on without these items. */
  private async leave(items: Items, failure: Failure, counts: ExportCounts): Promise<void> {
    const { reason } = failure;
    if (this.onError === 'drop') addReason(counts.refused, reason, items.items);
    else if (this.onError === 'dead_letter' && this.options.deadLetters !== undefined && isWhole(items))
      await this.deadLetter(items, reason, counts);
    else {
      counts.failed += items.items;
      throw this.stop(failure);
    }
    if (this.saidWhatIsLeft) return;
    this.saidWhatIsLeft = true;
    const fate = this.onError === 'drop' ? 'is refused' : 'goes to the dead-letter file';
    this.options.logger.error(`what it does not deliver ${fate}: ${reason}`);
  }

  /** What a dead letter needs; undefined where there is no file for them, or no way back from the request to its items. */
  private itemsOf(request: ExportRequest, batch: AnyBatch): WholeItems | undefined {
    const { deadLetters, exporter } = this.options;
    if (deadLetters === undefined) return undefined;
    const { items } = request;
    if (items === batch.itemCount) return { items, batchOf: () => batch };
    if (exporter.itemsOf === undefined) return undefined;
    return {
      items,
      batchOf: async () => {
        const found = await exporter.itemsOf?.(request);
        if (found?.itemCount !== items)
          throw new Error(`${items} items were sent, and ${found?.itemCount ?? 0} of them found again`);
        found.origin ??= batch.origin;
        return found;
      },
    };
  }

  private async deadLetter(whole: WholeItems, reason: string, counts: ExportCounts): Promise<void> {
    try {
      await this.options.deadLetters?.write(await whole.batchOf(), { reason, exporter: this.options.id });
    } catch (error) {
      counts.failed += whole.items;
      const remedy =
        'see that it can be written, or name another file with `--dead-letters FILE`, and run again with `--resume`';
      throw this.stop({ reason: `cannot write a dead letter: ${messageOf(error)}`, remedy });
    }
    addReason(counts.deadLettered, reason, whole.items);
  }

  private sayHopeless({ verdict, reason }: Outcome & { verdict: 'split' | 'bisect' }): void {
    const remedy =
      verdict === 'split'
        ? 'raise the limit of the backend or of a proxy before it'
        : 'check that the backend takes this kind of data, and whether `encoding` and `compression` fit';
    this.noticeOnce(
      `${mostInARow} items in a row were refused alone, so that requests are refused whole until one is taken; ${remedy}. The last answer: ${reason}`,
    );
  }

  private noticeOnce(notice: string): void {
    if (this.noticed.has(notice) || this.noticed.size >= 20) return;
    this.noticed.add(notice);
    this.options.logger.warn(notice);
  }

  private get onError() {
    return this.options.policy.onError ?? 'fail';
  }

  /** From here on nothing is sent any more: what would meet the same answer waits for a person. */
  private stop({ reason, status, remedy }: Failure): ExportError {
    const { id: component, exporter } = this.options;
    this.stoppedBy ??= new ExportError({ component, target: exporter.target, reason, status, remedy });
    this.over.abort();
    return this.stoppedBy;
  }
}

interface Items {
  readonly items: number;
  readonly batchOf?: () => AnyBatch | Promise<AnyBatch>;
}

/** Items that can be had as a batch. */
type WholeItems = Required<Items>;

function isWhole(items: Items): items is WholeItems {
  return items.batchOf !== undefined;
}

/** What became of the items of a request, whatever numbers a backend gives. */
function sharesOf(outcome: Outcome & { verdict: 'delivered' | 'refused' }, items: number) {
  const uncertain = Math.min(outcome.uncertain ?? 0, items);
  const rest = items - uncertain;
  const claimed = outcome.verdict === 'delivered' ? rest - (outcome.refused ?? 0) : (outcome.delivered ?? 0);
  const delivered = Math.max(Math.min(claimed, rest), 0);
  return { delivered, uncertain, refused: rest - delivered, reason: outcome.reason ?? 'refused' };
}

/** What an error means for items that were not tried. */
export function afterwards(error: unknown): unknown {
  return error instanceof CutError ? new InterruptedError() : error;
}
