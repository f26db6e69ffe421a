/**
 * How several threads read one input. A receiver divides what it would read into shares; each share goes through a whole
 * pipeline of one thread, and counts, and comes before a position, as a whole.
 */
import type { TimeRange } from '../model/time-range.ts';
import type { Checkpoint, JsonValue, LedgerState } from './checkpoint.ts';
import type { Waiting } from './delivery.ts';

/** A share on its way to a thread. */
export interface Share {
  readonly id: number;
  readonly receiver: string;
  readonly content: JsonValue;
}

/** A share that is settled whole. */
export interface SettledShare {
  readonly id: number;
  /** What was handed over of it. */
  readonly bytes: number;
  readonly result: JsonValue;
}

/** Where a thread has its shares from, and who is told what became of them. */
export interface ShareSource {
  /** Undefined when there are none left, and when no more are to be read. */
  next(): Promise<Share | undefined>;
  /** All of these is settled, and the ledger of the thread is exactly what it and the shares before it came to. */
  settled(shares: readonly SettledShare[], ledger: LedgerState, states: Checkpoint['states']): void;
  /** The thread cannot go on. */
  failed?(error: unknown): void;
}

/** What the runs in all threads have in common. */
export interface ThreadStart {
  /** How many there are. */
  readonly threads: number;
  readonly startedAtUnixNano: bigint;
  readonly timeRange: TimeRange | undefined;
}

export interface ThreadProgress {
  readonly readBytes: number;
  readonly itemsRead: number;
  readonly itemsDelivered: number;
  readonly waiting: Waiting | undefined;
}

/** How a thread ended. */
export interface ThreadEnd {
  /** What it counted, also of shares that are not settled whole; undefined where it cannot say that any more. */
  readonly ledger: LedgerState | undefined;
  readonly readBytes: Readonly<Record<string, number>>;
  readonly whereToLook: readonly string[];
}

/** What a thread tells. */
export interface ThreadEvents extends Required<ShareSource> {
  progress(progress: ThreadProgress): void;
  /** Called once; nothing comes after it. */
  ended(end: ThreadEnd): void;
}

/** A thread from outside. */
export interface Thread {
  /** It takes no more in, and ends when what it has is settled. */
  stop(): void;
  /** It abandons what is under way. */
  kill(): void;
  /** It ends, whether it answers or not. */
  terminate(): void;
}

export interface SharingOptions {
  /** How many threads are wanted. */
  readonly workers: 'auto' | number;
  /** With `auto`, so much has to be left to read for each thread but the first. */
  readonly worthBytes: number;
  /** How many can work at the same time. */
  readonly cores: number;
  /** Why there can be only one. */
  readonly alone: string | undefined;
  /** Starts another one, which begins when it is up. */
  startThread(start: ThreadStart, events: ThreadEvents): Thread;
}
