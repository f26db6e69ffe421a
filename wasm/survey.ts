/**
 * What is asked of every item of a batch, in AssemblyScript: how many there are, their times, their traces.
 *
 * It answers what countItems, timeRangeIn and traceIdsByHand of src/model answer, and stops with a trap at a message that is not
 * well-formed: then those look at it, and find what they find.
 */

// The tags of the fields that lead to items, and of the times of these.
const groupTag: u32 = 0x0a;
const innerTag: u32 = 0x12;
const pointTag: u32 = 0x0a;
const startOfSpan: u32 = 0x39;
const endOfSpan: u32 = 0x41;
const timeOfLog: u32 = 0x09;
const observedTimeOfLog: u32 = 0x59;
const startOfPoint: u32 = 0x11;
const timeOfPoint: u32 = 0x19;
const traceIdTag: u32 = 0x0a;
const idBytes: usize = 16;

const logs: u32 = 1;
const metrics: u32 = 2;

let signal: u32 = 0;
let items: u32 = 0;
let earliest: u64 = 0;
let latest: u64 = 0;
/** Where is read. */
let at: usize = 0;
/** Where the next id is written; 0 when none are. */
let nextId: usize = 0;
let firstId: usize = 0;

/** Looks through a TracesData (0), LogsData (1) or MetricsData (2), and answers how many items it has. */
export function survey(from: usize, to: usize, kind: u32): u32 {
  signal = kind;
  items = 0;
  earliest = u64.MAX_VALUE;
  latest = 0;
  nextId = 0;
  visit(from, to, 0);
  return items;
}

/** The first of all times that are not zero; behind the last where there are none. */
export function earliestTime(): u64 {
  return earliest;
}

export function latestTime(): u64 {
  return latest;
}

/**
 * Writes the trace ids of a TracesData over its beginning, which each span leaves room for. Of spans that follow each other in
 * one trace the first one counts. Answers where the ids end.
 */
export function traceIds(from: usize, to: usize): usize {
  signal = 0;
  firstId = nextId = from;
  visit(from, to, 0);
  return nextId;
}

function visit(from: usize, to: usize, level: u32): void {
  at = from;
  while (at < to) {
    if (!leads(load<u8>(at), level)) {
      skip(to);
      continue;
    }
    at++;
    const start = value(to);
    const end = at;
    if (level < (signal === metrics ? 4 : 2)) visit(start, end, level + 1);
    else if (nextId !== 0) traceId(start, end);
    else item(start, end);
    at = end;
  }
}

function leads(tag: u32, level: u32): bool {
  if (level === 0) return tag === groupTag;
  if (level < 3) return tag === innerTag;
  if (level === 4) return tag === pointTag;
  // Gauge, sum, histogram, exponential histogram, summary.
  return tag === 0x2a || tag === 0x3a || tag === 0x4a || tag === 0x52 || tag === 0x5a;
}

function item(from: usize, to: usize): void {
  items++;
  if (signal === logs) {
    if (!times(from, to, timeOfLog, timeOfLog)) times(from, to, observedTimeOfLog, observedTimeOfLog);
  } else if (signal === metrics) times(from, to, startOfPoint, timeOfPoint);
  else times(from, to, startOfSpan, endOfSpan);
}

/** Takes in the fields with these tags; answers whether one of them was not zero. */
function times(from: usize, to: usize, first: u32, second: u32): bool {
  let left = first === second ? 1 : 2;
  let isKnown = false;
  at = from;
  while (at < to && left > 0) {
    const tag: u32 = load<u8>(at);
    if (tag !== first && tag !== second) {
      skip(to);
      continue;
    }
    // None comes twice: what is behind the last one is not looked at.
    left--;
    if (to - at < 9) unreachable();
    const time = load<u64>(at, 1);
    at += 9;
    if (time === 0) continue;
    isKnown = true;
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
  }
  return isKnown;
}

function traceId(from: usize, to: usize): void {
  at = from;
  while (at < to) {
    if (load<u8>(at) !== traceIdTag) {
      skip(to);
      continue;
    }
    at++;
    const id = value(to);
    if (at - id !== idBytes) return;
    const isSame =
      nextId > firstId &&
      load<u64>(id) === load<u64>(nextId - 16) &&
      load<u64>(id, 8) === load<u64>(nextId - 8);
    if (isSame) return;
    const low = load<u64>(id);
    const high = load<u64>(id, 8);
    store<u64>(nextId, low);
    store<u64>(nextId, high, 8);
    nextId += idBytes;
    return;
  }
}

/** Passes the length at `at` and the value behind it; answers where that begins. */
function value(to: usize): usize {
  const length = varint();
  const start = at;
  if (length > ((to - start) as u64)) unreachable();
  at += length as usize;
  return start;
}

function skip(to: usize): void {
  const wireType: u32 = load<u8>(at) & 7;
  varint();
  if (wireType === 2) value(to);
  else if (wireType === 1) at += 8;
  else if (wireType === 5) at += 4;
  else if (wireType === 0) varint();
  else unreachable();
}

function varint(): u64 {
  let byte: u64 = load<u8>(at++);
  let number = byte & 127;
  for (let shift: u64 = 7; byte > 127; shift += 7) {
    byte = load<u8>(at++);
    number |= (byte & 127) << shift;
  }
  return number;
}
