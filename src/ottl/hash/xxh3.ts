/**
 * XXH3 by Yann Collet with the default secret and seed 0, in its 64-bit and 128-bit variants:
 * https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

const prime32a = 0x9e3779b1n;
const prime32b = 0x85ebca77n;
const prime32c = 0xc2b2ae3dn;
const prime64a = 0x9e3779b185ebca87n;
const prime64b = 0xc2b2ae3d27d4eb4fn;
const prime64c = 0x165667b19e3779f9n;
const prime64d = 0x85ebca77c2b2ae63n;
const prime64e = 0x27d4eb2f165667c5n;
const mixA = 0x165667919e3779f9n;
const mixB = 0x9fb21c651e98df25n;

const secret = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8' +
    'fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);

type Pair = readonly [low: bigint, high: bigint];

export function xxh3Hash64(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length <= 16) return short64(bytes);
  if (length <= 128) return avalanche(middle64(bytes));
  if (length <= 240) return longMiddle64(bytes);
  return merged(accumulate(bytes), 11, u64(BigInt(length) * prime64a));
}

/** The two halves, the low one first. */
export function xxh3Hash128(bytes: Buffer): Pair {
  const { length } = bytes;
  if (length <= 16) return short128(bytes);
  if (length <= 128) return middle128(bytes);
  if (length <= 240) return longMiddle128(bytes);
  const lanes = accumulate(bytes);
  const size = BigInt(length);
  return [
    merged(lanes, 11, u64(size * prime64a)),
    merged(lanes, secret.length - 64 - 11, u64(~u64(size * prime64b))),
  ];
}

function short64(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length > 8) {
    const low = word(bytes, 0) ^ word(secret, 24) ^ word(secret, 32);
    const high = word(bytes, length - 8) ^ word(secret, 40) ^ word(secret, 48);
    return avalanche(u64(BigInt(length) + swapped64(low) + high + folded(low, high)));
  }
  if (length >= 4) {
    const value = u64(half(bytes, length - 4) + (half(bytes, 0) << 32n));
    return strongAvalanche(value ^ word(secret, 8) ^ word(secret, 16), BigInt(length));
  }
  if (length > 0) {
    return hashAvalanche(u64(packed(bytes) ^ half(secret, 0) ^ half(secret, 4)));
  }
  return hashAvalanche(word(secret, 56) ^ word(secret, 64));
}

/** One to three bytes and their number in 32 bits. */
function packed(bytes: Buffer): bigint {
  const { length } = bytes;
  const [first = 0, middle = 0, last = 0] = [bytes[0], bytes[length >> 1], bytes[length - 1]];
  return BigInt(((first << 16) | (middle << 24) | last | (length << 8)) >>> 0);
}

function short128(bytes: Buffer): Pair {
  const { length } = bytes;
  if (length > 8) return nineToSixteen128(bytes);
  if (length >= 4) return fourToEight128(bytes);
  if (length > 0) {
    const low = packed(bytes);
    const high = rotated32(swapped32(low), 13n);
    return [
      hashAvalanche(low ^ half(secret, 0) ^ half(secret, 4)),
      hashAvalanche(high ^ half(secret, 8) ^ half(secret, 12)),
    ];
  }
  return [
    hashAvalanche(word(secret, 64) ^ word(secret, 72)),
    hashAvalanche(word(secret, 80) ^ word(secret, 88)),
  ];
}

function fourToEight128(bytes: Buffer): Pair {
  const length = BigInt(bytes.length);
  const value = u64(half(bytes, 0) + (half(bytes, bytes.length - 4) << 32n));
  const keyed = value ^ word(secret, 16) ^ word(secret, 24);
  let [low, high] = product(keyed, u64(prime64a + (length << 2n)));
  high = u64(high + (low << 1n));
  low ^= high >> 3n;
  low = u64((low ^ (low >> 35n)) * mixB);
  low ^= low >> 28n;
  return [low, avalanche(high)];
}

function nineToSixteen128(bytes: Buffer): Pair {
  const length = BigInt(bytes.length);
  const inputLow = word(bytes, 0);
  let inputHigh = word(bytes, bytes.length - 8);
  const keyed = inputLow ^ inputHigh ^ word(secret, 32) ^ word(secret, 40);
  let [low, high] = product(keyed, prime64a);
  low = u64(low + ((length - 1n) << 54n));
  inputHigh ^= word(secret, 48) ^ word(secret, 56);
  high = u64(high + inputHigh + (inputHigh & 0xffff_ffffn) * (prime32b - 1n));
  low ^= swapped64(high);
  const [mixedLow, mixedHigh] = product(low, prime64b);
  return [avalanche(mixedLow), avalanche(u64(mixedHigh + high * prime64b))];
}

function middle64(bytes: Buffer): bigint {
  const { length } = bytes;
  let sum = u64(BigInt(length) * prime64a);
  for (let i = Math.floor((length - 1) / 32); i >= 0; i--) {
    sum += mixed16(bytes, i * 16, i * 32);
    sum += mixed16(bytes, length - (i + 1) * 16, i * 32 + 16);
  }
  return u64(sum);
}

function longMiddle64(bytes: Buffer): bigint {
  const { length } = bytes;
  const rounds = Math.floor(length / 16);
  let sum = u64(BigInt(length) * prime64a);
  for (let i = 0; i < 8; i++) sum += mixed16(bytes, i * 16, i * 16);
  sum = avalanche(u64(sum));
  for (let i = 8; i < rounds; i++) sum += mixed16(bytes, i * 16, (i - 8) * 16 + 3);
  sum += mixed16(bytes, length - 16, 136 - 17);
  return avalanche(u64(sum));
}

