/** Attribute keys by their bytes: what is known of a key is found once, and by a guess after that. */
import { isSame } from './copy';
import {
  entryBytes,
  keyBytes,
  keyLength,
  keyNext,
  keyText,
  mostEntries,
  programArena,
  programConstantArena,
  programConstantCount,
  programEntries,
  programEntryCount,
  programKeys,
  programTable,
  tableSlots,
} from './program-layout';
import { isUtf8 } from './texts';

/** The program that runs. */
export let program: usize = 0;

/** Makes a program the one that runs. Other keys than its own are forgotten where there were many. */
export function enter(at: usize): void {
  program = at;
  if (load<u32>(at, programEntryCount) > mostEntries >> 1) forget();
}

/** The key in [from, from + length), which is at most 127 bytes long; `before` is the one before it, or 0. */
export function keyOf(from: usize, length: u32, before: usize): usize {
  if (before === 0) return find(from, length);
  const guess: usize = load<u32>(before, keyNext);
  if (guess !== 0 && isKey(guess, from, length)) return guess;
  const found = find(from, length);
  store<u32>(before, found as u32, keyNext);
  return found;
}

function isKey(entry: usize, from: usize, length: u32): bool {
  return load<u32>(entry, keyLength) === length && isSame(from, load<u32>(entry, keyText), length);
}

function find(from: usize, length: u32): usize {
  let slot = hashOf(from, length);
  const last = slot + 64;
  let entry: usize = load<u32>(slotAt(slot));
  while (entry !== 0) {
    if (isKey(entry, from, length)) return entry;
    if (slot === last) unreachable();
    entry = load<u32>(slotAt(++slot));
  }
  return add(from, length, slotAt(slot));
}

function slotAt(slot: u32): usize {
  return program + programTable + (((slot & (tableSlots - 1)) as usize) << 2);
}

function hashOf(from: usize, length: u32): u32 {
  let hash = length;
  for (const end = from + length; from < end; from++) hash = (hash ^ load<u8>(from)) * 0x01000193;
  return hash ^ (hash >>> 15);
}

function add(from: usize, length: u32, slot: usize): usize {
  // Other code reads U+FFFD, and may write it.
  if (!isUtf8(from, from + length)) unreachable();
  const count = load<u32>(program, programEntryCount);
  const text: usize = load<u32>(program, programArena);
  if (count === mostEntries || text + length > program + programKeys + keyBytes - 16) unreachable();
  const entry = program + programEntries + (count as usize) * entryBytes;
  memory.fill(entry, 0, entryBytes);
  store<u32>(entry, length, keyLength);
  store<u32>(entry, text as u32, keyText);
  memory.copy(text, from, length);
  store<u32>(slot, entry as u32);
  store<u32>(program, count + 1, programEntryCount);
  store<u32>(program, (text + length) as u32, programArena);
  return entry;
}

/** Only the keys that the program names are left. */
function forget(): void {
  const count = load<u32>(program, programConstantCount);
  memory.fill(program + programTable, 0, (tableSlots as usize) << 2);
  store<u32>(program, count, programEntryCount);
  store<u32>(program, load<u32>(program, programConstantArena), programArena);
  for (let i: u32 = 0; i < count; i++) {
    const entry = program + programEntries + (i as usize) * entryBytes;
    store<u32>(entry, 0, keyNext);
    let slot = hashOf(load<u32>(entry, keyText), load<u32>(entry, keyLength));
    while (load<u32>(slotAt(slot)) !== 0) slot++;
    store<u32>(slotAt(slot), entry as u32);
  }
}

/** A program was laid out at `at`, with zeros for keys: its own are asked for next, by `constantKey`. */
export function begin(at: usize): void {
  program = at;
  memory.fill(at + programTable, 0, (tableSlots as usize) << 2);
  store<u32>(at, 0, programEntryCount);
  store<u32>(at, (at + programKeys) as u32, programArena);
}

export function constantKey(from: usize, length: u32): usize {
  const entry = find(from, length);
  store<u32>(program, load<u32>(program, programEntryCount), programConstantCount);
  store<u32>(program, load<u32>(program, programArena), programConstantArena);
  return entry;
}
