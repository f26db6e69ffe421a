import { bytesOf, type Bytes } from '../../wire/bytes.ts';

/** A stream of bytes from which more can be taken than is used: the rest is given back. */
export class Pushback {
  private readonly iterator: AsyncIterator<Bytes>;
  private rest: Bytes | undefined;
  /** How many bytes were taken and not given back. */
  offset = 0;

  constructor(source: AsyncIterable<Bytes>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** The next bytes, never none; undefined at the end. */
  async take(): Promise<Bytes | undefined> {
    let chunk = this.rest;
    this.rest = undefined;
    while (chunk === undefined || chunk.length === 0) {
      const next = await this.iterator.next();
      if (next.done === true) return undefined;
      chunk = next.value;
    }
    this.offset += chunk.length;
    return chunk;
  }

  /** The last bytes of what was taken last, back again. */
  giveBack(bytes: Bytes): void {
    this.rest = bytes;
    this.offset -= bytes.length;
  }

  /** At least `count` bytes if there are so many, taken and given back at once. */
  async peek(count: number): Promise<Bytes> {
    let bytes = (await this.take()) ?? bytesOf(Buffer.alloc(0));
    while (bytes.length < count) {
      // The source may overwrite a chunk when it is asked for the next one.
      const begin = Buffer.from(bytes);
      const more = await this.take();
      bytes = bytesOf(more === undefined ? begin : Buffer.concat([begin, more]));
      if (more === undefined) break;
    }
    this.giveBack(bytes);
    return bytes;
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }
}