function middle128(bytes: Buffer): Pair {
  const { length } = bytes;
  let sums: Pair = [u64(BigInt(length) * prime64a), 0n];
  for (let i = Math.floor((length - 1) / 32); i >= 0; i--)
    sums = mixed32(sums, bytes, [i * 16, length - (i + 1) * 16], i * 32);
  return finished128(sums, length);
}

function longMiddle128(bytes: Buffer): Pair {
  const { length } = bytes;
  const rounds = Math.floor(length / 32);
  let sums: Pair = [u64(BigInt(length) * prime64a), 0n];
  for (let i = 0; i < 4; i++) sums = mixed32(sums, bytes, [i * 32, i * 32 + 16], i * 32);
  sums = [avalanche(sums[0]), avalanche(sums[1])];
  for (let i = 4; i < rounds; i++) sums = mixed32(sums, bytes, [i * 32, i * 32 + 16], (i - 4) * 32 + 3);
  sums = mixed32(sums, bytes, [length - 16, length - 32], 136 - 17 - 16);
  return finished128(sums, length);
}

function finished128([low, high]: Pair, length: number): Pair {
  const sum = u64(low * prime64a + high * prime64d + BigInt(length) * prime64b);
  return [avalanche(u64(low + high)), u64(-avalanche(sum))];
}

function mixed16(bytes: Buffer, at: number, key: number): bigint {
  return folded(word(bytes, at) ^ word(secret, key), word(bytes, at + 8) ^ word(secret, key + 8));
}

function mixed32([low, high]: Pair, bytes: Buffer, [first, second]: [number, number], key: number): Pair {
  const nextLow = u64(low + mixed16(bytes, first, key));
  const nextHigh = u64(high + mixed16(bytes, second, key + 16));
  return [
    nextLow ^ u64(word(bytes, second) + word(bytes, second + 8)),
    nextHigh ^ u64(word(bytes, first) + word(bytes, first + 8)),
  ];
}

const stripe = 64;
const stripesPerBlock = (secret.length - stripe) / 8;

/** More than 240 bytes: eight lanes take stripes of 64 bytes, and are scrambled after each block of stripes. */
function accumulate(bytes: Buffer): BigUint64Array {
  const lanes = BigUint64Array.of(
    prime32c,
    prime64a,
    prime64b,
    prime64c,
    prime64d,
    prime32b,
    prime64e,
    prime32a,
  );
  const stripes = Math.floor((bytes.length - 1) / stripe);
  for (let i = 0; i < stripes; i++) {
    const inBlock = i % stripesPerBlock;
    addStripe(lanes, bytes, i * stripe, inBlock * 8);
    if (inBlock === stripesPerBlock - 1) scramble(lanes);
  }
  addStripe(lanes, bytes, bytes.length - stripe, secret.length - stripe - 7);
  return lanes;
}

function addStripe(lanes: BigUint64Array, bytes: Buffer, at: number, key: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = word(bytes, at + lane * 8);
    const keyed = value ^ word(secret, key + lane * 8);
    lanes[lane ^ 1] = (lanes[lane ^ 1] ?? 0n) + value;
    lanes[lane] = (lanes[lane] ?? 0n) + (keyed & 0xffff_ffffn) * (keyed >> 32n);
  }
}

function scramble(lanes: BigUint64Array): void {
  const key = secret.length - stripe;
  for (const [lane, value] of lanes.entries())
    lanes[lane] = (value ^ (value >> 47n) ^ word(secret, key + lane * 8)) * prime32a;
}

function merged(lanes: BigUint64Array, key: number, start: bigint): bigint {
  let sum = start;
  for (let lane = 0; lane < 8; lane += 2) {
    const left = (lanes[lane] ?? 0n) ^ word(secret, key + lane * 8);
    const right = (lanes[lane + 1] ?? 0n) ^ word(secret, key + lane * 8 + 8);
    sum += folded(left, right);
  }
  return avalanche(u64(sum));
}

function avalanche(value: bigint): bigint {
  const mix = u64((value ^ (value >> 37n)) * mixA);
  return mix ^ (mix >> 32n);
}

function hashAvalanche(value: bigint): bigint {
  let mix = u64((value ^ (value >> 33n)) * prime64b);
  mix = u64((mix ^ (mix >> 29n)) * prime64c);
  return mix ^ (mix >> 32n);
}

function strongAvalanche(value: bigint, length: bigint): bigint {
  let mix = value ^ rotated64(value, 49n) ^ rotated64(value, 24n);
  mix = u64(mix * mixB);
  mix ^= u64((mix >> 35n) + length);
  mix = u64(mix * mixB);
  return mix ^ (mix >> 28n);
}

function folded(a: bigint, b: bigint): bigint {
  const [low, high] = product(a, b);
  return low ^ high;
}

function product(a: bigint, b: bigint): Pair {
  const whole = a * b;
  return [u64(whole), whole >> 64n];
}

function word(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at);
}

function half(bytes: Buffer, at: number): bigint {
  return BigInt(bytes.readUInt32LE(at));
}

function swapped64(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

function swapped32(value: bigint): bigint {
  return swapped64(value) >> 32n;
}

function rotated64(value: bigint, by: bigint): bigint {
  return u64(value << by) | (value >> (64n - by));
}

function rotated32(value: bigint, by: bigint): bigint {
  return BigInt.asUintN(32, value << by) | (value >> (32n - by));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
