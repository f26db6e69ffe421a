/** Compression of request bodies, off the main thread (libuv's pool). */
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { z } from 'zod';

export type Compression = 'none' | 'gzip' | 'zstd';

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);
const zstdAsync = promisify(zstdCompress);
const unzstdAsync = promisify(zstdDecompress);

/** Both formats at level 1: gzip is then twice as fast and its output up to twice as large; zstd is hardly larger. */
const fastLevel = 1;

/**
 * How much room a thread has for what comes out: all of it, as a rule, for each time that it is full, the work lies still until
 * the main thread has made more.
 */
function roomFor(bytes: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.min(Math.max(bytes.length >> 1, 1 << 14), 1 << 20) };
}

/** What the Collector also knows, and what to take instead. */
const notBuiltIn = new Set(['snappy', 'zlib', 'deflate', 'lz4', 'x-snappy-framed']);

function compressionMessage(input: unknown): string {
  const unknown = typeof input === 'string' && notBuiltIn.has(input);
  return `must be gzip, zstd or none${unknown ? `\n${input} is not built in; every backend reads gzip` : ''}`;
}

/** The keys `compression` and `compression_params`, to spread into the strictObject of an exporter's schema. */
export const compressionKeys = {
  compression: z
    .enum(['gzip', 'zstd', 'none', ''], { error: (issue) => compressionMessage(issue.input) })
    .default('gzip')
    .transform((name): Compression => (name === '' ? 'none' : name))
    .describe(
      'How request bodies are compressed: gzip (every backend reads it), zstd (faster and smaller) or none.',
    ),
  compression_params: z
    .strictObject({
      level: z
        .int()
        .min(-1)
        .max(22)
        .optional()
        .describe(
          '1 (fastest, the default) to 9 for gzip, to 22 for zstd; -1 for the usual level of the format.',
        ),
    })
    .prefault({})
    .describe('How hard to compress.'),
};

export type CompressionKeys = z.output<z.ZodObject<typeof compressionKeys>>;

/** The whole of `bytes` compressed; the same bytes for `none`. Level -1 is the usual one of the format. */
export function compress(
  bytes: Uint8Array,
  compression: Compression,
  level = fastLevel,
): Promise<Uint8Array> {
  if (compression === 'gzip') return gzipAsync(bytes, { ...roomFor(bytes), level: Math.min(level, 9) });
  if (compression === 'zstd') {
    const { constants } = process.getBuiltinModule('node:zlib');
    const effective = level < 0 ? constants.ZSTD_CLEVEL_DEFAULT : level;
    return zstdAsync(bytes, {
      ...roomFor(bytes),
      params: { [constants.ZSTD_c_compressionLevel]: effective },
    });
  }
  return Promise.resolve(bytes);
}

/** The inverse of `compress`, for a request that must be taken apart again. */
export function decompress(bytes: Uint8Array, compression: Compression): Promise<Uint8Array> {
  if (compression === 'gzip') return gunzipAsync(bytes);
  if (compression === 'zstd') return unzstdAsync(bytes);
  return Promise.resolve(bytes);
}

/** The `Content-Encoding` header, or nothing. */
export function encodingHeader(compression: Compression): Record<string, string> {
  return compression === 'none' ? {} : { 'content-encoding': compression };
}
