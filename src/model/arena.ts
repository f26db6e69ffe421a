import type { Bytes } from '../wire/bytes.ts';
import { acquire, release } from '../wire/pool.ts';

const chunkSize = 1 << 18;

/** A piece of the arena. It goes back to the pool when all batches with messages in it are released. */
export class Chunk {
  readonly buf: Bytes;
  /** The batches with messages in it, and the arena while it appends there. */
  private users = 1;

  constructor(size: number) {
    this.buf = acquire(size);
  }

  enter(): void {
    this.users++;
  }

  leave(): void {
    if (--this.users === 0) release(this.buf);
  }
}

/**
 * Where edited messages live, of all batches. Bytes are only appended, so the older version of a message stays
 * readable for views of its parts. Of a batch that nobody releases, the garbage collector takes the chunks.
 */
export const arena = {
  chunk: new Chunk(chunkSize),
  pos: 0,

  /** Makes room for `size` bytes at `pos`. */
  reserve(size: number): void {
    if (this.pos + size <= this.chunk.buf.length) return;
    this.chunk.leave();
    this.chunk = new Chunk(Math.max(chunkSize, size * 2));
    this.pos = 0;
  },
};
