/** What is asked of every item of a batch, in WebAssembly (wasm/survey.ts), which is quick from the first batch on. */
import type { Bytes } from '../wire/bytes.ts';
import { countItems } from './count.ts';
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

const pageBytes = 1 << 16;
/** The code counts 0 as no address. */
const from = 64;
/** Larger batches are looked at without: the memory does not become smaller again. */
const longest = 8 << 20;

/** Code and memory of a thread. */
class Machine {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly code: Code;
  private bytes: Bytes;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(surveyCode, 'base64'));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.code = exports as unknown as Code;
    this.bytes = Buffer.from(this.memory.buffer) as Bytes;
  }

  survey(signal: Signal, bytes: Bytes): Survey {
    const items = this.code.survey(from, this.load(bytes), kinds[signal]);
    const startUnixNano = BigInt.asUintN(64, this.code.earliestTime());
    const endUnixNano = BigInt.asUintN(64, this.code.latestTime());
    return { items, range: startUnixNano > endUnixNano ? undefined : { startUnixNano, endUnixNano } };
  }

  traceIds(bytes: Bytes): Bytes {
    const end = this.code.traceIds(from, this.load(bytes));
    return this.bytes.subarray(from, end) as Bytes;
  }

  /** Answers where they end. */
  private load(bytes: Bytes): number {
    const to = from + bytes.length;
    if (to > this.bytes.length) {
      this.memory.grow(Math.ceil((to - this.bytes.length) / pageBytes));
      this.bytes = Buffer.from(this.memory.buffer) as Bytes;
    }
    bytes.copy(this.bytes, from);
    return to;
  }
}

let machine: Machine | undefined;

/** Undefined for what is odd, too large, or more than there is memory for. */
function tried<T>(bytes: Bytes, work: (machine: Machine) => T): T | undefined {
  if (bytes.length > longest) return undefined;
  try {
    machine ??= new Machine();
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
