/** Texts, bytes and ids of JSON to those of protobuf, and the names of enums. */
import { at, backslash, fail, isText, patch, patchLong, pos, quote } from './cursor';
import { spellingField, spellingNext } from './layout';

/** Ids that were in base64. */
export let base64Ids: u32 = 0;

/** Copies a string, of which the quote stands at `at`, with its length. */
export function string(): bool {
  if (load<u8>(at) !== quote) fail();
  const mark = pos;
  let from = at + 1;
  let to = mark + 1;
  let high: i32 = 0;
  for (;;) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      ),
    );
    if (stops === 0) {
      high |= i8x16.bitmask(bytes);
      from += 16;
      to += 16;
      continue;
    }
    const plain = ctz(stops);
    high |= i8x16.bitmask(bytes) & ((1 << plain) - 1);
    from += plain;
    to += plain;
    const byte: u32 = load<u8>(from);
    if (byte === quote) break;
    if (byte !== backslash) fail();
    const letter: u32 = load<u8>(from, 1);
    if (letter === 117) {
      from = codePoint(from, to);
      to = pos;
      high = 1;
    } else {
      store<u8>(to++, escape(letter));
      from += 2;
    }
  }
  at = from + 1;
  pos = to;
  const length = to - mark - 1;
  if (high !== 0 && !isUtf8(mark + 1, to)) fail();
  if (length < 128) store<u8>(mark, length as u8);
  else patchLong(mark, 1, length);
  return length > 0;
}

function escape(letter: u32): u8 {
  switch (letter) {
    case 110:
      return 10;
    case 116:
      return 9;
    case 114:
      return 13;
    case 98:
      return 8;
    case 102:
      return 12;
    case 34:
    case 92:
    case 47:
      return letter as u8;
    default:
      fail();
      return 0;
  }
}

/** Passes \uXXXX at `from`, and the other half of a pair if it follows; writes it to `to`, and leaves its end in `pos`. */
function codePoint(from: usize, to: usize): usize {
  let code = hex4(from + 2);
  if (code < 0) fail();
  from += 6;
  if (code >= 0xd800 && code < 0xdc00 && load<u16>(from) === 0x755c) {
    const low = hex4(from + 2);
    if (low >= 0xdc00 && low < 0xe000) {
      from += 6;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
  if (code < 0x80) store<u8>(to++, code as u8);
  else {
    if (code < 0x800) store<u8>(to++, (0xc0 | (code >> 6)) as u8);
    else {
      if (code < 0x10000) store<u8>(to++, (0xe0 | (code >> 12)) as u8);
      else {
        store<u8>(to++, (0xf0 | (code >> 18)) as u8);
        store<u8>(to++, (0x80 | ((code >> 12) & 63)) as u8);
      }
      store<u8>(to++, (0x80 | ((code >> 6) & 63)) as u8);
    }
    store<u8>(to++, (0x80 | (code & 63)) as u8);
  }
  pos = to;
  return from;
}

function hex4(from: usize): i32 {
  let code: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte: i32 = load<u8>(from + i);
    const letter = byte | 32;
    if (byte >= 48 && byte <= 57) code = code * 16 + byte - 48;
    else if (letter >= 97 && letter <= 102) code = code * 16 + letter - 87;
    else return -1;
  }
  return code;
}

export function isUtf8(from: usize, end: usize): bool {
  while (from + 16 <= end && !v128.any_true(v128.and(v128.load(from), i8x16.splat(-128)))) from += 16;
  while (from < end) {
    const first: u32 = load<u8>(from++);
    if (first < 0x80) continue;
    const length: usize = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0xc2 || first > 0xf4 || from + length > end) return false;
    const second: u32 = load<u8>(from);
    const low: u32 = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high: u32 = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i: usize = 1; i < length; i++) if ((load<u8>(from + i) & 0xc0) !== 0x80) return false;
    from += length;
  }
  return true;
}

/** An id in hex, or an empty one. */
export function id(size: u32): bool {
  if (load<u8>(at) !== quote) fail();
  if (load<u8>(at, 1) === quote) {
    at += 2;
    store<u8>(pos++, 0);
    return false;
  }
  let from = at + 1;
  let to = pos + 1;
  for (const end = to + size; to < end; to += 8) {
    const text = v128.load(from);
    const lower = v128.or(text, i8x16.splat(32));
    const isDigit = i8x16.lt_u(i8x16.sub(text, i8x16.splat(48)), i8x16.splat(10));
    const isLetter = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(97)), i8x16.splat(6));
    if (!i8x16.all_true(v128.or(isDigit, isLetter))) return base64Id(size);
    const nibbles = i8x16.add(v128.and(text, i8x16.splat(15)), v128.and(isLetter, i8x16.splat(9)));
    const pairs = v128.and(v128.or(i16x8.shl(nibbles, 4), i16x8.shr_u(nibbles, 8)), i16x8.splat(255));
    store<u64>(to, i64x2.extract_lane(i8x16.narrow_i16x8_u(pairs, pairs), 0));
    from += 16;
  }
  if (load<u8>(from) !== quote) return base64Id(size);
  store<u8>(pos, size as u8);
  at = from + 1;
  pos = to;
  return true;
}

function base64Id(size: u32): bool {
  const mark = pos;
  base64();
  if (pos - mark - 1 !== size) fail();
  base64Ids++;
  return true;
}

/** Bytes in base64, in the usual alphabet or that of URLs, padded or not. */
export function base64(): bool {
  if (load<u8>(at) !== quote) fail();
  const from = at + 1;
  const mark = pos;
  let to = from;
  let bits: u32 = 0;
  let count: u32 = 0;
  let out = mark + 1;
  for (let digit = base64Digit(load<u8>(to)); digit < 64; digit = base64Digit(load<u8>(++to))) {
    bits = (bits << 6) | digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    store<u8>(out++, (bits >>> count) as u8);
  }
  const digits = to - from;
  let pads: usize = 0;
  while (pads < 2 && load<u8>(to) === 61) {
    to++;
    pads++;
  }
  if (load<u8>(to) !== quote || digits % 4 === 1 || (pads > 0 && (digits + pads) % 4 !== 0)) fail();
  at = to + 1;
  pos = out;
  patch(mark, 1);
  return out > mark + 1;
}

function base64Digit(letter: u32): u32 {
  if (letter - 65 < 26) return letter - 65;
  if (letter - 97 < 26) return letter - 71;
  if (letter - 48 < 10) return letter + 4;
  if (letter === 43 || letter === 45) return 62;
  return letter === 47 || letter === 95 ? 63 : 64;
}

export function name(entry: usize): bool {
  for (; entry !== 0; entry = load<u32>(entry, spellingNext)) {
    if (!isText(entry)) continue;
    const number = load<u32>(entry, spellingField);
    store<u8>(pos++, number as u8);
    return number !== 0;
  }
  fail();
  return false;
}
