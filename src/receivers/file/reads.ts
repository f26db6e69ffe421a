/** Reading of one file, chunk by chunk. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemClock, type Clock } from '../../pipeline/clock.ts';
import { bytesOf, type Bytes } from './bytes.ts';

/** Read at a time: small enough to stay in a processor's cache while it is decoded. */
export const readBytes = 1 << 18;
/** A read that takes longer than it takes to copy what is in memory waited for a disk. */
const waitMs = 0.5;
/** So many reads after one that waited are made by another thread. */
const readsElsewhere = 16;

/** What is handed over, and what is read ahead into. */
export type ReadBuffers = readonly [Bytes, Bytes];

/** For who reads one part of a file after the other. */
export function readBuffers(bytes = readBytes): ReadBuffers {
  const buffer = (): Bytes => bytesOf(Buffer.allocUnsafeSlow(bytes));
  return [buffer(), buffer()];
}

export interface ReadPlan {
  readonly from: number;
  /** Infinity to read to the end. */
  readonly to: number;
  readonly buffers: ReadBuffers;
  /** Otherwise it may keep whoever reads it waiting for ever, as `/proc/kmsg` does. */
  readonly isFile: boolean;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

/**
 * What is in memory, as a file mostly is that was just written or read, is copied here: a thread that is woken for it first
 * ends what else it has to do, such as to compress, and the way there and back takes as long as the copy. What has to come
 * from a disk is read ahead by another thread.
 */
export class Reads {
  private readonly handle: FileHandle;
  private readonly plan: ReadPlan;
  private readonly clock: Pick<Clock, 'monotonicMs'>;
  private at: number;
  private buffer: Bytes;
  private other: Bytes;
  private elsewhere: number;
  private ahead: Promise<Bytes> | undefined;

  constructor(handle: FileHandle, plan: ReadPlan) {
    this.handle = handle;
    this.plan = plan;
    this.clock = plan.clock ?? systemClock;
    this.at = plan.from;
    [this.buffer, this.other] = plan.buffers;
    this.elsewhere = plan.isFile ? 0 : Infinity;
  }

  /** Stays as it is until the next one is asked for; empty at the end. Throws what the system says. */
  async next(): Promise<Bytes> {
    const read = await (this.ahead ?? (this.elsewhere > 0 ? this.readElsewhere() : this.readHere()));
    this.ahead = undefined;
    this.at += read.length;
    if (this.elsewhere > 0 && read.length > 0) {
      [this.buffer, this.other] = [this.other, this.buffer];
      this.ahead = this.readElsewhere();
      // Awaited in the next turn, or never when the consumer leaves.
      this.ahead.catch(() => undefined);
    }
    return read;
  }

  private get room(): number {
    return Math.min(this.buffer.length, this.plan.to - this.at);
  }

  private async readHere(): Promise<Bytes> {
    // What is to be sent, and what was answered, has its turn between two reads.
    await new Promise((resolve) => setImmediate(resolve));
    const startedMs = this.clock.monotonicMs();
    const length = readSync(this.handle.fd, this.buffer, 0, this.room, this.at);
    if (this.clock.monotonicMs() - startedMs > waitMs) this.elsewhere = readsElsewhere;
    return bytesOf(this.buffer.subarray(0, length));
  }

  private async readElsewhere(): Promise<Bytes> {
    this.elsewhere--;
    const { buffer } = this;
    const { bytesRead } = await this.handle.read(buffer, 0, this.room, this.at);
    return bytesOf(buffer.subarray(0, bytesRead));
  }
}
