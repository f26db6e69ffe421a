import { zstdDecompressSync } from 'node:zlib';
import { MessageCheck } from '../model/check.ts';
import { jsonPadding } from '../model/json-cursor.ts';
import { JsonError } from '../model/json-error.ts';
import { beyondLimit } from '../model/limits.ts';
import { dataTypeOf } from '../model/schema.ts';
import type { Signal } from '../model/signal.ts';
import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { WireError } from '../wire/errors.ts';
import { ByteWindow, piecesOf } from './byte-window.ts';
import {
  defaultMaxAttributes,
  type Decoded,
  type Decoder,
  type DecoderOptions,
  type DecoderStart,
} from './encoding.ts';
import { notOtlp, OtlpJsonReader } from './otlp-json-reader.ts';
import { OtlpOutput } from './otlp-output.ts';
import { contentAt, frameAt, guessFraming, type FrameHead, type Framing } from './otlp-proto-framing.ts';
import { guessSignal } from './otlp-proto-signal.ts';

/** The framing is told by so much of the beginning. */
const headBytes = 1 << 16;
/** Of less, nothing is told. */
const leastHead = 16;

/** Of messages compressed by themselves: 128 MiB, the most that zstd itself takes unless it is asked for more. */
const windowLog = 27;

const cutOff = 'the file ends inside a message (cut off while it was written?)';
const noSignal = 'nothing in the message tells spans, log records and data points apart: set `signal`';

/** What messages before told of those that follow. */
interface Known {
  readonly framing?: Framing;
  readonly signal?: Signal;
}

/** Why a message was left out. */
class Unfit extends Error {}

/**
 * Reads OTLP protobuf: one message, or messages with their lengths, each also compressed by itself with zstd; in such
 * frames the Collector writes JSON as well. A message that is no OTLP is named and left out, and reading goes on with
 * the next one. A single message is read list element by list element, so it may be of any size.
 */
