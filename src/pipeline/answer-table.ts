/**
 * The one table of what a backend's answer means: what it stored, and what is done next. All exporters read it, and
 * docs/retries.md is written from it. How an answer is recognised stands where the protocol is known: statuses and
 * network errors in retry.ts, words of OTLP and Loki in src/exporters.
 */

/** What the backend has of a request after an answer; `some`: the answer says how many items. */
export type Stored = 'all' | 'none' | 'some' | 'unknown';

/**
 * What is done next. `split`: in halves, until it fits. `bisect`: in halves, until the item to blame is alone.
 * `refuse`: these items are not sent again. `stop`: nothing is sent until a person acts.
 */
export type Next = 'go on' | 'retry' | 'split' | 'bisect' | 'refuse' | 'stop';

export interface Meaning {
  /** The answer, in words. */
  readonly answer: string;
  readonly stored: Stored;
  readonly next: Next;
  /** Of a retry: after so many attempts the items are refused, because such answers are often for good. */
  readonly attempts?: number;
  /** Fewer requests are under way for a while. */
  readonly slows?: true;
  /** What a person can do, for those that stop. */
  readonly remedy?: string;
}

/** Where credentials and tenants are given, for those who wrote a config and for those who did not. */
export const headersKey = '`headers` (with `respool import`: --header, --tenant)';

const none = { stored: 'none' } as const;
const unknown = { stored: 'unknown' } as const;

/** By status, for every exporter over HTTP; first the exporter looks for what its own protocol says. */
export const statusAnswers = {
  200: { answer: '200, 202, 204', stored: 'all', next: 'go on' },
  299: { answer: 'any other 2xx', ...unknown, next: 'stop' },
  300: {
    answer: '3xx',
    ...none,
    next: 'stop',
    remedy: 'redirects are not followed: set `endpoint` to the address itself',
  },
  400: { answer: '400', ...none, next: 'bisect' },
  401: {
    answer: '401',
    ...none,
    next: 'stop',
    remedy: `give credentials or a tenant under ${headersKey}`,
  },
  403: {
    answer: '403',
    ...none,
    next: 'stop',
    remedy: `these credentials may not write here: check the tenant and ${headersKey}`,
  },
  404: { answer: '404', ...none, next: 'stop', remedy: 'nothing listens at this path: check `endpoint`' },
  405: { answer: '405', ...none, next: 'stop', remedy: 'this address does not take POST: check `endpoint`' },
  407: { answer: '407', ...none, next: 'stop', remedy: 'the proxy wants credentials: check `proxy_url`' },
  408: { answer: '408', ...none, next: 'retry' },
  413: { answer: '413', ...none, next: 'split' },
  415: {
    answer: '415',
    ...none,
    next: 'stop',
    remedy: 'the backend does not read this kind of body: check `encoding` and `compression`',
  },
  429: { answer: '429', ...none, next: 'retry', slows: true },
  502: { answer: '502', ...unknown, next: 'retry' },
  503: { answer: '503', ...unknown, next: 'retry', slows: true },
  504: { answer: '504', ...unknown, next: 'retry' },
  599: { answer: 'any other 4xx or 5xx', ...unknown, next: 'refuse' },
} as const satisfies Record<number, Meaning>;

/** Where it says `unknown` and the connection was not made yet, nothing is stored. */
export const networkAnswers = {
  refused: { answer: 'nothing listens there (ECONNREFUSED)', ...none, next: 'retry' },
  reset: { answer: 'the connection was cut (ECONNRESET)', ...unknown, next: 'retry' },
  pipe: { answer: 'the connection was cut (EPIPE)', ...unknown, next: 'retry' },
  timedOut: { answer: 'the connection timed out (ETIMEDOUT)', ...unknown, next: 'retry' },
  noHost: { answer: 'the host cannot be reached (EHOSTUNREACH)', ...unknown, next: 'retry' },
  noNetwork: { answer: 'the network cannot be reached (ENETUNREACH)', ...unknown, next: 'retry' },
  noName: { answer: 'the host name is unknown (ENOTFOUND)', ...none, next: 'retry' },
  noNameNow: { answer: 'the host name cannot be looked up now (EAI_AGAIN)', ...none, next: 'retry' },
  connectTimeout: { answer: 'the connection timed out', ...none, next: 'retry' },
  closed: { answer: 'the connection was closed before an answer came', ...unknown, next: 'retry' },
  cutAnswer: { answer: 'the answer stopped in the middle', ...unknown, next: 'retry' },
  noAnswer: { answer: 'no answer came in time', ...unknown, next: 'retry', slows: true },
  deadline: { answer: 'no answer came within `timeout`', ...unknown, next: 'retry', slows: true },
  tls: {
    answer: 'TLS failed: a certificate, or a port that does not speak TLS',
    ...none,
    next: 'stop',
    remedy: 'check `tls.ca_file`, and whether the endpoint speaks https',
  },
  other: { answer: 'any other error', ...unknown, next: 'stop' },
} as const satisfies Record<string, Meaning>;

