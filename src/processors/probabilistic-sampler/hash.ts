/** The hash that the sampler has always had: FNV-1a, of which 14 bits decide. */
import type { Randomness } from './threshold.ts';

/** How many different outcomes there are: a percentage has no finer steps than this. */
export const buckets = 0x4000;

/** The randomness of bytes. A lower bucket is a higher randomness, so that the decision is that of the specification. */
export function hashedRandomness(bytes: Uint8Array, seed: number): Randomness {
  const hash = fnv1a(bytes, seed);
  const bucket = hash & (buckets - 1);
  const unused = hash >>> 18;
  const mixed = unused ^ (unused << 10);
  const high = ((buckets - 1 - bucket) << 14) | (mixed >>> 14);
  const low = ((mixed & (buckets - 1)) << 14) | bucket;
  return sevenDigits(high) + sevenDigits(low);
}

function sevenDigits(value: number): string {
  return (value + 0x10000000).toString(16).slice(1);
}

function fnv1a(bytes: Uint8Array, seed: number): number {
  let hash = 0x811c9dc5;
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((seed >>> shift) & 0xff), 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
