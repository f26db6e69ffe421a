/**
 * The members of a tar archive (POSIX.1-2001 ustar and pax, GNU), in the order in which they stand there. Nothing is held
 * but one header.
 */
import type { Bytes } from '../../wire/bytes.ts';
import { ArchiveError, collected, type ArchiveBytes, type ArchiveEntry } from './archive-bytes.ts';
import { blockBytes, isEndBlock, tarHeaderOf, type TarHeader } from './tar-header.ts';

/** A header that lengthens the next one: a name has a few thousand bytes at most. */
const longestExtension = 1 << 20;

const specials: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder',
  '6': 'a named pipe (FIFO)',
  D: 'a folder',
  V: 'the label of a volume',
};

/** What the headers before one say about it. */
interface Extension {
  name?: string | undefined;
  size?: number | undefined;
  isSparse?: boolean;
}

/**
 * Each entry can be read until the next one is asked for, and, where `bytes` can go back, later. Throws an ArchiveError where
 * the archive is damaged or cut off, after everything that stands before, and what `bytes` throws. Answers whether the
 * archive has its end mark.
 */
export async function* tarEntries(bytes: ArchiveBytes): AsyncGenerator<ArchiveEntry, boolean> {
  let extension: Extension = {};
  let at = 0;
  for (;;) {
    const block = await collected(bytes.read(at, at + blockBytes));
    if (block.length === 0) return false;
    if (block.length < blockBytes) throw new ArchiveError(cutOff, at);
    if (isEndBlock(block)) return true;
    const header = tarHeaderOf(block);
    if (header === undefined)
      throw new ArchiveError('the tar archive is damaged: there is no header of a member here', at);
    const start = at + blockBytes;
    if (isExtension(header)) {
      Object.assign(extension, await extensionOf(bytes, header, start));
      at = start + padded(header.size);
      continue;
    }
    const entry = entryOf(bytes, header, extension, start);
    if (entry.name !== '') yield entry;
    const isEmpty = entry.special !== undefined && header.type !== 'D';
    at = start + (isEmpty ? 0 : padded(extension.size ?? header.size));
    extension = {};
  }
}

const cutOff = 'the tar archive ends early (cut off while it was written?)';

function padded(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

function entryOf(bytes: ArchiveBytes, header: TarHeader, extension: Extension, start: number): ArchiveEntry {
  const size = extension.size ?? header.size;
  const written = extension.name ?? header.name;
  const name = written.replace(/^(?:\.\/+)+/u, '').replace(/^\.$/u, '');
  const special = written.endsWith('/') ? 'a folder' : specials[header.type];
  const isSparse = header.type === 'S' || extension.isSparse === true;
  const isKnown = special !== undefined || header.type === '0' || header.type === '7' || isSparse;
  const refused = isSparse
    ? 'it is stored as a sparse file, which is not read: pack it without --sparse'
    : isKnown
      ? undefined
      : `it is of a kind of member (${JSON.stringify(header.type)}) that is not known`;
  return { name, size, special, refused, content: () => contentOf(bytes, start, size) };
}

async function* contentOf(bytes: ArchiveBytes, start: number, size: number): AsyncGenerator<Bytes> {
  let read = 0;
  for await (const part of bytes.read(start, start + size)) {
    read += part.length;
    yield part;
  }
  if (read < size) throw new ArchiveError('the archive ends within it (cut off while it was written?)', read);
}

/** `x` and `g` of pax, `L` and `K` of GNU. */
function isExtension({ type }: TarHeader): boolean {
  return type === 'x' || type === 'g' || type === 'L' || type === 'K';
}

async function extensionOf(bytes: ArchiveBytes, header: TarHeader, start: number): Promise<Extension> {
  const { size, type } = header;
  if (size > longestExtension)
    throw new ArchiveError(`the name of a member has more than ${longestExtension} bytes`, start);
  const content = await collected(bytes.read(start, start + size));
  if (content.length < size) throw new ArchiveError(cutOff, start);
  if (type === 'L') return { name: content.toString('utf8').replace(/\0+$/u, '') };
  // The names of links say nothing here, and what is said of all members is not their name or size.
  return type === 'x' ? paxOf(content, start) : {};
}

/** Records `LENGTH KEY=VALUE\n`, the length being that of the whole record. */
function paxOf(content: Bytes, start: number): Extension {
  const extension: Extension = {};
  for (let at = 0; at < content.length;) {
    const [whole, digits = ''] =
      /^(\d{1,7}) /.exec(content.latin1Slice(at, Math.min(at + 8, content.length))) ?? [];
    const end = at + Number(digits);
    const equals = content.indexOf(61, at);
    if (whole === undefined || end > content.length || equals < 0 || equals >= end)
      throw new ArchiveError('the tar archive is damaged: a pax header is not as it should be', start + at);
    const key = content.utf8Slice(at + whole.length, equals);
    const value = content.utf8Slice(equals + 1, end - 1);
    if (key === 'path') extension.name = value;
    if (key === 'size' && /^\d{1,15}$/.test(value)) extension.size = Number(value);
    if (key.startsWith('GNU.sparse.')) extension.isSparse = true;
    at = end;
  }
  return extension;
}
