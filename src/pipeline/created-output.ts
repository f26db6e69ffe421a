/** Where a processor hands over what it makes of another signal than it is given. */
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Consumer } from './component.ts';
import { add, flowCounts, type PipelineFlow } from './counts.ts';

/** One for each signal that a processor makes, with counts of its own. */
export function createdOutputs(
  flow: PipelineFlow,
  creates: readonly Signal[],
  nextOf: (signal: Signal) => Consumer | undefined,
): ReadonlyMap<Signal, CreatedOutput> {
  const others = creates.filter((signal) => signal !== flow.signal);
  return new Map(
    others.map((signal) => {
      const counts = { ...flowCounts(flow.id, signal), pipeline: flow.pipeline };
      return [signal, new CreatedOutput(counts, nextOf(signal))];
    }),
  );
}

class CreatedOutput implements Consumer {
  readonly counts: PipelineFlow;
  private readonly next: Consumer | undefined;

  constructor(counts: PipelineFlow, next: Consumer | undefined) {
    this.counts = counts;
    this.next = next;
  }

  async consume(batch: AnyBatch): Promise<void> {
    const { counts, next } = this;
    const items = batch.itemCount;
    counts.created += items;
    if (next === undefined) add(counts.dropped, 'no pipeline', items);
    else counts.out += items;
    if (items > 0) await next?.consume(batch);
  }
}
