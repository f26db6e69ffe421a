/** MurmurHash3 by Austin Appleby (public domain), seed 0: https://github.com/aappleby/smhasher */

const c1 = 0xcc9e2d51;
const c2 = 0x1b873593;

/** The 32-bit variant. */
export function murmur32(bytes: Buffer): number {
  let hash = 0;
  const blocks = bytes.length - (bytes.length % 4);
  for (let at = 0; at < blocks; at += 4) {
    hash ^= scrambled32(bytes.readUInt32LE(at));
    hash = (Math.imul(rotated32(hash, 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  hash ^= scrambled32(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled32(block: number): number {
  return Math.imul(rotated32(Math.imul(block, c1), 15), c2);
}

function rotated32(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

const d1 = 0x87c37b91114253d5n;
const d2 = 0x4cf5ad432745937fn;

/** The 128-bit variant for 64-bit machines, as its two halves. */
export function murmur128(bytes: Buffer): readonly [bigint, bigint] {
  let [a, b] = [0n, 0n];
  const blocks = bytes.length - (bytes.length % 16);
  for (let at = 0; at < blocks; at += 16) {
    a ^= scrambled(bytes.readBigUInt64LE(at), d1, d2, 31n);
    a = u64((rotated(a, 27n) + b) * 5n + 0x52dce729n);
    b ^= scrambled(bytes.readBigUInt64LE(at + 8), d2, d1, 33n);
    b = u64((rotated(b, 31n) + a) * 5n + 0x38495ab5n);
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, blocks);
  b ^= scrambled(tail.readBigUInt64LE(8), d2, d1, 33n);
  a ^= scrambled(tail.readBigUInt64LE(0), d1, d2, 31n);
  const length = BigInt(bytes.length);
  a ^= length;
  b ^= length;
  a = u64(a + b);
  b = u64(b + a);
  a = mixed(a);
  b = mixed(b);
  a = u64(a + b);
  return [a, u64(b + a)];
}

function scrambled(block: bigint, first: bigint, second: bigint, by: bigint): bigint {
  return u64(rotated(u64(block * first), by) * second);
}

function mixed(value: bigint): bigint {
  let mix = value;
  mix = u64((mix ^ (mix >> 33n)) * 0xff51afd7ed558ccdn);
  mix = u64((mix ^ (mix >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return mix ^ (mix >> 33n);
}

function rotated(value: bigint, by: bigint): bigint {
  return u64(value << by) | (value >> (64n - by));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
