/**
 * New ids for old ones without a table: each id goes through a permutation that the seed chooses. Two ids never
 * become one, and the same id becomes the same new one wherever it stands: in a span, a parent, a link or a log.
 * The ciphers serve as permutations; nothing is kept secret by them.
 */
import { createCipheriv, createHash, type Cipheriv } from 'node:crypto';
import { isTraceId, spanIdDigits } from '../../model/ids.ts';

export class NewIds {
  private readonly blocks: Cipheriv;
  private readonly spanKeys: Int32Array;
  private lastTraceId = '';
  private lastNewTraceId = '';

  /** The same seed maps the same ids to the same ids, in every run and pipeline. */
  constructor(seed: string) {
    const key = createHash('sha256').update(`respool ids ${seed}`).digest();
    this.blocks = createCipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
    this.spanKeys = roundKeys(key.subarray(16));
  }

  /** What is not a valid id, none included, stays what it is. */
  traceId(id: string): string {
    if (id === this.lastTraceId) return this.lastNewTraceId;
    if (!isTraceId(id)) return id;
    let mapped = id;
    do mapped = this.blocks.update(mapped, 'hex', 'hex');
    while (!isTraceId(mapped));
    this.lastTraceId = id;
    this.lastNewTraceId = mapped;
    return mapped;
  }

  spanId(id: string): string {
    if (id.length !== spanIdDigits) return id;
    const { spanKeys } = this;
    let left = Number.parseInt(id.slice(0, 8), 16) | 0;
    let right = Number.parseInt(id.slice(8), 16) | 0;
    if (left === 0 && right === 0) return id;
    do {
      // XTEA: a permutation of 64 bits.
      for (let i = 0; i < 2 * cycles; i += 2) {
        left = (left + (mix(right) ^ (spanKeys[i] ?? 0))) | 0;
        right = (right + (mix(left) ^ (spanKeys[i + 1] ?? 0))) | 0;
      }
    } while (left === 0 && right === 0);
    return hex32(left) + hex32(right);
  }
}

const cycles = 32;

/** For each half of each cycle the sum of a counter and a word of the key. */
function roundKeys(key: Buffer): Int32Array {
  const words = [key.readUInt32BE(0), key.readUInt32BE(4), key.readUInt32BE(8), key.readUInt32BE(12)];
  const keys = new Int32Array(2 * cycles);
  let sum = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    keys[2 * cycle] = sum + (words[sum & 3] ?? 0);
    sum = (sum + 0x9e3779b9) >>> 0;
    keys[2 * cycle + 1] = sum + (words[(sum >>> 11) & 3] ?? 0);
  }
  return keys;
}

function mix(half: number): number {
  return (((half << 4) ^ (half >>> 5)) + half) | 0;
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
