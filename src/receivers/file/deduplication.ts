/**
 * `deduplicate`: drops what inputs have in common, such as a trace that was saved twice or a log file and its rotated copy.
 * A span is dropped when it was there before with the same ids and content, wherever that was. Of log records that are the
 * same, so many stay as one input has at most: within a file they are no duplicates, for a program may say a thing twice.
 */
import type { AnyBatch } from '../../model/batches.ts';
import { contentDigests, itemsOf } from './content-keys.ts';
import { SeenItems } from './seen-items.ts';

export class Deduplication {
  private readonly seen: SeenItems;
  private readonly most: number;
  private input = 0;
  private isSaid = false;

  /** So many items are remembered. */
  constructor(most: number) {
    this.most = most;
    this.seen = new SeenItems(most);
  }

  /** To be called before the batches of each input. */
  begin(): void {
    this.input++;
  }

  /** Drops the duplicates of a batch; to be called with every batch of every input, in their order. */
  drop(batch: AnyBatch): void {
    const items = itemsOf(batch);
    for (const [index, digest] of contentDigests(batch).entries()) {
      const { before, here } = this.seen.see(digest, this.input);
      if (batch.signal === 'traces' ? before > 0 : here < before) items[index]?.drop('duplicate');
    }
  }

  /** What is to be said, once. */
  notice(): string | undefined {
    if (!this.seen.isFull || this.isSaid) return undefined;
    this.isSaid = true;
    return `there are more than ${this.most} items: duplicates that are further apart are not told (max_remembered_items)`;
  }
}
