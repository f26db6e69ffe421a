/** The other threads of a run, seen from outside. */
import type { Worker } from 'node:worker_threads';
import { batchOf } from '../../model/batches.ts';
import type { DeadLetters } from '../../pipeline/dead-letters.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { Thread, ThreadEnd, ThreadEvents, ThreadStart } from '../../pipeline/shares.ts';
import { threadFailure } from '../../pipeline/sharing.ts';
import { errorOf, type FromThread, type ThreadData, type ToThread } from './messages.ts';
import type { SharedLogger } from './shared-logger.ts';

export interface PoolOptions extends Pick<ThreadData, 'config' | 'dryRun' | 'graceMs' | 'logLevel'> {
  readonly logger: SharedLogger;
  readonly deadLetters: DeadLetters | undefined;
}

export function startWorker(options: PoolOptions, start: ThreadStart, events: ThreadEvents): Thread {
  const { config, dryRun, graceMs, logLevel, deadLetters } = options;
  const data: ThreadData = {
    ...start,
    config,
    dryRun,
    graceMs,
    logLevel,
    deadLetters: deadLetters !== undefined,
  };
  const threads = process.getBuiltinModule('node:worker_threads');
  const worker = new threads.Worker(new URL('./thread.ts', import.meta.url), { workerData: data });
  return new WorkerThread(worker, options, events);
}

class WorkerThread implements Thread {
  private readonly worker: Worker;
  private readonly options: PoolOptions;
  private readonly events: ThreadEvents;
  private isOver = false;

  constructor(worker: Worker, options: PoolOptions, events: ThreadEvents) {
    this.worker = worker;
    this.options = options;
    this.events = events;
    worker.on('message', (message: FromThread) => this.take(message));
    worker.on('error', (error) => this.crashed(error));
    worker.on('exit', (code) => this.crashed(new Error(`with code ${code}`)));
  }

  stop(): void {
    this.tell({ kind: 'stop' });
  }

  kill(): void {
    this.tell({ kind: 'kill' });
  }

  terminate(): void {
    this.isOver = true;
    void this.worker.terminate();
  }

  private tell(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private take(message: FromThread): void {
    const { events } = this;
    switch (message.kind) {
      case 'next':
        void this.give();
        return;
      case 'settled':
        events.settled(message.shares, message.ledger, message.states);
        return;
      case 'log':
        this.options.logger.fromThread(message.level, message.message);
        return;
      case 'dead-letter':
        void this.keep(message);
        return;
      case 'progress':
        events.progress(message.progress);
        return;
      case 'failed':
        events.failed(errorOf(message.failure));
        return;
      case 'ended':
        this.end(message.end);
    }
  }

  private async give(): Promise<void> {
    try {
      this.tell({ kind: 'share', share: await this.events.next() });
    } catch (error) {
      this.events.failed(error);
      this.tell({ kind: 'stop' });
    }
  }

  private async keep({
    id,
    signal,
    origin,
    bytes,
    facts,
  }: FromThread & { kind: 'dead-letter' }): Promise<void> {
    let failure: string | undefined;
    try {
      const batch = batchOf(signal, bytes, { trusted: true });
      if (origin !== undefined) batch.origin = origin;
      await this.options.deadLetters?.write(batch, facts);
    } catch (error) {
      failure = messageOf(error);
    }
    this.tell({ kind: 'dead-letter', id, failure });
  }

  private crashed(error: unknown): void {
    if (this.isOver) return;
    this.events.failed(threadFailure(error));
    this.end({ ledger: undefined, readBytes: {}, whereToLook: [] });
  }

  private end(end: ThreadEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.ended(end);
  }
}
