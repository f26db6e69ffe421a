import type { Transform } from 'node:stream';
import { bytesOf, type Bytes } from '../../wire/bytes.ts';
import { damageOf } from './damage.ts';

/** So much output may wait for its consumer before the stream is held back. */
const mostWaiting = 1 << 20;

/** Drives one decompression stream of Node from outside: a piece in, what comes of it out, and how much of it was used. */
export class Inflater {
  /** The compressed stream is over; what was not used of the last piece is not part of it. */
  isOver = false;
  private readonly stream: Transform & { readonly bytesWritten: number };
  private readonly waiting: Bytes[] = [];
  private waitingBytes = 0;
  private given = 0;
  private isBusy = false;
  private error: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(stream: Transform & { readonly bytesWritten: number }) {
    this.stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.waiting.push(bytesOf(bytes));
      this.waitingBytes += bytes.length;
      if (this.waitingBytes > mostWaiting) stream.pause();
      this.wake?.();
    });
    stream.on('error', (error) => this.settle(error));
    stream.on('end', () => {
      this.isOver = true;
      this.settle();
    });
  }

  /** What comes of the next piece, which has to stay as it is meanwhile. Throws a Damage. */
  async *write(piece: Bytes): AsyncGenerator<Bytes> {
    this.given += piece.length;
    this.isBusy = true;
    this.stream.write(piece, (error) => this.settle(error ?? undefined));
    yield* this.output();
  }

  /** What still comes when nothing follows. Throws a Damage. */
  async *end(): AsyncGenerator<Bytes> {
    this.isBusy = true;
    this.stream.end();
    yield* this.output();
  }

  /** How many of the last bytes given were not used. Right when the stream is over. */
  get unused(): number {
    return this.given - this.stream.bytesWritten;
  }

  close(): void {
    this.stream.destroy();
  }

  private settle(error?: Error): void {
    this.isBusy = false;
    this.error ??= error;
    this.wake?.();
  }

  private async *output(): AsyncGenerator<Bytes> {
    for (;;) {
      const bytes = this.waiting.shift();
      if (bytes !== undefined) {
        this.waitingBytes -= bytes.length;
        yield bytes;
      } else if (this.stream.isPaused()) this.stream.resume();
      else if (!this.isBusy) break;
      else {
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
      }
    }
    if (this.error !== undefined) throw damageOf(this.error);
  }
}
