/** What an HTTP answer means, for exporters that an author writes. */
import { systemClock } from '../pipeline/clock.ts';
import type { Outcome } from '../pipeline/component.ts';
import { outcomeOfStatus } from '../pipeline/retry.ts';

/** The part of a `Response` of `fetch` that says it. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * What the answer of a backend means, by the one table that the built-in exporters go by (docs/retries.md): 429 and 503 are
 * tried again when `Retry-After` says, 401 stops, 413 asks for halves, and so on. `reason` is shown to people.
 */
export function outcomeOf(answer: HttpAnswer, reason = `${answer.status} ${answer.statusText}`): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { verdict: 'delivered' };
  const retryAfter = answer.headers.get('retry-after') ?? undefined;
  const nowUnixMs = Number(systemClock.nowUnixNano() / 1_000_000n);
  return outcomeOfStatus({ status, retryAfter, reason: reason.trim() }, nowUnixMs);
}
