/**
 * What Tempo drops without telling anyone. It answers 200 for spans beyond `max_bytes_per_trace` and beyond
 * `max_traces_per_user` (its metric `tempo_discarded_spans_total` has them), and keeps what it took in memory alone until
 * a trace is idle: a Tempo that is killed loses that. Here is what it must have, by what was sent to it; of the rest
 * nobody can tell.
 */
import type { Clock } from '../../pipeline/clock.ts';
import type { Outcome } from '../../pipeline/component.ts';
import { afterVarint, bytesOf, skipValue, type Bytes } from '../../wire/bytes.ts';

export interface TempoLimits {
  /** Zero for no limit, as in Tempo. */
  readonly max_bytes_per_trace: number;
  readonly max_live_traces: number;
  readonly unflushed: number;
}

export interface TraceSize {
  bytes: number;
  spans: number;
}

/** By trace id, as bytes in Latin-1. */
export type TraceSizes = ReadonlyMap<string, TraceSize>;

/** Of so many traces it is known how much was sent; the first to come are the first to be forgotten. */
const mostTraces = 200_000;

export class TempoMemory {
  private readonly limits: TempoLimits;
  private readonly clock: Clock;
  private readonly sizes = new Map<string, number>();
  /** When a trace was last sent to, in that order. */
  private readonly live = new Map<string, number>();
  private recent: { readonly atMs: number; readonly spans: number }[] = [];

  constructor(limits: TempoLimits, clock: Clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** To be called before the attempt: what is under way at the same time counts, for nobody knows what came first. */
  begin(traces: TraceSizes): void {
    const now = this.clock.monotonicMs();
    for (const [id, { bytes }] of traces) {
      this.sizes.set(id, (this.sizes.get(id) ?? 0) + bytes);
      this.live.delete(id);
      this.live.set(id, now);
    }
    forgetWhile(this.live, (atMs) => now - atMs > this.limits.unflushed);
    forgetWhile(this.sizes, () => this.sizes.size > mostTraces);
  }

  /** An answer says that nothing is stored. */
  takeBack(traces: TraceSizes): void {
    for (const [id, { bytes }] of traces) {
      const size = this.sizes.get(id);
      if (size !== undefined) this.sizes.set(id, size - bytes);
    }
  }

  /** How many of the spans that Tempo says it took it may have dropped. */
  taken(traces: TraceSizes): number {
    const { max_bytes_per_trace: mostBytes, max_live_traces: mostLive } = this.limits;
    const isFull = mostLive > 0 && this.live.size >= mostLive;
    let all = 0;
    let uncertain = 0;
    for (const [id, { spans }] of traces) {
      all += spans;
      const isLarge = mostBytes > 0 && (this.sizes.get(id) ?? Infinity) > mostBytes;
      if (isFull || isLarge) uncertain += spans;
    }
    const atMs = this.clock.monotonicMs();
    this.recent = this.recent.filter((one) => atMs - one.atMs <= this.limits.unflushed);
    if (all > uncertain) this.recent.push({ atMs, spans: all - uncertain });
    return uncertain;
  }

  /** Tempo may be gone: how many spans it had in memory alone. Each is told of once. */
  lost(): number {
    const atMs = this.clock.monotonicMs();
    const lost = this.recent.filter((one) => atMs - one.atMs <= this.limits.unflushed);
    this.recent = [];
    return lost.reduce((sum, { spans }) => sum + spans, 0);
  }
}

/** A connection that ends says that Tempo may have ended: it has no status, and no deadline did it. */
export function outcomeOfTempo(memory: TempoMemory, traces: TraceSizes, outcome: Outcome): Outcome {
  if (outcome.verdict === 'delivered') {
    const uncertain = memory.taken(traces);
    return uncertain === 0 ? outcome : { ...outcome, uncertain, notice: silentDrops };
  }
  if (outcome.verdict !== 'retry' || outcome.mayBeStored !== true) memory.takeBack(traces);
  if (outcome.verdict !== 'retry' || outcome.status !== undefined) return outcome;
  const doubted = outcome.slows === true ? 0 : memory.lost();
  return doubted === 0 ? outcome : { ...outcome, doubted };
}

const silentDrops =
  'this is more than Tempo takes of one trace, or of traces at a time, and it tells nobody what it drops: such spans count as uncertain; ' +
  'raise max_bytes_per_trace and max_traces_per_user in Tempo and, to match, under `tempo` here';

function forgetWhile<T>(map: Map<string, T>, isOver: (value: T) => boolean): void {
  for (const [key, value] of map) {
    if (!isOver(value)) return;
    map.delete(key);
  }
}

/** What Tempo adds to a piece of a trace, at the most. */
const segmentBytes = 32;
/** The tags of resourceSpans, scopeSpans and spans. */
const levels = [0x0a, 0x12, 0x12] as const;

/** How large the traces of a TracesData are for Tempo, which repeats resource and scope for each trace in them. */
export function traceSizesIn(data: Uint8Array): TraceSizes {
  const sizes = new Map<string, TraceSize>();
  measure({ buf: bytesOf(data), sizes }, { start: 0, end: data.length }, { level: 0, around: segmentBytes });
  return sizes;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function measure(
  of: { readonly buf: Bytes; readonly sizes: Map<string, TraceSize> },
  { start, end }: Place,
  { level, around }: { level: number; around: number },
): void {
  const { buf, sizes } = of;
  const children: Place[] = [];
  let own = 0;
  for (let at = start; at < end;) {
    const tag = buf[at] ?? 0;
    const body = afterVarint(buf, at);
    const next = skipValue(buf, body, tag & 7);
    if (tag === levels[level]) children.push({ start: afterVarint(buf, body), end: next });
    else own += next - at;
    at = next;
  }
  if (level < 2) {
    for (const child of children) measure(of, child, { level: level + 1, around: around + own });
    return;
  }
  const here = new Set<string>();
  for (const span of children) {
    const id = traceIdIn(buf, span);
    const size = sizes.get(id) ?? { bytes: 0, spans: 0 };
    size.bytes += span.end - span.start + 8 + (here.has(id) ? 0 : around + own);
    size.spans++;
    sizes.set(id, size);
    here.add(id);
  }
}

function traceIdIn(buf: Bytes, { start, end }: Place): string {
  for (let at = start; at < end;) {
    const tag = buf[at] ?? 0;
    const body = afterVarint(buf, at);
    const next = skipValue(buf, body, tag & 7);
    if (tag === 0x0a) return buf.latin1Slice(afterVarint(buf, body), next);
    at = next;
  }
  return '';
}
