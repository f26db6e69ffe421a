import { bytesOf, type Bytes } from '../../wire/bytes.ts';
import type { ArchiveBytes } from './archive-bytes.ts';

/** How much several archives may keep together. */
export interface KeptBytes {
  left: number;
}

/**
 * An archive that can only be read from its beginning on, since it is compressed as a whole. One stream stays open, so
 * that regions in ascending order cost one pass; going back begins anew. What fits into `kept` is kept once it was read to
 * its end, and then every region costs nothing.
 */
export class ForwardBytes implements ArchiveBytes {
  private readonly open: () => AsyncIterable<Bytes>;
  private readonly kept: KeptBytes;
  private stream: AsyncIterator<Bytes> | undefined;
  /** What was taken of the stream and not asked for yet, and where it begins. */
  private rest: Bytes = nothing;
  private at = 0;
  /** What is kept; undefined when it is too much. */
  private parts: Buffer[] | undefined = [];
  private partsEnd = 0;
  private whole: Bytes | undefined;

  constructor(open: () => AsyncIterable<Bytes>, kept: KeptBytes = { left: 0 }) {
    this.open = open;
    this.kept = kept;
  }

  /** Whether all of it is kept. */
  get isKept(): boolean {
    return this.whole !== undefined;
  }

  /** Throws what the stream throws. */
  async *read(from: number, to: number): AsyncGenerator<Bytes> {
    if (this.whole !== undefined) {
      if (from < Math.min(to, this.whole.length)) yield this.whole.subarray(from, to) as Bytes;
      return;
    }
    if (from < this.at) await this.close();
    while (this.at < to && (await this.fill())) {
      const skipped = Math.min(Math.max(from - this.at, 0), this.rest.length);
      const taken = Math.min(to - this.at, this.rest.length);
      const part = this.rest.subarray(skipped, taken) as Bytes;
      this.rest = this.rest.subarray(taken) as Bytes;
      this.at += taken;
      if (part.length > 0) yield part;
    }
  }

  /** Reads what is left, so that damage shows and what is small is kept. */
  async finish(): Promise<void> {
    if (this.whole !== undefined) return;
    while (await this.fill()) {
      this.at += this.rest.length;
      this.rest = nothing;
    }
  }

  /** The next reading begins anew. */
  async close(): Promise<void> {
    const { stream } = this;
    this.stream = undefined;
    this.rest = nothing;
    this.at = 0;
    await stream?.return?.();
  }

  /** Whether there is more. */
  private async fill(): Promise<boolean> {
    while (this.rest.length === 0) {
      this.stream ??= this.open()[Symbol.asyncIterator]();
      const next = await this.next(this.stream);
      if (next.done === true) {
        this.keepAll();
        return false;
      }
      this.rest = next.value;
      this.keep(next.value);
    }
    return true;
  }

  private async next(stream: AsyncIterator<Bytes>): Promise<IteratorResult<Bytes>> {
    try {
      return await stream.next();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private keep(chunk: Bytes): void {
    if (this.parts === undefined || this.at < this.partsEnd) return;
    if (chunk.length > this.kept.left) {
      this.forget();
      return;
    }
    this.kept.left -= chunk.length;
    this.parts.push(Buffer.from(chunk));
    this.partsEnd += chunk.length;
  }

  private forget(): void {
    if (this.parts !== undefined) this.kept.left += this.partsEnd;
    this.parts = undefined;
  }

  private keepAll(): void {
    if (this.parts === undefined || this.whole !== undefined) return;
    this.whole = bytesOf(Buffer.concat(this.parts));
    this.parts = undefined;
  }
}

const nothing = bytesOf(Buffer.alloc(0));
