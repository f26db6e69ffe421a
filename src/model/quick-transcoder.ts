import type { Bytes } from '../wire/bytes.ts';
import type { Writer } from '../wire/writer.ts';
import { quickCode } from './quick-code.ts';
import { QuickTables } from './quick-tables.ts';
import { AnyValueType, KeyValueType, LogsData, MetricsData, TracesData, type Field } from './schema.ts';

/** What wasm/transcode.ts exports. */
interface Code {
  setUp(keyField: number, valueField: number, stringValueField: number): void;
  limit(depth: number, attributes: number): void;
  elements(from: number, field: number, out: number, room: number): number;
  element(from: number, field: number, out: number, room: number): number;
  written(): number;
  idsInBase64(): number;
}

const pageBytes = 1 << 16;
/** Zeros behind the text, at which each token ends. */
const padding = 64;
/** What takes more room than a quarter more than its text, and this, is left to the Transcoder. */
const slack = 8192;
/** So are longer texts: the memory does not become smaller again. */
const longest = 4 << 20;
/** So much is taken over at first of a text of which only the utmost end is known. */
const firstBytes = 1 << 16;
/** After so many texts in a row that it could not read, it tries the next one; it doubles up to here. */
const longestPause = 256;

/** The elements of a list of messages, or one of them alone. */
export interface QuickText {
  readonly json: Bytes;
  /** Where the first element begins. */
  readonly start: number;
  /** Where the text ends at the latest; of an element alone, exactly. */
  readonly stop: number;
  readonly field: Field;
  readonly isAlone: boolean;
}

/** Code and memory of a thread. */
class Machine {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly code: Code;
  private readonly fields: ReadonlyMap<Field, number>;
  private readonly inputAt: number;
  private bytes: Bytes;
  /** Ids in base64 of the text that was read last. */
  base64Ids = 0;

  constructor() {
    const numbers = { parseDouble: (from: number, to: number) => Number(this.bytes.latin1Slice(from, to)) };
    const module = new WebAssembly.Module(Buffer.from(quickCode, 'base64'));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory }, numbers });
    this.code = exports as unknown as Code;
    const tables = new QuickTables(this.memory);
    for (const type of [TracesData, LogsData, MetricsData]) tables.type(type);
    this.fields = tables.fields;
    this.inputAt = tables.end;
    this.bytes = Buffer.from(this.memory.buffer) as Bytes;
    const address = (name: string, { byName } = KeyValueType) => this.fields.get(byName.get(name)!.field)!;
    this.code.setUp(address('key'), address('value'), address('stringValue', AnyValueType));
  }

  limit(depth: number, attributes: number): void {
    this.code.limit(depth, Math.min(attributes, 2 ** 32 - 1));
  }

  /** Reads a text, or the first `length` bytes of it. Answers where in it it ended, or -1. */
  read({ json, start, field, isAlone }: QuickText, length: number, to: Writer): number {
    const { inputAt } = this;
    const end = inputAt + length;
    const outputAt = end + padding;
    const room = length + (length >> 2) + slack;
    const { code } = this;
    let at: number;
    try {
      const bytes = this.grown(outputAt + room + padding);
      json.copy(bytes, inputAt, start, start + length);
      bytes.fill(0, end, outputAt);
      const from = this.fields.get(field)!;
      at = isAlone
        ? code.element(inputAt, from, outputAt, room)
        : code.elements(inputAt, from, outputAt, room);
    } catch (error) {
      // A RangeError is a stack that is full, where the Transcoder's may hold more, or memory that there is none of.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return -1;
      throw error;
    }
    this.base64Ids = code.idsInBase64();
    const size = code.written() - outputAt;
    to.reserve(size);
    this.bytes.copy(to.buf, to.pos, outputAt, outputAt + size);
    to.pos += size;
    return start + at - inputAt;
  }

  /** The memory, of at least so many bytes. */
  private grown(size: number): Bytes {
    const lacking = size - this.bytes.length;
    if (lacking > 0) {
      this.memory.grow(Math.ceil(lacking / pageBytes));
      this.bytes = Buffer.from(this.memory.buffer) as Bytes;
    }
    return this.bytes;
  }
}

let machine: Machine | undefined;
let isMade = false;

/** None on a processor without SIMD, such as the one that a virtual machine may be given, and where there is no memory for it. */
function machineOfThread(): Machine | undefined {
  if (isMade) return machine;
  isMade = true;
  try {
    machine = new Machine();
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
  }
  return machine;
}

/**
 * What the Transcoder does, much quicker, for what producers write almost always; nothing for the rest. It gives up for a
 * while where it often cannot read what comes.
 */
export class QuickTranscoder {
  private readonly maxDepth: number;
  private readonly maxAttributes: number;
  /** Ids that were in base64 in the last text. */
  base64Ids = 0;
  /** Twice the length of the longest text of late. */
  private usual = firstBytes;
  private pause = 0;
  private paused = 0;

  constructor(limits: { readonly maxDepth: number; readonly maxAttributes: number }) {
    this.maxDepth = limits.maxDepth;
    this.maxAttributes = limits.maxAttributes;
  }

  /**
   * Appends what the text says, and answers where it ended: behind the bracket that closes the list. Answers -1, with
   * nothing appended, if the Transcoder has to read it.
   */
  read(text: QuickText, to: Writer): number {
    if (this.paused < this.pause) {
      this.paused++;
      return -1;
    }
    const length = text.stop - text.start;
    const end = this.tried(text, text.isAlone ? length : Math.min(length, this.usual), to);
    this.paused = 0;
    this.pause = end >= 0 ? 0 : Math.min(longestPause, this.pause * 2 + 1);
    return end;
  }

  /** The same for a text of which perhaps not all is there: that it could not be read says nothing of the next ones. */
  attempt(text: QuickText, to: Writer): number {
    return this.pause > 0 ? -1 : this.tried(text, Math.min(text.stop - text.start, this.usual), to);
  }

  /** Reads the first `some` bytes, or all of them if that is not enough. */
  private tried(text: QuickText, some: number, to: Writer): number {
    const length = text.stop - text.start;
    if (length > longest) return -1;
    const machine = machineOfThread();
    if (machine === undefined) return -1;
    machine.limit(this.maxDepth, this.maxAttributes);
    let end = machine.read(text, some, to);
    if (end < 0 && some < length) end = machine.read(text, length, to);
    if (end < 0) return end;
    this.usual = Math.max(firstBytes, (end - text.start) * 2, this.usual >> 1);
    this.base64Ids = machine.base64Ids;
    return end;
  }
}
