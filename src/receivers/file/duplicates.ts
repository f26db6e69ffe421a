/**
 * What one file repeats of others, told by content: the encoded item with its resource and scope, byte for byte.
 * Memory is bounded by the file that is compared, whatever the others hold.
 */
import type { AnyBatch } from '../../model/batches.ts';
import { contentDigests, itemsOf } from './content-keys.ts';

export class Repetitions {
  /** How often the file has each item, and how many of those the others have. */
  private readonly items = new Map<string, { own: number; repeated: number }>();

  /** To be called with each batch of the file itself, first. */
  addOwn(batch: AnyBatch): void {
    for (const key of contentKeys(batch)) {
      const item = this.items.get(key);
      if (item === undefined) this.items.set(key, { own: 1, repeated: 0 });
      else item.own++;
    }
  }

  /** To be called with each batch of each other file. */
  addOther(batch: AnyBatch): void {
    for (const key of contentKeys(batch)) {
      const item = this.items.get(key);
      if (item !== undefined && item.repeated < item.own) item.repeated++;
    }
  }

  /** Drops from a batch of the file what is repeated. Once for each item that the others have. */
  drop(batch: AnyBatch): void {
    const keys = contentKeys(batch);
    const items = itemsOf(batch);
    for (const [index, key] of keys.entries()) {
      const item = this.items.get(key);
      if (item === undefined || item.repeated === 0) continue;
      item.repeated--;
      items[index]?.drop('duplicate');
    }
  }
}

function contentKeys(batch: AnyBatch): string[] {
  return contentDigests(batch).map((digest) => digest.toString('base64'));
}
