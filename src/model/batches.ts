import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { acquire } from '../wire/pool.ts';
import { checkMessage } from './check.ts';
import { countItems } from './count.ts';
import { firstTimesIn } from './first-times.ts';
import { LogsBatch } from './logs.ts';
import { MetricsBatch } from './metrics.ts';
import { Source } from './ownership.ts';
import { dataTypeOf } from './schema.ts';
import type { Signal } from './signal.ts';
import { splitBytes, type SplitLimits } from './split.ts';
import type { TimeRange } from './time-range.ts';
import { TracesBatch } from './traces.ts';

export type AnyBatch = TracesBatch | LogsBatch | MetricsBatch;

/** The batch class of each signal. */
export interface BatchBySignal {
  traces: TracesBatch;
  logs: LogsBatch;
  metrics: MetricsBatch;
}

const classes: { [S in Signal]: new (source: Source) => BatchBySignal[S] } = {
  traces: TracesBatch,
  logs: LogsBatch,
  metrics: MetricsBatch,
};

export interface BatchOptions {
  /** The bytes are known to be well-formed, as those of the transcoder are: they are not checked. */
  trusted?: boolean;
  /** Called when the batch and all of its clones are released. */
  release?: () => void;
}

/**
 * A batch on the bytes of a TracesData, LogsData or MetricsData, which it takes over: edits that keep the size overwrite
 * them. Bytes that are not trusted are checked whole; ill-formed ones throw a WireError with the offset.
 */
export function batchOf<S extends Signal>(
  signal: S,
  bytes: Uint8Array,
  options: BatchOptions = {},
): BatchBySignal[S] {
  const buf = bytesOf(bytes);
  if (options.trusted !== true) checkMessage(buf, 0, buf.length, dataTypeOf(signal));
  return new classes[signal](new Source(buf, options.release));
}

/** A batch on the first `size` bytes of a buffer of the pool, which are known to be well-formed, and may grow in it. */
export function pooledBatch<S extends Signal>(signal: S, buffer: Bytes, size: number): BatchBySignal[S] {
  return new classes[signal](Source.pooled(buffer, size));
}

/** A batch with nothing in it, to be built with `addResource`. */
export function emptyBatch<S extends Signal>(signal: S): BatchBySignal[S] {
  return batchOf(signal, Buffer.alloc(0), { trusted: true });
}

/**
 * A new batch with the content of all, in their order; groups are not united. The batches stay what they are, with
 * their pending drops. Throws a TypeError when there is none or the signals differ.
 */
export function mergeBatches<B extends AnyBatch>(batches: readonly B[]): B {
  const [first] = batches;
  if (first === undefined || batches.some((batch) => batch.signal !== first.signal)) {
    throw new TypeError('batches of one signal are needed to merge');
  }
  if (batches.length === 1) return first.clone() as B;
  const parts = batches.map((batch) => batch.encode());
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const buffer = acquire(size);
  let at = 0;
  for (const part of parts) at += part.copy(buffer, at);
  const merged = pooledBatch(first.signal, buffer, size) as B;
  merged.origin = joinedOrigin(batches);
  return merged;
}

/**
 * New batches with the items of one, in their order, each within the limits and as full as the order allows. Resource,
 * scope, schema URL and unknown fields of the groups are repeated; a metric is cut between data points. An item that
 * exceeds `maxBytes` with its groups stands alone; parts that are mostly groups may exceed it (see `splitBytes`), so
 * that bounding the bytes of the parts does not multiply those of the whole.
 *
 * Each is made when it is asked for: whoever is done with one before the next never holds two. Until the last one, the
 * batch must be neither edited nor released; it stays what it is, with its pending drops.
 */
export function* splitBatch<B extends AnyBatch>(batch: B, limits: SplitLimits): Generator<B> {
  const { maxItems = Infinity, maxBytes = Infinity } = limits;
  const bytes = batch.encode();
  if (bytes.length <= maxBytes && batch.itemCount <= maxItems) {
    yield batch.clone() as B;
    return;
  }
  for (const bytesOfPart of splitBytes(batch.signal, bytes, limits)) {
    const part = new classes[batch.signal](new Source(bytesOfPart)) as B;
    part.origin = batch.origin;
    yield part;
  }
}

/** So many names tell where something comes from. */
const mostOrigins = 3;

/** The different origins of the batches. Those that were joined before are told apart again. */
function joinedOrigin(batches: readonly AnyBatch[]): string | undefined {
  const names = new Set(batches.flatMap(({ origin }) => origin?.split(originSeparator) ?? []));
  if (names.size === 0) return undefined;
  const named = [...names].filter((name) => name !== others);
  const shown = named.slice(0, mostOrigins);
  return [...shown, ...(named.length > mostOrigins || names.has(others) ? [others] : [])].join(
    originSeparator,
  );
}

const originSeparator = ', ';
const others = '...';

/** How many items a TracesData, LogsData or MetricsData has. Throws a WireError for a wire type that does not exist. */
export function itemsIn(signal: Signal, bytes: Uint8Array): number {
  const buf: Bytes = bytesOf(bytes);
  return countItems(signal, { buf, start: 0, end: buf.length });
}

/**
 * From the earliest to the latest time of the items: start and end of spans, time (or else observed time) of log
 * records, start and time of data points. Zero means unknown and is left out. Undefined when there is none.
 */
export function timeRangeOf(batch: AnyBatch): TimeRange | undefined {
  return batch.times;
}

/** The times of at most so many items at the beginning of the batch; zero means unknown and is left out. */
export function firstTimesOf(batch: AnyBatch, mostItems: number): bigint[] {
  const buf = batch.encode();
  return firstTimesIn(batch.signal, { buf, start: 0, end: buf.length }, mostItems);
}
