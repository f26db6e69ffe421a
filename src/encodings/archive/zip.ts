/** The members of a zip archive, each read on its own: stored, deflated or in zstd, checked against size and checksum. */
import { crc32, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { beyondLimit } from '../../model/limits.ts';
import type { Bytes } from '../../wire/bytes.ts';
import { Inflater } from '../compression/inflater.ts';
import { Damage } from '../compression/damage.ts';
import { ArchiveError, collected, type ArchiveBytes, type ArchiveEntry } from './archive-bytes.ts';
import { zipMembers, type ZipMember } from './zip-directory.ts';

const methods: Readonly<Record<number, string>> = {
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  95: 'xz',
  96: 'JPEG',
  98: 'PPMd',
  99: 'AES',
};
const stored = 0;
const deflated = 8;
const zstandard = 93;

export interface ZipLimits {
  readonly maxMembers: number;
  readonly maxDecompressedSize: number;
  readonly maxDecompressionRatio: number;
}

/** Of less than this, no ratio is looked at: it fits everywhere. */
const ratioFrom = 64 << 20;
const chunkSize = 1 << 18;
const localHeaderBytes = 30;
const localSignature = 0x04034b50;

/**
 * All members, in the order in which they stand in the archive. `size` is that of the archive. Throws an ArchiveError when
 * the archive has no list of members, or when they overlap, or hold more than they may, as those of zip bombs do.
 */
export async function zipEntries(
  bytes: ArchiveBytes,
  size: number,
  limits: ZipLimits,
): Promise<ArchiveEntry[]> {
  const members: ZipMember[] = [];
  let total = 0;
  for await (const member of zipMembers(bytes, size)) {
    members.push(member);
    total += member.size;
    if (members.length > limits.maxMembers)
      throw new ArchiveError(
        beyondLimit(`it has more than ${limits.maxMembers} members`, 'max_files'),
        member.offset,
      );
  }
  if (total > limits.maxDecompressedSize) {
    const what = `its members have more than ${limits.maxDecompressedSize} bytes together`;
    throw new ArchiveError(beyondLimit(what, 'max_decompressed_size'), 0);
  }
  members.sort((a, b) => a.offset - b.offset);
  checkPlaces(members, size);
  return members.map((member) => ({
    name: member.name,
    size: member.size,
    special: member.special,
    refused: refusalOf(member, limits),
    content: () => contentOf(bytes, member),
  }));
}

/** Members that share their compressed bytes hold any amount. */
function checkPlaces(members: readonly ZipMember[], size: number): void {
  for (const [at, { offset, headerBytes, compressedSize }] of members.entries()) {
    const next = members[at + 1]?.offset ?? size;
    if (offset + headerBytes + compressedSize > next)
      throw new ArchiveError('the members of the zip archive overlap, as those of a zip bomb', offset);
  }
}

function refusalOf(member: ZipMember, { maxDecompressionRatio }: ZipLimits): string | undefined {
  const { isEncrypted, method, size, compressedSize } = member;
  if (isEncrypted) return 'it is encrypted: unpack the archive with its password first';
  if (method !== stored && method !== deflated && method !== zstandard) {
    const name = methods[method] ?? `method ${method}`;
    return `it is compressed with ${name}, which is not read: pack it with deflate, which is what zip does by default`;
  }
  if (size > ratioFrom && size > compressedSize * maxDecompressionRatio) {
    const what = `it decompresses to more than ${maxDecompressionRatio} times its size`;
    return beyondLimit(what, 'max_decompression_ratio');
  }
  return undefined;
}

async function* contentOf(bytes: ArchiveBytes, member: ZipMember): AsyncGenerator<Bytes> {
  const { offset, compressedSize, size, checksum } = member;
  const header = await collected(bytes.read(offset, offset + localHeaderBytes));
  if (header.length < localHeaderBytes || header.readUInt32LE(0) !== localSignature)
    throw new ArchiveError('the zip archive is damaged: the member is not where the list says', 0);
  const start = offset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  let read = 0;
  let sum = 0;
  for await (const part of inflated(bytes.read(start, start + compressedSize), member.method)) {
    read += part.length;
    // What the list says is the bound, so that what it says together is too.
    if (read > size)
      throw new ArchiveError('the member of the zip archive is damaged: it is longer than it says', read);
    sum = crc32(part, sum);
    yield part;
  }
  if (read < size) throw new ArchiveError('the member of the zip archive is damaged: it ends early', read);
  if (sum !== checksum)
    throw new ArchiveError('the member of the zip archive is damaged: the checksum does not match', read);
}

async function* inflated(source: AsyncIterable<Bytes>, method: number): AsyncGenerator<Bytes> {
  if (method === stored) {
    yield* source;
    return;
  }
  const inflater = new Inflater(
    method === deflated ? createInflateRaw({ chunkSize }) : createZstdDecompress({ chunkSize }),
  );
  let given = 0;
  try {
    for await (const part of source) {
      for await (const bytes of inflater.write(part)) {
        given += bytes.length;
        yield bytes;
      }
      if (inflater.isOver) return;
    }
    yield* inflater.end();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    const reason = error.message === '' ? error.kind : error.message;
    throw new ArchiveError(`the member of the zip archive is damaged: ${reason}`, given);
  } finally {
    inflater.close();
  }
}
