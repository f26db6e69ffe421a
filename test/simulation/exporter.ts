/** An exporter that encodes and sends into the virtual network, and what it was told. The table of answers is the real one. */
import { batchOf, splitBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { Exporter, ExportRequest, Outcome } from '../../src/pipeline/component.ts';
import { longestRetryAfterMs, outcomeOfStatus, shortestWaitMs } from '../../src/pipeline/retry.ts';
import type { Answer } from './backend.ts';
import { bodyOf, hashOf, itemsOf, keyOf, orderOf, type FoundItem } from './items.ts';
import { isPicked } from './model.ts';
import type { Life } from './life.ts';
import type { Stage } from './stage.ts';
import type { ExporterSpec } from './world.ts';

interface SimulatedRequest extends ExportRequest {
  readonly body: Uint8Array;
  /** Counts the requests that batches became; parts have that of the whole. */
  readonly root: number;
}

export class SimulatedExporter implements Exporter<SimulatedRequest> {
  readonly target: string;
  readonly ordered: boolean;
  private readonly sim: Stage;
  private readonly life: Life;
  private readonly spec: ExporterSpec;
  private roots = 0;
  private underWay = 0;
  /** By order key, the request under way or the last one. */
  private readonly lanes = new Map<string, { root: number; isBusy: boolean }>();
  /** When a request may be tried again, at the soonest. */
  private readonly notBefore = new WeakMap<SimulatedRequest, number>();

  constructor(sim: Stage, life: Life, spec: ExporterSpec) {
    this.sim = sim;
    this.life = life;
    this.spec = spec;
    this.target = `sim://${spec.id}`;
    this.ordered = spec.ordered;
  }

  async start(): Promise<void> {
    if (this.sim.schedule.random.below(3) === 0) await this.sim.wait(this.life, 20);
  }

  *requests(batch: AnyBatch): Iterable<SimulatedRequest> {
    const limits = { maxItems: this.spec.chunk };
    const isWhole = batch.itemCount <= limits.maxItems;
    for (const part of isWhole ? [batch] : splitBatch(batch, limits)) {
      if (!this.ordered) {
        // Not copied: it has to stay what it is until it is settled.
        yield {
          signal: 'traces',
          items: part.itemCount,
          bytes: part.byteLength,
          body: part.encode(),
          root: 0,
        };
        continue;
      }
      const groups = Map.groupBy(itemsOf(part.encode()), orderOf);
      for (const [order, items] of groups) {
        const body = bodyOf(items.map(({ span }) => span));
        yield { signal: 'traces', items: items.length, bytes: body.length, body, order, root: ++this.roots };
      }
    }
  }

  split(request: SimulatedRequest): SimulatedRequest[] {
    this.sim.tally.note('requests split in halves');
    const half = Math.ceil(request.items / 2);
    return [...splitBatch(this.itemsOf(request), { maxItems: half })].map((part) => ({
      ...request,
      items: part.itemCount,
      bytes: part.byteLength,
      body: part.encode(),
    }));
  }

  itemsOf({ body }: SimulatedRequest): AnyBatch {
    return batchOf('traces', Buffer.from(body), { trusted: true });
  }

  async send(request: SimulatedRequest, signal: AbortSignal): Promise<Outcome> {
    const items = itemsOf(request.body);
    this.begin(request, items);
    const { life, sim, spec } = this;
    const noted = new Set<string>();
    const note = (outcome: Outcome | undefined): void => {
      if (noted.size > 0 || !life.alive) return;
      noted.add('once');
      this.end(request);
      this.note(request, items, outcome);
    };
    // Also of one that hears nothing any more, the attempt is over some time after that.
    signal.addEventListener('abort', () => sim.schedule.after(0, life, () => note(undefined)), {
      once: true,
    });
    try {
      const answer = await sim.network.post({
        backend: sim.backend(spec.id),
        life,
        body: request.body,
        signal,
      });
      const outcome = this.outcomeOf(answer);
      note(outcome);
      return outcome;
    } catch (error) {
      note(undefined);
      throw error;
    }
  }

  private outcomeOf(answer: Answer): Outcome {
    if (answer.kind === 'outcome') return answer.outcome;
    if (answer.kind === 'error') throw Object.assign(new Error(answer.code), { code: answer.code });
    if (answer.kind === 'silence') throw new Error('unreachable');
    const { status, retryAfter } = answer;
    return outcomeOfStatus({ status, retryAfter, reason: `status ${status}` }, this.sim.nowUnixMs());
  }

  /** Laws on the beginning of an attempt. */
  private begin(request: SimulatedRequest, items: readonly FoundItem[]): void {
    const { life, sim, spec } = this;
    const { consumers, id } = spec;
    const must = (holds: boolean, law: string): void => {
      if (!holds) sim.violated(`${id}: ${law}`);
    };
    must(items.length === request.items, `a request of ${request.items} items has ${items.length}`);
    must(++this.underWay <= consumers, `${this.underWay} requests are under way, and ${consumers} may be`);
    must(sim.schedule.nowMs >= (this.notBefore.get(request) ?? 0), 'tried again before it was due');
    // What began in the turn in which the answer came could not know of it.
    must((life.ended.get(id) ?? Infinity) >= sim.schedule.steps, 'sends although it cannot go on');
    for (const item of items)
      must(!life.told(id).has(keyOf(item)), `sends ${keyOf(item)} again, which was delivered`);
    if (request.order !== undefined) this.beginInOrder(request.order, request.root);
  }

  private beginInOrder(order: string, root: number): void {
    const { sim, spec } = this;
    const lane = this.lanes.get(order);
    if (lane?.isBusy === true) sim.violated(`${spec.id}: two requests of ${order} under way at once`);
    if (lane !== undefined && lane.root > root)
      sim.violated(`${spec.id}: request ${root} of ${order} after ${lane.root}`);
    this.lanes.set(order, { root, isBusy: true });
    sim.tally.note('attempts in order');
  }

  private end(request: SimulatedRequest): void {
    this.underWay--;
    if (request.order !== undefined) this.lanes.set(request.order, { root: request.root, isBusy: false });
  }

  /** Notes what may become of the items now; without an outcome the attempt failed. */
  private note(request: SimulatedRequest, items: readonly FoundItem[], outcome: Outcome | undefined): void {
    const { life, sim, spec } = this;
    switch (outcome?.verdict) {
      case 'delivered':
      case 'refused':
        return this.noteShares(items, outcome);
      case 'stop':
        if (spec.onError !== 'fail') life.ended.set(spec.id, sim.schedule.steps);
        return;
      case 'retry':
      case undefined:
        this.noteWait(request, outcome);
        if (!this.mayGiveUp(outcome)) return;
        break;
      case 'split':
      case 'bisect':
    }
    for (const item of items) sim.fates(spec.id).refused.add(keyOf(item));
  }

  private noteWait(request: SimulatedRequest, outcome: (Outcome & { verdict: 'retry' }) | undefined): void {
    const { sim } = this;
    const asked = Math.min(outcome?.retryAfterMs ?? 0, longestRetryAfterMs);
    this.notBefore.set(request, sim.schedule.nowMs + Math.max(asked, shortestWaitMs));
    if (asked > 0) sim.tally.note('Retry-After kept');
  }

  /** Of a request that is taken in part, the backend decides by item which ones. */
  private noteShares(
    items: readonly FoundItem[],
    outcome: Outcome & { verdict: 'delivered' | 'refused' },
  ): void {
    const { life, sim, spec } = this;
    const fate = sim.fates(spec.id);
    const uncertain = outcome.uncertain ?? 0;
    const claimed =
      outcome.verdict === 'delivered'
        ? items.length - uncertain - (outcome.refused ?? 0)
        : (outcome.delivered ?? 0);
    life.acknowledged.set(spec.id, (life.acknowledged.get(spec.id) ?? 0) + claimed);
    if (uncertain > 0) {
      for (const item of items) fate.uncertain.add(keyOf(item));
      return;
    }
    const { stored } = sim.backend(spec.id);
    const isTaken = (item: FoundItem): boolean =>
      claimed === items.length ||
      (claimed > 0 &&
        !isPicked(`picky ${item.name}`, spec.picky) &&
        (outcome.verdict === 'delivered' || hashOf(`line ${item.name}`) % 2 === 0));
    for (const item of items) {
      const key = keyOf(item);
      if (isTaken(item)) {
        life.told(spec.id).add(key);
        if (!stored.has(key)) sim.violated(`the simulation is wrong: ${key} was acknowledged and not stored`);
      } else if (claimed === 0) fate.refused.add(key);
      else fate.refusedAmongOthers.add(key);
    }
  }

  /** Whether this may have been the last attempt, in a run that goes on all the same. */
  private mayGiveUp(outcome: (Outcome & { verdict: 'retry' }) | undefined): boolean {
    const { maxElapsedMs, onError, retries } = this.spec;
    return outcome?.maxAttempts !== undefined || (onError !== 'fail' && (maxElapsedMs > 0 || !retries));
  }
}
