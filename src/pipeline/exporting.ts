/** The end of a pipeline: hands what an exporter encodes to its delivery, some at a time, in order where that is needed. */
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Consumer, Exporter } from './component.ts';
import type { ExportCounts } from './counts.ts';
import { afterwards, Delivery, type DeliveryOptions, type Waiting } from './delivery.ts';
import type { ExportError } from './errors.ts';
import { ExportTally } from './export-tally.ts';
import { Lanes, Slots } from './queue.ts';
import { allSettled } from './settle.ts';

export interface ExportingOptions extends Omit<DeliveryOptions, 'doubt'> {
  /** Called when the last request under way has ended. */
  readonly onIdle: () => void;
}

export class Exporting implements Consumer {
  readonly id: string;
  readonly exporter: Exporter;
  readonly tallies = new Map<Signal, ExportTally>();
  private readonly delivery: Delivery;
  private readonly onIdle: () => void;
  private readonly slots: Slots;
  private readonly lanes = new Lanes();
  private readonly idleWaits: (() => void)[] = [];
  private batches = 0;

  constructor(options: ExportingOptions) {
    this.id = options.id;
    this.exporter = options.exporter;
    this.delivery = new Delivery({
      ...options,
      doubt: (signal, items) => this.tallyOf(signal).doubt(items),
    });
    this.onIdle = options.onIdle;
    this.slots = new Slots(options.policy.consumers);
  }

  /** Batches that are being encoded or sent, or wait for their turn. */
  get underWay(): number {
    return this.batches;
  }

  /** The longest wait for a backend that does not take anything now. */
  get waiting(): Waiting | undefined {
    let longest: Waiting | undefined;
    for (const wait of this.delivery.waits)
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
        this.onIdle();
        for (const resolve of this.idleWaits.splice(0)) resolve();
      }
    }
  }

  /** Why the run cannot go on. */
  get failure(): ExportError | undefined {
    return this.delivery.failure;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.batches > 0) await new Promise<void>((resolve) => this.idleWaits.push(resolve));
  }

  /** One slot a batch: it is encoded when it is its turn, so that what waits takes no memory twice. */
  private async consumeAlone(batch: AnyBatch, counts: ExportCounts): Promise<void> {
    const { delivery } = this;
    if (await delivery.leaves(batch, counts)) return;
    let left = batch.itemCount;
    try {
      delivery.throwIfOver();
      for await (const request of this.exporter.requests(batch)) {
        left -= request.items;
        await delivery.request(request, batch, counts);
      }
    } catch (error) {
      throw delivery.lost(counts, left, afterwards(error));
    }
  }

  /** Encoded in the order in which batches came, so that requests enter their lanes in that order. */
  private async consumeInOrder(batch: AnyBatch, counts: ExportCounts): Promise<void> {
    const { delivery } = this;
    const deliveries: Promise<void>[] = [];
    await this.lanes.run('encode', async () => {
      if (await delivery.leaves(batch, counts)) return;
      let left = batch.itemCount;
      try {
        delivery.throwIfOver();
        for await (const request of this.exporter.requests(batch)) {
          left -= request.items;
          const turn = this.lanes.run(`order ${request.order ?? ''}`, () =>
            this.slots.run(() => delivery.request(request, batch, counts)),
          );
          deliveries.push(turn);
          turn.catch(() => {}); // observed by allSettled below, which may begin later than this rejects
        }
      } catch (error) {
        deliveries.push(Promise.reject(delivery.lost(counts, left, afterwards(error))));
      }
    });
    await allSettled(deliveries);
  }
}
