/** The one table of what an answer means, and how long to wait before the next attempt. */
import type { Outcome, RetryPolicy } from './component.ts';

/** An answer over HTTP as the table sees it. */
export interface Answer {
  readonly status: number;
  /** The `Retry-After` header as it came. */
  readonly retryAfter?: string | undefined;
  /** What the backend said, fit to print. */
  readonly reason: string;
}

type Meaning =
  | { readonly verdict: 'retry' | 'split' }
  | { readonly verdict: 'stop'; readonly remedy: string };

/** Where credentials and tenants are given, for those who wrote a config and for those who did not. */
export const headersKey = '`headers` (with `respool import`: --header, --tenant)';

/**
 * Statuses with a meaning of their own. Of the others, 2xx delivered, 3xx stop, and the rest refuse the items.
 * @see https://opentelemetry.io/docs/specs/otlp/#failures-1
 */
const statusTable: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [401, { verdict: 'stop', remedy: `give credentials or a tenant under ${headersKey}` }],
  [
    403,
    { verdict: 'stop', remedy: `these credentials may not write here: check the tenant and ${headersKey}` },
  ],
  [404, { verdict: 'stop', remedy: 'nothing listens at this path: check `endpoint`' }],
  [405, { verdict: 'stop', remedy: 'this address does not take POST: check `endpoint`' }],
  [407, { verdict: 'stop', remedy: 'the proxy wants credentials: check `proxy_url`' }],
  [408, { verdict: 'retry' }],
  [413, { verdict: 'split' }],
  [429, { verdict: 'retry' }],
  [502, { verdict: 'retry' }],
  [503, { verdict: 'retry' }],
  [504, { verdict: 'retry' }],
]);

export function outcomeOfStatus(answer: Answer, nowUnixMs: number): Outcome {
  const { status, reason } = answer;
  const meaning = statusTable.get(status);
  if (meaning?.verdict === 'split') return { verdict: 'split', reason, status };
  if (meaning?.verdict === 'stop') return { verdict: 'stop', reason, status, remedy: meaning.remedy };
  if (meaning?.verdict === 'retry') {
    const retryAfterMs = retryAfterOf(answer.retryAfter, nowUnixMs);
    return { verdict: 'retry', reason, status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status >= 200 && status < 300) return { verdict: 'delivered' };
  if (status >= 300 && status < 400) {
    return {
      verdict: 'stop',
      reason,
      status,
      remedy: 'redirects are not followed: set `endpoint` to the address itself',
    };
  }
  return { verdict: 'refused', reason, status };
}

/** A server that asks for more than this gets asked again sooner. */
const longestRetryAfterMs = 300_000;

/** `Retry-After` in seconds or as a date; undefined where it says nothing. Zero is raised by the backoff's floor. */
function retryAfterOf(header: string | undefined, nowUnixMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowUnixMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs);
}

/** What the codes of Node's network errors say in words; all of them are worth another attempt. */
const networkErrors: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
  ['ECONNRESET', 'the connection was cut (ECONNRESET)'],
  ['EPIPE', 'the connection was cut (EPIPE)'],
  ['ETIMEDOUT', 'the connection timed out (ETIMEDOUT)'],
  ['EHOSTUNREACH', 'the host cannot be reached (EHOSTUNREACH)'],
  ['ENETUNREACH', 'the network cannot be reached (ENETUNREACH)'],
  ['ENOTFOUND', 'the host name is unknown (ENOTFOUND)'],
  ['EAI_AGAIN', 'the host name cannot be looked up now (EAI_AGAIN)'],
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection timed out'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stopped in the middle'],
  ['UND_ERR_SOCKET', 'the connection was closed before an answer came'],
  ['ABORT_ERR', 'no answer came within `timeout`'],
  ['ERR_TIMEOUT', 'no answer came within `timeout`'],
]);

/** What an error that `send` threw means: the network is asked again, a certificate is not. */
export function outcomeOfError(error: unknown): Outcome {
  const { code, message } = factsOf(error);
  if (isTlsError(code, message)) {
    return {
      verdict: 'stop',
      reason: `TLS failed: ${message}`,
      remedy: 'check `tls.ca_file`, and whether the endpoint speaks https',
    };
  }
  const words = networkErrors.get(code);
  if (words !== undefined) return { verdict: 'retry', reason: words };
  return { verdict: 'stop', reason: message };
}

function factsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { code: 'ERR_TIMEOUT', message: error.message };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code !== '') return { code, message: error.message };
  return error.cause === undefined ? { code, message: error.message } : factsOf(error.cause);
}

function isTlsError(code: string, message: string): boolean {
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH/.test(code);
  return certificate || (code === 'EPROTO' && /SSL|TLS/i.test(message));
}

/** No answer is tried again sooner than this, whatever `Retry-After` says. */
const shortestWaitMs = 100;

/** How long to wait before attempt `attempt + 1`, with jitter of `randomizationFactor` around the exponential interval. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: number): number {
  const interval = Math.min(
    policy.initialIntervalMs * policy.multiplier ** (attempt - 1),
    policy.maxIntervalMs,
  );
  const jitter = 1 + policy.randomizationFactor * (random * 2 - 1);
  return Math.max(interval * jitter, shortestWaitMs);
}
