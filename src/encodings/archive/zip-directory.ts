/** The list of members at the end of a zip archive (APPNOTE 6.3.10), with zip64. */
import type { Bytes } from '../../wire/bytes.ts';
import { ArchiveError, collected, type ArchiveBytes } from './archive-bytes.ts';

/** What the list says of one member. */
export interface ZipMember {
  readonly name: string;
  /** A folder has a name that ends so; a link says it in its mode. */
  readonly special: string | undefined;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly checksum: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of its own header. */
  readonly offset: number;
  /** How long that is at least. */
  readonly headerBytes: number;
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, member: 0x02014b50 } as const;
const endBytes = 22;
const locatorBytes = 20;
const end64Bytes = 56;
const memberBytes = 46;
/** The comment at the very end has no more. */
const longestTail = endBytes + locatorBytes + 0xffff;
/** The list is read in pieces of at least a member's longest entry. */
const pieceBytes = 1 << 18;

interface Directory {
  readonly start: number;
  readonly end: number;
}

/**
 * The members in the order of the list. Throws an ArchiveError when there is no such list, or it is not whole, or the
 * archive is a part of several.
 */
export async function* zipMembers(bytes: ArchiveBytes, size: number): AsyncGenerator<ZipMember> {
  const { start, end } = await directoryOf(bytes, size);
  let at = start;
  while (at < end) {
    const piece = await collected(bytes.read(at, Math.min(at + pieceBytes, end)));
    let used = 0;
    for (let entry = entryIn(piece, used); entry !== undefined; entry = entryIn(piece, used)) {
      used += entry.length;
      yield entry.member;
    }
    if (used === 0)
      throw new ArchiveError('the zip archive is damaged: its list of members is not whole', at);
    at += used;
  }
}

async function directoryOf(bytes: ArchiveBytes, size: number): Promise<Directory> {
  const tailStart = Math.max(size - longestTail, 0);
  const tail = await collected(bytes.read(tailStart, size));
  const at = endIn(tail);
  if (at === undefined)
    throw new ArchiveError(
      'the zip archive has no list of members at its end (cut off while it was written?)',
      size,
    );
  const short = {
    disks: tail.readUInt16LE(at + 4) + tail.readUInt16LE(at + 6),
    size: tail.readUInt32LE(at + 12),
    start: tail.readUInt32LE(at + 16),
  };
  const isLong = at >= locatorBytes && tail.readUInt32LE(at - locatorBytes) === signatures.locator64;
  const { disks, size: length, start } = isLong ? await longEnd(bytes, tail, at - locatorBytes) : short;
  if (disks !== 0)
    throw new ArchiveError('the zip archive is one part of several, which is not read', tailStart + at);
  if (start + length > tailStart + at)
    throw new ArchiveError(
      'the zip archive is damaged: its list of members is not where it says',
      tailStart + at,
    );
  return { start, end: start + length };
}

/** The last place where the end record stands and its comment fills the rest. */
function endIn(tail: Bytes): number | undefined {
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (
      tail.readUInt32LE(at) === signatures.end &&
      at + endBytes + tail.readUInt16LE(at + 20) === tail.length
    )
      return at;
  }
  return undefined;
}

async function longEnd(bytes: ArchiveBytes, tail: Bytes, locator: number) {
  const offset = long(tail, locator + 8);
  const end = await collected(bytes.read(offset, offset + end64Bytes));
  if (end.length < end64Bytes || end.readUInt32LE(0) !== signatures.end64)
    throw new ArchiveError('the zip archive is damaged: its zip64 end record is not where it says', offset);
  return { disks: end.readUInt32LE(16) + end.readUInt32LE(20), size: long(end, 40), start: long(end, 48) };
}

/** Beyond 2^53 nothing is exact, and nothing is that large: it is beyond every file. */
function long(bytes: Bytes, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** The entry that begins here; undefined when it is not all there, or none. */
function entryIn(piece: Bytes, at: number): { member: ZipMember; length: number } | undefined {
  if (at + memberBytes > piece.length || piece.readUInt32LE(at) !== signatures.member) return undefined;
  const nameBytes = piece.readUInt16LE(at + 28);
  const extraBytes = piece.readUInt16LE(at + 30);
  const length = memberBytes + nameBytes + extraBytes + piece.readUInt16LE(at + 32);
  if (at + length > piece.length) return undefined;
  const flags = piece.readUInt16LE(at + 8);
  const name = nameOf(piece.subarray(at + memberBytes, at + memberBytes + nameBytes) as Bytes, flags);
  const extra = piece.subarray(
    at + memberBytes + nameBytes,
    at + memberBytes + nameBytes + extraBytes,
  ) as Bytes;
  const sizes = sizesOf(piece, at, extra);
  return {
    length,
    member: {
      name,
      special: specialOf(name, piece.readUInt32LE(at + 38)),
      isEncrypted: (flags & 1) !== 0,
      method: piece.readUInt16LE(at + 10),
      checksum: piece.readUInt32LE(at + 16),
      headerBytes: 30 + nameBytes,
      ...sizes,
    },
  };
}

/** Names are UTF-8 when a flag says so, and mostly else; Windows wrote its own separators. */
function nameOf(bytes: Bytes, flags: number): string {
  const text = bytes.toString('utf8');
  const name = (flags & 0x800) === 0 && text.includes('\uFFFD') ? bytes.toString('latin1') : text;
  return name.replaceAll('\\', '/').replace(/^(?:\.\/+)+/u, '');
}

/** What is too large for its place stands in the zip64 extra field, in this order. */
function sizesOf(piece: Bytes, at: number, extra: Bytes) {
  const long64 = zip64In(extra);
  let used = 0;
  const take = (value: number): number => {
    if (value !== 0xffffffff || long64 === undefined || used + 8 > long64.length) return value;
    used += 8;
    return long(long64, used - 8);
  };
  const size = take(piece.readUInt32LE(at + 24));
  const compressedSize = take(piece.readUInt32LE(at + 20));
  return { size, compressedSize, offset: take(piece.readUInt32LE(at + 42)) };
}

function zip64In(extra: Bytes): Bytes | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1)
      return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2)) as Bytes;
  }
  return undefined;
}

/** The upper half of the attributes is the mode of Unix, where a link or a device shows. */
function specialOf(name: string, attributes: number): string | undefined {
  if (name.endsWith('/')) return 'a folder';
  const kind = attributes >>> 28;
  if (kind === 0xa) return 'a symbolic link';
  return kind === 0 || kind === 8 ? undefined : kind === 4 ? 'a folder' : 'a device, a pipe or a socket';
}
