/** What an author of an encoding writes: a shape of recording that the receiver `file` can read then. */
import type { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { Decoder, DecoderOptions } from '../encodings/encoding.ts';
import type { AnyItem } from './made.ts';

/** What a line or a document holds: items made by `newLog`, `newSpan` and `newMetric`; nothing where it holds none. */
export type DecodedItems = AnyItem | readonly AnyItem[] | undefined;

/** For text of which each line stands for itself. Files may be of any size, grow, and be resumed. */
export interface LineReader {
  /** A line without its end; blank ones are left out. One on which it throws is counted as unreadable, with the message. */
  line(text: string, place: LinePlace): DecodedItems;
}

export interface LinePlace {
  /** From 1. */
  readonly line: number;
  /** Of its first byte. */
  readonly offset: number;
}

/** For a file that can be read only as a whole, up to `max_document_size`. */
export interface DocumentReader {
  /** One on which it throws is counted as unreadable, with the message. */
  document(bytes: Uint8Array): DecodedItems | AnyBatch;
}

/** For all others: the contract of the built-in encodings. */
export interface DecoderMaker {
  decoder(options: DecoderOptions): Decoder;
}

/** An encoding in one TypeScript file: its default export, or an element of it. */
export interface EncodingDefinition<Config = undefined> {
  readonly kind?: 'encoding';
  /** What `format:` calls it: letters, digits and `_`. */
  readonly name: string;
  /** As people call it; the name unless given. */
  readonly title?: string;
  /** A zod schema of what stands under `config:` in the YAML. */
  readonly config?: z.ZodType<Config>;
  /**
   * Whether a file has this shape, by its first bytes, compression taken off: true, false, or a confidence from 0 to 1. Left
   * out: it is read only where `format:` names it.
   */
  detect?(head: Uint8Array): boolean | number;
  /** Called once, when the config is read. */
  create(config: Config): LineReader | DocumentReader | DecoderMaker;
}

/**
 * Types an encoding; `config` decides what `create` gets.
 *
 *     export default defineEncoding({
 *       name: 'pipe_lines',
 *       create: () => ({
 *         line(text) {
 *           const [time = '', level = '', body = ''] = text.split('|');
 *           return newLog({ timeUnixNano: BigInt(time), severityText: level, body });
 *         },
 *       }),
 *     });
 */
export function defineEncoding<Config = undefined>(
  definition: EncodingDefinition<Config>,
): EncodingDefinition<Config> {
  return { ...definition, kind: 'encoding' };
}
