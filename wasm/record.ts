/** A record in its parts: attributes and the fields that a program looks at. Values of parts are contents of AnyValues. */
import { afterLength, afterValue, afterVarint, append, appendLength, isSame, length, widthOf } from './copy';
import { pos, tag } from './cursor';
import { keyOf, program } from './keys';
import {
  asItWas,
  changed,
  deleted,
  keyLength,
  keyPart,
  keySerial,
  keyText,
  mostParts,
  partBytes,
  partFrom,
  partKey,
  partState,
  partTo,
  partValue,
  partValueEnd,
  programLengths,
  programSlotTags,
  programTags,
  recordChanged,
  recordCount,
  recordEnd,
  recordOffset,
  recordParts,
  recordSerial,
  recordSide,
  recordSideEnd,
  recordSideStart,
  recordSlots,
  recordStart,
  recordTag,
  sideBytes,
} from './program-layout';

/** Keys are pointers, and slots, which begin with 1, less than this. */
const mostSlots: u32 = 8;

let serial: u32 = 0;

/** Takes the record [start, end) apart; with `fields`, those that the program has slots for. */
export function open(record: usize, start: usize, end: usize, fields: bool): void {
  store<u32>(record, 0, recordCount);
  store<u32>(record, start as u32, recordStart);
  store<u32>(record, end as u32, recordEnd);
  store<u32>(record, 0, recordChanged);
  // 0 is that of no record.
  if (++serial === 0) serial = 1;
  store<u32>(record, serial, recordSerial);
  const side = record + recordSideStart;
  store<u32>(record, side as u32, recordSide);
  store<u32>(record, (side + sideBytes - 64) as u32, recordSideEnd);
  if (fields) {
    v128.store(record + recordSlots, i64x2.splat(0));
    v128.store(record + recordSlots + 16, i64x2.splat(0));
  }
  const attributes = load<u32>(record, recordTag);
  let before: usize = 0;
  let at = start;
  while (at < end) {
    const from = at;
    const first: u32 = load<u8>(at);
    const body = first < 128 ? at + 1 : afterVarint(at);
    at = afterValue(body, first & 7);
    if (first === attributes) {
      if (isLookedAt(body)) before = attribute(record, newPart(record, from, at), body, before);
    } else if (fields && first < 128) {
      const slot: u32 = load<u8>(program + first, programTags);
      if (slot !== 0) field(record, newPart(record, from, at), body, slot);
    }
  }
  if (at !== end) unreachable();
}

function field(record: usize, part: usize, body: usize, slot: u32): void {
  const place = record + recordSlots + ((slot as usize) << 2);
  // Of a field that comes twice the last counts, or both do.
  if (load<u32>(place) !== 0) unreachable();
  store<u32>(part, slot, partKey);
  store<u32>(part, ((tagOf(part) & 7) === 2 ? afterLength(body) : body) as u32, partValue);
  store<u32>(place, part as u32);
}

function newPart(record: usize, from: usize, to: usize): usize {
  const count = load<u32>(record, recordCount);
  if (count === mostParts) unreachable();
  store<u32>(record, count + 1, recordCount);
  const part = record + recordParts + (count as usize) * partBytes;
  store<u32>(part, from as u32, partFrom);
  store<u32>(part, to as u32, partTo);
  store<u32>(part, to as u32, partValueEnd);
  store<u32>(part, asItWas, partState);
  return part;
}

/** Whether the program looks at keys as long as that of the KeyValue, which must begin with it. */
function isLookedAt(body: usize): bool {
  const start = load<u8>(body) < 128 ? body + 1 : afterLength(body);
  const size: u32 = load<u8>(start, 1);
  if (load<u8>(start) !== 0x0a || size > 127) unreachable();
  return load<u8>(program + size, programLengths) !== 0;
}

/** As writers write it: the key, then the value, each once. */
function attribute(record: usize, part: usize, body: usize, before: usize): usize {
  const to: usize = load<u32>(part, partTo);
  const start = afterLength(body);
  const size: u32 = load<u8>(start, 1);
  const keyEnd = start + 2 + size;
  if (keyEnd > to) unreachable();
  let value = to;
  if (keyEnd < to) {
    if (load<u8>(keyEnd) !== 0x12) unreachable();
    value = afterLength(keyEnd + 1);
    if (value + length !== to) unreachable();
  }
  const entry = keyOf(start + 2, size, before);
  if (find(record, entry) !== 0) unreachable();
  store<u32>(part, entry as u32, partKey);
  store<u32>(part, value as u32, partValue);
  name(record, entry, part);
  return entry;
}

function name(record: usize, entry: usize, part: usize): void {
  const own = entry + load<u32>(record, recordOffset);
  store<u32>(own, load<u32>(record, recordSerial), keySerial);
  store<u32>(own, part as u32, keyPart);
}

/** The attribute with this key, or 0. */
export function find(record: usize, entry: usize): usize {
  const own = entry + load<u32>(record, recordOffset);
  if (load<u32>(own, keySerial) !== load<u32>(record, recordSerial)) return 0;
  return load<u32>(own, keyPart);
}

/** The field with this slot, or 0. */
export function fieldOf(record: usize, slot: u32): usize {
  return load<u32>(record + recordSlots + ((slot as usize) << 2));
}

