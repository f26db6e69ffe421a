/**
 * Archives among the inputs: each member becomes an input of its own, named `bundle.tgz!path/in/it`, and is read in place.
 * Nothing is unpacked, and what a member is called is a label and never a path.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { ArchiveError, type ArchiveBytes, type ArchiveEntry } from '../../encodings/archive/archive-bytes.ts';
import { ForwardBytes, type KeptBytes } from '../../encodings/archive/forward-bytes.ts';
import { archiveKindOf, type ArchiveKind } from '../../encodings/archive/kind.ts';
import { tarEntries } from '../../encodings/archive/tar.ts';
import { zipEntries } from '../../encodings/archive/zip.ts';
import { decompress } from '../../encodings/decompress.ts';
import { beyondLimit } from '../../model/limits.ts';
import { bytesOf, type Bytes } from './bytes.ts';
import { chunksIn, ReadError } from './chunks.ts';
import type { InputFile, Member } from './inputs.ts';
import { lookAt } from './identity.ts';
import { asInputFailure, isHidden, labelOf, memberBytes } from './members.ts';
import { limitsOf, type FileSettings, type LimitSettings } from './settings.ts';

/** So much of a file is read at once, without a stream. */
const smallBytes = 1 << 16;

/** What of the settings of a receiver archives go by. */
export type ArchiveSettings = Pick<FileSettings, 'max_archive_memory' | 'max_files'> & LimitSettings;

/** How much is read of archives, together, and which of them is open. */
export class Archives {
  readonly settings: ArchiveSettings;
  readonly kept: KeptBytes;
  /** Sentences about members that are left out. */
  readonly notes: string[] = [];
  /** How many more members there may be. */
  private left: number;
  private current: ForwardBytes | undefined;

  constructor(settings: ArchiveSettings) {
    this.settings = settings;
    this.kept = { left: settings.max_archive_memory };
    this.left = settings.max_files;
  }

  /**
   * The members of an archive, in its order; each is best read before the next one is asked for, and can be read again later.
   * What cannot be read of the archive is an input too, the reading of which fails.
   */
  async *members(file: InputFile, kind: ArchiveKind): AsyncGenerator<InputFile> {
    const look = await lookAt(file.absolute).catch(() => undefined);
    const isPacked = look?.isCompressed === true;
    const bytes = isPacked ? this.forward(file) : new FileBytes(file);
    const archive = new Listing(file, bytes, this);
    let members = 0;
    try {
      if (isPacked && kind === 'zip')
        throw new ArchiveError('it is a zip archive that is compressed as a whole: take that off first', 0);
      for await (const member of archive.members(kind)) {
        members++;
        yield member;
      }
    } catch (error) {
      yield archive.failed(asInputFailure(error), members === 0);
    } finally {
      await bytes.close();
      this.notes.push(...archive.notes());
    }
  }

  /** One more member of this archive; throws when there may be no more. */
  count(): void {
    if (this.left-- > 0) return;
    const what = `there are more than ${this.settings.max_files} files, those in archives included`;
    throw new ArchiveError(beyondLimit(what, 'max_files'), 0);
  }

  /** To be called before an archive is read: one stream is open at a time. */
  async turnTo(bytes: ForwardBytes | undefined): Promise<void> {
    if (this.current !== bytes) await this.current?.close();
    this.current = bytes;
  }

  /** What is open is closed. */
  async close(): Promise<void> {
    await this.turnTo(undefined);
  }

  private forward(file: InputFile): ForwardBytes {
    const limits = limitsOf(this.settings);
    const packed = new FileBytes(file, { isListed: true });
    return new ForwardBytes(() => decompress(packed.read(0, file.size), limits), this.kept);
  }
}

/** What kind of archive a file is, if it is one, whatever it is called. Throws as reading does. */
export async function archiveKindIn(chunks: AsyncIterable<Bytes>): Promise<ArchiveKind | undefined> {
  let head = Buffer.alloc(0);
  for await (const chunk of decompress(chunks)) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= 512) break;
  }
  return archiveKindOf(bytesOf(head));
}

type OpenBytes = ArchiveBytes & { close(): Promise<void> };

/** One archive, and what was found in it. */
class Listing {
  private readonly file: InputFile;
  private readonly bytes: OpenBytes;
  private readonly archives: Archives;
  /** Members that are no regular files, by what they are. */
  private readonly specials = new Map<string, { first: string; count: number }>();
  private hasEnd = true;

  constructor(file: InputFile, bytes: OpenBytes, archives: Archives) {
    this.file = file;
    this.bytes = bytes;
    this.archives = archives;
  }

