/** Decodes what an author's encoding reads as a whole. */
import type { Decoded, Decoder, DecoderOptions } from '../encodings/encoding.ts';
import type { AnyBatch } from '../model/batches.ts';
import { messageOf } from '../pipeline/errors.ts';
import type { DocumentReader } from './define-encoding.ts';
import { isBatch, itemsAnswered } from './guarded.ts';
import { Gathering } from './made.ts';
import type { AuthorsFile } from './module-error.ts';

type Bytes = Parameters<Decoder['push']>[0];

export class DocumentDecoder implements Decoder {
  readonly notices: ReadonlyMap<string, number> = new Map();
  private readonly reader: DocumentReader;
  private readonly file: AuthorsFile;
  private readonly options: DecoderOptions;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(reader: DocumentReader, file: AuthorsFile, options: DecoderOptions) {
    this.reader = reader;
    this.file = file;
    this.options = options;
  }

  /** Nothing comes before the end. */
  push(chunk: Bytes): Iterable<Decoded> {
    this.heldBytes += chunk.length;
    if (this.heldBytes > this.options.maxDocumentBytes) this.held = [];
    else this.held.push(Buffer.from(chunk));
    return [];
  }

  *end(): Iterable<Decoded> {
    const { heldBytes: bytes } = this;
    const start = this.options.start?.offset ?? 0;
    if (bytes === 0) return;
    let batches: readonly AnyBatch[] = [];
    let reason: string | undefined;
    if (bytes > this.options.maxDocumentBytes) reason = 'the document is larger than `max_document_size`';
    else
      try {
        batches = this.decode(Buffer.concat(this.held));
      } catch (error) {
        reason = messageOf(error);
      }
    this.held = [];
    if (reason !== undefined) yield { kind: 'unreadable', offset: start, bytes, line: undefined, reason };
    const last = batches.length - 1;
    for (const [at, batch] of batches.entries()) {
      const endOffset = at === last ? start + bytes : start;
      yield { kind: 'batch', batch, endOffset, endState: '', documents: at === last ? 1 : 0 };
    }
  }

  private decode(bytes: Uint8Array): readonly AnyBatch[] {
    const answer = this.reader.document(bytes);
    if (isBatch(answer)) return [answer];
    const gathering = new Gathering();
    for (const item of itemsAnswered(answer, 'document', this.file)) gathering.add(item, undefined);
    return gathering.others;
  }
}
