/** Looks at one input: compression, encoding with the reason, and what can be read of it. */
import { decompress } from '../../encodings/decompress.ts';
import { detect } from '../../encodings/detect.ts';
import {
  defaultDecoderOptions,
  type Decoded,
  type Detection,
  type Encoding,
} from '../../encodings/encoding.ts';
import { beginningOf, type Bytes } from '../../receivers/file/chunks.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { UnreadableRegion } from '../../pipeline/ledger.ts';
import { Statistics } from './statistics.ts';

export interface Examined {
  readonly name: string;
  readonly compression: string | undefined;
  /** The encoding and why it is that; the best guesses where that is not certain; nothing for an empty input. */
  readonly found: { readonly encoding: Encoding; readonly detection: Detection } | undefined;
  readonly guesses: readonly { readonly encoding: Encoding; readonly detection: Detection }[];
  readonly isEmpty: boolean;
  readonly statistics: Statistics;
  readonly unreadable: readonly UnreadableRegion[];
  readonly notices: ReadonlyMap<string, number>;
  readonly documents: number;
  /** Why it could not be read on. */
  readonly failure: string | undefined;
}

export async function examine(name: string, bytes: AsyncIterable<Bytes>): Promise<Examined> {
  const examination = new Examination(name);
  try {
    await examination.read(bytes);
  } catch (error) {
    examination.failure = messageOf(error);
  }
  return examination;
}

class Examination implements Examined {
  readonly name: string;
  compression: string | undefined;
  found: Examined['found'];
  guesses: Examined['guesses'] = [];
  isEmpty = false;
  readonly statistics = new Statistics();
  readonly unreadable: UnreadableRegion[] = [];
  notices: ReadonlyMap<string, number> = new Map();
  documents = 0;
  failure: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async read(bytes: AsyncIterable<Bytes>): Promise<void> {
    const raw = await beginningOf(bytes);
    this.compression = compressionOf(raw.head);
    const { head, atEnd, chunks } = await beginningOf(decompress(raw.chunks));
    this.recognise(head, atEnd);
    const decoder = this.found?.encoding.decoder?.(defaultDecoderOptions);
    if (decoder === undefined) {
      await chunks[Symbol.asyncIterator]().return?.();
      return;
    }
    try {
      for await (const chunk of chunks) for (const each of decoder.push(chunk)) this.take(each);
    } finally {
      // Of damaged data, what came before the damage is read as well.
      for (const each of decoder.end()) this.take(each);
      this.notices = decoder.notices;
    }
  }

  private recognise(head: Bytes, atEnd: boolean): void {
    this.isEmpty = atEnd && head.length === 0;
    const found = this.isEmpty ? undefined : detect(head, { atEnd });
    if (found !== undefined && 'encoding' in found) this.found = found;
    else this.guesses = found?.unsure ?? [];
  }

  private take(each: Decoded): void {
    if (each.kind === 'unreadable') {
      const { offset, bytes, line, reason } = each;
      this.unreadable.push({
        input: this.name,
        offset,
        bytes,
        reason,
        ...(line === undefined ? {} : { line }),
      });
      return;
    }
    this.documents += each.documents;
    this.statistics.add(each.batch);
    each.batch.release();
  }
}

function compressionOf(head: Bytes): string | undefined {
  if (head.length > 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length > 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
}
