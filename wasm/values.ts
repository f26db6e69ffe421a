/** Values that a program reads: one at a time, in the variables below. */
import { afterLength, afterVarint, append, appendLength, length, widthOf } from './copy';
import { pos } from './cursor';
import { item, resource } from './current';
import { mostWritten, replacement } from './host';
import { masks } from './layout';
import { varint } from './numbers';
import {
  bodyField,
  constantValue,
  innerNumberField,
  itemAttribute,
  joinedValues,
  madeValue,
  numberField,
  partValue,
  partValueEnd,
  recordSide,
  resourceAttribute,
  textField,
} from './program-layout';
import { fieldOf, find, room, roomLeft } from './record';
import { isUtf8 } from './texts';

export const nil: u32 = 0;
export const text: u32 = 1;
export const int: u32 = 2;
export const boolean: u32 = 3;
export const double: u32 = 4;
/** A list, a map, or bytes. */
export const other: u32 = 5;

export let kind: u32 = nil;
/** A text. */
export let from: usize = 0;
export let to: usize = 0;
/** An int, or a boolean. */
export let integer: i64 = 0;
export let number: f64 = 0;
/** The value as the content of an AnyValue; 0 where there is none yet. */
export let content: usize = 0;
export let contentEnd: usize = 0;

export function read(node: usize): void {
  content = 0;
  const what = load<u32>(node);
  const operand = load<u32>(node, 4);
  if (what === itemAttribute) readPart(find(item, operand));
  else if (what === resourceAttribute) readPart(find(resource(), operand));
  else if (what === bodyField) readPart(fieldOf(item, operand));
  else if (what === constantValue) readContent(operand, load<u32>(node, 8));
  else if (what === joinedValues) join(node);
  else if (what === madeValue) make(node);
  else readField(what, node, fieldOf(item, operand));
}

/** A text for a text. */
function make(node: usize): void {
  read(load<u32>(node, 4));
  if (kind !== text) unreachable();
  const out = room(item, mostWritten + 64);
  const size = replacement(load<u32>(node, 8), from, to, out);
  if (size < 0) unreachable();
  store<u32>(item, (out + size + 16) as u32, recordSide);
  content = 0;
  from = out;
  to = out + size;
}

function readPart(part: usize): void {
  if (part === 0) kind = nil;
  else readContent(load<u32>(part, partValue), load<u32>(part, partValueEnd));
}

function readField(what: u32, node: usize, part: usize): void {
  const start: usize = part === 0 ? 0 : load<u32>(part, partValue);
  const end: usize = part === 0 ? 0 : load<u32>(part, partValueEnd);
  if (what === textField) {
    kind = text;
    from = start;
    to = end;
    return;
  }
  kind = int;
  integer = 0;
  if (start === end) return;
  if (what === numberField) integer = smallAt(start, end);
  else if (what === innerNumberField) readInner(start, end, load<u32>(node, 8));
  else unreachable();
}

/** A number of a message inside, of which the last counts. */
function readInner(at: usize, end: usize, wanted: u32): void {
  while (at < end) {
    const first: u32 = load<u8>(at++);
    if (first > 127) unreachable();
    if ((first & 7) === 2) at = afterLength(at) + length;
    else if ((first & 7) === 0) {
      const next = afterVarint(at);
      if (first === wanted) integer = smallAt(at, next);
      at = next;
    } else unreachable();
  }
}

/** An enum, which is not negative. */
function smallAt(at: usize, end: usize): i64 {
  if (end - at > 4) unreachable();
  return varintAt(at) as i64;
}

function varintAt(at: usize): u64 {
  let byte: u64 = load<u8>(at);
  let value = byte & 127;
  for (let shift: u64 = 7; byte > 127; shift += 7) {
    if (shift > 56) unreachable();
    byte = load<u8>(++at);
    value |= (byte & 127) << shift;
  }
  return value;
}

/** Whether it is nothing, or bytes of length 0, which conditions cannot tell from it. */
export function isNil(): bool {
  return kind === nil || (kind === other && contentEnd - content === 2 && load<u8>(content) === 0x3a);
}

/** What other code decodes and encodes anew may come out as other bytes there: lists and maps that are copied. */
export function refuseCompound(node: usize): void {
  if (kind === other && load<u32>(node) !== constantValue && load<u8>(content) !== 0x3a) unreachable();
}

