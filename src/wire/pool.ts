import type { Bytes } from './bytes.ts';

/** Smaller buffers are not worth keeping. */
const smallest = 1 << 16;
const most = 64 << 20;

/** Buffers for reuse, the one given back last at the end. */
const free: Bytes[] = [];
let held = 0;

/**
 * A buffer of at least `size` bytes with anything in it. One from the pool is at most twice as large as asked for;
 * it need not be given back, the garbage collector takes it then.
 */
export function acquire(size: number): Bytes {
  if (size < smallest) return Buffer.allocUnsafeSlow(size) as Bytes;
  for (let i = free.length - 1; i >= 0; i--) {
    const buffer = free[i]!;
    if (buffer.length < size || buffer.length > size * 2) continue;
    free.splice(i, 1);
    held -= buffer.length;
    return buffer;
  }
  return Buffer.allocUnsafeSlow(Math.ceil(size / smallest) * smallest) as Bytes;
}

/**
 * Gives a whole buffer back; its bytes may be overwritten from now on. When 64 MiB are held, the buffer is left to
 * the garbage collector. Giving back what is in the pool already throws: two owners would get the same memory.
 */
export function release(buffer: Bytes): void {
  if (free.includes(buffer)) throw new Error('a buffer was given back to the pool twice');
  const isWhole = buffer.byteOffset === 0 && buffer.length === buffer.buffer.byteLength;
  if (!isWhole || buffer.length < smallest || held + buffer.length > most) return;
  free.push(buffer);
  held += buffer.length;
}
