/** What a program does to an item. */
import { append, appendLength } from './copy';
import { pos } from './cursor';
import { change, isMeant, mostWritten, replacement } from './host';
import { item, resource } from './current';
import { program } from './keys';
import {
  bodyField,
  changeAttribute,
  deleteAttribute,
  deleteAttributes,
  deleted,
  dropItem,
  hashAttribute,
  itemAttribute,
  keyDecisions,
  keyLength,
  keyText,
  partBytes,
  partKey,
  partState,
  partValue,
  partValueEnd,
  programDrops,
  programSteps,
  putAttribute,
  recordBytes,
  recordCount,
  recordParts,
  recordSide,
  replaceText,
  resourceAttribute,
  setAttribute,
  setBody,
  setNumberField,
  setTextField,
  stopItem,
  textField,
  truncateAttributes,
} from './program-layout';
import { expand, isAbsent, isThere, look, slotsBytes } from './patterns';
import { add, addField, fieldOf, find, isAttribute, put, remove, removeField, room } from './record';
import { holds } from './tests';
import { isUtf8 } from './texts';
import { hash } from './hash';
import {
  boolean,
  content,
  contentEnd,
  double,
  encode,
  from,
  int,
  integer,
  kind,
  nil,
  number,
  other,
  read,
  readContent,
  refuseBroken,
  refuseCompound,
  text,
  to,
} from './values';

/** Runs the steps on the item that is open; false when it is to be left out. */
export function runSteps(): bool {
  const steps: usize = load<u32>(program, programSteps);
  const count = load<u32>(steps);
  for (let i: u32 = 1; i <= count; i++) {
    const step: usize = load<u32>(steps + ((i as usize) << 2));
    const test: usize = load<u32>(step, 4);
    if (test !== 0 && !holds(test)) continue;
    const what = load<u32>(step);
    if (what === stopItem) return true;
    if (what === dropItem) {
      const drops = program + programDrops + ((load<u32>(step, 8) as usize) << 2);
      store<u32>(drops, load<u32>(drops) + 1);
      return false;
    }
    run(step, what);
  }
  return true;
}

function run(step: usize, what: u32): void {
  if (what <= setBody) {
    set(step, what);
    return;
  }
  const first = load<u32>(step, 8);
  const second: usize = load<u32>(step, 12);
  switch (what) {
    case putAttribute:
      putConstant(first, second, load<u32>(step, 16), load<u32>(step, 20));
      break;
    case changeAttribute:
      changeValue(first, second as u32);
      break;
    case hashAttribute:
      hashValue(first);
      break;
    case deleteAttribute:
      deleteKey(recordOf(first), second);
      break;
    case deleteAttributes:
      deleteKeys(recordOf(first), second, load<u32>(step, 16));
      break;
    case truncateAttributes:
      truncate(recordOf(first), second as u32);
      break;
    case replaceText:
      replace(step);
      break;
    default:
      unreachable();
  }
}

function recordOf(which: u32): usize {
  return which !== 0 ? resource() : item;
}

/** Nil changes nothing. */
function set(step: usize, what: u32): void {
  const value: usize = what === setAttribute ? load<u32>(step, 16) : load<u32>(step, 12);
  read(value);
  if (kind === nil) return;
  if (kind === text) refuseBroken();
  const first = load<u32>(step, 8);
  if (what === setTextField) {
    if (kind !== text) unreachable();
    putField(first, from, to);
  } else if (what === setNumberField) setNumber(first);
  else {
    refuseCompound(value);
    encode();
    if (what === setBody) putField(first, content, contentEnd);
    else setIn(recordOf(first), load<u32>(step, 12));
  }
}

/** Sets the value that was read. */
function setIn(record: usize, entry: usize): void {
  encode();
  let start = content;
  let end = contentEnd;
  // What is made for an item is gone with the next one.
  if (record !== item && start >= item && start < item + recordBytes) {
    const size = (end - start) as u32;
    const kept = room(record, size + 16);
    memory.copy(kept, start, size);
    start = kept;
    end = kept + size;
  }
  setContent(record, entry, start, end);
}

function setContent(record: usize, entry: usize, start: usize, end: usize): void {
  const part = find(record, entry);
  if (part === 0) add(record, entry, start, end);
  else put(record, part, start, end);
}

/** A field that is empty or 0 is left out. */
function putField(slot: u32, start: usize, end: usize): void {
  const part = fieldOf(item, slot);
  if (start === end) {
    if (part !== 0) removeField(item, slot);
  } else if (part === 0) addField(item, slot, start, end);
  else put(item, part, start, end);
}

function setNumber(slot: u32): void {
  if (kind !== int || integer < 0 || integer > 0x0fffffff) unreachable();
  if (integer === 0) {
    putField(slot, 0, 0);
    return;
  }
  const before = pos;
  const start = (pos = room(item, 16));
  appendLength(integer as u32);
  const end = pos;
  pos = before;
  putField(slot, start, end);
}

const mayBeAbsent: u32 = 1;
const mayBePresent: u32 = 2;

