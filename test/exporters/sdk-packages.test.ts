/** Exporters that others wrote for the OpenTelemetry JS SDK, unmodified, in runs of the real command. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { respool, root } from '../support/respool.ts';
import { startOtlpServer, type ScriptedServer, type ServerOptions } from '../support/otlp-server.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'respool-sdk-packages-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the shipped recording through one exporter. */
async function through(sdk: object, signal: 'traces' | 'logs' = 'traces', env: Record<string, string> = {}) {
  const config = join(folder, 'pipeline.yaml');
  const written = {
    receivers: { file: { include: [join(root, 'config/recordings')] } },
    exporters: { sdk },
    service: { pipelines: { [signal]: { receivers: ['file'], exporters: ['sdk'] } } },
  };
  writeFileSync(config, JSON.stringify(written));
  return await respool(['run', '--config', config], { env });
}

const certificates = join(root, 'test/support/certificates');
const pem = (name: string): string => readFileSync(join(certificates, name), 'utf8');

async function backend(options: ServerOptions = {}): Promise<ScriptedServer> {
  const server = await startOtlpServer(options);
  onTestFinished(() => server.close());
  return server;
}

const spans = 10;

describe('an exporter of the SDK', () => {
  it('OTLPTraceExporter', async () => {
    const server = await backend();
    const run = await through({
      module: '@opentelemetry/exporter-trace-otlp-http',
      class: 'OTLPTraceExporter',
      options: { url: `${server.url}/v1/traces` },
    });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain(`delivered ${spans} spans`);
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/traces']);
  });

  it('OTLPLogExporter', async () => {
    const server = await backend();
    const run = await through(
      { module: '@opentelemetry/exporter-logs-otlp-http', options: { url: `${server.url}/v1/logs` } },
      'logs',
    );
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain('delivered 5 log records');
    const sent = JSON.parse(server.requests[0]?.payload.toString() ?? '{}') as { resourceLogs: object[] };
    expect(sent.resourceLogs.length).toBeGreaterThan(0);
  });

  it('ZipkinExporter', async () => {
    const server = await backend();
    server.answer(() => ({ status: 202 }));
    const run = await through({
      module: '@opentelemetry/exporter-zipkin',
      options: { url: `${server.url}/api/v2/spans` },
    });
    expect(run.exitCode, run.stderr).toBe(0);
    const sent = server.requests.flatMap(
      ({ payload }) =>
        JSON.parse(payload.toString()) as {
          traceId: string;
          name: string;
          duration: number;
          localEndpoint: { serviceName: string };
        }[],
    );
    expect(sent).toHaveLength(spans);
    const order = sent.find(({ traceId, name }) => traceId.startsWith('7c1f') && name === 'POST /orders');
    expect(order).toMatchObject({ traceId: '7c1f00a4e2b94d6f8a3d5e6f70819203', duration: 220_000 });
    expect(new Set(sent.map(({ localEndpoint }) => localEndpoint.serviceName))).toContain('bookshop');
  });

  it('ZipkinExporter at a backend that refuses: tried again and then counted, never lost in silence', async () => {
    const server = await backend();
    server.answer(() => ({ status: 500 }));
    const run = await through({
      module: '@opentelemetry/exporter-zipkin',
      options: { url: `${server.url}/api/v2/spans` },
      retry_on_failure: { initial_interval: '10ms', max_interval: '10ms' },
    });
    expect(run.exitCode, run.stderr).not.toBe(0);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(run.stderr).toContain('delivered 0 spans');
  });

  it('ConsoleSpanExporter', async () => {
    const run = await through({ module: '@opentelemetry/sdk-trace-base', class: 'ConsoleSpanExporter' });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout.match(/^ {2}traceId: '/gm)).toHaveLength(spans);
    expect(run.stdout).toContain("name: 'POST /orders'");
  });

  it('ConsoleLogRecordExporter', async () => {
    const run = await through(
      { module: '@opentelemetry/sdk-logs', class: 'ConsoleLogRecordExporter' },
      'logs',
    );
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout.match(/severityText: '/g)).toHaveLength(5);
  });
});

it("a vendor's: AzureMonitorTraceExporter", async () => {
  // It speaks https alone.
  const server = await backend({ tls: { cert: pem('server.pem'), key: pem('server-key.pem') } });
  server.answer(({ payload }) => {
    const items = payload.toString().trim().split('\n').length;
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ itemsReceived: items, itemsAccepted: items, errors: [] }),
    };
  });
  const run = await through(
    {
      module: '@azure/monitor-opentelemetry-exporter',
      class: 'AzureMonitorTraceExporter',
      options: {
        connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=${server.url}`,
        disableOfflineStorage: true,
      },
    },
    'traces',
    { APPLICATION_INSIGHTS_NO_STATSBEAT: '1', NODE_EXTRA_CA_CERTS: join(certificates, 'ca.pem') },
  );
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stderr).toContain(`delivered ${spans} spans`);
  const sent = server.requests.map(({ payload, headers }) =>
    headers['content-encoding'] === undefined && payload[0] === 0x1f
      ? gunzipSync(payload).toString()
      : payload.toString(),
  );
  expect(sent.join('\n')).toContain('POST /orders');
});
