/** Bytes from here to there: records are mostly short pieces, for which a call of memory.copy costs more than it copies. */
import { pos } from './cursor';
import { masks } from './layout';

/** Appends [from, to); may write up to 15 bytes more behind it. */
export function append(from: usize, to: usize): void {
  const length = to - from;
  if (length > 256) {
    memory.copy(pos, from, length);
    pos += length;
    return;
  }
  const end = pos + length;
  let out = pos;
  for (; out < end; out += 16, from += 16) v128.store(out, v128.load(from));
  pos = end;
}

/** A length, or another number below 2^28. */
export function appendLength(length: u32): void {
  while (length > 127) {
    store<u8>(pos++, ((length & 127) | 128) as u8);
    length >>>= 7;
  }
  store<u8>(pos++, length as u8);
}

/** How many bytes a length takes. */
export function widthOf(length: u32): u32 {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  return length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5;
}

export let length: u32 = 0;

/** Reads a length into `length`; answers where it ends. */
export function afterLength(at: usize): usize {
  let byte: u32 = load<u8>(at++);
  length = byte;
  if (byte < 128) return at;
  length = byte & 127;
  for (let shift: u32 = 7; byte > 127; shift += 7) {
    if (shift > 28) unreachable();
    byte = load<u8>(at++);
    length |= (byte & 127) << shift;
  }
  // More would lead around the end of the memory to its beginning.
  if (length > 0x0fffffff) unreachable();
  return at;
}

/** Where the varint at `at` ends. */
export function afterVarint(at: usize): usize {
  while (load<u8>(at++) > 127);
  return at;
}

/** Where the value of this wire type at `at` ends. */
export function afterValue(at: usize, wireType: u32): usize {
  if (wireType === 2) {
    const from = afterLength(at);
    return from + length;
  }
  if (wireType === 0) return afterVarint(at);
  if (wireType === 1) return at + 8;
  if (wireType !== 5) unreachable();
  return at + 4;
}

/** Whether [a, a + length) is what stands at `b`. May look at up to 15 bytes behind both. */
export function isSame(a: usize, b: usize, length: u32): bool {
  let rest = length;
  for (; rest > 16; rest -= 16, a += 16, b += 16)
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
  return !v128.any_true(v128.and(v128.xor(v128.load(a), v128.load(b)), v128.load(masks + 16 - rest)));
}
