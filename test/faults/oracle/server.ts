/** An HTTP server that fails by script, below and above HTTP, and keeps what it answers for. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Wait before the answer. */
  readonly delayMs?: number;
  /** One byte of the body at a time. */
  readonly dripMs?: number;
  /**
   * Reset the connection: before the request is read, in the middle of its body, after all of it with nothing stored,
   * after all of it was stored, or in the middle of the answer (stored too).
   */
  readonly reset?: 'at once' | 'in the body' | 'before storing' | 'after storing' | 'in the answer';
  /** Never answer, and store nothing. */
  readonly silent?: boolean;
  /** Whether the records are kept. Left out: by the status. */
  readonly stores?: boolean;
}

export interface HttpRequest {
  /** 1 for the first request of all. */
  readonly number: number;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Without its compression. */
  readonly payload: Buffer;
  readonly arrivedMs: number;
}

export interface Serving {
  /** Decided when the headers are there: what needs no body. */
  early(number: number): Answer | undefined;
  /** Decided with the whole request. Returns the answer; `kept` is called when the answer is out. */
  whole(request: HttpRequest): { answer: Answer; store(): void; acknowledged(): void };
}

export interface ServerOptions {
  readonly tls?: { cert: string; key: string };
  readonly host?: string;
  readonly port?: number;
}

export interface Server {
  readonly url: string;
  readonly port: number;
  readonly requests: number;
  /** Requests under way now. */
  readonly atOnce: number;
  /** Requests under way at the same time, at most. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

export async function startServer(serving: Serving, options: ServerOptions = {}): Promise<Server> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const number = ++requests;
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.once('close', () => atOnce--);
    request.on('error', () => {});
    response.on('error', () => {});
    void exchange({ request, response, number, serving }).catch(() => request.socket.destroy());
  };
  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.requestTimeout = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    port,
    get requests() {
      return requests;
    },
    get atOnce() {
      return atOnce;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly number: number;
  readonly serving: Serving;
}

async function exchange({ request, response, number, serving }: Exchange): Promise<void> {
  const arrivedMs = performance.now();
  if (isResetEarly(request, serving.early(number))) return;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const payload = plain(Buffer.concat(chunks), request.headers['content-encoding']);
  const facts: HttpRequest = {
    number,
    path: request.url ?? '',
    headers: request.headers,
    payload,
    arrivedMs,
  };
  const { answer, store, acknowledged } = serving.whole(facts);
  if (answer.silent === true) return;
  if (answer.delayMs !== undefined) await pause(answer.delayMs);
  if (answer.reset === 'before storing') return reset(request);
  store();
  if (answer.reset === 'after storing') return reset(request);
  // The other side may have gone; what is stored stays stored, and nobody was told.
  if (request.socket.destroyed) return;
  await reply(request, response, answer);
  if (answer.reset === undefined) acknowledged();
}

function isResetEarly(request: IncomingMessage, early: Answer | undefined): boolean {
  if (early?.reset === 'at once') reset(request);
  else if (early?.reset === 'in the body') request.once('data', () => reset(request));
  else return false;
  return true;
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const body = Buffer.from(answer.body ?? '');
  const type: Record<string, string> = body.length > 0 ? { 'content-type': 'application/x-protobuf' } : {};
  response.writeHead(answer.status ?? 200, {
    ...type,
    'content-length': String(body.length + (answer.reset === 'in the answer' ? 10 : 0)),
    ...answer.headers,
  });
  if (answer.reset === 'in the answer') {
    response.write('x', () => reset(request));
    return;
  }
  if (answer.dripMs !== undefined)
    for (const byte of body) {
      if (response.destroyed) return;
      response.write(Buffer.of(byte));
      await pause(answer.dripMs);
    }
  response.end(answer.dripMs === undefined ? body : undefined);
}

function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function plain(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'zstd') return zstdDecompressSync(body);
  return encoding === 'gzip' ? gunzipSync(body) : body;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
