/** Numbers of JSON to those of protobuf. */
import { at, fail, minus, passBoolean, pos, quote } from './cursor';
import { powers } from './layout';

/** A number of JSON with more digits than are exact by simple means; its text is [from, to). */
declare function parseDouble(from: usize, to: usize): f64;

/** The largest integer without its last digit, which is 5. */
const mostTenth: u64 = 1844674407370955161;

let negative: bool = false;

export function boolean(first: u32): bool {
  const isTrue = passBoolean(first);
  store<u8>(pos++, isTrue ? 1 : 0);
  return isTrue;
}

/** The magnitude of an integer, quoted or not; its sign is left in `negative`. */
export function integer(first: u32): u64 {
  const isQuoted = first === quote;
  let to = isQuoted ? at + 1 : at;
  negative = load<u8>(to) === minus;
  if (negative) to++;
  const from = to;
  let number: u64 = 0;
  let word = load<u64>(to);
  while (isDigits(word) && to - from < 16) {
    number = number * 100000000 + eightDigits(word);
    to += 8;
    word = load<u64>(to);
  }
  let byte: u32 = load<u8>(to);
  for (; byte - 48 < 10 && to - from < 20; byte = load<u8>(++to)) {
    const digit = byte - 48;
    if (to - from === 19 && (number > mostTenth || (number === mostTenth && digit > 5))) fail();
    number = number * 10 + digit;
  }
  const digits = to - from;
  if (digits === 0 || byte - 48 < 10 || byte === 46 || (byte | 32) === 101) fail();
  if (isQuoted) {
    if (byte !== quote) fail();
    to++;
  } else if (digits > 1 && load<u8>(from) === 48) fail();
  at = to;
  return number;
}

function isDigits(word: u64): bool {
  return (((word + 0x4646464646464646) | (word - 0x3030303030303030)) & 0x8080808080808080) === 0;
}

function eightDigits(word: u64): u64 {
  word -= 0x3030303030303030;
  word = word * 10 + (word >>> 8);
  return (
    ((word & 0x000000ff000000ff) * 0x000f424000000064 +
      ((word >>> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>>
    32
  );
}

export function signed32(size: u64): i64 {
  if (size > (negative ? 0x80000000 : 0x7fffffff)) fail();
  return negative ? -(size as i64) : (size as i64);
}

export function unsigned32(size: u64): i64 {
  if (size > (negative ? 0 : 0xffffffff)) fail();
  return size as i64;
}

export function signed64(size: u64): i64 {
  if (size > (negative ? 0x8000000000000000 : 0x7fffffffffffffff)) fail();
  return negative ? -(size as i64) : (size as i64);
}

export function unsigned64(size: u64): i64 {
  if (negative && size !== 0) fail();
  return size as i64;
}

export function varint(number: u64): bool {
  const isZero = number === 0;
  while (number > 127) {
    store<u8>(pos++, ((number as u32) & 127) | 128);
    number >>>= 7;
  }
  store<u8>(pos++, number as u8);
  return !isZero;
}

export function fixed64(number: u64): bool {
  store<u64>(pos, number);
  pos += 8;
  return number !== 0;
}

export function double(first: u32): bool {
  if (first === quote) at++;
  const number = decimal();
  if (first === quote) {
    if (load<u8>(at) !== quote) fail();
    at++;
  }
  store<f64>(pos, number);
  pos += 8;
  return reinterpret<u64>(number) !== 0;
}

export function decimal(): f64 {
  const begin = at;
  const isNegative = load<u8>(begin) === minus;
  const from = isNegative ? begin + 1 : begin;
  let to = from;
  let digits: u64 = 0;
  let byte: u32 = load<u8>(to);
  for (; byte - 48 < 10; byte = load<u8>(++to)) digits = digits * 10 + (byte - 48);
  const point = to;
  if (to === from) return word(isNegative);
  if (to - from > 1 && load<u8>(from) === 48) fail();
  if (byte === 46) {
    byte = load<u8>(++to);
    for (; byte - 48 < 10; byte = load<u8>(++to)) digits = digits * 10 + (byte - 48);
    if (to === point + 1) fail();
  }
  if ((byte | 32) === 101) {
    byte = load<u8>(++to);
    if (byte === 43 || byte === minus) byte = load<u8>(++to);
    const exponent = to;
    while (byte - 48 < 10) byte = load<u8>(++to);
    if (to === exponent) fail();
    at = to;
    return parseDouble(begin, to);
  }
  at = to;
  if (to - from > 15) return parseDouble(begin, to);
  // With at most 15 digits both are exact, so one division rounds correctly.
  const number =
    to === point ? (digits as f64) : (digits as f64) / load<f64>(powers + ((to - point - 1) << 3));
  return isNegative ? -number : number;
}

/** What Python and JavaScript print for what JSON has no number for. */
function word(isNegative: bool): f64 {
  if (!isNegative && load<u16>(at) === 0x614e && load<u8>(at, 2) === 78) {
    at += 3;
    return NaN;
  }
  if (isNegative) at++;
  if (load<u64>(at) !== 0x7974696e69666e49) fail();
  at += 8;
  return isNegative ? -Infinity : Infinity;
}
