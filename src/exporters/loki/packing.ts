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
    const overhead = limits.overhead(part);
    let from = 0;
    if (limits.oneStream && request.length > 0) {
      yield request;
      request = [];
      bytes = 0;
    }
    bytes += overhead;
    for (const [at, { start, end }] of part.entries.entries()) {
      const size = end - start;
      if (bytes + size > limits.maxBytes && (at > from || request.length > 0)) {
        if (at > from) request.push({ ...part, entries: part.entries.slice(from, at) });
        yield request;
        request = [];
        bytes = overhead;
        from = at;
      }
      bytes += size;
    }
    request.push(from === 0 ? part : { ...part, entries: part.entries.slice(from) });
  }
  if (request.length > 0) yield request;
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
      return entries.sort((a, b) => (a.timeUnixNano < b.timeUnixNano ? -1 : a.timeUnixNano > b.timeUnixNano ? 1 : 0));
    }
  }
  return entries;
}
