import type { Bytes } from '../wire/bytes.ts';
import type { Writer } from '../wire/writer.ts';
import { machineOfThread, Patience, type QuickMachine } from './quick-machine.ts';
import type { Field } from './schema.ts';

/** Zeros behind the text, at which each token ends. */
const padding = 64;
/** What takes more room than a quarter more than its text, and this, is left to the Transcoder. */
const slack = 8192;
/** So are longer texts: the memory does not become smaller again. */
const longest = 4 << 20;
/** So much is taken over at first of a text of which only the utmost end is known. */
const firstBytes = 1 << 16;

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
  private readonly patience = new Patience();

  constructor(limits: { readonly maxDepth: number; readonly maxAttributes: number }) {
    this.maxDepth = limits.maxDepth;
    this.maxAttributes = limits.maxAttributes;
  }

  /**
   * Appends what the text says, and answers where it ended: behind the bracket that closes the list. Answers -1, with
   * nothing appended, if the Transcoder has to read it.
   */
  read(text: QuickText, to: Writer): number {
    if (!this.patience.allows()) return -1;
    const length = text.stop - text.start;
    const end = this.tried(text, text.isAlone ? length : Math.min(length, this.usual), to);
    this.patience.took(end >= 0);
    return end;
  }

  /** The same for a text of which perhaps not all is there: that it could not be read says nothing of the next ones. */
  attempt(text: QuickText, to: Writer): number {
    return this.patience.isTried ? -1 : this.tried(text, Math.min(text.stop - text.start, this.usual), to);
  }

  /** Reads the first `some` bytes, or all of them if that is not enough. */
  private tried(text: QuickText, some: number, to: Writer): number {
    const length = text.stop - text.start;
    if (length > longest) return -1;
    const machine = machineOfThread();
    if (machine === undefined) return -1;
    machine.code.limit(this.maxDepth, Math.min(this.maxAttributes, 2 ** 32 - 1));
    let end = readBy(machine, text, some, to);
    if (end < 0 && some < length) end = readBy(machine, text, length, to);
    if (end < 0) return end;
    this.usual = Math.max(firstBytes, (end - text.start) * 2, this.usual >> 1);
    this.base64Ids = machine.code.idsInBase64();
    return end;
  }
}

/** Reads a text, or the first `length` bytes of it. Answers where in it it ended, or -1. */
function readBy(machine: QuickMachine, text: QuickText, length: number, to: Writer): number {
  const { json, start, field, isAlone } = text;
  const { code, inputAt } = machine;
  const end = inputAt + length;
  const outputAt = end + padding;
  const room = length + (length >> 2) + slack;
  const at = machine.attempt(() => {
    const bytes = machine.grown(outputAt + room + padding);
    json.copy(bytes, inputAt, start, start + length);
    bytes.fill(0, end, outputAt);
    const from = machine.fields.get(field)!;
    return isAlone
      ? code.element(inputAt, from, outputAt, room)
      : code.elements(inputAt, from, outputAt, room);
  });
  if (at === undefined) return -1;
  const size = code.written() - outputAt;
  to.reserve(size);
  machine.bytes.copy(to.buf, to.pos, outputAt, outputAt + size);
  to.pos += size;
  return start + at - inputAt;
}