function putConstant(entry: usize, start: usize, end: usize, where: u32): void {
  const part = find(item, entry);
  if (part === 0) {
    if ((where & mayBeAbsent) !== 0) add(item, entry, start, end);
  } else if ((where & mayBePresent) !== 0) put(item, part, start, end);
}

function changeValue(entry: usize, by: u32): void {
  const part = find(item, entry);
  if (part === 0) return;
  const out = room(item, mostWritten + 64);
  const size = change(by, load<u32>(part, partValue), load<u32>(part, partValueEnd), out);
  store<u32>(item, (size < 0 ? out : out + size + 16) as u32, recordSide);
  if (size >= 0) put(item, part, out, out + size);
}

/** SHA-256 in hex: of a text, of eight bytes of a number, of one byte of a boolean; an empty text for the rest. */
function hashValue(entry: usize): void {
  const part = find(item, entry);
  if (part === 0) return;
  readContent(load<u32>(part, partValue), load<u32>(part, partValueEnd));
  const scratch = room(item, 128);
  const out = room(item, 96);
  if (kind === nil || kind === other) {
    store<u16>(out, 0x000a);
    put(item, part, out, out + 2);
    return;
  }
  if (kind === text) refuseBroken();
  else {
    from = out + 16;
    to = from + (kind === boolean ? 1 : 8);
    if (kind === double) store<f64>(from, number);
    else store<i64>(from, integer);
  }
  store<u16>(out, 0x400a);
  hash(from, to, out + 2, scratch);
  put(item, part, out, out + 66);
}

function deleteKey(record: usize, entry: usize): void {
  const part = find(record, entry);
  if (part !== 0) remove(record, part);
}

function deleteKeys(record: usize, decision: usize, question: u32): void {
  const count = load<u32>(record, recordCount);
  let part = record + recordParts;
  for (let i: u32 = 0; i < count; i++, part += partBytes) {
    if (!isAttribute(part) || load<u32>(part, partState) === deleted) continue;
    const entry: usize = load<u32>(part, partKey);
    const place = entry + keyDecisions + decision;
    let decided: u32 = load<u8>(place);
    if (decided === 0) {
      const key: usize = load<u32>(entry, keyText);
      decided = isMeant(question, key, key + load<u32>(entry, keyLength)) + 1;
      store<u8>(place, decided as u8);
    }
    if (decided === 2) remove(record, part);
  }
}

function truncate(record: usize, most: u32): void {
  const count = load<u32>(record, recordCount);
  let part = record + recordParts;
  for (let i: u32 = 0; i < count; i++, part += partBytes) {
    if (!isAttribute(part) || load<u32>(part, partState) === deleted) continue;
    const start: usize = load<u32>(part, partValue);
    const end: usize = load<u32>(part, partValueEnd);
    if (end - start <= most || load<u8>(start) !== 0x0a) continue;
    readContent(start, end);
    if (((to - from) as u32) > most) cut(record, part, most);
  }
}

/** Cuts the text that was read, which is longer. */
function cut(record: usize, part: usize, most: u32): void {
  // Other code sees U+FFFD where it is no UTF-8.
  if (!isUtf8(from, to)) unreachable();
  let end = from + most;
  while (end > from && (load<u8>(end) & 0xc0) === 0x80) end--;
  const size = (end - from) as u32;
  const before = pos;
  const out = (pos = room(record, size + 32));
  store<u8>(pos++, 0x0a);
  appendLength(size);
  append(from, end);
  const outEnd = pos;
  pos = before;
  put(record, part, out, outEnd);
}

/** Writes the text for the one that was read to `out`; answers its length, or -1 to leave it. */
function replaced(step: usize, out: usize): i32 {
  const table: usize = load<u32>(step, 16);
  const parts: usize = load<u32>(step, 20);
  if (table !== 0) {
    const slots: usize = parts === 0 ? 0 : room(item, slotsBytes);
    const found = look(table, from, to, slots);
    if (found === isAbsent) return -1;
    if (found === isThere && parts !== 0) {
      const before = pos;
      pos = out;
      const fits = expand(parts, from, to, slots);
      const size = (pos - out) as i32;
      pos = before;
      if (fits) return size;
    }
  }
  return replacement(load<u32>(step, 12), from, to, out);
}

function replace(step: usize): void {
  const place: usize = load<u32>(step, 8);
  read(place);
  if (kind !== text) return;
  const out = room(item, mostWritten + 64);
  const size = replaced(step, out);
  store<u32>(item, (size < 0 ? out : out + size + 16) as u32, recordSide);
  if (size < 0) return;
  from = out;
  to = out + size;
  content = 0;
  const what = load<u32>(place);
  const operand = load<u32>(place, 4);
  if (what === itemAttribute) setIn(item, operand);
  else if (what === resourceAttribute) setIn(resource(), operand);
  else if (what === textField) putField(operand, from, to);
  else if (what === bodyField) {
    encode();
    putField(operand, content, contentEnd);
  } else unreachable();
}
