/** SHA-256 (FIPS 180-4). */

import { hashConstants, hashWords } from './layout';

/** Writes the hash of [from, to) in lower-case hex to `out`, 64 letters; `scratch` is room for the last two blocks. */
export function hash(from: usize, to: usize, out: usize, scratch: usize): void {
  h0 = 0x6a09e667;
  h1 = 0xbb67ae85;
  h2 = 0x3c6ef372;
  h3 = 0xa54ff53a;
  h4 = 0x510e527f;
  h5 = 0x9b05688c;
  h6 = 0x1f83d9ab;
  h7 = 0x5be0cd19;
  const size = to - from;
  for (; to - from >= 64; from += 64) block(from);
  const rest = to - from;
  const padded: usize = rest < 56 ? 64 : 128;
  for (let i: usize = 0; i < 128; i += 16) v128.store(scratch + i, i64x2.splat(0));
  for (let i: usize = 0; i < rest; i++) store<u8>(scratch + i, load<u8>(from + i));
  store<u8>(scratch + rest, 0x80);
  store<u64>(scratch + padded - 8, bswap<u64>((size as u64) << 3));
  block(scratch);
  if (padded > 64) block(scratch + 64);
  words(out, h0, h1);
  words(out + 16, h2, h3);
  words(out + 32, h4, h5);
  words(out + 48, h6, h7);
}

let h0: u32 = 0;
let h1: u32 = 0;
let h2: u32 = 0;
let h3: u32 = 0;
let h4: u32 = 0;
let h5: u32 = 0;
let h6: u32 = 0;
let h7: u32 = 0;

/** Sixteen hex digits. */
function words(out: usize, first: u32, second: u32): void {
  const bytes = ((bswap<u32>(second) as u64) << 32) | (bswap<u32>(first) as u64);
  const pairs = i16x8.extend_low_i8x16_u(i64x2.splat(bytes as i64));
  const nibbles = v128.or(v128.and(i16x8.shl(pairs, 8), i16x8.splat(0x0f00)), i16x8.shr_u(pairs, 4));
  const isLetter = i8x16.gt_u(nibbles, i8x16.splat(9));
  v128.store(out, i8x16.add(nibbles, i8x16.add(i8x16.splat(48), v128.and(isLetter, i8x16.splat(39)))));
}

function block(from: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(hashWords + i, bswap<u32>(load<u32>(from + i)));
  for (let i: usize = 64; i < 256; i += 4) {
    const at = hashWords + i;
    const early = load<u32>(at - 60);
    const late = load<u32>(at - 8);
    const low = rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >>> 3);
    const high = rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >>> 10);
    store<u32>(at, load<u32>(at - 64) + low + load<u32>(at - 28) + high);
  }
  let a = h0;
  let b = h1;
  let c = h2;
  let d = h3;
  let e = h4;
  let f = h5;
  let g = h6;
  let h = h7;
  // Instead of moving each variable one further, eight rounds are written out.
  for (let i: usize = 0; i < 256; i += 32) {
    h += late(e, f, g, i);
    d += h;
    h += early(a, b, c);
    g += late(d, e, f, i + 4);
    c += g;
    g += early(h, a, b);
    f += late(c, d, e, i + 8);
    b += f;
    f += early(g, h, a);
    e += late(b, c, d, i + 12);
    a += e;
    e += early(f, g, h);
    d += late(a, b, c, i + 16);
    h += d;
    d += early(e, f, g);
    c += late(h, a, b, i + 20);
    g += c;
    c += early(d, e, f);
    b += late(g, h, a, i + 24);
    f += b;
    b += early(c, d, e);
    a += late(f, g, h, i + 28);
    e += a;
    a += early(b, c, d);
  }
  h0 += a;
  h1 += b;
  h2 += c;
  h3 += d;
  h4 += e;
  h5 += f;
  h6 += g;
  h7 += h;
}

function late(e: u32, f: u32, g: u32, at: usize): u32 {
  const mixed = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
  return mixed + (g ^ (e & (f ^ g))) + load<u32>(hashConstants + at) + load<u32>(hashWords + at);
}

function early(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
}
