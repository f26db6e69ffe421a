/** Goes through the items of a batch, and writes it anew as far as something changes. */
import { afterLength, afterValue, afterVarint, append, appendLength, widthOf } from './copy';
import { changedResource, item, setResource } from './current';
import { outEnd, patch, pos } from './cursor';
import { program } from './keys';
import {
  programAttributes,
  programSweeps,
  programTouchesResource,
  recordChanged,
  recordTag,
} from './program-layout';
import { open, sizeOf, write } from './record';
import { runSteps } from './steps';

/** How far the bytes of the batch were taken over. */
let copied: usize = 0;
/** How many items are left. */
export let itemsLeft: u32 = 0;

// The telemetry of the resource that is at hand: where its field begins, its content, and where both end;
let groupFrom: usize = 0;
let groupStart: usize = 0;
let groupEnd: usize = 0;
// where it and its content begin in what is written, 0 as long as nothing of it is;
let groupOut: usize = 0;
let groupBody: usize = 0;
/** how many scopes are left of it. */
let scopesLeft: u32 = 0;

// The same for the scope.
let scopeFrom: usize = 0;
let scopeStart: usize = 0;
let scopeEnd: usize = 0;
let scopeOut: usize = 0;
let scopeBody: usize = 0;

// The field of the resource; 0 where there is none, or none yet.
let resourceFrom: usize = 0;
let resourceEnd: usize = 0;

/** Runs the program on [from, to), and writes to `pos`. Answers false where nothing changes, with nothing written. */
export function runOver(from: usize, to: usize): bool {
  store<u32>(item, load<u32>(program, programAttributes), recordTag);
  copied = from;
  itemsLeft = 0;
  for (let at = from; at < to;) {
    const field = at;
    at = afterField(at, to);
    if (first === 0x0a) group(field, afterLength(body), at);
  }
  if (copied === from) return false;
  take(to);
  return true;
}

/** Of the field that was passed, its tag and what is behind that. */
let first: u32 = 0;
let body: usize = 0;

/** Passes a field of a message that ends at `end`; answers where it ends. */
function afterField(at: usize, end: usize): usize {
  first = load<u8>(at);
  body = first < 128 ? at + 1 : afterVarint(at);
  const next = afterValue(body, first & 7);
  if (next > end) unreachable();
  return next;
}

/** Takes the bytes over up to `to`. */
function take(to: usize): void {
  if (pos + (to - copied) + 65536 > outEnd) unreachable();
  append(copied, to);
  copied = to;
}

function group(from: usize, start: usize, end: usize): void {
  groupFrom = from;
  groupStart = start;
  groupEnd = end;
  groupOut = 0;
  scopesLeft = 0;
  resourceFrom = 0;
  setResource(0, 0);
  for (let at = start; at < end;) {
    const field = at;
    at = afterField(at, end);
    if (first === 0x12) scope(field, afterLength(body), at);
    else if (first === 0x0a && load<u32>(program, programTouchesResource) !== 0) {
      // Twice, or behind its items, is not how it is written.
      if (resourceFrom !== 0 || scopesLeft > 0 || groupOut !== 0) unreachable();
      resourceFrom = field;
      resourceEnd = at;
      setResource(afterLength(body), at);
    }
  }
  if (scopesLeft === 0 && load<u32>(program, programSweeps) !== 0) {
    leaveOut(groupOut, from, end);
    return;
  }
  const resource = changedResource();
  if (resource !== 0) writeResource(resource);
  if (groupOut === 0) return;
  take(end);
  patch(groupOut + 1, groupBody - groupOut - 1);
}

function scope(from: usize, start: usize, end: usize): void {
  scopeFrom = from;
  scopeStart = start;
  scopeEnd = end;
  scopeOut = 0;
  let left: u32 = 0;
  for (let at = start; at < end;) {
    const field = at;
    at = afterField(at, end);
    if (first === 0x12 && visit(field, afterLength(body), at)) left++;
  }
  if (left === 0 && load<u32>(program, programSweeps) !== 0) {
    if (scopeOut === 0) beginGroup();
    leaveOut(scopeOut, from, end);
    return;
  }
  itemsLeft += left;
  scopesLeft++;
  if (scopeOut === 0) return;
  take(end);
  patch(scopeOut + 1, scopeBody - scopeOut - 1);
}

/** Leaves out what began at `out` in what is written, if that is not 0. */
function leaveOut(out: usize, from: usize, end: usize): void {
  if (out === 0) take(from);
  else pos = out;
  copied = end;
}

function visit(from: usize, start: usize, end: usize): bool {
  open(item, start, end, true);
  if (!runSteps()) {
    beginScope();
    take(from);
    copied = end;
    return false;
  }
  if (load<u32>(item, recordChanged) === 0) return true;
  beginScope();
  take(from);
  copied = end;
  const size = sizeOf(item);
  if (pos + size + 65536 > outEnd) unreachable();
  store<u8>(pos++, 0x12);
  appendLength(size);
  write(item);
  return true;
}

function beginGroup(): void {
  if (groupOut !== 0) return;
  take(groupFrom);
  groupOut = pos;
  store<u8>(pos, 0x0a);
  pos += 1 + widthOf((groupEnd - groupStart) as u32);
  groupBody = pos;
  copied = groupStart;
}

function beginScope(): void {
  if (scopeOut !== 0) return;
  beginGroup();
  take(scopeFrom);
  scopeOut = pos;
  store<u8>(pos, 0x12);
  pos += 1 + widthOf((scopeEnd - scopeStart) as u32);
  scopeBody = pos;
  copied = scopeStart;
}

/** Puts the resource as it is now in the place of the one that was, which may have been taken over already. */
function writeResource(resource: usize): void {
  const size = sizeOf(resource);
  const whole: usize = 1 + widthOf(size) + size;
  beginGroup();
  if (copied < resourceEnd) {
    take(resourceFrom);
    copied = resourceEnd;
    if (pos + whole + 65536 > outEnd) unreachable();
    putResource(resource, size);
    return;
  }
  const out = groupBody + (resourceFrom - groupStart);
  const old = resourceEnd - resourceFrom;
  const end = pos;
  const aside = end + whole + 64;
  if (aside + whole + 65536 > outEnd) unreachable();
  pos = aside;
  putResource(resource, size);
  memory.copy(out + whole, out + old, end - out - old);
  memory.copy(out, aside, whole);
  pos = end + whole - old;
}

function putResource(resource: usize, size: u32): void {
  store<u8>(pos++, 0x0a);
  appendLength(size);
  write(resource);
}
