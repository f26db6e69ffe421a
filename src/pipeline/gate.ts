/** Bounds the bytes of input that are handed over and not settled. */
import { InterruptedError } from './errors.ts';

export class Gate {
  private readonly maxBytes: number;
  private readonly onFull: () => void;
  private readonly waiting: Waiter[] = [];
  private inside = 0;
  private closed = false;

  /** `onFull` is called whenever someone has to wait. */
  constructor(maxBytes: number, onFull: () => void) {
    this.maxBytes = maxBytes;
    this.onFull = onFull;
  }

  get bytes(): number {
    return this.inside;
  }

  get isFull(): boolean {
    return this.waiting.length > 0;
  }

  /**
   * Waits for room. What is larger than the whole gate passes alone. Rejects once the gate is closed, and with the reason
   * of `signal` when that is aborted before there is room.
   */
  async enter(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.closed) throw new InterruptedError();
    if (this.waiting.length === 0 && this.fits(bytes)) {
      this.inside += bytes;
      return;
    }
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { bytes, resolve, reject };
    this.waiting.push(waiter);
    const leave = (): void => this.giveUp(waiter, signal?.reason as Error);
    signal?.addEventListener('abort', leave, { once: true });
    this.onFull();
    await promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  leave(bytes: number): void {
    this.inside -= bytes;
    this.letIn();
  }

  private letIn(): void {
    while (this.waiting.length > 0) {
      const next = this.waiting[0];
      if (next === undefined || !this.fits(next.bytes)) return;
      this.waiting.shift();
      this.inside += next.bytes;
      next.resolve();
    }
  }

  /** Nothing more comes in: who waits is refused. */
  close(): void {
    this.closed = true;
    for (const waiter of this.waiting.splice(0)) waiter.reject(new InterruptedError());
  }

  /** Who stood behind it may fit where it did not. */
  private giveUp(waiter: Waiter, reason: Error): void {
    const at = this.waiting.indexOf(waiter);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    waiter.reject(reason);
    this.letIn();
  }

  private fits(bytes: number): boolean {
    return this.inside === 0 || this.inside + bytes <= this.maxBytes;
  }
}

interface Waiter {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
