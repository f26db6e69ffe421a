/** Which file a file is, told by its content: a few short regions of it, hashed. Names, devices and inodes come and go. */
import { hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { isGzip } from '../../encodings/compression/gzip.ts';
import { isZstd } from '../../encodings/compression/zstd.ts';
import { bytesOf, type Bytes } from './bytes.ts';

/** How long the regions are that are looked at. */
const printBytes = 4096;

/** A region of a file and what is in it. */
export interface Print {
  /** Behind its last byte. */
  readonly end: number;
  readonly bytes: number;
  readonly hash: string;
}

/** The print that every file has. */
const noPrint: Print = { end: 0, bytes: 0, hash: '' };

/** 96 bits: files are told apart, not protected from forgery. */
export function printOf(bytes: Uint8Array, end: number): Print {
  if (bytes.length === 0) return noPrint;
  return { end, bytes: bytes.length, hash: hash('sha256', bytes, 'base64url').slice(0, 16) };
}

/** What of a file is looked at before it is known where to begin in it. */
export interface Look {
  readonly size: number;
  readonly isCompressed: boolean;
  readonly head: Bytes;
  /** The print of its last bytes. */
  readonly tail: Print;
}

/** Looks at both ends of a file, of which no more than `most` bytes count. Rejects as file operations do. */
export async function lookAt(path: string, most = Infinity): Promise<Look> {
  const handle = await open(path, 'r');
  try {
    const size = Math.min((await handle.stat()).size, most);
    const head = await regionOf(handle, Math.min(size, printBytes), printBytes);
    const isCompressed = head.length >= 4 && (isGzip(head) || isZstd(head));
    const tail = printOf(await regionOf(handle, size, printBytes), size);
    return { size, isCompressed, head, tail };
  } finally {
    await handle.close();
  }
}

/** Whether these bytes, which a file begins with, are what was there; as far as they go. */
export function beginsWith(head: Uint8Array, print: Print): boolean {
  return (
    head.length >= print.bytes && printOf(head.subarray(0, print.bytes), print.bytes).hash === print.hash
  );
}

/** Whether a file still has the region. */
export async function holds(handle: FileHandle, print: Print): Promise<boolean> {
  const bytes = await regionOf(handle, print.end, print.bytes);
  return printOf(bytes, print.end).hash === print.hash;
}

/** As `holds`, of a file that is not open. */
export async function fileHolds(path: string, print: Print): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    return await holds(handle, print);
  } finally {
    await handle.close();
  }
}

/** The print of the last bytes before an offset. */
export async function printBefore(handle: FileHandle, end: number): Promise<Print> {
  return printOf(await regionOf(handle, end, printBytes), end);
}

/** The bytes up to `end`; fewer when the file has fewer. */
async function regionOf(handle: FileHandle, end: number, bytes: number): Promise<Bytes> {
  const start = Math.max(end - bytes, 0);
  const buffer = Buffer.alloc(end - start);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytesOf(buffer.subarray(0, filled));
}

/** Takes the prints of content while it goes by. */
export class ContentWatch {
  private headBytes: Buffer;
  private known: Print;
  private latest: Print;
  /** The last bytes before the chunk, the chunk, and the last bytes with it. */
  private before: Buffer = Buffer.alloc(0);
  private chunk: Uint8Array = this.before;
  private after: Buffer = this.before;
  private chunkStart = 0;

  /** For content that begins further on: what is known of what stands before. */
  constructor(head: Print = noPrint, mark: Print = noPrint) {
    this.known = head;
    this.latest = mark;
    this.headBytes = Buffer.alloc(0);
  }

  /** To be called with each chunk, in order, before anything is asked of it; `start` is where it stands. */
  see(chunk: Uint8Array, start: number): void {
    if (start === this.headBytes.length && start < printBytes) {
      this.headBytes = Buffer.concat([this.headBytes, chunk.subarray(0, printBytes - start)]);
      this.known = printOf(this.headBytes, this.headBytes.length);
    }
    this.before = this.after;
    this.chunk = chunk;
    this.chunkStart = start;
    this.after = this.endingAt(start + chunk.length);
  }

  /** Holds the chunk no longer; the next one follows it. */
  release(): void {
    this.chunkStart += this.chunk.length;
    this.chunk = Buffer.alloc(0);
    this.before = this.after;
  }

  /** The print of the first bytes. */
  get head(): Print {
    return this.known;
  }

  /** The print of the last bytes before an offset, or of some before those. To be asked in ascending order. */
  mark(offset: number): Print {
    const { latest, chunkStart, chunk, before } = this;
    const isHere = offset > chunkStart - before.length && offset <= chunkStart + chunk.length;
    if (offset > latest.end && isHere) this.latest = printOf(this.endingAt(offset), offset);
    return this.latest;
  }

  /** At the end of the chunk it is a copy: then the chunk may be gone. */
  private endingAt(offset: number): Buffer {
    const { before, chunk, chunkStart, after } = this;
    if (offset === chunkStart + chunk.length && after !== before) return after;
    const inChunk = chunk.subarray(0, Math.max(offset - chunkStart, 0));
    if (inChunk.length >= printBytes) return Buffer.from(inChunk.subarray(-printBytes));
    const beforeIt = before.subarray(0, before.length + Math.min(offset - chunkStart, 0));
    return Buffer.concat([beforeIt, inChunk].map((part) => part.subarray(-printBytes))).subarray(-printBytes);
  }
}
