/** Where reading goes on behind what is broken. */
import type { Bytes } from '../../wire/bytes.ts';
import type { ByteWindow } from '../byte-window.ts';
import type { PlanPath } from './plan.ts';

/** What the elements of an array begin with, up to the first colon. */
export interface Beginning {
  readonly path: PlanPath;
  readonly text: string;
}

/** How far into an element its beginning is looked for. */
const longestBeginning = 200;
const firstStretch = 64;

/** What the element in [start, end) begins with; the path is that of its array. */
export function beginningAt(bytes: Bytes, start: number, end: number, path: PlanPath): Beginning | undefined {
  const head = bytes.latin1Slice(start, Math.min(start + longestBeginning, end));
  const text = /^\{\s*"\w+"\s*:/.exec(head)?.[0];
  return text === undefined ? undefined : { path, text };
}

/** An element of an array, or a document where there is no path; or how far there is none. */
type Found = { readonly at: number; readonly path?: PlanPath } | { readonly searchedTo: number };

/**
 * The first place at or after `from` that begins like the elements read before, or where a line begins with { or [.
 * Both have to be there whole, so that what is found does not depend on how the input was cut.
 */
export function nextStart(
  window: ByteWindow,
  from: number,
  beginning: Beginning | undefined,
  atEnd: boolean,
): Found {
  const { bytes, end } = window;
  const { path, text } = beginning ?? { path: undefined, text: '' };
  const last = end - (atEnd ? 1 : Math.max(2, text.length));
  // By stretches, as what is near must not cost a look at all that is there for the other kind of start.
  for (let [at, size] = [from, firstStretch]; at <= last; at += size, size *= 2) {
    const to = Math.min(at + size, last + 1);
    const line = lineStart(bytes, at, to);
    const elementTo = Math.min((line < 0 ? to : line + 1) - 1 + text.length, end);
    const element = path === undefined ? -1 : bytes.subarray(0, elementTo).indexOf(text, at, 'latin1');
    if (element >= 0 && path !== undefined) return { at: element, path };
    if (line >= 0) return { at: line };
  }
  return { searchedTo: Math.max(from, last) };
}

/** A { or [ at the beginning of a line, in [from, to). */
function lineStart(bytes: Bytes, from: number, to: number): number {
  const feeds = bytes.subarray(0, to - 1);
  for (let at = feeds.indexOf(0x0a, Math.max(0, from - 1)); at >= 0; at = feeds.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x7b || bytes[at + 1] === 0x5b) return at + 1;
  }
  return -1;
}
