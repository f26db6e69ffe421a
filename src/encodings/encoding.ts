import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { LineRules } from './lines/rules.ts';

/** One shape of recording: how it is recognised and how it is read. An encoding opens no files. */
export interface Encoding {
  /** As in a config file: otlp_json. */
  readonly name: string;
  /** For people: "OTLP JSON". */
  readonly title: string;
  /** Whether there is a decoder. Shapes without one are recognised, so that they can be named. */
  readonly readable: boolean;
  /** What this shape cannot hold, whoever reads it. */
  readonly lost: readonly string[];
  /** Which programs write it, for docs/recordings.md: "Jaeger's page and its API `/api/traces`". */
  readonly writtenBy?: string;
  /** How to record the same without that loss, for docs/recordings.md and `respool inspect`; a sentence without its end. */
  readonly better?: string;
  /** What has to be said to read it, or to read it well: "`base_time`, since its times count from some start". */
  readonly needs?: readonly string[];
  /** Says whether the bytes at the beginning of a file look like this shape. */
  detect(head: Bytes, facts: HeadFacts): Detection | undefined;
  decoder?(options: DecoderOptions): Decoder;
  /** Where it can be cut; without it a file is read from its beginning on. */
  readonly cuts?: Cuts;
}

/** Places in a file that divide it into parts which, decoded each by itself, make the same items as the whole. */
export interface Cuts {
  /** So many bytes before a place say whether it is one. */
  readonly lookBehind: number;
  /** The first of them at `from` or behind it, always at the beginning of a line; -1 without one. */
  find(bytes: Bytes, from: number): number;
  /** How many line feeds a decoder had passed that was in this state. */
  linesBefore(state: string): number;
  /** The state of one that begins at a cut behind so many. */
  stateBehind(lines: number): string;
}

export interface HeadFacts {
  /** The head is the whole file. */
  readonly atEnd: boolean;
}

export interface Detection {
  /** 0 to 1; 1 is beyond doubt. */
  readonly confidence: number;
  /** In words: "the first line is a JSON object with resourceSpans". */
  readonly reason: string;
  readonly signals?: readonly Signal[];
  /** The variant, where a shape has several. */
  readonly detail?: string;
}

export interface DecoderOptions {
  /** A batch is handed over once it has this many bytes. */
  readonly batchBytes: number;
  /** The most that is held of one document, or of one piece of a document that can be read in pieces. */
  readonly maxDocumentBytes: number;
  /** How deeply values may be nested in values. */
  readonly maxDepth: number;
  /** How many attributes an item may have; 10 000 unless given. */
  readonly maxAttributes?: number;
  /** For shapes that do not say what they hold. */
  readonly signal?: Signal;
  /** For shapes whose times count from some start, lack a date, or are not there: what they are anchored to. */
  readonly baseTimeUnixNano?: bigint | undefined;
  /** How plain lines of text are read; told of the lines themselves unless given. */
  readonly lines?: LineRules | undefined;
  /** Where the first chunk stands in the file, when that is not its beginning: see `DecodedBatch`. */
  readonly start?: DecoderStart;
}

/** Where a decoder begins within a file. */
export interface DecoderStart {
  readonly offset: number;
  /** What an earlier decoder knew there, in a form of its own. */
  readonly state: string;
}

export const defaultDecoderOptions: DecoderOptions = {
  batchBytes: 1 << 20,
  maxDocumentBytes: 256 << 20,
  maxDepth: 64,
};

/** Looking for one attribute looks at all, so that very many take time by their square: no producer writes so many. */
export const defaultMaxAttributes = 10_000;

/**
 * Reads one file, in chunks cut anywhere; what comes out does not depend on the cuts. It is driven by its consumer:
 * nothing is read on while the consumer holds a value that was handed over. A chunk has to stay as it is until the
 * iteration over its `push` is over, and each iteration has to be run to its end.
 */
export interface Decoder {
  push(chunk: Bytes): Iterable<Decoded>;
  end(): Iterable<Decoded>;
  /**
   * Hands over everything that is complete, for there is nothing more as yet; then more may come. Answers where another
   * decoder may begin, in the place of this one: everything before is handed over. Without an answer nothing was, and
   * only this one can go on.
   */
  drain?(): Generator<Decoded, DecoderStart | undefined>;
  /** What was read in another way than it was written, and how often: "ids in base64" -> 12. */
  readonly notices: ReadonlyMap<string, number>;
}

export type Decoded = DecodedBatch | Unreadable;

export interface DecodedBatch {
  readonly kind: 'batch';
  readonly batch: AnyBatch;
  /**
   * Everything before this offset is in this batch, in earlier ones, or was handed over as unreadable. It moves only with
   * a batch that is complete up to it: a decoder that begins there, with `endState`, hands over what this one goes on to
   * hand over. It stays what it was, or 0, when a document is cut into batches, or when batches of several signals come
   * from the same documents: a decoder that begins there hands those over again. See `position.ts`.
   */
  readonly endOffset: number;
  /** What a decoder that begins at `endOffset` has to know: a short text. */
  readonly endState: string;
  /** Documents that are complete with this batch and were not with the ones before. */
  readonly documents: number;
}

/** A region of the file of which nothing was handed over. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly offset: number;
  readonly bytes: number;
  /** From 1, for shapes that are text. */
  readonly line: number | undefined;
  readonly reason: string;
}
