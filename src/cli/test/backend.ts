/** A backend for tests of exporters: it listens on this machine, gives scripted answers and keeps what it was sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Without its compression. */
  readonly body: Buffer;
}

/** No test sends more in one request. */
const mostBytes = 64 * 1024 * 1024;

export class Backend {
  readonly url: string;
  private readonly server: Server;
  private answers: Answer[] = [];
  private received: Received[] = [];

  private constructor(server: Server) {
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.take(request, response);
    });
  }

  static async open(): Promise<Backend> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new Backend(server);
  }

  /** From now on it gives these answers, and then says that all is well. */
  begin(answers: readonly Answer[]): void {
    this.answers = [...answers];
    this.received = [];
  }

  requests(): readonly Received[] {
    return this.received;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= mostBytes) chunks.push(chunk);
    }
    const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const path = request.url ?? '/';
    const body = inflated(Buffer.concat(chunks), headers.get('content-encoding'));
    this.received.push({ method: request.method ?? '', path, headers, body });
    const answer = this.answers.shift();
    const type = headers.get('content-type') ?? 'application/json';
    const isLoki = path.startsWith('/loki/');
    const known = answer ?? { status: isLoki ? 204 : 200, headers: {}, body: '' };
    const emptyBody = type.includes('json') && !isLoki && known.status < 300 ? '{}' : '';
    response.writeHead(known.status, { 'content-type': type, ...known.headers });
    response.end(known.body === '' ? emptyBody : known.body);
  }
}

function inflated(body: Buffer, encoding: string | undefined): Buffer {
  try {
    if (encoding === 'gzip') return gunzipSync(body, { maxOutputLength: mostBytes });
    if (encoding === 'zstd') return zstdDecompressSync(body, { maxOutputLength: mostBytes });
  } catch {
    // What cannot be inflated is compared as it came.
  }
  return body;
}