export class OtlpProtoDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly window: ByteWindow;
  private readonly check: MessageCheck;
  private readonly reader: OtlpJsonReader;
  private readonly output: OtlpOutput;
  private readonly ready: Decoded[] = [];
  private framing: Framing | undefined;
  private readonly begin: number;
  /** What earlier messages held. */
  private signal: Signal | undefined;
  /** How many bytes of a frame that is too large, or of what cannot be read, are still to be passed. */
  private passing = 0;
  private left: { readonly offset: number; readonly reason: string } | undefined;

  constructor(options: DecoderOptions) {
    this.options = options;
    const { maxDepth, maxAttributes = defaultMaxAttributes } = options;
    this.check = new MessageCheck(maxDepth, maxAttributes);
    this.reader = new OtlpJsonReader({ maxDepth, maxAttributes });
    const { start } = options;
    this.begin = start?.offset ?? 0;
    this.window = new ByteWindow({ offset: this.begin, line: undefined });
    this.output = new OtlpOutput(options.batchBytes, start);
    const known = JSON.parse(start?.state || '{}') as Known;
    this.framing = known.framing;
    this.signal = options.signal ?? known.signal;
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    for (const piece of piecesOf(chunk)) {
      this.window.append(piece);
      yield* this.read(false);
    }
  }

  *end(): Iterable<Decoded> {
    yield* this.read(true);
    this.finish();
    yield* this.ready.splice(0);
    this.output.close();
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const { window } = this;
    if (this.framing === undefined) {
      const guess = guessFraming(window.bytes.subarray(0, window.end) as Bytes, false);
      if (guess === undefined || window.end < leastHead) return undefined;
      this.framing = guess.framing;
      yield* this.read(false);
    }
    if (this.passing > 0) return undefined;
    const start = this.startAt(window.start);
    this.ready.push(...this.output.drain(start));
    yield* this.ready.splice(0);
    return start;
  }

  private *read(atEnd: boolean): Iterable<Decoded> {
    const { window } = this;
    if (this.framing === undefined) {
      if (window.end < headBytes && !atEnd) return;
      const head = window.bytes.subarray(0, Math.min(window.end, headBytes)) as Bytes;
      this.framing = guessFraming(head, atEnd && window.end <= headBytes)?.framing ?? 'bare';
    }
    while (this.step(this.framing)) if (this.ready.length > 0) yield* this.ready.splice(0);
    this.reader.noteTo(this.notices);
    if (this.ready.length > 0) yield* this.ready.splice(0);
  }

  /** Reads one frame; false when that takes more bytes. */
  private step(framing: Framing): boolean {
    const { window } = this;
    if (this.passing > 0) return this.pass();
    const frame = frameAt(framing, window.bytes, window.start, window.end);
    if (window.start >= window.end || frame === undefined) return false;
    if (frame === 'none') return this.leaveRest('no OTLP message begins here');
    const size = frame.end - frame.start;
    if (size > this.options.maxDocumentBytes) return this.leaveLarge(frame);
    if (frame.end > window.end) return false;
    this.message(framing, frame);
    window.start = frame.end;
    const isFull = this.output.isFull();
    if (framing !== 'bare') this.output.documents++;
    if (isFull) this.flushTo(frame.end);
    return true;
  }

  private flushTo(at: number): void {
    this.ready.push(...this.output.flush(this.startAt(at)));
  }

  private startAt(at: number): DecoderStart {
    const { framing, signal } = this;
    const known: Known = { ...(framing && { framing }), ...(signal && { signal }) };
    return { offset: this.window.offsetOf(at), state: JSON.stringify(known) };
  }

  private pass(): boolean {
    const { window } = this;
    const size = Math.min(this.passing, window.end - window.start);
    window.start += size;
    this.passing -= size;
    if (this.passing === 0) this.nameLeft();
    return size > 0;
  }

  private nameLeft(): void {
    const { left, window } = this;
    if (left === undefined) return;
    this.left = undefined;
    this.ready.push({
      kind: 'unreadable',
      ...left,
      bytes: window.offsetOf(window.start) - left.offset,
      line: undefined,
    });
  }

  /** Without a length there is no way to find where the next message begins. */
  private leaveRest(reason: string): boolean {
    return this.leave(Infinity, reason);
  }

  /** Passes bytes without holding them; they are named when they are over. */
  private leave(size: number, reason: string): boolean {
    this.left = { offset: this.window.offsetOf(this.window.start), reason };
    this.passing = size;
    return true;
  }

  private leaveLarge(frame: FrameHead): boolean {
    const { window } = this;
    if (window.end - frame.start < 4) return false;
    const content = contentAt(window.bytes, frame.start, window.end);
    const isLikely = content !== 'protobuf' || (window.bytes[frame.start] ?? 0) % 8 === 2;
    const size = frame.end - frame.start;
    if (!isLikely) return this.leaveRest(`a message of ${size} bytes cannot begin here`);
    const limit = this.options.maxDocumentBytes;
    return this.leave(
      frame.end - window.start,
      beyondLimit(`a message of ${size} bytes, more than ${limit}`, 'max_document_size'),
    );
  }

  private message(framing: Framing, frame: FrameHead): void {
    const { window } = this;
    const begin = window.start;
    this.output.mark();
    try {
      if (framing === 'bare') this.protobuf(window.bytes, begin, frame.end);
      else this.content(window.bytes, frame.start, frame.end);
    } catch (error) {
      if (!(error instanceof Unfit || error instanceof WireError || error instanceof JsonError)) throw error;
      this.output.rollback();
      this.unreadable(begin, frame.end, error instanceof Unfit ? error.message : error.reason);
    }
  }

  private content(bytes: Bytes, start: number, end: number): void {
    const content = contentAt(bytes, start, end);
    if (content === 'protobuf') this.protobuf(bytes, start, end);
    else if (content === 'json') this.json(bytes, start, end);
    else if (content === 'zstd') {
      const inner = this.decompressed(bytes.subarray(start, end) as Bytes);
      const size = inner.length - jsonPadding;
      if (contentAt(inner, 0, size) === 'zstd') throw new Unfit('zstd within zstd');
      this.content(inner, 0, size);
    }
  }

  /** The bytes, followed by the padding that the transcoder needs. */
  private decompressed(bytes: Bytes): Bytes {
    const { constants } = process.getBuiltinModule('node:zlib');
    try {
      const plain = zstdDecompressSync(bytes, {
        maxOutputLength: this.options.maxDocumentBytes,
        params: { [constants.ZSTD_d_windowLogMax]: windowLog },
      });
      return bytesOf(Buffer.concat([plain, Buffer.alloc(jsonPadding)]));
    } catch (error) {
      if (error instanceof RangeError) {
        const what = `a message that decompresses to more than ${this.options.maxDocumentBytes} bytes`;
        throw new Unfit(beyondLimit(what, 'max_document_size'), { cause: error });
      }
      throw new Unfit(`zstd: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private json(bytes: Bytes, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const read = this.reader.document(bytes, at, end, this.output);
      if (!read.isOtlp) throw new Unfit(notOtlp.one);
      at = read.end;
      while (at < end && (bytes[at] ?? 0) <= 32) at++;
    }
  }

  private protobuf(bytes: Bytes, start: number, end: number): void {
    const { signal, score, records } = guessSignal({ bytes, start, end, isCut: false });
    const chosen = this.options.signal ?? signal ?? this.signal;
    if (chosen === undefined) {
      if (score < 0) throw new Unfit('not an OTLP message');
      if (records > 0) throw new Unfit(noSignal);
      return;
    }
    this.check.check(bytes, start, end, dataTypeOf(chosen));
    this.signal = chosen;
    this.output.writer(chosen).copy(bytes, start, end);
  }

  private unreadable(start: number, end: number, reason: string): void {
    const { window } = this;
    const offset = window.offsetOf(start);
    this.ready.push({ kind: 'unreadable', offset, bytes: end - start, line: undefined, reason });
  }

  private finish(): void {
    const { window, output } = this;
    this.nameLeft();
    if (this.passing === 0 && window.start < window.end) this.unreadable(window.start, window.end, cutOff);
    if (this.framing === 'bare' && window.offsetOf(window.end) > this.begin) output.documents++;
    this.flushTo(window.end);
  }
}
