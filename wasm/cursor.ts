/** Where the text is read and the message written, and the tokens of JSON that are no texts and no numbers. */
import { masks, spellingLength, spellingText } from './layout';

export const quote: u32 = 34;
export const comma: u32 = 44;
export const colon: u32 = 58;
export const minus: u32 = 45;
export const backslash: u32 = 92;

// Words, little-endian.
const nullWord: u32 = 0x6c6c756e;
const trueWord: u32 = 0x65757274;
const alseWord: u32 = 0x65736c61;

/** Where is read, and where is written. */
export let at: usize = 0;
export let pos: usize = 0;
/** Where there is no room any more: behind it only what is checked by itself is written. */
export let outEnd: usize = 0;

/** Writes from `out` on, where there is room for so many bytes. */
export function writeTo(out: usize, room: usize): void {
  pos = out;
  outEnd = out + room;
}

/** Skips white space; returns the byte there. */
export function space(): u32 {
  let byte: u32 = load<u8>(at);
  while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = load<u8>(++at);
  return byte;
}

export function next(): u32 {
  const byte: u32 = load<u8>(at);
  return byte > 32 ? byte : space();
}

export function fail(): void {
  unreachable();
}

/** Passes `bracket`; false when its closing partner follows at once, which is passed too. */
export function open(bracket: u32): bool {
  if (next() !== bracket) fail();
  at++;
  if (next() !== bracket + 2) return true;
  at++;
  return false;
}

/** Passes a comma (true) or the closing bracket (false). */
export function more(closing: u32): bool {
  const byte = next();
  if (byte !== comma && byte !== closing) fail();
  at++;
  return byte === comma;
}

export function isText(spelling: usize): bool {
  const length = load<u32>(spelling, spellingLength);
  let differs: v128;
  if (length <= 16)
    differs = v128.and(
      v128.xor(v128.load(at), v128.load(spelling, spellingText)),
      v128.load(masks + 16 - length),
    );
  else {
    differs = v128.xor(v128.load(at), v128.load(spelling, spellingText));
    if (length <= 32)
      differs = v128.or(
        differs,
        v128.and(
          v128.xor(v128.load(at, 16), v128.load(spelling, spellingText + 16)),
          v128.load(masks + 32 - length),
        ),
      );
    else
      differs = v128.or(
        v128.or(differs, v128.xor(v128.load(at, 16), v128.load(spelling, spellingText + 16))),
        v128.and(
          v128.xor(v128.load(at, 32), v128.load(spelling, spellingText + 32)),
          v128.load(masks + 48 - length),
        ),
      );
  }
  if (v128.any_true(differs)) return false;
  at += length;
  return true;
}

/** Passes a string, of which the quote stands at `at`; true if there was no escape in it. */
export function skipString(): bool {
  let from = at + 1;
  let isPlain = true;
  for (;;) {
    const byte: u32 = load<u8>(from);
    if (byte === quote) break;
    if (byte < 32) fail();
    if (byte === backslash) {
      isPlain = false;
      from++;
      if (load<u8>(from) === 0) fail();
    }
    from++;
  }
  at = from + 1;
  return isPlain;
}

export function passNull(): void {
  if (load<u32>(at) !== nullWord) fail();
  at += 4;
}

export function passBoolean(first: u32): bool {
  if (first === 116) {
    if (load<u32>(at) !== trueWord) fail();
    at += 4;
    return true;
  }
  if (first !== 102 || load<u32>(at, 1) !== alseWord) fail();
  at += 5;
  return false;
}

export function tag(value: u32): void {
  if (value > 127) {
    store<u8>(pos++, (value & 127) | 128);
    value >>>= 7;
  }
  store<u8>(pos++, value);
}

/** Fills in the length for which `width` bytes were left at `mark`. */
export function patch(mark: usize, width: usize): void {
  const length = pos - mark - width;
  if (length < 128 && width === 1) store<u8>(mark, length as u8);
  else patchLong(mark, width, length);
}

export function patchLong(mark: usize, width: usize, length: usize): void {
  let needed: usize = 1;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) needed++;
  if (needed !== width) {
    memory.copy(mark + needed, mark + width, length);
    pos += needed - width;
  }
  for (; length > 127; length >>>= 7) store<u8>(mark++, ((length & 127) | 128) as u8);
  store<u8>(mark, length as u8);
}
