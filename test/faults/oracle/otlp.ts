/** An OTLP/HTTP backend that fails by script and keeps what it takes, decoded without any code of src. */
import { lengthDelimited, varint } from './protobuf.ts';
import { recordsOf, stored, type PlainRecord, type StoredSignal } from './records.ts';
import { startServer, type Answer, type HttpRequest, type Server, type ServerOptions } from './server.ts';
import { Store } from './store.ts';

export interface OtlpAnswer extends Answer {
  /** Which records are kept of a request that is answered 200, or of any with `stores: true`. */
  readonly keeps?: (record: PlainRecord) => boolean;
}

export interface OtlpRequest extends HttpRequest {
  readonly signal: StoredSignal;
  readonly records: readonly PlainRecord[];
}

/** Undefined: everything is taken. */
export type OtlpScript = (request: OtlpRequest) => OtlpAnswer | undefined;

export interface Seen {
  readonly arrivedMs: number;
  readonly status: number;
  /** The id of the first record: the same for each attempt of a request that is not cut anew. */
  readonly first: string;
  readonly records: number;
  readonly bytes: number;
}

export class OtlpBackend {
  readonly stores: Readonly<Record<StoredSignal, Store>> = { traces: new Store(), logs: new Store() };
  readonly seen: Seen[] = [];
  /** Another name of it that a config has. */
  alias: string | undefined;
  private script: OtlpScript = () => undefined;
  private before: (number: number) => Answer | undefined = () => undefined;
  private server: Server | undefined;

  static async start(options: ServerOptions = {}): Promise<OtlpBackend> {
    const backend = new OtlpBackend();
    backend.server = await startServer(
      { early: (number) => backend.before(number), whole: (request) => backend.take(request) },
      options,
    );
    return backend;
  }

  get http(): Server {
    if (this.server === undefined) throw new Error('not started');
    return this.server;
  }

  get url(): string {
    return this.http.url;
  }

  /** Decides on each request that is read whole. */
  answer(script: OtlpScript): void {
    this.script = script;
  }

  /** Decides on a request by its number alone, before it is read. */
  answerEarly(before: (number: number) => Answer | undefined): void {
    this.before = before;
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private take(request: HttpRequest): { answer: Answer; store(): void; acknowledged(): void } {
    const signal: StoredSignal = request.path.includes('/logs') ? 'logs' : 'traces';
    const records = recordsOf(signal, request.payload);
    const plains = records.map(({ plain }) => plain);
    const answer = this.script({ ...request, signal, records: plains }) ?? {};
    const status = answer.status ?? 200;
    const [first] = records;
    this.seen.push({
      arrivedMs: request.arrivedMs,
      status,
      first: first === undefined ? '' : stored(first).id,
      records: records.length,
      bytes: request.payload.length,
    });
    const keeps = answer.stores ?? status < 300;
    const kept = keeps ? records.filter(({ plain }) => answer.keeps?.(plain) ?? true) : [];
    const store = this.stores[signal];
    return {
      answer,
      store: () => store.add(kept.map(stored)),
      acknowledged: () => (store.acknowledged += kept.length),
    };
  }
}

/** An ExportTraceServiceResponse, or its sibling for logs, with partial_success. */
export function partialSuccess(rejected: number, message: string): Buffer {
  const count = Buffer.concat([Buffer.from([0x08]), varint(rejected)]);
  return lengthDelimited(1, Buffer.concat([count, lengthDelimited(2, Buffer.from(message))]));
}

/** A google.rpc.Status. */
export function rpcStatus(code: number, message: string): Buffer {
  return Buffer.concat([Buffer.from([0x08, code]), lengthDelimited(2, Buffer.from(message))]);
}
