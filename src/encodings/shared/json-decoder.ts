import { JsonError } from '../../model/json-error.ts';
import { deepestValue } from '../../model/value.ts';
import type { Bytes } from '../../wire/bytes.ts';
import type { Decoded, DecodedBatch, Decoder, DecoderOptions, DecoderStart } from '../encoding.ts';
import { UnreadableRegions, type Region, type RegionKind } from '../unreadable-regions.ts';
import { JsonCutter } from './json-cutter.ts';
import type { CutHandler } from './json-cuts.ts';
import { parseJson, type Json } from './json.ts';
import type { Plan } from './plan.ts';
import { ShapeError } from './shape-error.ts';

/** A value that was cut out: `bytes[start, end)`, valid until the reader has taken it. */
export interface Piece {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
  /** Throws a ShapeError. */
  json(): Json;
}

/** What the pieces of a shape mean. One reader reads one file. */
export interface PieceReader {
  /** Appends to the output. What it throws as a ShapeError or JsonError is the reason why the piece is unreadable. */
  piece(name: string, piece: Piece): void;
  /** An object or array of the plan begins or is over; after damage some of these do not come. */
  opened?(name: string): void;
  closed?(name: string): void;
  /** The document is over. What the reader holds has to be given away: another one may begin here. */
  ended?(): void;
}

/** Collects telemetry until it is enough for a batch. */
export interface PieceOutput {
  /** Documents that are complete and not in a batch yet. */
  documents: number;
  mark(): void;
  rollback(): void;
  isFull(): boolean;
  flush(end?: DecoderStart): DecodedBatch[];
  drain(end: DecoderStart): DecodedBatch[];
  close(): void;
}

export interface ReaderContext {
  readonly options: DecoderOptions;
  /** Counts what was read in another way than it was written. */
  notice(text: string): void;
  /** Hands over what is in the output, if it is enough for a batch. To be called by readers that give away much at once. */
  flushIfFull(): void;
}

/** A shape of JSON documents. */
export interface JsonShape<Output extends PieceOutput> {
  readonly root: Plan;
  /** What documents are called in which nothing is that the plan knows. */
  readonly alien: RegionKind;
  /** An array at the top may go without its closing bracket. */
  readonly isOpenEnded?: boolean;
  output(options: DecoderOptions): Output;
  reader(output: Output, context: ReaderContext): PieceReader;
}

/** Input is taken in by pieces of this size, so that little is held however large a chunk is. */
const chunkBytes = 1 << 20;

const textLines: RegionKind = {
  one: 'a line that is not JSON',
  many: (count) => `${count} lines that are not JSON`,
};

/** Reads a file of JSON documents of one shape: see `JsonCutter` for how they may lie in it. */
export class JsonShapeDecoder<Output extends PieceOutput> implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly cutter: JsonCutter;
  private readonly output: Output;
  private readonly reader: PieceReader;
  private readonly regions = new UnreadableRegions();
  private readonly ready: Decoded[] = [];
  /** What is unreadable for the same reason as the one before is named once. */
  private kind: RegionKind = textLines;

  constructor(shape: JsonShape<Output>, options: DecoderOptions) {
    this.output = shape.output(options);
    this.reader = shape.reader(this.output, {
      options,
      notice: this.notice,
      flushIfFull: () => {
        if (this.output.isFull()) this.flush();
      },
    });
    const { start, maxDepth, maxDocumentBytes } = options;
    const { root, isOpenEnded = false } = shape;
    const cutterOptions = { root, maxPieceBytes: maxDocumentBytes, maxDepth, isOpenEnded, start };
    const depth = Math.min(maxDepth, deepestValue);
    this.cutter = new JsonCutter(cutterOptions, this.handler(shape.alien, depth));
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      this.cutter.window.append(chunk.subarray(at, at + chunkBytes) as Bytes);
      yield* this.read(false);
    }
  }

  *end(): Iterable<Decoded> {
    do yield* this.read(true);
    while (this.cutter.finish());
    this.flush(this.cutter.restart);
    yield* this.ready.splice(0);
    this.output.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const { restart } = this.cutter;
    if (restart === undefined) return undefined;
    this.regions.close(this.handOver);
    this.ready.push(...this.output.drain(restart));
    yield* this.ready.splice(0);
    return restart;
  }

  private *read(atEnd: boolean): Iterable<Decoded> {
    while (this.cutter.step(atEnd)) if (this.ready.length > 0) yield* this.ready.splice(0);
    if (this.ready.length > 0) yield* this.ready.splice(0);
  }

  private handler(alien: RegionKind, maxDepth: number): CutHandler {
    const { reader, regions, handOver } = this;
    return {
      piece: (plan, value) => this.piece(plan, value, maxDepth),
      begun: () => {},
      opened: ({ name }) => reader.opened?.(name),
      closed: ({ name }) => reader.closed?.(name),
      ended: (region, { isKnown, isWhole }) => {
        reader.ended?.();
        if (isWhole && isKnown) this.output.documents++;
        else if (isWhole) regions.add(alien, region, handOver);
        if (this.output.isFull()) this.flush(this.cutter.restart);
      },
      unreadable: (reason, region) => this.unreadable(reason, region),
      text: (region) => regions.add(textLines, region, handOver),
      notice: this.notice,
    };
  }

  private piece(plan: Plan, { start, end, line }: PiecePlace, maxDepth: number): void {
    const { output, regions, cutter } = this;
    const { bytes } = cutter.window;
    // Not as soon as it is full: where a document ends, reading can begin anew.
    if (output.isFull()) this.flush();
    output.mark();
    try {
      this.reader.piece(plan.name, {
        bytes,
        start,
        end,
        json: () => parseJson(bytes.utf8Slice(start, end), maxDepth),
      });
    } catch (error) {
      if (!(error instanceof ShapeError || error instanceof JsonError)) throw error;
      output.rollback();
      const { window } = cutter;
      const region = { offset: window.offsetOf(start), end: window.offsetOf(end), line };
      this.unreadable(error instanceof JsonError ? error.reason : error.message, region);
      return;
    }
    regions.close(this.handOver);
  }

  private unreadable(reason: string, region: Region): void {
    if (this.kind.one !== reason) {
      this.kind = { one: reason, many: (count) => `${reason} (${count} times, one after the other)` };
    }
    this.regions.add(this.kind, region, this.handOver);
  }

  private flush(end?: DecoderStart): void {
    this.regions.close(this.handOver);
    this.ready.push(...this.output.flush(end));
  }

  private readonly handOver = (decoded: Decoded): void => {
    this.ready.push(decoded);
  };

  private readonly notice = (text: string): void => {
    this.notices.set(text, (this.notices.get(text) ?? 0) + 1);
  };
}

interface PiecePlace {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}
