/**
 * Virtual time. Whatever waits (timers, the network, the disk) is an event; a seed chooses which of those that are due
 * about now happens next, and everything that follows from it at once happens before the next one. So one seed is one
 * schedule, and a timer may be late but never early, as on a busy machine.
 */
import type { Clock } from '../../src/pipeline/clock.ts';
import { Random } from '../faults/random.ts';

/** Who waits for an event: nothing happens any more to what is dead. */
export interface Owner {
  readonly alive: boolean;
}

interface Event {
  readonly atMs: number;
  readonly owner: Owner;
  /** Set beside the work, for when it takes too long: nobody has to wait for it. */
  readonly isTimer: boolean;
  readonly happen: () => void;
}

/** How late an event may be, in virtual ms, and how often (of 8). */
const lateness = [0, 0, 0, 2, 2, 10, 10, 60];
export const latestMs = 60;

const startUnixNano = 1_800_000_000_000_000_000n;

export class Schedule {
  nowMs = 0;
  /** Events that happened. */
  steps = 0;
  readonly random: Random;
  private events: Event[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  get isEmpty(): boolean {
    return !this.events.some(({ owner }) => owner.alive);
  }

  /** Whether something is under way for `owner`, and not only timers. */
  isBusy(owner: Owner): boolean {
    return this.events.some((event) => event.owner === owner && !event.isTimer);
  }

  /** Calls back after `ms`, or somewhat later; the returned function cancels it. */
  after(ms: number, owner: Owner, happen: () => void, isTimer = false): () => void {
    const event = { atMs: this.nowMs + Math.max(ms, 0), owner, isTimer, happen };
    this.events.push(event);
    return () => {
      this.events = this.events.filter((other) => other !== event);
    };
  }

  async wait(ms: number, owner: Owner): Promise<void> {
    await new Promise<void>((resolve) => this.after(ms, owner, resolve));
  }

  /** Lets the next event happen, and all that follows from it without a wait; answers false when there is none. */
  async step(): Promise<boolean> {
    this.events = this.events.filter(({ owner }) => owner.alive);
    const first = Math.min(...this.events.map(({ atMs }) => atMs));
    const late = lateness[this.random.below(lateness.length)] ?? 0;
    const due = this.events.filter(({ atMs }) => atMs <= first + late);
    const event = due[this.random.below(due.length)];
    if (event === undefined) return false;
    this.events = this.events.filter((other) => other !== event);
    this.nowMs = Math.max(this.nowMs, event.atMs);
    this.steps++;
    event.happen();
    await settled();
    return true;
  }

  clockOf(owner: Owner): Clock {
    return {
      nowUnixNano: () => startUnixNano + BigInt(Math.round(this.nowMs * 1e6)),
      monotonicMs: () => this.nowMs,
      after: (ms, callback) => this.after(ms, owner, callback, true),
      sleep: (ms, signal) => this.sleep(ms, owner, signal),
    };
  }

  private async sleep(ms: number, owner: Owner, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const cancel = this.after(ms, owner, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      signal?.addEventListener('abort', end, { once: true });
    });
  }
}

/** Resolves when every promise that can be settled without an event is settled. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
