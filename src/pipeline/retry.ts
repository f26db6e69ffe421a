/** What statuses and errors mean by the table of answers, and how long to wait before the next attempt. */
import { networkAnswers, statusAnswers, type Meaning } from './answer-table.ts';
import type { Outcome, RetryPolicy } from './component.ts';

/** An answer over HTTP as the table sees it. */
export interface Answer {
  readonly status: number;
  /** The `Retry-After` header as it came. */
  readonly retryAfter?: string | undefined;
  /** What the backend said, fit to print. */
  readonly reason: string;
}

/** What goes from an answer into its outcome. */
export interface OutcomeFacts {
  readonly reason: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The outcome of an answer with this meaning. Where it says how many items were stored, the caller adds that. */
export function outcomeOf(meaning: Meaning, { reason, status, retryAfterMs }: OutcomeFacts): Outcome {
  const facts = { reason, ...(status === undefined ? {} : { status }) };
  switch (meaning.next) {
    case 'go on':
      return { verdict: 'delivered' };
    case 'split':
      return { verdict: 'split', ...facts, ...storedFacts(meaning) };
    case 'bisect':
      return { verdict: 'bisect', ...facts };
    case 'refuse':
      return { verdict: 'refused', ...facts };
    case 'stop':
      return {
        verdict: 'stop',
        ...facts,
        ...(meaning.remedy === undefined ? {} : { remedy: meaning.remedy }),
      };
    case 'retry':
      return { verdict: 'retry', ...facts, ...retryFacts(meaning, retryAfterMs) };
  }
}

function retryFacts(meaning: Meaning, retryAfterMs: number | undefined) {
  const { attempts, slows } = meaning;
  return {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(attempts === undefined ? {} : { maxAttempts: attempts }),
    ...(slows === undefined ? {} : { slows }),
    ...storedFacts(meaning),
  };
}

function storedFacts({ stored }: Meaning) {
  return stored === 'none' ? {} : { mayBeStored: true as const };
}

const ofStatus: ReadonlyMap<number, Meaning> = new Map(
  Object.entries(statusAnswers).map(([status, meaning]) => [Number(status), meaning]),
);
const successes: ReadonlySet<number> = new Set([200, 202, 204]);

/** @see https://opentelemetry.io/docs/specs/otlp/#failures-1 */
function meaningOfStatus(status: number): Meaning {
  if (successes.has(status)) return statusAnswers[200];
  if (status < 300) return statusAnswers[299];
  if (status < 400) return statusAnswers[300];
  return ofStatus.get(status) ?? statusAnswers[599];
}

export function outcomeOfStatus(answer: Answer, nowUnixMs: number): Outcome {
  const { status, reason } = answer;
  return outcomeOf(meaningOfStatus(status), {
    reason,
    status,
    retryAfterMs: retryAfterOf(answer.retryAfter, nowUnixMs),
  });
}

/** A server that asks for more than this gets asked again sooner. */
export const longestRetryAfterMs = 300_000;

/** `Retry-After` in seconds or as a date; undefined where it says nothing. Zero is raised by the backoff's floor. */
function retryAfterOf(header: string | undefined, nowUnixMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^-?[\d.]+$/.test(text) && !/^\d{1,9}$/.test(text)) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowUnixMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs);
}

/** The codes of network errors, of Node and of undici. */
const ofCode: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['ECONNREFUSED', networkAnswers.refused],
  ['ECONNRESET', networkAnswers.reset],
  ['EPIPE', networkAnswers.pipe],
  ['ETIMEDOUT', networkAnswers.timedOut],
  ['EHOSTUNREACH', networkAnswers.noHost],
  ['ENETUNREACH', networkAnswers.noNetwork],
  ['ENOTFOUND', networkAnswers.noName],
  ['EAI_AGAIN', networkAnswers.noNameNow],
  ['UND_ERR_CONNECT_TIMEOUT', networkAnswers.connectTimeout],
  ['UND_ERR_HEADERS_TIMEOUT', networkAnswers.noAnswer],
  ['UND_ERR_BODY_TIMEOUT', networkAnswers.cutAnswer],
  ['UND_ERR_SOCKET', networkAnswers.closed],
  ['ABORT_ERR', networkAnswers.deadline],
  ['ERR_TIMEOUT', networkAnswers.deadline],
]);

/** What an error that `send` threw means: the network is asked again, a certificate is not. */
export function outcomeOfError(error: unknown): Outcome {
  const { code, message, connecting } = factsOf(error);
  if (isTlsError(code, message)) return outcomeOf(networkAnswers.tls, { reason: `TLS failed: ${message}` });
  const meaning = ofCode.get(code);
  if (meaning === undefined) return outcomeOf(networkAnswers.other, { reason: message });
  const known: Meaning = connecting ? { ...meaning, stored: 'none' } : meaning;
  return outcomeOf(known, { reason: meaning.answer });
}

interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  /** It failed before anything could be sent. */
  readonly connecting: boolean;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { code: '', message: String(error), connecting: false };
  const { message } = error;
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { code: 'ERR_TIMEOUT', message, connecting: false };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const connecting = 'syscall' in error && error.syscall === 'connect';
  if (code !== '' || error.cause === undefined) return { code, message, connecting };
  return factsOf(error.cause);
}

function isTlsError(code: string, message: string): boolean {
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH/.test(code);
  return certificate || (code === 'EPROTO' && /SSL|TLS/i.test(message));
}

/** No answer is tried again sooner than this, whatever `Retry-After` says. */
export const shortestWaitMs = 100;

/**
 * How long to wait before attempt `attempt + 1`: anything within `randomizationFactor` of the exponential interval. With
 * 1, which is full jitter, that is from nothing to twice the interval, so that those who failed together do not come
 * back together.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, random: number): number {
  const interval = Math.min(
    policy.initialIntervalMs * policy.multiplier ** (attempt - 1),
    policy.maxIntervalMs,
  );
  const jitter = 1 + policy.randomizationFactor * (random * 2 - 1);
  return Math.max(interval * jitter, shortestWaitMs);
}
