/** Hands batches over, and counts what the receiver keeps to itself. */
import type { AnyBatch } from '../../model/batches.ts';
import { itemNouns } from '../../model/signal.ts';
import type { JsonValue } from '../../pipeline/checkpoint.ts';
import type { ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import { TimeUnits } from './time-units.ts';

/** Said once at the end for all inputs, unless it is said at once. */
export type Notice = (text: string, times: number, atOnce?: boolean) => void;

export class Handover {
  private readonly context: ReceiverContext;
  private readonly output: ReceiverOutput;
  private readonly units = new TimeUnits();

  constructor(context: ReceiverContext, output: ReceiverOutput) {
    this.context = context;
    this.output = output;
  }

  /** Takes the batch over. `position` is behind it. */
  async batch(batch: AnyBatch, position: JsonValue | undefined, notice: Notice): Promise<void> {
    if (batch.itemCount > 0) {
      this.countDrops(batch);
      const oddTimes = this.units.look(batch);
      if (oddTimes !== undefined) notice(oddTimes, 1, true);
      await this.output.emit(batch, position);
      return;
    }
    if (!this.countDrops(batch)) sayEmpty(batch, notice);
    batch.release();
    this.advance(position);
  }

  advance(position: JsonValue | undefined): void {
    if (position !== undefined) this.output.advance(position);
  }

  /** Answers whether there was one. */
  private countDrops(batch: AnyBatch): boolean {
    const drops = batch.takeDrops();
    for (const [reason, items] of drops) this.context.counts.drop(batch.signal, reason, items);
    return drops.size > 0;
  }
}

/** A batch without items goes nowhere, for there is nothing that could be counted on its way; it is said. */
function sayEmpty(batch: AnyBatch, notice: Notice): void {
  const metrics = batch.signal === 'metrics' ? batch.metrics().length : 0;
  if (metrics > 0) notice('metrics without data points are left out', metrics);
  else if (batch.resources().length > 0)
    notice(`resources without ${itemNouns[batch.signal].many} are left out`, batch.resources().length);
}
