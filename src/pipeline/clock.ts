/** The only place that reads time or sets timers, so that a test can own both. */
export interface Clock {
  /** Wall-clock time in nanoseconds since 1970. */
  nowUnixNano(): bigint;
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonicMs(): number;
  /** Resolves after `ms`, and at once when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`; the returned function cancels it. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** A delay that setTimeout takes: beyond 2^31 - 1 it would fire at once. */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,

  // `performance` is a part of Node that takes a millisecond to load.
  monotonicMs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },

  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, longestTimerMs));
      signal?.addEventListener('abort', done, { once: true });
    });
  },

  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longestTimerMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
