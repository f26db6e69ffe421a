/** Regexes as tables of states, which src/model/regex-table.ts makes and describes. */
import { append } from './copy';
import { pos } from './cursor';
import { mostWritten } from './host';
import { isUtf8 } from './texts';

const classes: usize = 0;
const rows: usize = 256;
const always: usize = 0;
const atEnd: usize = 4;
const leaving: usize = 8;
const next: usize = 16;
const tellsLeaving: u32 = 0x8000;
const inDoubt: u32 = 1;

export const isAbsent: u32 = 0;
export const isThere: u32 = 1;
/** Somebody else has to look: a character must be decoded for it, or the text is no UTF-8. */
export const isUnclear: u32 = 2;

/** Slots of the groups, each with where it starts and ends; those of the match that was found; and where that ends. */
export const slotsBytes: u32 = 144;
const mostGroups: usize = 8;
const foundSlots: usize = 64;
const foundEnd: usize = 128;

/** The bytes that were read, joined: above 127 where one of them was. */
let read: u32 = 0;

/** Looks for what the table is for in [from, to). `slots` is 0, or has room for slots: tables of tests need none. */
export function look(table: usize, from: usize, to: usize, slots: usize): u32 {
  let row = table + rows;
  let found = isAbsent;
  read = 0;
  if (slots !== 0) memory.fill(slots, 0, slotsBytes);
  for (let at = from; ; at++) {
    const matches: u32 = load<u32>(row, always);
    if (at === to) {
      const matchesHere: u32 = load<u32>(row, atEnd);
      if ((matchesHere | matches) !== 0) found = keep(matchesHere !== 0 ? matchesHere : matches, at, slots);
      break;
    }
    if (matches !== 0) found = keep(matches, at, slots);
    const byte: u32 = load<u8>(at);
    const step: u32 = load<u32>(row + ((load<u8>(table + byte, classes) as usize) << 2), next);
    read |= byte;
    if (step === 0) break;
    if (step === inDoubt) return isUnclear;
    if (step > 0xffff) save(step >>> 16, at, slots);
    row = table + (((step & 0x7fff) as usize) << 2);
    if ((step & tellsLeaving) !== 0) at = whereLeft(row, at + 1, to) - 1;
  }
  return read > 127 && !isUtf8(from, to) ? isUnclear : found;
}

/** Where from `at` on the first byte is that leaves the state of the row, or `to`. */
function whereLeft(row: usize, at: usize, to: usize): usize {
  const first = v128.load8_splat(row, leaving);
  const firstSpan = v128.load8_splat(row, leaving + 1);
  const second = v128.load8_splat(row, leaving + 2);
  const secondSpan = v128.load8_splat(row, leaving + 3);
  const third = v128.load8_splat(row, leaving + 4);
  const thirdSpan = v128.load8_splat(row, leaving + 5);
  const fourth = v128.load8_splat(row, leaving + 6);
  const fourthSpan = v128.load8_splat(row, leaving + 7);
  for (; at < to; at += 16) {
    const bytes = v128.load(at);
    const leaves = i8x16.bitmask(
      v128.or(
        v128.or(
          i8x16.le_u(i8x16.sub(bytes, first), firstSpan),
          i8x16.le_u(i8x16.sub(bytes, second), secondSpan),
        ),
        v128.or(
          i8x16.le_u(i8x16.sub(bytes, third), thirdSpan),
          i8x16.le_u(i8x16.sub(bytes, fourth), fourthSpan),
        ),
      ),
    );
    // Behind the end too, which does no harm.
    if (i8x16.bitmask(bytes) !== 0) read |= 128;
    if (leaves === 0) continue;
    at += ctz(leaves);
    break;
  }
  return at < to ? at : to;
}

function save(which: u32, at: usize, slots: usize): void {
  for (let rest = which; rest !== 0; rest &= rest - 1)
    store<u32>(slots + ((ctz(rest) as usize) << 2), at as u32);
}

/** The match that is known ends here, with the groups as they are now. */
function keep(how: u32, at: usize, slots: usize): u32 {
  if (slots === 0) return isThere;
  memory.copy(slots + foundSlots, slots, foundSlots);
  if (how > 0xffff) save(how >>> 16, at, slots + foundSlots);
  store<u32>(slots, at as u32, foundEnd);
  return isThere;
}

/**
 * Appends [from, to) with the parts in the place of the match. Answers false where it is no UTF-8, or longer than what the
 * host writes.
 */
export function expand(parts: usize, from: usize, to: usize, slots: usize): bool {
  if (!isUtf8(from, to)) return false;
  const most = pos + mostWritten;
  const behind: usize = load<u32>(slots, foundEnd);
  const end = parts + 4 + ((load<u32>(parts) as usize) << 3);
  for (let part = parts + 4; part < end; part += 8) if (!appendPart(part, from, slots, most)) return false;
  if (pos + (to - behind) > most) return false;
  append(behind, to);
  return true;
}

/** False where it ends behind `most`. */
function appendPart(part: usize, match: usize, slots: usize, most: usize): bool {
  let from: usize = load<u32>(part);
  let to: usize = load<u32>(part, 4);
  if (from === 0) {
    from = match;
    to = load<u32>(slots, foundEnd);
  } else if (from <= mostGroups) {
    const slot = slots + foundSlots + ((from - 1) << 3);
    from = load<u32>(slot);
    to = load<u32>(slot, 4);
  }
  if (pos + (to - from) > most) return false;
  append(from, to);
  return true;
}
