import { bytesOf, type Bytes } from '../../wire/bytes.ts';

/** The bytes of an archive, compression around the whole of it taken off. */
export interface ArchiveBytes {
  /**
   * Those of a region, fewer when the archive ends before. What was handed over is good until more is asked for. Regions
   * asked for in ascending order cost one pass at most.
   */
  read(from: number, to: number): AsyncGenerator<Bytes>;
}

/** Something stands in an archive, as its format says it. */
export interface ArchiveEntry {
  /** As it is written there, without `./` before it. It is a label: nothing is ever written, or looked up, under it. */
  readonly name: string;
  /** How many bytes its content has. */
  readonly size: number;
  /** What it is, when it is no regular file: "a symbolic link". There is nothing to read then. */
  readonly special?: string | undefined;
  /** Why its content cannot be read. */
  readonly refused?: string | undefined;
  content(): AsyncGenerator<Bytes>;
}

/** An archive, or one member of it, cannot be read from this byte on. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/** All of a region at once: for what is known to be small. */
export async function collected(bytes: AsyncIterable<Bytes>): Promise<Bytes> {
  const parts: Buffer[] = [];
  for await (const part of bytes) parts.push(Buffer.from(part));
  return bytesOf(Buffer.concat(parts));
}
