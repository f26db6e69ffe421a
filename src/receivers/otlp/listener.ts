/** The server: its socket, its deadlines, and its end. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../pipeline/clock.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { parseEndpoint } from './endpoint.ts';
import type { HttpConfig } from './schema.ts';
import { serverTls } from './tls.ts';

/** How often deadlines are looked at. */
const checkEveryMs = 500;

/** How long answers may take on their way at the end of a run. */
const farewellMs = 1000;

export interface ListenerOptions {
  /** The folder that relative paths start from. */
  readonly directory: string;
  readonly handle: RequestListener;
}

export class Listener {
  readonly url: string;
  private readonly server: Server;
  private readonly closed: Promise<void>;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
    this.closed = new Promise((resolve) => server.once('close', resolve));
  }

  /** @throws Error with a `remedy` when the address cannot be had */
  static async open(config: HttpConfig, { directory, handle }: ListenerOptions): Promise<Listener> {
    const server = await createServerOf(config, { directory, handle });
    server.maxConnections = config.max_connections;
    if (!config.keep_alives_enabled) server.maxRequestsPerSocket = 1;
    const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
    server.once('listening', resolve);
    server.once('error', (error) => reject(cannotListen(error, config.endpoint)));
    const { host, port } = parseEndpoint(config.endpoint) ?? { host: undefined, port: 0 };
    server.listen(host === undefined ? { port } : { host, port });
    await listening;
    return new Listener(server, urlOf(config, server.address() as AddressInfo));
  }

  /** Those that are open are served to the end of their request. */
  refuseConnections(): void {
    this.server.close();
    this.server.closeIdleConnections();
  }

  /** Lets the last answers out, then closes what is left. */
  async close(clock: Clock): Promise<void> {
    this.refuseConnections();
    const isClosed = new AbortController();
    await Promise.race([this.closed, clock.sleep(farewellMs, isClosed.signal)]);
    isClosed.abort();
    this.server.closeAllConnections();
  }
}

async function createServerOf(config: HttpConfig, { directory, handle }: ListenerOptions): Promise<Server> {
  const options = {
    headersTimeout: Math.min(config.read_header_timeout, config.read_timeout),
    requestTimeout: config.read_timeout,
    connectionsCheckingInterval: checkEveryMs,
    keepAliveTimeout: config.idle_timeout,
    maxHeaderSize: config.max_header_size,
  };
  if (config.tls === undefined) return createServer(options, handle);
  const tls = await serverTls(config.tls, directory);
  try {
    return createSecureServer({ ...options, ...tls }, handle);
  } catch (error) {
    throw new Error(`tls: the certificates cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function urlOf({ endpoint, tls }: HttpConfig, { port }: AddressInfo): string {
  const host = endpoint.slice(0, endpoint.lastIndexOf(':'));
  return `${tls === undefined ? 'http' : 'https'}://${host === '' ? '0.0.0.0' : host}:${port}`;
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there: end it, or write another port',
  EADDRNOTAVAIL: 'this machine has no such address: write 127.0.0.1, or one that it has',
  EACCES: 'ports below 1024 are for the administrator: write another one',
  ENOTFOUND: 'no address has this name: write 127.0.0.1',
};

function cannotListen(error: Error, endpoint: string): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const failure = new Error(`cannot listen on ${endpoint}: ${messageOf(error)}`, { cause: error });
  return Object.assign(failure, { remedy: remedies[code] });
}
