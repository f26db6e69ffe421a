/**
 * A program of its own: an HTTP server that the SDK instruments, under load, with one span processor. Started as
 * `node instrumented-server.ts MODE BACKEND REQUESTS`; prints what it saw as JSON.
 */
import { createRequire } from 'node:module';
import type * as Http from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { loadConfig } from '../../src/embed/load-config.ts';
import { PipelineSpanProcessor } from '../../src/embed/sdk/span-processor.ts';

export type Mode = 'none' | 'batch' | 'pipeline';

export interface Seen {
  readonly spans: number;
  readonly requests: number;
  /** Of the spans, those that ended while CPU time was measured. */
  readonly measured: number;
  /** CPU time of the whole process while requests were served and spans exported. */
  readonly cpuMicros: number;
  readonly wallMs: number;
  /** Of the pipeline. */
  readonly filtered: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly failures: readonly string[];
  readonly balanced: boolean;
}

const [mode = 'pipeline', backend = '', requests = '1000'] = process.argv.slice(2);
const inParallel = 16;

/** Counts what ends, whatever becomes of it then. */
class Counter implements SpanProcessor {
  spans = 0;
  onStart(): void {}
  onEnd(_span: ReadableSpan): void {
    this.spans++;
  }
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

function pipelineProcessor(): PipelineSpanProcessor {
  const config = loadConfig({
    receivers: { program: {} },
    processors: {
      redact: {},
      // A decision that only the end of a span allows.
      filter: {
        traces: {
          span: ['attributes["url.path"] == "/health" and attributes["http.response.status_code"] == 200'],
        },
      },
    },
    exporters: { otlp_http: { endpoint: backend } },
    service: {
      pipelines: {
        traces: { receivers: ['program'], processors: ['filter', 'redact'], exporters: ['otlp_http'] },
      },
    },
  });
  return new PipelineSpanProcessor(config);
}

const counter = new Counter();
const pipeline = mode === 'pipeline' ? pipelineProcessor() : undefined;
const batch = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${backend}/v1/traces` }));
const processors: SpanProcessor[] = [counter];
if (pipeline !== undefined) processors.push(pipeline);
if (mode === 'batch') processors.push(batch);
const provider = new NodeTracerProvider({ spanProcessors: processors });
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({
      // What a client should not have sent, and a server should not have kept.
      headersToSpanAttributes: { server: { requestHeaders: ['authorization', 'x-user'] } },
    }),
  ],
});

// Loaded after the instrumentation, which wraps what is loaded.
const http = createRequire(import.meta.url)('node:http') as typeof Http;

const server = http.createServer((request, response) => {
  response.statusCode = request.url === '/broken' ? 500 : 200;
  response.end('ok');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const agent = new http.Agent({ keepAlive: true, maxSockets: inParallel });

function ask(at: number): Promise<void> {
  const path =
    at % 10 === 9 ? '/broken' : at % 2 === 0 ? '/health' : `/orders/${at}?user=ada${at}@example.com`;
  const headers = { authorization: `Bearer canary-secret-${at}`, 'x-user': `ada${at}@example.com` };
  return new Promise((resolve, reject) => {
    http
      .request({ port, host: '127.0.0.1', path, agent, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve());
      })
      .on('error', reject)
      .end();
  });
}

/** Asks for the paths from one number to another. */
async function load(from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await ask(next++);
  };
  await Promise.all(Array.from({ length: inParallel }, worker));
  await provider.forceFlush();
}

// What is loaded and compiled once is no overhead of a span.
const warmUp = 500;
const total = Number(requests);
await load(0, warmUp);
const before = counter.spans;
const began = performance.now();
const cpu = process.cpuUsage();
await load(warmUp, warmUp + total);
const used = process.cpuUsage(cpu);
const wallMs = performance.now() - began;
const measured = counter.spans - before;
agent.destroy();
await new Promise((resolve) => server.close(resolve));
await provider.shutdown();
const result = await pipeline?.result();
const flow = result?.ledger.processors.find(({ id }) => id === 'filter');
const seen: Seen = {
  spans: counter.spans,
  requests: total,
  measured,
  cpuMicros: used.user + used.system,
  wallMs,
  filtered: [...(flow?.dropped.values() ?? [])].reduce((sum, count) => sum + count, 0),
  delivered: result?.ledger.exporters.reduce((sum, { delivered }) => sum + delivered, 0) ?? 0,
  dropped: pipeline?.dropped ?? 0,
  failures: result?.failures.map(({ message }) => message) ?? [],
  balanced: result?.ledger.imbalances().length === 0,
};
process.stdout.write(`${JSON.stringify(seen)}\n`);
