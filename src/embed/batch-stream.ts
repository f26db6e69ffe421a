/** An output that a program reads with `for await`. */
import type { AnyBatch } from '../model/batches.ts';

interface Offered {
  readonly batch: AnyBatch;
  readonly taken: () => void;
  readonly refused: (error: Error) => void;
}

/**
 * Batches in the order in which they come out. A batch is delivered when the next one is asked for, so a slow reader
 * slows the pipeline down; one that breaks off leaves the rest undelivered, and the run says so. Ends with the run.
 *
 *     const spans = new BatchStream();
 *     const running = runPipeline(config, { outputs: { backend: spans } });
 *     for await (const batch of spans) console.log(batch.itemCount);
 */
export class BatchStream implements AsyncIterable<AnyBatch> {
  private readonly offered: Offered[] = [];
  private isEnded = false;
  private isLeft = false;
  private wake: (() => void) | undefined;

  /** Resolves when the reader is done with it; rejects when it went away. */
  async take(batch: AnyBatch): Promise<void> {
    if (this.isLeft) throw new Error('its reader broke off');
    await new Promise<void>((taken, refused) => {
      this.offered.push({ batch, taken, refused });
      this.wake?.();
    });
  }

  /** Nothing more comes. */
  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AnyBatch> {
    try {
      for (let next = await this.next(); next !== undefined; next = await this.next()) {
        yield next.batch;
        this.offered.shift();
        next.taken();
      }
    } finally {
      this.leave();
    }
  }

  private async next(): Promise<Offered | undefined> {
    while (this.offered.length === 0 && !this.isEnded)
      await new Promise<void>((resolve) => (this.wake = resolve));
    return this.offered[0];
  }

  private leave(): void {
    this.isLeft = true;
    for (const { refused } of this.offered.splice(0)) refused(new Error('its reader broke off'));
  }
}
