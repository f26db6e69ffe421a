/** What is asked of every item of a batch, in WebAssembly (wasm/survey.ts), which is quick from the first batch on. */
import type { Bytes } from '../wire/bytes.ts';
import { countItems } from './count.ts';
import { machineOfThread, type QuickMachine } from './quick-machine.ts';
import type { Signal } from './signal.ts';
import { surveyCode } from './survey-code.ts';
import { timeRangeIn, type TimeRange } from './time-range.ts';

/** What wasm/survey.ts exports. */
interface Code {
  survey(from: number, to: number, signal: number): number;
  earliestTime(): bigint;
  latestTime(): bigint;
  traceIds(from: number, to: number): number;
}

export interface Survey {
  /** Spans, log records or data points. */
  readonly items: number;
  /** From the earliest to the latest of their times; undefined when none carries any. */
  readonly range: TimeRange | undefined;
}

const kinds: Readonly<Record<Signal, number>> = { traces: 0, logs: 1, metrics: 2 };

/** Larger batches are looked at without: the memory does not become smaller again. */
const longest = 8 << 20;

/** The code, on the memory of the thread. */
class Machine {
  private readonly quick: QuickMachine;
  private readonly code: Code;

  constructor(quick: QuickMachine) {
    this.quick = quick;
    this.code = quick.joinedBy(surveyCode) as unknown as Code;
  }

  survey(signal: Signal, bytes: Bytes): Survey {
    const from = this.quick.inputAt;
    const items = this.code.survey(from, this.load(bytes), kinds[signal]);
    const startUnixNano = BigInt.asUintN(64, this.code.earliestTime());
    const endUnixNano = BigInt.asUintN(64, this.code.latestTime());
    return { items, range: startUnixNano > endUnixNano ? undefined : { startUnixNano, endUnixNano } };
  }

  traceIds(bytes: Bytes): Bytes {
    const from = this.quick.inputAt;
    const end = this.code.traceIds(from, this.load(bytes));
    return this.quick.bytes.subarray(from, end) as Bytes;
  }

  /** Answers where they end. */
  private load(bytes: Bytes): number {
    const { inputAt } = this.quick;
    const to = inputAt + bytes.length;
    bytes.copy(this.quick.grown(to), inputAt);
    return to;
  }
}

let machine: Machine | undefined;

/** Undefined for what is odd, too large, or more than there is memory for. */
function tried<T>(bytes: Bytes, work: (machine: Machine) => T): T | undefined {
  if (bytes.length > longest) return undefined;
  const quick = machineOfThread();
  if (quick === undefined) return undefined;
  try {
    machine ??= new Machine(quick);
    return work(machine);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** Looks through a TracesData, LogsData or MetricsData. Throws a WireError for a wire type that does not exist. */
export function surveyOf(signal: Signal, bytes: Bytes): Survey {
  const survey = tried(bytes, (machine) => machine.survey(signal, bytes));
  if (survey !== undefined) return survey;
  const range = { buf: bytes, start: 0, end: bytes.length };
  return { items: countItems(signal, range), range: timeRangeIn(signal, range) };
}

/**
 * The trace ids of a TracesData, one behind the other, those of spans that follow each other in one trace once; to be used
 * before the next call. Undefined when they have to be looked for in another way.
 */
export function traceIdsIn(bytes: Bytes): Bytes | undefined {
  return tried(bytes, (machine) => machine.traceIds(bytes));
}
