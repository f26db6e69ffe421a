/** From encoded entries to requests of bounded size. */
import type { EncodedEntry, StreamPart } from './push-codec.ts';

export interface PackingLimits {
  /** Of the body before compression; an entry that is larger stands alone. */
  readonly maxBytes: number;
  /** Whether a request holds no more than one stream. */
  readonly oneStream: boolean;
  readonly overhead: (part: StreamPart) => number;
}

/** Puts the parts, in their order, into as few requests as the limits allow. */
export function* pack(parts: Iterable<StreamPart>, limits: PackingLimits): Generator<StreamPart[]> {
  let request: StreamPart[] = [];
  let bytes = 0;
  for (const part of parts) {
    for (let from = 0; from < part.entries.length;) {
      const isClosed = limits.oneStream && request.length > 0;
      const { count, size } = isClosed
        ? nothingFits
        : fitting(part, from, limits.maxBytes - bytes - limits.overhead(part), request.length === 0);
      if (count > 0)
        request.push(
          count === part.entries.length ? part : { ...part, entries: part.entries.slice(from, from + count) },
        );
      from += count;
      bytes += size + limits.overhead(part);
      if (from === part.entries.length) break;
      yield request;
      request = [];
      bytes = 0;
    }
  }
  if (request.length > 0) yield request;
}

const nothingFits = { count: 0, size: 0 };

/** How many entries from `from` on take at most `room` bytes; with `atLeastOne`, the first goes whatever its size. */
function fitting(
  part: StreamPart,
  from: number,
  room: number,
  atLeastOne: boolean,
): { count: number; size: number } {
  let count = 0;
  let size = 0;
  for (let at = from; at < part.entries.length; at++) {
    const entry = part.entries[at];
    const length = entry === undefined ? 0 : entry.end - entry.start;
    if (size + length > room && !(atLeastOne && count === 0)) break;
    size += length;
    count++;
  }
  return { count, size };
}

/** Two halves by entries; nothing when there is only one entry. */
export function halve(parts: readonly StreamPart[]): StreamPart[][] {
  const total = itemsOf(parts);
  if (total < 2) return [];
  const middle = Math.floor(total / 2);
  const first: StreamPart[] = [];
  const second: StreamPart[] = [];
  let seen = 0;
  for (const part of parts) {
    const cut = Math.min(Math.max(middle - seen, 0), part.entries.length);
    if (cut > 0) first.push({ ...part, entries: part.entries.slice(0, cut) });
    if (cut < part.entries.length) second.push({ ...part, entries: part.entries.slice(cut) });
    seen += part.entries.length;
  }
  return [first, second];
}

export function itemsOf(parts: readonly StreamPart[]): number {
  let items = 0;
  for (const { entries } of parts) items += entries.length;
  return items;
}

/** In the order of time; equal times keep their order. Most recordings are in order already. */
export function sortByTime(entries: EncodedEntry[]): EncodedEntry[] {
  for (let i = 1; i < entries.length; i++) {
    const before = entries[i - 1];
    const entry = entries[i];
    if (before !== undefined && entry !== undefined && before.timeUnixNano > entry.timeUnixNano) {
      return entries.sort((a, b) =>
        a.timeUnixNano < b.timeUnixNano ? -1 : a.timeUnixNano > b.timeUnixNano ? 1 : 0,
      );
    }
  }
  return entries;
}