export function isAttribute(part: usize): bool {
  return load<u32>(part, partKey) >= mostSlots;
}

export function remove(record: usize, part: usize): void {
  const entry: usize = load<u32>(part, partKey);
  store<u32>(entry + load<u32>(record, recordOffset), 0, keySerial);
  store<u32>(part, deleted, partState);
  store<u32>(record, 1, recordChanged);
}

/** Gives a part another value, unless it is the same. The bytes stay where they are as long as the record is open. */
export function put(record: usize, part: usize, from: usize, to: usize): void {
  const old: usize = load<u32>(part, partValue);
  const size = (to - from) as u32;
  if (load<u32>(part, partValueEnd) - (old as u32) === size && isSame(old, from, size)) return;
  store<u32>(part, from as u32, partValue);
  store<u32>(part, to as u32, partValueEnd);
  store<u32>(part, changed, partState);
  store<u32>(record, 1, recordChanged);
}

/** An attribute more, behind all others. */
export function add(record: usize, entry: usize, from: usize, to: usize): void {
  const part = added(record, from, to);
  store<u32>(part, entry as u32, partKey);
  name(record, entry, part);
}

/** A field with a slot that the record has not. */
export function addField(record: usize, slot: u32, from: usize, to: usize): void {
  const part = added(record, from, to);
  store<u32>(part, slot, partKey);
  store<u32>(record + recordSlots + ((slot as usize) << 2), part as u32);
}

function added(record: usize, from: usize, to: usize): usize {
  const end: usize = load<u32>(record, recordEnd);
  const part = newPart(record, end, end);
  store<u32>(part, changed, partState);
  store<u32>(part, from as u32, partValue);
  store<u32>(part, to as u32, partValueEnd);
  store<u32>(record, 1, recordChanged);
  return part;
}

/** Takes out the field with this slot, which the record has. */
export function removeField(record: usize, slot: u32): void {
  const place = record + recordSlots + ((slot as usize) << 2);
  store<u32>(load<u32>(place), deleted, partState);
  store<u32>(place, 0);
  store<u32>(record, 1, recordChanged);
}

/** Room for `size` bytes that stay as long as the record is open. */
export function room(record: usize, size: u32): usize {
  const at: usize = load<u32>(record, recordSide);
  if (size > (sideBytes as u32) || at + size > load<u32>(record, recordSideEnd)) unreachable();
  store<u32>(record, (at + size) as u32, recordSide);
  return at;
}

/** How many bytes may still be made anew. */
export function roomLeft(record: usize): u32 {
  return load<u32>(record, recordSideEnd) - load<u32>(record, recordSide);
}

/** How many bytes the record has now. */
export function sizeOf(record: usize): u32 {
  let size = load<u32>(record, recordEnd) - load<u32>(record, recordStart);
  const count = load<u32>(record, recordCount);
  let part = record + recordParts;
  for (let i: u32 = 0; i < count; i++, part += partBytes) {
    const state = load<u32>(part, partState);
    if (state === asItWas) continue;
    size -= load<u32>(part, partTo) - load<u32>(part, partFrom);
    if (state === changed) size += sizeOfPart(part);
  }
  return size;
}

function sizeOfPart(part: usize): u32 {
  const size = load<u32>(part, partValueEnd) - load<u32>(part, partValue);
  if (!isAttribute(part)) return isNumber(part) ? 1 + size : 1 + widthOf(size) + size;
  const inner = sizeOfKeyValue(part, size);
  return 1 + widthOf(inner) + inner;
}

function sizeOfKeyValue(part: usize, size: u32): u32 {
  return 2 + load<u32>(load<u32>(part, partKey), keyLength) + 1 + widthOf(size) + size;
}

/** Appends the record as it is now. */
export function write(record: usize): void {
  let copied: usize = load<u32>(record, recordStart);
  const count = load<u32>(record, recordCount);
  let part = record + recordParts;
  for (let i: u32 = 0; i < count; i++, part += partBytes) {
    const state = load<u32>(part, partState);
    if (state === asItWas) continue;
    append(copied, load<u32>(part, partFrom));
    copied = load<u32>(part, partTo);
    if (state === changed) writePart(record, part);
  }
  append(copied, load<u32>(record, recordEnd));
}

function writePart(record: usize, part: usize): void {
  const value: usize = load<u32>(part, partValue);
  const end: usize = load<u32>(part, partValueEnd);
  const size = (end - value) as u32;
  if (isAttribute(part)) {
    const entry: usize = load<u32>(part, partKey);
    const text: usize = load<u32>(entry, keyText);
    const long = load<u32>(entry, keyLength);
    tag(load<u32>(record, recordTag));
    appendLength(sizeOfKeyValue(part, size));
    store<u8>(pos++, 0x0a);
    store<u8>(pos++, long as u8);
    append(text, text + long);
    store<u8>(pos++, 0x12);
    appendLength(size);
  } else {
    tag(tagOf(part));
    if (!isNumber(part)) appendLength(size);
  }
  append(value, end);
}

function isNumber(part: usize): bool {
  return (tagOf(part) & 7) === 0;
}

/** The tag of a field that has a slot. */
function tagOf(part: usize): u32 {
  return load<u8>(program + load<u32>(part, partKey), programSlotTags);
}
