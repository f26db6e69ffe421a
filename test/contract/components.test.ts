/** Our own components pass the contracts that authors get. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { components } from '../../src/components.ts';
import { exporterContract, processorContract, receiverContract } from '../../src/testing/main.ts';
import { logsLine, spansLine } from '../cli/scenario.ts';
import { startLokiServer } from '../support/loki-server.ts';
import { startOtlpServer } from '../support/otlp-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'respool-contract-'));
const recording = Array.from({ length: 40 }, (_, at) =>
  at % 2 === 0 ? spansLine([`span ${at}`]) : logsLine([`log ${at}`]),
).join('');
writeFileSync(join(directory, 'one.jsonl'), recording);
writeFileSync(join(directory, 'two.jsonl'), spansLine(['other']));

const loki = await startLokiServer();
const otlp = await startOtlpServer();

afterAll(async () => {
  await loki.close();
  await otlp.close();
  rmSync(directory, { recursive: true });
});

const processors: Record<string, unknown[]> = {
  attributes: [{ actions: [{ key: 'added', value: 1, action: 'upsert' }] }],
  batch: [{}, { send_batch_size: 2, send_batch_max_size: 2 }],
  filter: [
    {
      error_mode: 'ignore',
      traces: { span: ['name == "query"'] },
      logs: { log_record: ['severity_number > 10'] },
      metrics: { metric: ['name == "alone"'] },
    },
  ],
  group_by_attrs: [{ keys: ['http.route', 'n'] }],
  memory_limiter: [{ check_interval: '1s', limit_mib: 8000 }],
  probabilistic_sampler: [{ sampling_percentage: 50 }],
  redact: [{}],
  redaction: [{ allow_all_keys: true, blocked_values: ['hello'] }],
  resource: [{ attributes: [{ key: 'host.name', action: 'delete' }] }],
  time_shift: [{ align: 'end_to_now' }, { offset: '1h', new_ids: true }],
  transform: [{ trace_statements: ['set(span.name, "x")'], log_statements: ['set(log.body, "x")'] }],
};

describe('processor', () => {
  it('each has a config here', () => {
    expect(Object.keys(processors).toSorted()).toEqual(
      components.processors.map(({ type }) => type).toSorted(),
    );
  });

  for (const [component, configs] of Object.entries(processors))
    for (const config of configs)
      describe(`${component} ${JSON.stringify(config).slice(0, 60)}`, () => {
        processorContract({ component, config }, it);
      });
});

const exporters: Record<string, { config?: unknown; signals?: readonly ('traces' | 'logs')[] }[]> = {
  debug: [{}, { config: { verbosity: 'detailed' } }],
  file: [
    { config: { path: join(directory, 'out-$1.jsonl') } },
    { signals: ['traces'], config: { path: 'out.pb', format: 'proto' } },
  ],
  loki: [
    { config: { endpoint: loki.url } },
    { config: { endpoint: loki.url, encoding: 'json', compression: 'gzip', strict: false } },
  ],
  nop: [{}],
  otlp_http: [{ config: { endpoint: otlp.url } }, { config: { endpoint: otlp.url, encoding: 'json' } }],
  sdk: [
    {
      signals: ['traces'],
      config: {
        module: '@opentelemetry/exporter-trace-otlp-http',
        class: 'OTLPTraceExporter',
        options: { url: `${otlp.url}/v1/traces` },
      },
    },
  ],
};

describe('exporter', () => {
  it('each has a config here', () => {
    expect(Object.keys(exporters).toSorted()).toEqual(
      components.exporters.map(({ type }) => type).toSorted(),
    );
  });

  for (const [component, all] of Object.entries(exporters))
    for (const { config, signals } of all)
      describe(`${component} ${JSON.stringify(config ?? {}).slice(0, 60)}`, () => {
        exporterContract({ component, config, directory, ...(signals === undefined ? {} : { signals }) }, it);
      });
});

describe('receiver', () => {
  describe('file', () => {
    receiverContract({ component: 'file', config: { include: ['*.jsonl'] }, directory }, it);
  });
  describe('otlp_json_file', () => {
    const config = { include: ['*.jsonl'], start_at: 'beginning' };
    receiverContract({ component: 'otlp_json_file', config, directory }, it);
  });
});
