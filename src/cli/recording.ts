/** Recordings as commands look at them that need no pipeline: which inputs there are, and what can be read of each. */
import { archiveKindOf, packingOf } from '../encodings/archive/kind.ts';
import { decompress } from '../encodings/decompress.ts';
import { detect, type Candidate } from '../encodings/detect.ts';
import { defaultDecoderOptions, type Decoded } from '../encodings/encoding.ts';
import { whatItIs } from '../encodings/strangers.ts';
import { systemClock } from '../pipeline/clock.ts';
import { archiveKindIn, Archives } from '../receivers/file/archives.ts';
import type { Bytes } from '../receivers/file/bytes.ts';
import { beginningOf, counted } from '../receivers/file/chunks.ts';
import { openInput } from '../receivers/file/input-bytes.ts';
import { listInputs, type InputFile } from '../receivers/file/inputs.ts';
import { visible } from './terminal.ts';

export interface Input {
  readonly name: string;
  open(): AsyncIterable<Bytes>;
}

/**
 * The inputs behind files, folders, globs and `-`, and those in archives. They are best read in their order. What is left out of
 * them is said on standard error.
 */
export async function inputsOf(paths: readonly string[]): Promise<Input[]> {
  const { files, stdin, notes } = await listInputs({
    include: paths,
    exclude: [],
    directory: process.cwd(),
    nowMs: Number(systemClock.nowUnixNano() / 1_000_000n),
  });
  const inputs: Input[] = [];
  let archives: Archives | undefined;
  for (const file of files) {
    const kind = await archiveKindIn(openInput(file, newFacts())).catch(() => undefined);
    if (kind === undefined) {
      inputs.push(inputOf(file));
      continue;
    }
    archives ??= new Archives(await defaultSettings());
    // Of members of one name the last one stays, as when they are unpacked.
    const members = new Map<string, Input>();
    for await (const member of archives.members(file, kind)) {
      members.delete(member.path);
      members.set(member.path, inputOf(member));
    }
    inputs.push(...members.values());
  }
  for (const note of [...notes, ...(archives?.notes ?? [])]) process.stderr.write(`${visible(note)}\n`);
  if (stdin) inputs.push({ name: 'standard input', open: () => counted(process.stdin, newFacts()) });
  return inputs;
}

function inputOf(file: InputFile): Input {
  return { name: file.path, open: () => openInput(file, newFacts()) };
}

function newFacts() {
  return { sizeAtOpen: 0, readBytes: 0 };
}

/** Those of a receiver in whose config nothing is said. */
async function defaultSettings() {
  const { file } = await import('../receivers/file.ts');
  return file.schema.parse({ include: ['-'] });
}

/** One input that is read once; its facts are known as soon as the reading has begun. */
export class Recording {
  compression: string | undefined;
  /** The encoding and why it is that; the best guesses where that is not certain; nothing for an empty input. */
  found: Candidate | undefined;
  guesses: readonly Candidate[] = [];
  isEmpty = false;
  /** What it is when it is no recording: "a PNG picture". */
  stranger: string | undefined;
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
    if (this.isEmpty) return;
    const archive = archiveKindOf(head);
    if (archive !== undefined) {
      this.stranger = `a ${archive} archive, which is looked into only as a file of its own`;
      return;
    }
    const found = detect(head, { atEnd });
    if (found !== undefined && 'encoding' in found) this.found = found;
    else this.guesses = found?.unsure.slice(0, 2) ?? [];
    if (found === undefined) this.stranger = packingOf(head) ?? whatItIs(head);
  }
}

function compressionOf(head: Bytes): string | undefined {
  if (head.length > 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length > 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
}
