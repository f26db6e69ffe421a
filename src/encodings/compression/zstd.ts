import { createZstdDecompress } from 'node:zlib';
import type { Bytes } from '../../wire/bytes.ts';
import { Damage } from './damage.ts';
import { tail } from './gzip.ts';
import { Inflater } from './inflater.ts';
import type { Pushback } from './pushback.ts';

/** Whether a zstd frame (RFC 8878) begins here, or a frame that is to be skipped; or, of less than 4 bytes, could. */
export function isZstd(head: Bytes): boolean {
  const first = head[0] ?? 0;
  if (first === 0x28) return magic.subarray(0, head.length).equals(head.subarray(0, 4));
  return (first & 0xf0) === 0x50 && skippable.subarray(0, head.length - 1).equals(head.subarray(1, 4));
}

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const skippable = Buffer.from([0x2a, 0x4d, 0x18]);

/** No piece is shorter before the end, so that where a frame ended with one piece, the next one shows what follows. */
const magicBytes = 4;

/**
 * One frame, or several when one ends where a chunk does. Node's own stream stops after the first frame that ends
 * within a chunk and says nothing of the rest; when it ended with the chunk before, it takes the rest for a frame.
 */
export async function* zstdFrame(
  source: Pushback,
  { chunkSize, maxWindow }: { chunkSize: number; maxWindow: number },
): AsyncGenerator<Bytes> {
  const { constants } = process.getBuiltinModule('node:zlib');
  const params = { [constants.ZSTD_d_windowLogMax]: windowLog(maxWindow) };
  const inflater = new Inflater(createZstdDecompress({ chunkSize, params }));
  let before: Bytes | undefined;
  let piece: Bytes | undefined;
  try {
    while (!inflater.isOver) {
      await source.peek(magicBytes);
      before = piece;
      piece = await source.take();
      const output = piece === undefined ? inflater.end() : inflater.write(piece);
      for await (const bytes of output) yield bytes;
      if (inflater.isOver && piece !== undefined) source.giveBack(tail(piece, inflater.unused));
    }
  } catch (error) {
    if (before === undefined || piece === undefined || !isOtherData(error)) throw error;
    source.giveBack(piece);
  } finally {
    inflater.close();
  }
}

function isOtherData(error: unknown): boolean {
  return error instanceof Damage && error.kind === 'other data';
}

/** What zstd knows is the logarithm. */
function windowLog(bytes: number): number {
  return Math.min(31, Math.max(10, Math.floor(Math.log2(bytes))));
}
