/**
 * One attempt of one POST over HTTP: the status, headers and body of the answer come back, whatever they are.
 * No retry, no redirect, no cookie, nothing from the environment. undici is loaded when the first client opens.
 */
import type { Agent, Dispatcher, ProxyAgent } from 'undici';
import type { HttpKeys } from './http-config.ts';
import { tlsOptions, type TlsOptions } from './http-tls.ts';
import { explainTlsError } from './tls-words.ts';

export interface HttpRequest {
  /** A user and a password in it become an `authorization` header. */
  readonly url: string;
  /** Content type and encoding; the configured headers win over these. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Ends the attempt: deadline or end of the run. Its reason is what `post` then rejects with. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of a header that came twice, both values with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The answer was longer than anyone reads: `body` is its beginning. */
  readonly truncated: boolean;
}

export interface HttpClient {
  /** Rejects with the error of the network (`code`: ECONNREFUSED ...) or the reason of the signal. */
  post(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** OTLP recommends 4 MiB for answers; nothing that a backend says to a push is longer. */
const longestBody = 4 * 1024 * 1024;

/** The keys of the client and, if the exporter has them, those that say how many requests go at the same time. */
export interface HttpClientConfig extends HttpKeys {
  readonly sending_queue?: { readonly enabled: boolean; readonly num_consumers: number };
}

/**
 * @param directory where relative paths of certificates start
 * @throws Error of certificates that cannot be used
 */
export async function openHttpClient(config: HttpClientConfig, directory: string): Promise<HttpClient> {
  const tls = await tlsOptions(config.tls, directory);
  const { createAgent, createProxyAgent, requestThrough } = await import('./undici.ts');
  const options = agentOptions(config);
  const dispatcher =
    config.proxy_url === undefined
      ? createAgent({ ...options, connect: tls })
      : await createProxyAgent({ ...options, ...proxyOptions(config.proxy_url, tls) });
  const request = requestThrough(dispatcher);
  const configured = Object.fromEntries(
    Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  );
  const targets = new Map<string, Target>();
  return {
    async post({ url, headers, body, signal }) {
      signal.throwIfAborted();
      let known = targets.get(url);
      if (known === undefined) targets.set(url, (known = targetOf(url)));
      const { target, origin, path, authorization } = known;
      const answer = await inWords(
        { target, tls },
        request({
          origin,
          path,
          method: 'POST',
          headers: { 'user-agent': 'respool', ...authorization, ...headers, ...configured },
          body,
          signal,
        }),
      );
      return await readAnswer(answer);
    },
    // Requests still under way are those that the run gave up on.
    close: () => dispatcher.destroy(),
  };
}

/** What does not change from one request to the next. */
interface Target {
  readonly target: URL;
  readonly origin: string;
  readonly path: string;
  readonly authorization: Readonly<Record<string, string>>;
}

function targetOf(url: string): Target {
  const target = new URL(url);
  const { origin, pathname, search } = target;
  return { target, origin, path: `${pathname}${search}`, authorization: basicAuthorization(target) };
}

function agentOptions(config: HttpClientConfig): Agent.Options {
  return {
    connections: connectionsOf(config),
    keepAliveTimeout: Math.max(config.idle_conn_timeout, 1),
    keepAliveMaxTimeout: Math.max(config.idle_conn_timeout, 1),
    // In undici, no pipelining at all means a new connection for every request.
    pipelining: config.disable_keep_alives ? 0 : 1,
    // The signal is the only deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

/** Bounded, because undici else opens one more than it needs while a used one is about to be free. */
function connectionsOf({ max_conns_per_host: most, sending_queue: queue }: HttpClientConfig): number | null {
  if (most > 0) return most;
  if (queue === undefined) return null;
  return queue.enabled ? queue.num_consumers : 1;
}

/** Plain http goes to the proxy as it is, https through a tunnel: what proxies expect. */
function proxyOptions(uri: string, tls: TlsOptions): ProxyAgent.Options {
  const proxyTls = tls.ca === undefined ? {} : { ca: tls.ca };
  return { uri, requestTls: tls, proxyTls, proxyTunnel: false };
}

async function readAnswer({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpAnswer> {
  const whole = await wholeOf(body);
  return {
    status: statusCode,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
    body: whole.subarray(0, longestBody),
    truncated: whole.length > longestBody,
  };
}

/** Not in a loop over its chunks: to make a stream one to be looped over takes longer than to read what an answer has. */
function wholeOf(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (): void => resolve(Buffer.concat(chunks));
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= longestBody) return;
      end();
      // This cuts the connection.
      body.destroy();
    });
    body.on('end', end);
    body.on('error', reject);
  });
}

/** OpenSSL's `409D...:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/...` in words. */
async function inWords<T>(
  { target, tls }: { target: URL; tls: TlsOptions },
  attempt: Promise<T>,
): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    if (target.protocol === 'https:') await explainTlsError(error, target, tls);
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_SSL_')) {
      const said = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(error.message)?.[1] ?? error.message;
      error.message =
        error.code === 'ERR_SSL_WRONG_VERSION_NUMBER'
          ? 'the other side does not speak TLS, so it may want http://'
          : said;
    }
    throw error;
  }
}

function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
