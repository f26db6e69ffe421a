/** The traces of a batch, without a view of any span. */
import { afterVarint, fixed64At, skipValue, type Bytes } from '../wire/bytes.ts';
import { traceIdsIn } from './survey.ts';
import type { TracesBatch } from './traces.ts';

/** The tags of resourceSpans, scopeSpans and spans, and of a span's trace id. */
const levels = [0x0a, 0x12, 0x12] as const;
const traceIdTag = 0x0a;
const idBytes = 16;

/**
 * The distinct trace ids of the spans in lower-case hex, in the order in which they first come, at most `most` of them.
 * Spans without a trace id are left out.
 */
export function traceIdsOf(batch: TracesBatch, most: number): string[] {
  const bytes = batch.encode();
  const found = traceIdsIn(bytes);
  if (found === undefined) return traceIdsByHand(bytes, most);
  const ids = new Set<string>();
  for (let at = 0; at < found.length && ids.size < most; at += idBytes)
    ids.add(found.hexSlice(at, at + idBytes));
  return [...ids];
}

/** The same without WebAssembly. */
export function traceIdsByHand(bytes: Bytes, most: number): string[] {
  const finder = new Finder(bytes, most);
  finder.visit(0, bytes.length, 0);
  return [...finder.ids];
}

class Finder {
  readonly buf: Bytes;
  readonly ids = new Set<string>();
  private readonly most: number;
  private last: string | undefined;
  private lastAt = 0;

  constructor(buf: Bytes, most: number) {
    this.buf = buf;
    this.most = most;
  }

  visit(start: number, end: number, level: number): void {
    const { buf } = this;
    const wanted = levels[level] ?? traceIdTag;
    for (let at = start; at < end && this.ids.size < this.most;) {
      const first = buf[at]!;
      const body = first < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, first & 7);
      if (first !== wanted) continue;
      const value = afterVarint(buf, body);
      if (level < levels.length) this.visit(value, at, level + 1);
      else {
        if (at - value === idBytes) this.take(value);
        // It comes first in a span; the rest need not be looked at.
        return;
      }
    }
  }

  /** Spans of one trace mostly stand together. */
  private take(at: number): void {
    const { buf, lastAt } = this;
    const isLast =
      this.last !== undefined &&
      fixed64At(buf, at) === fixed64At(buf, lastAt) &&
      fixed64At(buf, at + 8) === fixed64At(buf, lastAt + 8);
    if (isLast) return;
    this.last = buf.hexSlice(at, at + idBytes);
    this.lastAt = at;
    this.ids.add(this.last);
  }
}
