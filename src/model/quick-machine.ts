/** The WebAssembly of wasm/ with its memory, which a thread has once. */
import type { Bytes } from '../wire/bytes.ts';
import { quickCode } from './quick-code.ts';
import { QuickTables } from './quick-tables.ts';
import { AnyValueType, KeyValueType, LogsData, MetricsData, TracesData, type Field } from './schema.ts';

/** What wasm/main.ts exports. */
interface Code {
  setUp(keyField: number, valueField: number, stringValueField: number): void;
  limit(depth: number, attributes: number): void;
  elements(from: number, field: number, out: number, room: number): number;
  element(from: number, field: number, out: number, room: number): number;
  written(): number;
  idsInBase64(): number;
  setRecords(at: number): void;
  begin(program: number): void;
  constantKey(from: number, length: number): number;
  writeTo(out: number, room: number): void;
  run(program: number, from: number, to: number): number;
  left(): number;
  survey(from: number, to: number, signal: number): number;
  earliestTime(): bigint;
  latestTime(): bigint;
  traceIds(from: number, to: number): number;
}

/** What a program asks while it runs; see wasm/host.ts. What it throws ends the run. */
export interface ProgramHost {
  isMatch(question: number, from: number, to: number): boolean;
  isMeant(question: number, from: number, to: number): boolean;
  replacement(by: number, from: number, to: number, out: number): number;
  change(by: number, from: number, to: number, out: number): number;
}

const pageBytes = 1 << 16;

export class QuickMachine {
  readonly code: Code;
  /** Where the fields of messages are in its tables. */
  readonly fields: ReadonlyMap<Field, number>;
  /** All of its memory; another one after it has grown. */
  bytes: Bytes;
  /** Whose program runs. */
  host: ProgramHost | undefined;
  /** From here on the memory is free for what is read and written at a time. */
  inputAt: number;
  private readonly memory = new WebAssembly.Memory({ initial: 1 });

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(quickCode, 'base64'));
    const numbers = { parseDouble: (from: number, to: number) => Number(this.bytes.latin1Slice(from, to)) };
    const imports = { env: { memory: this.memory }, numbers, host: this.asking() };
    this.code = new WebAssembly.Instance(module, imports).exports as unknown as Code;
    const tables = new QuickTables(this.memory);
    for (const type of [TracesData, LogsData, MetricsData]) tables.type(type);
    this.fields = tables.fields;
    this.inputAt = tables.end;
    this.bytes = Buffer.from(this.memory.buffer) as Bytes;
    const address = (name: string, { byName } = KeyValueType) => this.fields.get(byName.get(name)!.field)!;
    this.code.setUp(address('key'), address('value'), address('stringValue', AnyValueType));
  }

  /** What `run` answers; undefined where the code gave up. */
  attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      // A RangeError is a stack that is full, where other code's may hold more, or memory that there is none of.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** The memory, of at least so many bytes. Throws a RangeError where there is no more. */
  grown(size: number): Bytes {
    const lacking = size - this.bytes.length;
    if (lacking > 0) {
      this.memory.grow(Math.ceil(lacking / pageBytes));
      this.bytes = Buffer.from(this.memory.buffer) as Bytes;
    }
    return this.bytes;
  }

  /** So many bytes for ever, with zeros. */
  take(size: number): number {
    const at = this.inputAt;
    const end = at + Math.ceil(size / 16) * 16;
    this.grown(end).fill(0, at, end);
    this.inputAt = end;
    return at;
  }

  private asking(): Record<keyof ProgramHost, unknown> {
    return {
      isMatch: (question: number, from: number, to: number) => this.host!.isMatch(question, from, to),
      isMeant: (question: number, from: number, to: number) => this.host!.isMeant(question, from, to),
      replacement: (by: number, from: number, to: number, out: number) =>
        this.host!.replacement(by, from, to, out),
      change: (by: number, from: number, to: number, out: number) => this.host!.change(by, from, to, out),
    };
  }
}

let machine: QuickMachine | undefined;
let isMade = false;

/** None on a processor without SIMD, such as the one that a virtual machine may be given, and where there is no memory for it. */
export function machineOfThread(): QuickMachine | undefined {
  if (isMade) return machine;
  isMade = true;
  try {
    machine = new QuickMachine();
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
  }
  return machine;
}

const longestPause = 256;

/** For who cannot do all that he is given: after each failure in a row he tries again later, up to 256 turns. */
export class Patience {
  private pause = 0;
  private paused = 0;

  /** Whether the last attempt failed. */
  get isTried(): boolean {
    return this.pause > 0;
  }

  allows(): boolean {
    if (this.paused >= this.pause) return true;
    this.paused++;
    return false;
  }

  took(isDone: boolean): void {
    this.paused = 0;
    this.pause = isDone ? 0 : Math.min(longestPause, this.pause * 2 + 1);
  }
}
