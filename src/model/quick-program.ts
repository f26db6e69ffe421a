import { textAt, type Bytes } from '../wire/bytes.ts';
import type { AnyBatch } from './batches.ts';
import type { DeferredEdits } from './batch.ts';
import type { ItemProgram, ItemStep } from './item-program.ts';
import { header, programBytes, recordBytes } from './quick-layout.ts';
import { machineOfThread, Patience, type ProgramHost, type QuickMachine } from './quick-machine.ts';
import { contentOf, encodeProgram, UnsayableError, type EncodedProgram } from './quick-program-code.ts';
import { freshValueAt } from './value.ts';

/** So many programs are kept where they can be run at once; more of them are laid out again and again. */
const places = 8;
/** Longer batches are left to views: the memory does not become smaller again. */
const longest = 4 << 20;
const padding = 64;
/** What callbacks make for one record at a time; see wasm/host.ts. */
const mostWritten = 65_536;
/** What is written may be longer than what is read by a quarter and this; after a failure, by this more. */
const slack = 1 << 18;

/** Programs that are laid out, by their places. */
class Shelf {
  private readonly machine: QuickMachine;
  private readonly programs: (QuickProgram | undefined)[] = [];
  private readonly addresses: number[] = [];
  private next = 0;

  constructor(machine: QuickMachine) {
    this.machine = machine;
    machine.code.setRecords(machine.take(recordBytes * 2));
  }

  /** Where the program is. */
  placeOf(program: QuickProgram): number {
    const known = this.addresses[this.programs.indexOf(program)];
    if (known !== undefined) return known;
    const place = this.next;
    this.next = (place + 1) % places;
    const address = (this.addresses[place] ??= this.machine.take(programBytes));
    // One that has not enough room for its keys is never there.
    this.programs[place] = undefined;
    this.layOut(program, address);
    this.programs[place] = program;
    return address;
  }

  private layOut(program: QuickProgram, at: number): void {
    const { bytes, code, inputAt } = this.machine;
    bytes.fill(0, at, at + header.code);
    code.begin(at);
    const encoded = encodeProgram(program.program, at, (key) => {
      key.copy(bytes, inputAt);
      return code.constantKey(inputAt, key.length);
    });
    // What is before it belongs to the keys.
    encoded.header.copy(bytes, at + header.steps, header.steps);
    encoded.code.copy(bytes, at + header.code);
  }
}

const shelves = new WeakMap<QuickMachine, Shelf>();

function shelfOf(machine: QuickMachine): Shelf {
  let shelf = shelves.get(machine);
  if (shelf === undefined) shelves.set(machine, (shelf = new Shelf(machine)));
  return shelf;
}

/** An ItemProgram that runs over the bytes of batches, without a view of any item. */
export class QuickProgram {
  readonly program: ItemProgram;
  private readonly encoded: EncodedProgram;
  private readonly patience = new Patience();
  /** How many bytes more than its quarter a batch may grow by. */
  private room = slack;
  /** The programs that ran before this one last time, together with it. */
  private combined:
    | { readonly steps: readonly (readonly ItemStep[])[]; readonly program: QuickProgram | undefined }
    | undefined;

  private constructor(program: ItemProgram, encoded: EncodedProgram) {
    this.program = program;
    this.encoded = encoded;
  }

  /** Undefined where it has to be done on views, always. */
  static of(program: ItemProgram): QuickProgram | undefined {
    try {
      return new QuickProgram(
        program,
        encodeProgram(program, 0, () => 0),
      );
    } catch (error) {
      if (error instanceof UnsayableError) return undefined;
      throw error;
    }
  }

  /**
   * Runs over the batch. Answers false, with nothing changed, where views have to do it: there are some already, which
   * would not show the edits, or something in the batch is not as it usually is, or a callback threw.
   */
  run(batch: AnyBatch): boolean {
    const deferred = batch.takeDeferred();
    if (deferred.length === 0) return this.runAlone(batch);
    if (this.behind(deferred)?.runAlone(batch) === true) return true;
    for (const edits of deferred) edits.run();
    return this.runAlone(batch);
  }

