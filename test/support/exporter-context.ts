/** What an exporter is given, with what it said and printed in reach of the test; and driving one without the core. */
import type { AnyBatch } from '../../src/model/batches.ts';
import type {
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../../src/pipeline/component.ts';
import { FakeClock } from './fake-clock.ts';

export interface TestContext extends ExporterContext {
  readonly clock: FakeClock;
  readonly messages: string[];
  readonly printed: string[];
  readonly stop: () => void;
}

export function exporterContext(overrides: { directory?: string; clock?: FakeClock } = {}): TestContext {
  const messages: string[] = [];
  const printed: string[] = [];
  const stopping = new AbortController();
  const say = (level: string) => (message: string) => void messages.push(`${level}: ${message}`);
  return {
    id: 'test',
    logger: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    clock: overrides.clock ?? new FakeClock(),
    signal: stopping.signal,
    startedAtUnixNano: 1_800_000_000_000_000_001n,
    print: (text) => {
      printed.push(typeof text === 'string' ? text : Buffer.from(text).toString());
      return Promise.resolve();
    },
    directory: overrides.directory ?? '/',
    messages,
    printed,
    stop: () => stopping.abort(),
  };
}

/** An exporter of this config, prepared and started. */
export async function startExporter<Config>(
  factory: ExporterFactory<Config>,
  config: unknown,
  context: ExporterContext,
): Promise<Exporter> {
  const exporter = await factory.create(factory.schema.parse(config), context);
  await exporter.prepare?.();
  await exporter.start?.();
  return exporter;
}

export async function requestsOf(exporter: Exporter, batch: AnyBatch): Promise<ExportRequest[]> {
  const requests: ExportRequest[] = [];
  for await (const request of exporter.requests(batch)) requests.push(request);
  return requests;
}

/** Sends each request of the batch once. */
export async function sendBatch(exporter: Exporter, batch: AnyBatch): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const request of await requestsOf(exporter, batch))
    outcomes.push(await exporter.send(request, new AbortController().signal));
  return outcomes;
}
