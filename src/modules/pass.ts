/** One batch on its way through an author's handlers, with what they made and what failed. */
import type { AnyBatch } from '../model/batches.ts';
import { Gathering, type AnyItem } from './made.ts';

export class Pass {
  readonly batch: AnyBatch;
  readonly cameEmpty: boolean;
  gathering: Gathering | undefined;
  /** Copies of the items that are to be dead letters, by why. */
  letters: Map<string, Gathering> | undefined;

  constructor(batch: AnyBatch) {
    this.batch = batch;
    this.cameEmpty = batch.itemCount === 0;
  }

  /** An item that a handler made, from `like` where it was given one. */
  add(item: AnyItem, like: AnyItem | undefined): void {
    this.gathering ??= new Gathering(this.batch);
    this.gathering.add(item, like);
  }

  /** An item that is dropped for `reason`, and shall not be lost. */
  addLetter(item: AnyItem, reason: string): void {
    this.letters ??= new Map();
    let gathering = this.letters.get(reason);
    if (gathering === undefined)
      this.letters.set(reason, (gathering = new Gathering(undefined, this.batch.origin)));
    gathering.add(item, item);
  }
}
