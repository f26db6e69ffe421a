/** What is asked of every item of a batch, in WebAssembly (wasm/survey.ts), which is quick from the first batch on. */
import type { Bytes } from '../wire/bytes.ts';
import { countItems } from './count.ts';
import { machineOfThread, type QuickMachine } from './quick-machine.ts';
import type { Signal } from './signal.ts';
import { timeRangeIn, type TimeRange } from './time-range.ts';

export interface Survey {
  /** Spans, log records or data points. */
  readonly items: number;
  /** From the earliest to the latest of their times; undefined when none carries any. */
  readonly range: TimeRange | undefined;
}

const kinds: Readonly<Record<Signal, number>> = { traces: 0, logs: 1, metrics: 2 };

/** Larger batches are looked at without: the memory does not become smaller again. */
const longest = 8 << 20;

/** What `work` answers, told where the bytes begin and end; undefined for what is odd, too large, or more than there is memory for. */
function tried<T>(bytes: Bytes, work: (machine: QuickMachine, from: number, to: number) => T): T | undefined {
  const machine = bytes.length > longest ? undefined : machineOfThread();
  return machine?.attempt(() => {
    const { inputAt } = machine;
    const to = inputAt + bytes.length;
    bytes.copy(machine.grown(to), inputAt);
    return work(machine, inputAt, to);
  });
}

/** Looks through a TracesData, LogsData or MetricsData. Throws a WireError for a wire type that does not exist. */
export function surveyOf(signal: Signal, bytes: Bytes): Survey {
  const survey = tried(bytes, ({ code }, from, to): Survey => {
    const items = code.survey(from, to, kinds[signal]);
    const startUnixNano = BigInt.asUintN(64, code.earliestTime());
    const endUnixNano = BigInt.asUintN(64, code.latestTime());
    return { items, range: startUnixNano > endUnixNano ? undefined : { startUnixNano, endUnixNano } };
  });
  if (survey !== undefined) return survey;
  const range = { buf: bytes, start: 0, end: bytes.length };
  return { items: countItems(signal, range), range: timeRangeIn(signal, range) };
}

/**
 * The trace ids of a TracesData, one behind the other, those of spans that follow each other in one trace once; to be used
 * before the next call. Undefined when they have to be looked for in another way.
 */
export function traceIdsIn(bytes: Bytes): Bytes | undefined {
  return tried(
    bytes,
    (machine, from, to) => machine.bytes.subarray(from, machine.code.traceIds(from, to)) as Bytes,
  );
}
