/** The layer of compression around a recording, told by its first bytes and never by a file name. */
import { beyondLimit } from '../model/limits.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Damage } from './compression/damage.ts';
import { gzipMember, isGzip } from './compression/gzip.ts';
import { Pushback } from './compression/pushback.ts';
import { isZstd, zstdFrame } from './compression/zstd.ts';

export interface DecompressLimits {
  /** 64 GiB unless given. */
  readonly maxDecompressedSize?: number;
  /** How many times its compressed size data may have, once it has 64 MiB; 1000 unless given. */
  readonly maxDecompressionRatio?: number;
  /** Bytes that zstd may look back, which are held; 128 MiB unless given. Rounded down to a power of two from 1 KiB to 2 GiB. */
  readonly maxZstdWindow?: number;
}

const gibibyte = 1 << 30;
const defaults = {
  maxDecompressedSize: 64 * gibibyte,
  maxDecompressionRatio: 1000,
  maxZstdWindow: 128 << 20,
};
/** Of less than this, no ratio is looked at: it fits everywhere. */
const ratioFrom = 64 << 20;
const chunkSize = 1 << 18;

/** Compressed data could not be read to its end. Everything before was handed over. */
export class DecompressError extends Error {
  override readonly name = 'DecompressError';
  /** The byte of the compressed file from which on it could not be read, as far as that is known. */
  readonly offset: number;
  /** How many bytes came out before. */
  readonly decompressedBytes: number;

  constructor(reason: string, offset: number, decompressedBytes: number) {
    super(reason);
    this.offset = offset;
    this.decompressedBytes = decompressedBytes;
  }
}

interface PartOptions {
  readonly chunkSize: number;
  readonly maxWindow: number;
}

interface Format {
  readonly name: string;
  readonly begins: (head: Bytes) => boolean;
  readonly part: (source: Pushback, options: PartOptions) => AsyncGenerator<Bytes>;
}

const formats: readonly Format[] = [
  { name: 'gzip', begins: isGzip, part: (source, { chunkSize }) => gzipMember(source, chunkSize) },
  { name: 'zstd', begins: isZstd, part: zstdFrame },
];

/**
 * Takes gzip (all members) or zstd (all frames) off a stream of bytes; other bytes pass as they are. Little is held,
 * whatever the data claims to be. A chunk of the source has to stay as it is until the next one is asked for.
 *
 * Throws a DecompressError, after everything that came out before: when the data is cut off or damaged, when something
 * else follows it, and at the limits.
 */
export async function* decompress(
  source: AsyncIterable<Bytes>,
  limits: DecompressLimits = {},
): AsyncGenerator<Bytes> {
  const input = new Pushback(source);
  try {
    const head = await input.peek(4);
    const format = head.length < 4 ? undefined : formats.find(({ begins }) => begins(head));
    if (format === undefined) yield* plain(input);
    else yield* parts(input, format, { ...defaults, ...limits });
  } finally {
    await input.close();
  }
}

async function* plain(input: Pushback): AsyncGenerator<Bytes> {
  for (let chunk = await input.take(); chunk !== undefined; chunk = await input.take()) yield chunk;
}

async function* parts(
  input: Pushback,
  format: Format,
  limits: Required<DecompressLimits>,
): AsyncGenerator<Bytes> {
  let size = 0;
  for (let head = await input.peek(4); head.length > 0; head = await input.peek(4)) {
    if (!format.begins(head)) {
      if (await isPadding(input)) return;
      throw new DecompressError(otherData(format), input.offset, size);
    }
    const begin = input.offset;
    try {
      for await (const bytes of format.part(input, { chunkSize, maxWindow: limits.maxZstdWindow })) {
        size += bytes.length;
        checkLimits(size, input.offset, limits);
        yield bytes;
      }
    } catch (error) {
      throw error instanceof DecompressError ? error : damaged(error, { format, begin, input, size, limits });
    }
  }
}

/** Zeros up to the end, with which tapes and disks are filled. The first byte that is none is where the input is then. */
async function isPadding(input: Pushback): Promise<boolean> {
  for (let chunk = await input.take(); chunk !== undefined; chunk = await input.take()) {
    const other = chunk.findIndex((byte) => byte !== 0);
    if (other < 0) continue;
    input.giveBack(chunk.subarray(other) as Bytes);
    return false;
  }
  return true;
}

function checkLimits(size: number, compressed: number, limits: Required<DecompressLimits>): void {
  const { maxDecompressedSize, maxDecompressionRatio } = limits;
  if (size > maxDecompressedSize) {
    const reason = beyondLimit(
      `it decompresses to more than ${maxDecompressedSize} bytes`,
      'max_decompressed_size',
    );
    throw new DecompressError(reason, compressed, size);
  }
  if (size > ratioFrom && size > compressed * maxDecompressionRatio) {
    const reason = beyondLimit(
      `it decompresses to more than ${maxDecompressionRatio} times its size`,
      'max_decompression_ratio',
    );
    throw new DecompressError(reason, compressed, size);
  }
}

interface Place {
  readonly format: Format;
  readonly begin: number;
  readonly input: Pushback;
  readonly size: number;
  readonly limits: Required<DecompressLimits>;
}

function otherData({ name }: Format): string {
  return `something else follows the ${name} data`;
}

/** What became of the data, in words; other errors are those of the source. */
function damaged(error: unknown, { format, begin, input, size, limits }: Place): unknown {
  if (!(error instanceof Damage)) return error;
  switch (error.kind) {
    case 'cut off':
      return new DecompressError(
        `the ${format.name} data ends early (cut off while it was written?)`,
        input.offset,
        size,
      );
    case 'large window': {
      const what = `the ${format.name} data needs a window of more than ${limits.maxZstdWindow} bytes`;
      return new DecompressError(beyondLimit(what, 'max_zstd_window'), begin, size);
    }
    case 'other data':
      return new DecompressError(otherData(format), begin, size);
    case 'damaged':
      return new DecompressError(`the ${format.name} data is damaged: ${error.message}`, begin, size);
  }
}
