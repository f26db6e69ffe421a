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
  const line = lineStart(bytes, from, end);
  const element = path === undefined ? -1 : bytes.indexOf(text, from, 'latin1');
  const isElement = element >= 0 && (line < 0 || element <= line);
  const at = isElement ? element : line;
  if (at < 0 || at > last) return { searchedTo: Math.max(from, last) };
  return isElement && path !== undefined ? { at, path } : { at };
}

/** A { or [ at the beginning of a line. */
function lineStart(bytes: Bytes, from: number, end: number): number {
  for (let at = bytes.indexOf(0x0a, Math.max(0, from - 1)); at >= 0 && at + 1 < end;) {
    if (bytes[at + 1] === 0x7b || bytes[at + 1] === 0x5b) return at + 1;
    at = bytes.indexOf(0x0a, at + 1);
  }
  return -1;
}
