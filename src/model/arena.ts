import type { Bytes } from '../wire/bytes.ts';

const chunkSize = 1 << 18;

/**
 * Where edited messages live, of all batches. Bytes are only appended, so the older version of a message stays
 * readable for views of its parts; the garbage collector takes a chunk when no view is on it.
 */
export const arena = {
  buf: Buffer.allocUnsafeSlow(chunkSize) as Bytes,
  pos: 0,

  /** Makes room for `size` bytes at `pos`. */
  reserve(size: number): void {
    if (this.pos + size <= this.buf.length) return;
    this.buf = Buffer.allocUnsafeSlow(Math.max(chunkSize, size * 2)) as Bytes;
    this.pos = 0;
  },
};
