/** A Loki that fails by script and keeps the lines that it takes, decoded without any code of src. */
import { createHash } from 'node:crypto';
import { unsnappy } from '../../support/loki-server.ts';
import { fieldsOf, messagesOf } from './protobuf.ts';
import type { StoredRecord } from './records.ts';
import { startServer, type Answer, type HttpRequest, type Server } from './server.ts';
import { Store } from './store.ts';

export interface LokiEntry {
  readonly stream: string;
  readonly timeUnixNano: bigint;
  readonly line: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

export interface LokiAnswer extends Answer {
  /** Which lines are kept of a push that is answered 204, or of any with `stores: true`. */
  readonly keeps?: (entry: LokiEntry) => boolean;
}

export type LokiScript = (entries: readonly LokiEntry[], number: number) => LokiAnswer | undefined;

export class LokiBackend {
  readonly store = new Store();
  /** The status of each push. */
  readonly seen: number[] = [];
  private script: LokiScript = () => undefined;
  private server: Server | undefined;

  static async start(): Promise<LokiBackend> {
    const backend = new LokiBackend();
    backend.server = await startServer({ early: () => undefined, whole: (request) => backend.take(request) });
    return backend;
  }

  get url(): string {
    if (this.server === undefined) throw new Error('not started');
    return this.server.url;
  }

  answer(script: LokiScript): void {
    this.script = script;
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private take(request: HttpRequest): { answer: Answer; store(): void; acknowledged(): void } {
    const entries = entriesOf(unsnappy(request.payload));
    const answer = { status: 204, ...this.script(entries, request.number) };
    this.seen.push(answer.status);
    const keeps = answer.stores ?? answer.status < 300;
    const kept = keeps ? entries.filter((entry) => answer.keeps?.(entry) ?? true) : [];
    const text = { 'content-type': 'text/plain; charset=utf-8' };
    return {
      answer: { ...answer, headers: { ...text, ...answer.headers } },
      store: () => this.store.add(kept.map(storedEntry)),
      acknowledged: () => (this.store.acknowledged += kept.length),
    };
  }
}

function entriesOf(push: Buffer): LokiEntry[] {
  return messagesOf(push, 1).flatMap((stream) => {
    const labels = String(messagesOf(stream, 1)[0] ?? '');
    return messagesOf(stream, 2).map((entry) => entryOf(labels, entry));
  });
}

function entryOf(stream: string, bytes: Buffer): LokiEntry {
  const [time = Buffer.alloc(0)] = messagesOf(bytes, 1);
  const parts = new Map([...fieldsOf(time)].map(({ number, value }) => [number, BigInt(String(value))]));
  return {
    stream,
    timeUnixNano: (parts.get(1) ?? 0n) * 1_000_000_000n + (parts.get(2) ?? 0n),
    line: String(messagesOf(bytes, 2)[0] ?? ''),
    metadata: new Map(
      messagesOf(bytes, 3).map((pair) => [
        String(messagesOf(pair, 1)[0] ?? ''),
        String(messagesOf(pair, 2)[0] ?? ''),
      ]),
    ),
    bytes,
  };
}

function storedEntry({ timeUnixNano, line, metadata, bytes }: LokiEntry): StoredRecord {
  return {
    id: metadata.get('record_id') ?? line,
    content: lokiContent(timeUnixNano, line),
    hash: createHash('sha1').update(bytes).digest('base64'),
    size: bytes.length,
    signal: 'logs',
  };
}

/** What a line says, as far as every config sends it. */
export function lokiContent(timeUnixNano: bigint, line: string): string {
  return `${timeUnixNano} ${line}`;
}
