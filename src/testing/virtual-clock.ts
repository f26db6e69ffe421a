/** A clock whose time moves only when a test says so, or, with `auto`, as soon as somebody sleeps. */
import type { Clock } from '../pipeline/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  /** What was slept, in the order in which it was asked for. */
  readonly sleeps: number[] = [];
  private nowMs = 0;
  private readonly startUnixNano: bigint;
  private readonly auto: boolean;
  private readonly timers = new Set<Timer>();

  constructor(options: { auto?: boolean; startUnixNano?: bigint } = {}) {
    this.auto = options.auto ?? false;
    this.startUnixNano = options.startUnixNano ?? 1_800_000_000_000_000_000n;
  }

  nowUnixNano(): bigint {
    return this.startUnixNano + BigInt(Math.round(this.nowMs * 1e6));
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    this.sleeps.push(ms);
    return new Promise((resolve) => {
      const cancel = this.after(ms, resolve);
      const timer = [...this.timers].at(-1);
      signal?.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
      if (this.auto && timer !== undefined) setImmediate(() => this.reach(timer));
    });
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Moves the time on by `ms`, calling what falls due, in order. */
  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const due = [...this.timers]
        .filter((timer) => timer.atMs <= until)
        .toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.nowMs = Math.max(this.nowMs, due.atMs);
      this.timers.delete(due);
      due.callback();
    }
    this.nowMs = until;
  }

  private reach(timer: Timer): void {
    if (this.timers.has(timer)) this.advance(timer.atMs - this.nowMs);
  }
}
