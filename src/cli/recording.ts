/** Recordings as commands look at them that need no pipeline: which inputs there are, and what can be read of each. */
import { decompress } from '../encodings/decompress.ts';
import { detect, type Candidate } from '../encodings/detect.ts';
import { defaultDecoderOptions, type Decoded } from '../encodings/encoding.ts';
import { systemClock } from '../pipeline/clock.ts';
import { beginningOf, chunksOf, counted, type Bytes } from '../receivers/file/chunks.ts';
import { listInputs } from '../receivers/file/inputs.ts';
import { visible } from './terminal.ts';

export interface Input {
  readonly name: string;
  open(): AsyncIterable<Bytes>;
}

/** The inputs behind files, folders, globs and `-`. What is left out of them is said on standard error. */
export async function inputsOf(paths: readonly string[]): Promise<Input[]> {
  const { files, stdin, notes } = await listInputs({
    include: paths,
    exclude: [],
    directory: process.cwd(),
    nowMs: Number(systemClock.nowUnixNano() / 1_000_000n),
  });
  for (const note of notes) process.stderr.write(`${visible(note)}\n`);
  const facts = () => ({ sizeAtOpen: 0, readBytes: 0 });
  const inputs = files.map(({ path, absolute }): Input => ({
    name: path,
    open: () => chunksOf(absolute, facts()),
  }));
  if (stdin) inputs.push({ name: 'standard input', open: () => counted(process.stdin, facts()) });
  return inputs;
}

/** One input that is read once; its facts are known as soon as the reading has begun. */
export class Recording {
  compression: string | undefined;
  /** The encoding and why it is that; the best guesses where that is not certain; nothing for an empty input. */
  found: Candidate | undefined;
  guesses: readonly Candidate[] = [];
  isEmpty = false;
  notices: ReadonlyMap<string, number> = new Map();

  /** All that can be read of it, and what cannot; throws when it cannot be read on, after what came before that. */
  async *read(bytes: AsyncIterable<Bytes>): AsyncGenerator<Decoded> {
    const raw = await beginningOf(bytes);
    this.compression = compressionOf(raw.head);
    const { head, atEnd, chunks } = await beginningOf(decompress(raw.chunks));
    this.recognise(head, atEnd);
    const decoder = this.found?.encoding.decoder?.(defaultDecoderOptions);
    if (decoder === undefined) {
      await chunks[Symbol.asyncIterator]().return?.();
      return;
    }
    const failures: unknown[] = [];
    try {
      for await (const chunk of chunks) yield* decoder.push(chunk);
    } catch (error) {
      failures.push(error);
    }
    yield* decoder.end();
    this.notices = decoder.notices;
    for (const failure of failures) throw failure;
  }

  private recognise(head: Bytes, atEnd: boolean): void {
    this.isEmpty = atEnd && head.length === 0;
    const found = this.isEmpty ? undefined : detect(head, { atEnd });
    if (found !== undefined && 'encoding' in found) this.found = found;
    else this.guesses = found?.unsure ?? [];
  }
}

function compressionOf(head: Bytes): string | undefined {
  if (head.length > 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length > 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
}