  /** Puts the program off until another one runs, with which it goes over the bytes once. Answers false as `run` does. */
  defer(batch: AnyBatch, onViews: (batch: AnyBatch) => void): boolean {
    if (batch.signal !== this.program.signal) return false;
    const run = (): void => {
      if (!this.runAlone(batch)) onViews(batch);
    };
    return batch.defer({ steps: this.program.steps, run });
  }

  /** This program behind others, in one. */
  private behind(others: readonly DeferredEdits[]): QuickProgram | undefined {
    const known = this.combined;
    const isSame = known?.steps.length === others.length;
    if (isSame && known.steps.every((steps, i) => steps === others[i]?.steps)) return known.program;
    const steps = others.map((other) => other.steps);
    const program = QuickProgram.of({ ...this.program, steps: [...steps.flat(), ...this.program.steps] });
    this.combined = { steps, program };
    return program;
  }

  /** The same without what was put off. */
  runAlone(batch: AnyBatch): boolean {
    if (batch.signal !== this.program.signal || !this.patience.allows()) return false;
    const machine = machineOfThread();
    const buf = machine === undefined ? undefined : batch.withoutViews();
    if (machine === undefined || buf === undefined || buf.length > longest) return false;
    const isDone = this.runOver(machine, buf, batch);
    this.patience.took(isDone);
    return isDone;
  }

  private runOver(machine: QuickMachine, buf: Bytes, batch: AnyBatch): boolean {
    const { code } = machine;
    machine.host = new Host(machine, this.encoded);
    try {
      const place = shelfOf(machine).placeOf(this);
      const { inputAt } = machine;
      const outputAt = inputAt + buf.length + padding;
      const room = buf.length + (buf.length >> 2) + this.room;
      const bytes = machine.grown(outputAt + room + padding);
      buf.copy(bytes, inputAt);
      bytes.fill(0, place + header.drops, place + header.drops + this.encoded.reasons.length * 4);
      code.writeTo(outputAt, room);
      const changes = code.run(place, inputAt, inputAt + buf.length) !== 0;
      if (changes) this.replace(machine, batch, place, outputAt);
      return true;
    } catch {
      // Whatever it was, it comes again on the views, where it is told with its place.
      this.room = Math.min(this.room * 2, longest);
      return false;
    }
  }

  private replace({ code, bytes }: QuickMachine, batch: AnyBatch, place: number, outputAt: number): void {
    const size = code.written() - outputAt;
    const source = batch.roomFor(size);
    bytes.copy(source.bytes, 0, outputAt, outputAt + size);
    const drops = new Map<string, number>();
    for (const [i, reason] of this.encoded.reasons.entries())
      drops.set(reason, (drops.get(reason) ?? 0) + bytes.readUInt32LE(place + header.drops + i * 4));
    batch.replaceBytes(source, { items: code.left(), drops });
  }
}

class Host implements ProgramHost {
  private readonly machine: QuickMachine;
  private readonly encoded: EncodedProgram;

  constructor(machine: QuickMachine, encoded: EncodedProgram) {
    this.machine = machine;
    this.encoded = encoded;
  }

  isMatch(question: number, from: number, to: number): boolean {
    return this.encoded.matches[question]!(textAt(this.machine.bytes, from, to));
  }

  isMeant(question: number, from: number, to: number): boolean {
    return this.encoded.meanings[question]!(this.machine.bytes.utf8Slice(from, to));
  }

  replacement(by: number, from: number, to: number, out: number): number {
    const { bytes } = this.machine;
    const text = this.encoded.replacements[by]!(bytes.utf8Slice(from, to));
    if (text === undefined) return -1;
    if (text.length * 3 > mostWritten) throw new RangeError('a text is too long to be put aside');
    return bytes.write(text, out);
  }

  change(by: number, from: number, to: number, out: number): number {
    const { bytes } = this.machine;
    const old = freshValueAt(bytes, from, to);
    const value = this.encoded.changes[by]!(old);
    if (Object.is(value, old)) return -1;
    const content = contentOf(value);
    if (content.length > mostWritten) throw new RangeError('a value is too long to be put aside');
    return content.copy(bytes, out);
  }
}
