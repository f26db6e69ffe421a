/** Takes a receiver's batches to the pipelines of their signal, and counts what the receiver handed over. */
import type { AnyBatch } from '../model/batches.ts';
import { itemNouns, type Signal } from '../model/signal.ts';
import type { Consumer } from './component.ts';
import type { ReceiverCounts } from './counts.ts';
import type { Logger } from './logger.ts';

export class Router implements Consumer {
  private readonly counts: ReceiverCounts;
  private readonly logger: Logger;
  private readonly routes: ReadonlyMap<Signal, Consumer>;
  private readonly unrouted = new Set<Signal>();

  constructor(counts: ReceiverCounts, logger: Logger, routes: ReadonlyMap<Signal, Consumer>) {
    this.counts = counts;
    this.logger = logger;
    this.routes = routes;
  }

  async consume(batch: AnyBatch): Promise<void> {
    const { signal, itemCount } = batch;
    const route = this.routes.get(signal);
    if (route === undefined) {
      this.warnOnce(signal);
      this.counts.drop(signal, 'no pipeline', itemCount);
      return;
    }
    const flow = this.counts.flow(signal);
    flow.in += itemCount;
    flow.out += itemCount;
    await route.consume(batch);
  }

  private warnOnce(signal: Signal): void {
    if (this.unrouted.has(signal)) return;
    this.unrouted.add(signal);
    this.logger.warn(
      `the recording holds ${itemNouns[signal].many}, and no pipeline of signal ${signal} takes them: they are left out`,
    );
  }
}
