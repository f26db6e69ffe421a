/** A server that answers by script and remembers what it was sent: what no real backend can be driven to. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The body as it came. */
  readonly body: Buffer;
  /** The body without its compression. */
  readonly payload: Buffer;
}

export interface Script {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Wait before the answer. */
  readonly delayMs?: number;
  /** Send the body one byte at a time. */
  readonly dripMs?: number;
  /** Cut the connection: before any answer, or in the middle of the body. */
  readonly hangUp?: 'before' | 'middle';
  /** Answer without reading the request, as a proxy does that refuses a body by its length. */
  readonly early?: boolean;
  /** Never answer. */
  readonly silent?: boolean;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly requests: Received[];
  /** How many connections were opened. */
  readonly connections: number;
  /** What to answer next, one script per request; after the last, 200 with an empty body. A function is asked each time. */
  answer(...scripts: (Script | ((request: Received) => Script))[]): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly tls?: { cert: string; key: string; ca?: string; requestCert?: boolean };
}

export async function startOtlpServer(options: ServerOptions = {}): Promise<ScriptedServer> {
  const requests: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let scripts: (Script | ((request: Received) => Script))[] = [];
  const next = (request: Received): Script => {
    const script = scripts.length > 1 || typeof scripts[0] !== 'function' ? scripts.shift() : scripts[0];
    return typeof script === 'function' ? script(request) : (script ?? {});
  };

  const listener: RequestListener = (request, response) => {
    const first = scripts[0];
    if (typeof first === 'object' && first.early === true) {
      const received = receivedOf(request, Buffer.alloc(0));
      requests.push(received);
      void reply(response, next(received));
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const received = receivedOf(request, Buffer.concat(chunks));
      requests.push(received);
      void reply(response, next(received));
    });
  };

  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    answer(...next) {
      scripts = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function receivedOf(request: IncomingMessage, body: Buffer): Received {
  const { method = '', url: path = '', headers } = request;
  const encoding = headers['content-encoding'];
  const plain = body.length === 0 || encoding === undefined;
  const payload = plain ? body : encoding === 'zstd' ? zstdDecompressSync(body) : gunzipSync(body);
  return { method, path, headers, body, payload };
}

async function reply(response: ServerResponse, script: Script): Promise<void> {
  if (script.silent === true) return;
  if (script.delayMs !== undefined) await pause(script.delayMs);
  if (script.hangUp === 'before') {
    response.socket?.destroy();
    return;
  }
  const body = Buffer.from(script.body ?? '');
  const type: Record<string, string> = body.length > 0 ? { 'content-type': 'application/x-protobuf' } : {};
  response.writeHead(script.status ?? 200, {
    ...type,
    'content-length': String(body.length),
    ...script.headers,
  });
  if (script.hangUp === 'middle') {
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
  } else if (script.dripMs === undefined) response.end(body);
  else await drip(response, body, script.dripMs);
}

async function drip(response: ServerResponse, body: Buffer, ms: number): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await pause(ms);
  }
  response.end();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Protobuf of an ExportTraceServiceResponse (and its siblings) with partial_success. */
export function partialSuccess(rejected: number, message: string): Buffer {
  const partial = Buffer.concat([
    rejected === 0 ? Buffer.alloc(0) : Buffer.from([0x08, rejected]),
    text(2, message),
  ]);
  return Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
}

/** Protobuf of a google.rpc.Status. */
export function rpcStatus(code: number, message: string): Buffer {
  return Buffer.concat([Buffer.from([0x08, code]), text(2, message)]);
}

function text(field: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > 16_383) throw new Error('too long for this writer');
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
}
