/** Who owns which items of what is held, so that each `consume` settles with its own items and no sooner. */
import { mergeBatches, splitBatch, type AnyBatch } from '../../model/batches.ts';
import type { Consumer } from '../../pipeline/component.ts';
import { worstOf } from '../../pipeline/errors.ts';

/** The items of one call of `consume`, on their way in one batch or in several. */
export class Shipment {
  /** Resolves when all of its items are settled. Rejects when one batch failed and none is under way any more. */
  readonly settled: Promise<void>;
  private readonly resolve: () => void;
  private readonly reject: (error: unknown) => void;
  private readonly failures: unknown[] = [];
  private waiting: number;
  private underWay = 0;

  constructor(items: number) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.settled = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.waiting = items;
  }

  /** So many of its items left with a batch; `sent` is that batch's settlement. */
  depart(items: number, sent: Promise<void>): void {
    this.waiting -= items;
    this.underWay++;
    const arrived = () => {
      this.underWay--;
      this.settle();
    };
    sent.then(arrived, (error: unknown) => {
      this.failures.push(error);
      arrived();
    });
  }

  /** Its items that still wait will not be sent. */
  fail(error: unknown): void {
    this.failures.push(error);
    this.settle();
  }

  private settle(): void {
    if (this.underWay > 0) return;
    if (this.failures.length > 0) this.reject(worstOf(this.failures));
    else if (this.waiting === 0) this.resolve();
  }
}

/** A batch and whose items it holds, in the order of the items. */
export interface Held {
  readonly batch: AnyBatch;
  readonly owners: readonly Share[];
}

interface Share {
  readonly shipment: Shipment;
  readonly items: number;
}

interface Limits {
  readonly maxItems?: number;
  readonly maxBytes: number;
}

/** All that is held, in order, as batches within the limits; each of them but the last is as full as it can be. */
export function repack(held: readonly Held[], limits: Limits): Held[] {
  const [first] = held;
  if (first !== undefined && held.length === 1 && fits(first.batch, limits)) return [first];
  const owners = held.flatMap((one) => one.owners);
  const merged = mergeBatches(held.map(({ batch }) => batch));
  if (fits(merged, limits)) return [{ batch: merged, owners }];
  const parts = [...splitBatch(merged, limits)];
  merged.release();
  return parts.map((batch) => ({ batch, owners: takeShares(owners, batch.itemCount) }));
}

function fits(batch: AnyBatch, { maxItems = Infinity, maxBytes }: Limits): boolean {
  return batch.itemCount <= maxItems && batch.byteLength <= maxBytes;
}

export function dispatch({ batch, owners }: Held, next: Consumer): void {
  const sent = next.consume(batch);
  for (const { shipment, items } of owners) shipment.depart(items, sent);
  sent.then(
    () => batch.release(),
    () => {},
  );
}

/** Removes the shares of the first `items` items; a share that reaches further is cut in two. */
function takeShares(shares: Share[], items: number): Share[] {
  const taken: Share[] = [];
  let missing = items;
  while (missing > 0) {
    const share = shares.shift();
    if (share === undefined) break;
    const some = Math.min(missing, share.items);
    taken.push({ shipment: share.shipment, items: some });
    if (some < share.items) shares.unshift({ shipment: share.shipment, items: share.items - some });
    missing -= some;
  }
  return taken;
}
