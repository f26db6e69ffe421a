/** The running graph: pipelines as chains of counted nodes between receivers and exporters. */
import type { AnyBatch } from '../model/batches.ts';
import type { Consumer, Processor } from './component.ts';
import { ComponentError, isOfRun } from './errors.ts';
import { add, total, type FlowCounts, type PipelineFlow } from './counts.ts';
import { allSettled } from './settle.ts';

/** A processor at its place in a pipeline, with its side of the ledger. */
export class ProcessorNode implements Consumer {
  readonly counts: PipelineFlow;
  readonly processor: Processor;
  private readonly out: CountedOutput;
  private readonly onMove: () => void;
  private readonly onHeld: () => void;
  /** Calls of `consume` that are not settled. */
  private consuming = 0;
  /** Whether what was inside is counted as abandoned. */
  private isOver = false;

  /**
   * `onMove` is called when something left the processor, one way or another, and `onHeld` when it holds back what it was
   * given.
   */
  constructor(
    counts: PipelineFlow,
    processor: Processor,
    { next, onMove, onHeld }: { next: Consumer; onMove: () => void; onHeld: () => void },
  ) {
    this.counts = counts;
    this.processor = processor;
    this.onMove = onMove;
    this.onHeld = onHeld;
    this.out = new CountedOutput(this.counts, next, onMove);
  }

  get heldItems(): number {
    return this.processor.heldItems ?? 0;
  }

  /**
   * Whether something that came in is not handed on yet. What a processor lost without a word is not waited for: the
   * ledger will tell of it.
   */
  get hasInside(): boolean {
    return this.consuming > 0 && this.insideItems > 0;
  }

  /** What came in and went nowhere. */
  private get insideItems(): number {
    const { in: taken, created, out, dropped, abandoned } = this.counts;
    return Math.max(taken + created - out - total(dropped) - abandoned, 0);
  }

  async consume(batch: AnyBatch): Promise<void> {
    const items = batch.itemCount;
    this.counts.in += items;
    this.consuming++;
    this.out.expect(batch, items);
    try {
      const settled = this.processor.consume(batch, this.out);
      if (this.heldItems > 0) this.onHeld();
      await settled;
      this.collectDrops(batch);
    } catch (error) {
      if (isOfRun(error)) throw error;
      if (!this.isOver && !this.out.hasPassed(batch)) this.counts.abandoned += items;
      throw new ComponentError(this.counts.id, error);
    } finally {
      this.consuming--;
      this.onMove();
    }
  }

  /** Hands on what the processor holds; settlement is not waited for. */
  async flush(): Promise<void> {
    // What comes out of a processor that holds nothing was made by it.
    this.out.isCreating = this.processor.heldItems === undefined;
    try {
      await this.processor.flush?.(this.out);
    } catch (error) {
      throw isOfRun(error) ? error : new ComponentError(this.counts.id, error);
    } finally {
      this.out.isCreating = false;
    }
  }

  /** What is inside now does not go on any more, also where the processor never answers. */
  async shutdown(): Promise<void> {
    this.counts.abandoned += this.consuming > 0 ? this.insideItems : this.heldItems;
    this.isOver = true;
    await this.processor.shutdown?.();
  }

  /** What was dropped from a batch that was not handed on, because nothing was left of it. */
  private collectDrops(batch: AnyBatch): void {
    if (!this.out.hasPassed(batch)) collect(this.counts, batch);
  }
}

/** Counts what leaves a processor. A batch that leaves with more items than it had was added to. */
class CountedOutput implements Consumer {
  /** Whether a batch that did not come in counts as created. */
  isCreating = false;
  private readonly counts: FlowCounts;
  private readonly next: Consumer;
  private readonly expected = new WeakMap<AnyBatch, number>();
  private readonly onMove: () => void;

  constructor(counts: FlowCounts, next: Consumer, onMove: () => void) {
    this.counts = counts;
    this.next = next;
    this.onMove = onMove;
  }

  expect(batch: AnyBatch, items: number): void {
    this.expected.set(batch, items);
  }

  hasPassed(batch: AnyBatch): boolean {
    return !this.expected.has(batch);
  }

  async consume(batch: AnyBatch): Promise<void> {
    const dropped = collect(this.counts, batch);
    const before = this.expected.get(batch);
    this.expected.delete(batch);
    const known = before ?? (this.isCreating ? 0 : undefined);
    if (known !== undefined) this.counts.created += Math.max(batch.itemCount + dropped - known, 0);
    this.counts.out += batch.itemCount;
    if (batch.itemCount === 0) return;
    const settled = this.next.consume(batch);
    this.onMove();
    await settled;
  }
}

function collect(counts: FlowCounts, batch: AnyBatch): number {
  let sum = 0;
  for (const [reason, items] of batch.takeDrops()) {
    add(counts.dropped, reason, items);
    sum += items;
  }
  return sum;
}

/**
 * Hands a batch to several consumers, each of which owns its own; waits for all of them. A branch that fails is told of
 * at once: another one may wait for its backend for as long as the run goes on.
 */
export class FanOut implements Consumer {
  private readonly branches: readonly Consumer[];
  private readonly onFailure: (error: unknown) => void;

  private constructor(branches: readonly Consumer[], onFailure: (error: unknown) => void) {
    this.branches = branches;
    this.onFailure = onFailure;
  }

  static of(branches: readonly Consumer[], onFailure: (error: unknown) => void): Consumer {
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : new FanOut(branches, onFailure);
  }

  async consume(batch: AnyBatch): Promise<void> {
    const last = this.branches.length - 1;
    const copies = this.branches.map((_, at) => (at === last ? batch : batch.clone()));
    await allSettled(
      this.branches.map(async (branch, at) => {
        const copy = copies[at];
        if (copy === undefined) return;
        try {
          await branch.consume(copy);
        } catch (error) {
          this.onFailure(error);
          throw error;
        }
        if (at !== last) copy.release();
      }),
    );
  }
}
