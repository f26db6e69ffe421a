/** The bytes of an input, chunk by chunk. */
import { open, type FileHandle } from 'node:fs/promises';
import { DecompressError } from '../../encodings/decompress.ts';
import { bytesOf, type Bytes } from './bytes.ts';
import { fileFailure } from './errors.ts';
import { readBuffers, readBytes, Reads, type ReadBuffers } from './reads.ts';

/** A file could not be read to its end. `offset` is how far it was read. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly offset: number;

  constructor(cause: unknown, offset: number) {
    super(fileFailure(cause), { cause });
    this.offset = offset;
  }
}

/** Whether an input failed, rather than what was done with it. Both say from which byte of the input on. */
export function isInputFailure(error: unknown): error is ReadError | DecompressError {
  return error instanceof ReadError || error instanceof DecompressError;
}

/** The bytes that a file had when it was opened, against those that were read. */
export interface ReadFacts {
  sizeAtOpen: number;
  readBytes: number;
}

/** Which bytes of a file are read: all of them unless it is said. */
export interface Range {
  readonly from?: number;
  readonly to?: number | undefined;
  /** What is read into; new memory without it. */
  readonly buffers?: ReadBuffers | undefined;
}

/**
 * Reads a file to its end. Each chunk stays as it is until the next one is asked for. The bytes before
 * the range count as read. Throws a ReadError.
 */
export async function* chunksOf(path: string, facts: ReadFacts, range: Range = {}): AsyncGenerator<Bytes> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new ReadError(error, 0);
  });
  try {
    yield* chunksIn(handle, facts, range);
  } finally {
    await handle.close();
  }
}

/** As `chunksOf`, of a file that is open and stays so. */
export async function* chunksIn(
  handle: FileHandle,
  facts: ReadFacts,
  { from = 0, to = Infinity, buffers: given }: Range = {},
): AsyncGenerator<Bytes> {
  facts.readBytes = from;
  try {
    const stat = await handle.stat();
    facts.sizeAtOpen = stat.size;
    const room = Math.max(Math.min(readBytes, Math.min(stat.size, to) - from + 1), 4096);
    const buffers = given ?? readBuffers(room);
    // What the system makes up as it is read has no size, and may keep its reader waiting.
    const reads = new Reads(handle, { from, to, buffers, isFile: stat.isFile() && stat.size > 0 });
    for (let read = await reads.next(); read.length > 0; read = await reads.next()) {
      facts.readBytes += read.length;
      yield read;
    }
  } catch (error) {
    throw error instanceof ReadError ? error : new ReadError(error, facts.readBytes);
  }
}

/** Bytes of standard input, counted. */
export async function* counted(stdin: AsyncIterable<Uint8Array>, facts: ReadFacts): AsyncGenerator<Bytes> {
  for await (const chunk of stdin) {
    facts.readBytes += chunk.length;
    if (chunk.length > 0) yield bytesOf(chunk);
  }
}

/** How much of a file's beginning its encoding is told by. */
const headBytes = 1 << 16;

export interface Beginning {
  /** At most `headBytes`. */
  readonly head: Bytes;
  /** Whether the head is all there is. */
  readonly atEnd: boolean;
  /** All chunks, those of the head among them. */
  readonly chunks: AsyncIterable<Bytes>;
}

/** Looks at the beginning and gives it back with the rest. What fails behind some bytes fails when they are taken. */
export async function beginningOf(source: AsyncIterable<Bytes>): Promise<Beginning> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Bytes[] = [];
  const failures: unknown[] = [];
  let size = 0;
  let atEnd = false;
  while (size < headBytes && !atEnd) {
    const next = await iterator.next().catch((error: unknown) => {
      if (size === 0) throw error;
      failures.push(error);
    });
    atEnd = next === undefined || next.done === true;
    if (next === undefined || next.done === true) continue;
    // Copied: a chunk is overwritten later.
    first.push(bytesOf(Buffer.from(next.value)));
    size += next.value.length;
  }
  const start = bytesOf(Buffer.concat(first));
  const head = bytesOf(start.subarray(0, headBytes));
  return { head, atEnd: atEnd && size <= headBytes, chunks: together(start, failures, iterator) };
}

/** Closes the rest also when nothing was taken, which a generator that never began would not. */
function together(
  start: Bytes,
  failures: readonly unknown[],
  rest: AsyncIterator<Bytes>,
): AsyncIterableIterator<Bytes> {
  const first = start.length > 0 ? [start] : [];
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const value = first.pop();
      if (value !== undefined) return { done: false, value };
      for (const failure of failures) throw failure;
      return await rest.next();
    },
    async return() {
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
}
