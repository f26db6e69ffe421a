import { crc32, createInflateRaw } from 'node:zlib';
import type { Bytes } from '../../wire/bytes.ts';
import { Damage } from './damage.ts';
import { Inflater } from './inflater.ts';
import type { Pushback } from './pushback.ts';

const trailerBytes = 8;
/** No header is longer: extra fields have 64 KiB at most, and nobody writes such names. */
const longestHeader = 1 << 18;
const flags = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;

/** Whether a gzip member (RFC 1952) begins here; or, of less than 3 bytes, could. */
export function isGzip(head: Bytes): boolean {
  return head[0] === 0x1f && magic.subarray(0, head.length).equals(head.subarray(0, 3));
}

const magic = Buffer.from([0x1f, 0x8b, 8]);

/**
 * One member of a gzip file, from its header to its checksum. Node's own gunzip loses what it has when something else
 * than a member follows, and tells neither the one from the other nor where it was.
 */
export async function* gzipMember(source: Pushback, chunkSize: number): AsyncGenerator<Bytes> {
  await skipHeader(source);
  const inflater = new Inflater(createInflateRaw({ chunkSize }));
  let checksum = 0;
  let size = 0;
  const checked = (bytes: Bytes): Bytes => {
    checksum = crc32(bytes, checksum);
    size += bytes.length;
    return bytes;
  };
  try {
    while (!inflater.isOver) {
      const piece = await source.take();
      const output = piece === undefined ? inflater.end() : inflater.write(piece);
      for await (const bytes of output) yield checked(bytes);
      if (inflater.isOver && piece !== undefined) source.giveBack(tail(piece, inflater.unused));
    }
  } finally {
    inflater.close();
  }
  const trailer = await source.peek(trailerBytes);
  if (trailer.length < trailerBytes) await cutOff(source);
  await skip(source, trailerBytes);
  if (trailer.readUInt32LE(0) !== checksum) throw new Damage('damaged', 'the checksum does not match');
  if (trailer.readUInt32LE(4) !== size % 0x100000000) throw new Damage('damaged', 'the size does not match');
}

async function skipHeader(source: Pushback): Promise<void> {
  for (let wanted = 10; wanted <= longestHeader; wanted *= 4) {
    const head = await source.peek(wanted);
    const length = headerLength(head);
    if (length !== undefined) {
      await skip(source, length);
      return;
    }
    if (head.length < wanted) await cutOff(source);
  }
  throw new Damage('damaged', 'the header has no end');
}

/** Undefined when it is not all there. */
function headerLength(head: Bytes): number | undefined {
  const kinds = head[3] ?? 0;
  let at = 10;
  if ((kinds & flags.extra) !== 0) {
    if (head.length < at + 2) return undefined;
    at += 2 + head.readUInt16LE(at);
  }
  for (const kind of [flags.name, flags.comment]) {
    if ((kinds & kind) === 0) continue;
    const found = head.indexOf(0, at);
    if (found < 0 || at > head.length) return undefined;
    at = found + 1;
  }
  if ((kinds & flags.headerCrc) !== 0) at += 2;
  return at <= head.length ? at : undefined;
}

async function cutOff(source: Pushback): Promise<never> {
  await source.take();
  throw new Damage('cut off');
}

async function skip(source: Pushback, count: number): Promise<void> {
  const bytes = await source.take();
  if (bytes !== undefined) source.giveBack(bytes.subarray(count) as Bytes);
}

/** The last bytes. */
export function tail(bytes: Bytes, length: number): Bytes {
  return bytes.subarray(bytes.length - length) as Bytes;
}
