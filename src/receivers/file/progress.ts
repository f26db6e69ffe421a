/** How much is read, of the inputs together. */
import type { ReceiverCounts } from '../../pipeline/counts.ts';

export class Progress {
  private readonly counts: ReceiverCounts;
  /** Bytes of the inputs that are done with. */
  private doneBytes = 0;

  constructor(counts: ReceiverCounts) {
    this.counts = counts;
  }

  /** Of the input that is being read. */
  reading(bytes: number): void {
    this.counts.progress.readBytes = this.doneBytes + bytes;
  }

  finish(bytes: number): void {
    this.doneBytes += bytes;
    this.reading(0);
  }
}
