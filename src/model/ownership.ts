import type { Bytes } from '../wire/bytes.ts';
import { acquire, release } from '../wire/pool.ts';
import type { Chunk } from './arena.ts';
import type { TimeRange } from './time-range.ts';

/** Bytes with the batches that share them. More than one owner means: not to be written to. */
export class Source {
  readonly bytes: Bytes;
  owners = 1;
  /** What the bytes are the beginning of, and nobody else uses. */
  private readonly room: Bytes;
  private giveBack: (() => void) | undefined;

  /** `giveBack` is called when the last owner is done with the bytes. */
  constructor(bytes: Bytes, giveBack?: () => void, room = bytes) {
    this.bytes = bytes;
    this.room = room;
    this.giveBack = giveBack;
  }

  /** The first `size` bytes of a buffer of the pool, which goes back there. */
  static pooled(buffer: Bytes, size: number): Source {
    return new Source(buffer.subarray(0, size) as Bytes, () => release(buffer), buffer);
  }

  /** A copy with one owner. */
  copy(): Source {
    const { bytes } = this;
    const buffer = acquire(bytes.length);
    bytes.copy(buffer, 0, 0, bytes.length);
    return Source.pooled(buffer, bytes.length);
  }

  /**
   * Other bytes where these are, of this size, for an only owner, who is done with these; undefined where they do not fit or
   * there are others. The buffer is that of the answer from then on.
   */
  over(size: number): Source | undefined {
    const { room } = this;
    if (this.owners !== 1 || size > room.length) return undefined;
    const source = new Source(room.subarray(0, size) as Bytes, this.giveBack, room);
    this.giveBack = undefined;
    return source;
  }

  /** One owner is done with the bytes and with everything that it let out of them. */
  release(): void {
    if (--this.owners === 0) this.giveBack?.();
  }

  /** One owner has moved on, and may still have the bytes in use: they are left to the garbage collector then. */
  leave(): void {
    this.owners--;
  }
}

/** What the messages of one batch have in common. */
export class BatchState {
  /** The bytes that the views began with. */
  source: Source;
  /** What `encode` answered, as long as nothing was changed since. */
  encoded: Source | null = null;
  /** Of the items as they are now; null until somebody asks. */
  times: TimeRange | undefined | null = null;
  /** By how many bytes edits changed the size, about. */
  growth = 0;
  /** How many items more than in `source` there are. */
  itemsAdded = 0;
  /** Items dropped, by reason. */
  drops = new Map<string, number>();
  released = false;
  /** Where in the arena edited messages are; the latest chunk is the last. */
  private readonly chunks: Chunk[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  /** To be called at every edit. */
  edited(grown: number): void {
    this.growth += grown;
    this.times = null;
    if (this.encoded === null) return;
    this.encoded.leave();
    this.encoded = null;
  }

  /** To be called when a message is put into a chunk of the arena. */
  uses(chunk: Chunk): void {
    if (this.chunks.at(-1) === chunk) return;
    chunk.enter();
    this.chunks.push(chunk);
  }

  /** No message is in the arena any more. */
  leaveArena(): void {
    for (const chunk of this.chunks.splice(0)) chunk.leave();
  }

  lost(items: number, reason: string): void {
    if (items === 0) return;
    this.itemsAdded -= items;
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + items);
  }
}
