/** Decodes what an author's encoding reads line by line. */
import type { Decoded, DecodedBatch, Decoder, DecoderOptions, DecoderStart } from '../encodings/encoding.ts';
import type { AnyBatch } from '../model/batches.ts';
import { messageOf } from '../pipeline/errors.ts';
import type { LineReader } from './define-encoding.ts';
import { itemsAnswered } from './guarded.ts';
import { Gathering } from './made.ts';
import type { AuthorsFile } from './module-error.ts';

type Bytes = Parameters<Decoder['push']>[0];

const lineFeed = 10;
const byteOrderMark = 0xfeff;

export class LineDecoder implements Decoder {
  readonly notices: ReadonlyMap<string, number> = new Map();
  private readonly reader: LineReader;
  private readonly file: AuthorsFile;
  private readonly options: DecoderOptions;
  /** What came of a line whose end did not come yet, and how much of it was too much to keep. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Where the line under way begins. */
  private offset: number;
  private line: number;
  private gathering = new Gathering();
  /** Bytes and lines of what is gathered. */
  private gatheredBytes = 0;
  private gatheredLines = 0;
  /** What the last batch was complete up to. */
  private handed: DecoderStart;

  constructor(reader: LineReader, file: AuthorsFile, options: DecoderOptions) {
    this.reader = reader;
    this.file = file;
    this.options = options;
    this.offset = options.start?.offset ?? 0;
    this.line = Number(options.start?.state || 1);
    this.handed = { offset: this.offset, state: String(this.line) };
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    let from = 0;
    for (let to = chunk.indexOf(lineFeed); to >= 0; to = chunk.indexOf(lineFeed, from)) {
      yield* this.lineOf(chunk.subarray(from, to), 1);
      from = to + 1;
    }
    this.hold(chunk.subarray(from));
  }

  *end(): Iterable<Decoded> {
    if (this.heldBytes > 0) yield* this.lineOf(Buffer.alloc(0), 0);
    yield* this.handOver();
  }

  *drain(): Generator<Decoded, DecoderStart> {
    yield* this.handOver();
    return this.handed;
  }

  /** A copy, for a chunk is not kept; what is too long is counted alone. */
  private hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.heldBytes += part.length;
    if (this.heldBytes > this.options.maxDocumentBytes) this.held = [];
    else this.held.push(Buffer.from(part));
  }

  private *lineOf(rest: Uint8Array, endBytes: 0 | 1): Iterable<Decoded> {
    const { offset, line } = this;
    const bytes = this.heldBytes + rest.length;
    const isTooLong = bytes > this.options.maxDocumentBytes;
    const text = isTooLong ? '' : textOf([...this.held, rest], offset === 0);
    this.held = [];
    this.heldBytes = 0;
    this.offset += bytes + endBytes;
    this.line++;
    const reason = isTooLong
      ? 'the line is longer than `max_document_size`'
      : this.read(text, { line, offset });
    this.gatheredBytes += bytes;
    this.gatheredLines++;
    if (reason !== undefined) yield { kind: 'unreadable', offset, bytes, line, reason };
    if (this.gatheredBytes >= this.options.batchBytes) yield* this.handOver();
  }

  /** Why it cannot be read. */
  private read(text: string, place: { line: number; offset: number }): string | undefined {
    if (text.trim() === '') return undefined;
    try {
      for (const item of itemsAnswered(this.reader.line(text, place), 'line', this.file))
        this.gathering.add(item, undefined);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Batches of several signals come from the same lines: only the last is complete up to here. */
  private *handOver(): Iterable<Decoded> {
    const batches = this.gathering.others;
    const documents = this.gatheredLines;
    this.gathering = new Gathering();
    this.gatheredBytes = 0;
    this.gatheredLines = 0;
    for (const [at, batch] of batches.entries()) {
      if (at === batches.length - 1) this.handed = { offset: this.offset, state: String(this.line) };
      yield decoded(batch, this.handed, at === batches.length - 1 ? documents : 0);
    }
  }
}

function decoded(batch: AnyBatch, { offset, state }: DecoderStart, documents: number): DecodedBatch {
  return { kind: 'batch', batch, endOffset: offset, endState: state, documents };
}

function textOf(parts: readonly Uint8Array[], isFirst: boolean): string {
  const text = (parts.length === 1 ? Buffer.from(parts[0] ?? []) : Buffer.concat(parts)).toString('utf8');
  const begin = isFirst && text.charCodeAt(0) === byteOrderMark ? 1 : 0;
  return text.slice(begin, text.endsWith('\r') ? -1 : undefined);
}