  async *members(kind: ArchiveKind): AsyncGenerator<InputFile> {
    for await (const entry of this.entries(kind)) {
      if (entry.special !== undefined) this.leaveOut(entry.name, entry.special);
      else if (!isHidden(entry.name)) {
        this.archives.count();
        yield this.inputOf(entry);
      }
    }
    if (this.bytes instanceof ForwardBytes) await this.bytes.finish();
  }

  /** An input that stands for what cannot be read of the archive. */
  failed(failure: Error, isAll: boolean): InputFile {
    const { file } = this;
    const member: Member = {
      name: '',
      archive: file,
      isForward: false,
      // oxlint-disable-next-line require-yield
      async *read(facts) {
        facts.sizeAtOpen = file.size;
        throw failure;
      },
    };
    return { ...file, origin: isAll ? file.origin : 'directory', size: 0, member };
  }

  notes(): string[] {
    const { file, specials, hasEnd } = this;
    const notes = Array.from(specials, ([what, { first, count }]) => {
      const more = count === 1 ? 'is' : `and ${count - 1} more are`;
      return `${file.path}!${first} ${more} ${what}: only regular files are read`;
    });
    if (!hasEnd) notes.push(`${file.path} has no end mark: it may have been cut off between two members`);
    return notes;
  }

  private async *entries(kind: ArchiveKind): AsyncGenerator<ArchiveEntry> {
    const { bytes, file, archives } = this;
    if (kind === 'tar') {
      this.hasEnd = yield* tarEntries(bytes);
      return;
    }
    const {
      max_files: maxMembers,
      max_decompressed_size: maxSize,
      max_decompression_ratio: ratio,
    } = archives.settings;
    const limits = { maxMembers, maxDecompressedSize: maxSize, maxDecompressionRatio: ratio };
    yield* await zipEntries(bytes, file.size, limits);
  }

  private leaveOut(name: string, what: string): void {
    // What is in a folder stands beside it.
    if (what === 'a folder') return;
    const known = this.specials.get(what);
    if (known === undefined) this.specials.set(what, { first: name.slice(0, 100), count: 1 });
    else known.count++;
  }

  private inputOf(entry: ArchiveEntry): InputFile {
    const { file, bytes, archives } = this;
    const { name } = labelOf(entry);
    const member: Member = {
      name,
      archive: file,
      get isForward() {
        return bytes instanceof ForwardBytes && !bytes.isKept;
      },
      async *read(facts, range) {
        if (bytes instanceof ForwardBytes) await archives.turnTo(bytes);
        yield* memberBytes(entry, facts, range);
      },
    };
    const [path, resolved] = [`${file.path}!${name}`, `${file.resolved}!${name}`];
    return { ...file, path, resolved, origin: 'directory', size: entry.size, member };
  }
}

/** An archive that is not compressed: any part of it is at hand. */
class FileBytes implements ArchiveBytes {
  private readonly file: InputFile;
  /** Open while the archive is listed. */
  private handle: FileHandle | undefined;
  private isListed: boolean;

  constructor(file: InputFile, { isListed = false } = {}) {
    this.file = file;
    this.isListed = isListed;
  }

  async *read(from: number, to: number): AsyncGenerator<Bytes> {
    const handle = this.handle ?? (await this.open());
    if (!this.isListed) this.handle = handle;
    try {
      const end = Math.min(to, this.file.size);
      if (end - from > smallBytes)
        yield* chunksIn(handle, { sizeAtOpen: 0, readBytes: 0 }, { from, to: end });
      else if (end > from) yield await readAt(handle, from, end);
    } finally {
      if (handle !== this.handle) await handle.close();
    }
  }

  /** Later each reading opens the file for itself. */
  async close(): Promise<void> {
    this.isListed = true;
    await this.handle?.close();
    this.handle = undefined;
  }

  private async open(): Promise<FileHandle> {
    const { absolute, size, modifiedMs } = this.file;
    const handle = await open(absolute, 'r').catch((error: unknown) => {
      throw new ReadError(error, 0);
    });
    const now = await handle.stat();
    if (now.size === size && now.mtimeMs === modifiedMs) return handle;
    await handle.close();
    throw new ReadError(new Error('the archive changed while it was read'), 0);
  }
}

async function readAt(handle: FileHandle, from: number, to: number): Promise<Bytes> {
  const buffer = Buffer.alloc(to - from);
  try {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return bytesOf(buffer.subarray(0, bytesRead));
  } catch (error) {
    throw new ReadError(error, from);
  }
}
