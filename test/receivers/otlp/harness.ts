/** A run with the receiver `otlp` on a free port and an exporter that the test drives. */
import { onTestFinished } from 'vitest';
import type { Outcome, Receiver, ReceiverContext } from '../../../src/pipeline/component.ts';
import { Run, type RunResult } from '../../../src/pipeline/run.ts';
import { toJson } from '../../../src/model/to-json.ts';
import { dataTypeOf } from '../../../src/model/schema.ts';
import { OtlpReceiver } from '../../../src/receivers/otlp/receiver.ts';
import { otlp } from '../../../src/receivers/otlp.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeExporter, fakePlan, spansNamed, type FakeRequest } from '../../support/fake-components.ts';

export interface Live {
  readonly url: string;
  readonly clock: FakeClock;
  readonly messages: string[];
  readonly exporter: FakeExporter;
  readonly readBytes: () => number;
  /** Stops the run as Ctrl-C does. */
  stop(): Promise<RunResult>;
  /** As the second Ctrl-C. */
  kill(): void;
}

export interface LiveOptions {
  readonly http?: Record<string, unknown>;
  readonly wait?: 'settled' | 'queued';
  readonly maxInFlightBytes?: number;
  readonly answer?: (request: FakeRequest, attempt: number) => Outcome | Promise<Outcome>;
}

export async function live(options: LiveOptions = {}): Promise<Live> {
  const { http = {}, wait = 'settled', answer, maxInFlightBytes = 1 << 20 } = options;
  const config = otlp.schema.parse({
    protocols: { http: { endpoint: '127.0.0.1:0', ...http } },
    wait,
  });
  const exporter = new FakeExporter(answer);
  let receiver: OtlpReceiver | undefined;
  const listening = Promise.withResolvers<void>();
  const messages: string[] = [];
  const create = (context: ReceiverContext): Receiver => (receiver = new OtlpReceiver(config, context));
  const plan = fakePlan({
    receivers: {},
    pipelines: { traces: { inputs: ['otlp'], outputs: ['out'] } },
    exporters: { out: exporter },
    maxInFlightBytes,
  });
  const say = (message: string): void => {
    messages.push(message);
    if (message.includes('listens on')) listening.resolve();
  };
  const [stop, kill] = [new AbortController(), new AbortController()];
  const clock = new FakeClock();
  const run = new Run(
    { ...plan, receivers: [{ id: 'otlp', create }], listening: ['otlp'] },
    {
      clock,
      logger: { debug() {}, info: say, warn: say, error: say },
      print: async () => {},
      stdin: (async function* none() {})(),
      stop: stop.signal,
      kill: kill.signal,
      graceMs: 10_000,
    },
  );
  const ended = run.execute();
  const end = async (): Promise<RunResult> => {
    stop.abort();
    return await ended;
  };
  onTestFinished(async () => {
    kill.abort();
    // What waits after a kill waits on the clock.
    const ticking = setInterval(() => clock.advance(1000), 5);
    await end();
    clearInterval(ticking);
  });
  await Promise.race([listening.promise, ended.then(({ failures }) => Promise.reject(failures[0] as Error))]);
  return {
    url: receiver?.url ?? '',
    clock,
    messages,
    exporter,
    readBytes: () => run.progress().readBytes,
    stop: end,
    kill: () => kill.abort(),
  };
}

export function protobufOf(...names: string[]): Buffer {
  return Buffer.from(spansNamed(names).encode());
}

export function jsonOf(...names: string[]): string {
  const bytes = spansNamed(names).encode();
  return toJson(bytes, 0, bytes.length, dataTypeOf('traces'));
}

export interface SendOptions {
  readonly path?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export async function send(
  { url }: Live,
  body: string | Uint8Array,
  { path = '/v1/traces', type, headers = {}, signal }: SendOptions = {},
): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const contentType = type ?? (typeof body === 'string' ? 'application/json' : 'application/x-protobuf');
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'content-type': contentType, ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}