/** Other code sees U+FFFD where a text that it decodes and encodes anew is no UTF-8. */
export function refuseBroken(): void {
  let at = from;
  let high: v128 = i64x2.splat(0);
  for (; at + 16 < to; at += 16) high = v128.or(high, v128.load(at));
  high = v128.or(high, v128.and(v128.load(at), v128.load(masks + 16 - (to - at))));
  if (i8x16.bitmask(high) !== 0 && !isUtf8(from, to)) unreachable();
}

/** The content of an AnyValue, with one field or none. */
export function readContent(start: usize, end: usize): void {
  content = start;
  contentEnd = end;
  if (start === end) {
    kind = nil;
    return;
  }
  const first: u32 = load<u8>(start);
  let last: usize = end;
  if (first === 0x0a) {
    kind = text;
    from = afterLength(start + 1);
    to = last = from + length;
  } else if (first === 0x18) readInt(start, end);
  else if (first === 0x10) {
    kind = boolean;
    if (load<u8>(start, 1) > 1) unreachable();
    integer = load<u8>(start, 1);
    last = start + 2;
  } else if (first === 0x21) {
    kind = double;
    number = load<f64>(start, 1);
    last = start + 9;
  } else {
    kind = other;
    // Another kind of value, which is not known yet, is nothing for other code.
    if (first !== 0x2a && first !== 0x32 && first !== 0x3a) unreachable();
    last = afterLength(start + 1);
    last += length;
  }
  if (last !== end) unreachable();
}

/** Up to 63 bits: negative ones, which are ten bytes long, too. */
function readInt(start: usize, end: usize): void {
  kind = int;
  const last = afterVarint(start + 1);
  if (last !== end || last - start > 11) unreachable();
  integer = load<u8>(end - 1) === 1 && end - start === 11 ? longAt(start + 1) : (varintAt(start + 1) as i64);
}

function longAt(at: usize): i64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 63; shift += 7) value |= ((load<u8>(at++) & 127) as u64) << shift;
  return (value | 0x8000000000000000) as i64;
}

/** The value that was read as the content of an AnyValue. */
export function encode(): void {
  if (content !== 0) return;
  const size = kind === text ? ((to - from) as u32) + 6 : 12;
  const before = pos;
  content = pos = room(item, size + 16);
  if (kind === text) {
    store<u8>(pos++, 0x0a);
    appendLength((to - from) as u32);
    append(from, to);
  } else if (kind === int) {
    store<u8>(pos++, 0x18);
    varint(integer as u64);
  } else unreachable();
  contentEnd = pos;
  pos = before;
}

/** Texts one behind the other. */
function join(node: usize): void {
  const between: usize = load<u32>(node, 4);
  const long = load<u32>(node, 8);
  const count = load<u32>(node, 12);
  const before = pos;
  const most = roomLeft(item);
  // In front of the text there is room for its tag and length.
  const begin = room(item, most) + 8;
  const end = begin + most - 128;
  pos = begin;
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) joinText(between, between + long, end);
    read(load<u32>(node + 16 + ((i as usize) << 2)));
    joinValue(end);
  }
  const written = pos;
  store<u32>(item, (written + 16) as u32, recordSide);
  const size = (written - begin) as u32;
  pos = content = begin - 1 - widthOf(size);
  store<u8>(pos++, 0x0a);
  appendLength(size);
  pos = before;
  kind = text;
  from = begin;
  to = contentEnd = written;
}

function joinText(start: usize, stop: usize, end: usize): void {
  if (pos + (stop - start) > end) unreachable();
  append(start, stop);
}

function joinValue(end: usize): void {
  if (kind === text) {
    refuseBroken();
    joinText(from, to, end);
  } else if (kind === nil) {
    store<u64>(pos, 0x3e6c696e3c); // <nil>
    pos += 5;
  } else if (kind === boolean) {
    const isTrue = integer !== 0;
    store<u64>(pos, isTrue ? 0x65757274 : 0x65736c6166);
    pos += isTrue ? 4 : 5;
  } else if (kind === int) joinInt();
  else unreachable();
  if (pos > end) unreachable();
}

function joinInt(): void {
  let rest: u64 = integer < 0 ? (-integer as u64) : (integer as u64);
  if (integer < 0) store<u8>(pos++, 45);
  let digits: u32 = 1;
  for (let most = rest; most > 9; most /= 10) digits++;
  for (let i = digits; i > 0; i--) {
    store<u8>(pos + i - 1, ((rest % 10) + 48) as u8);
    rest /= 10;
  }
  pos += digits;
}