/** Answers to otlp_http with a meaning of their own, before their status is looked at. */
export const otlpAnswers = {
  partial: { answer: 'success that rejects some items (`partial_success`)', stored: 'some', next: 'go on' },
  message: { answer: 'success with a message and nothing rejected', stored: 'all', next: 'go on' },
  odd: { answer: 'success whose body is not OTLP, and no web page', stored: 'all', next: 'go on' },
  blocked: {
    answer: '2xx that is no success in OTLP',
    ...none,
    next: 'stop',
    remedy: 'the backend takes nothing now: Loki says 260 while ingestion is blocked',
  },
  page: {
    answer: 'success or a refusal with a web page: a proxy or a login stands before the backend',
    ...none,
    next: 'stop',
    remedy: 'check host and port of the endpoint, and whether a proxy or a login stands before it',
  },
  tooLarge: {
    answer: '400, 429 or 500 whose text says that the request is too large',
    ...none,
    next: 'split',
  },
  lokiLines: {
    answer: "400 in Loki's words about some lines: Loki has stored the others",
    stored: 'some',
    next: 'refuse',
  },
  lokiRate: {
    answer: "429 in Loki's words about a rate limit that the request is larger than",
    ...none,
    next: 'split',
  },
  lokiStreamRate: {
    answer: "429 in Loki's words about the rate of a stream of which it has stored a part",
    ...unknown,
    next: 'split',
  },
  plainToTls: {
    answer: 'any status with the text that HTTP was sent to an HTTPS port',
    ...none,
    next: 'stop',
    remedy: 'this port speaks TLS: begin the endpoint with https://',
  },
  foreign: {
    answer: 'bytes that are not HTTP/1.1',
    ...none,
    next: 'stop',
    remedy: 'OTLP over HTTP has port 4318; 4317 is OTLP over gRPC, which is not built in',
  },
} as const satisfies Record<string, Meaning>;

/** Answers to loki with a meaning of their own, before their status is looked at. */
export const lokiAnswers = {
  blocked: { answer: '260: ingestion is blocked', ...none, next: 'refuse' },
  foreign: {
    answer: 'success as Loki never answers a push: another 2xx, JSON, protobuf',
    ...unknown,
    next: 'stop',
    remedy: 'check `endpoint`; an OTLP endpoint wants the exporter otlp_http',
  },
  page: otlpAnswers.page,
  lines: { answer: '400 that names lines or streams it did not take', stored: 'some', next: 'refuse' },
  behind: {
    answer: '400 that says how many lines of a stream are too far behind',
    stored: 'some',
    next: 'refuse',
  },
  parser: { answer: '400 of the parser', ...none, next: 'bisect' },
  unheardOf: { answer: '400 with other words', ...unknown, next: 'refuse' },
  noTenant: {
    answer: '401',
    ...none,
    next: 'stop',
    remedy: `set \`tenant\`, or credentials under ${headersKey}: this Loki runs with auth_enabled, or a gateway stands before it`,
  },
  notFound: {
    answer: '404',
    ...none,
    next: 'stop',
    remedy: 'check `endpoint`: the base address of Loki, without /loki/api/v1/push or with it once',
  },
  aboveRate: { answer: '429 of a request that is larger than the rate limit itself', ...none, next: 'split' },
  streamRate: {
    answer: '429 of a stream of which a part is stored (`shard_streams` is off in Loki)',
    ...unknown,
    next: 'split',
  },
  streamLimit: {
    answer: '429 of one stream, when the request has several (`strict: false`)',
    ...unknown,
    next: 'retry',
    slows: true,
  },
  poison: { answer: '500 about the name of a label: an item is to blame', ...none, next: 'bisect' },
  passing: { answer: '500 of a Loki that is starting, or loses a part of itself', ...unknown, next: 'retry' },
  failing: { answer: 'any other 500', ...unknown, next: 'retry', attempts: 3 },
} as const satisfies Record<string, Meaning>;

/** Failures of an exporter of the SDK, which gives a status only where it speaks HTTP. */
export const sdkAnswers = {
  busy: { answer: 'an error that says it is retryable', ...unknown, next: 'retry' },
  unexplained: {
    answer: 'a failure without a status or a known cause',
    ...unknown,
    next: 'retry',
    attempts: 3,
  },
  threw: {
    answer: '`export` throws',
    ...unknown,
    next: 'stop',
    remedy: 'its `export` must call back instead; check its `options`',
  },
} as const satisfies Record<string, Meaning>;
