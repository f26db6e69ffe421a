/** One recording to several backends by changing only the exporter: the real Jaeger, Collector and Loki's OTLP endpoint. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, sourceLogs, sourceSpans } from './support/codemachine.ts';
import { eventually, getJson, hasPeers, programOf, shared, startPeer, type Peer } from './support/peers.ts';
import { ended, respool, root } from '../support/respool.ts';
import { spawn } from 'node:child_process';

const scratch = mkdtempSync(join(tmpdir(), 'respool-redirect-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const config = join(scratch, 'pipeline.yaml');
writeFileSync(
  config,
  `receivers:
  file: {include: ["${folder}"]}
exporters:
  otlp_http: {endpoint: "http://127.0.0.1:1"}
service:
  pipelines:
    traces: {receivers: [file], exporters: [otlp_http]}
    logs: {receivers: [file], exporters: [otlp_http]}
`,
);

describe.skipIf(!hasPeers('jaeger'))('the same recording to Jaeger', () => {
  let jaeger: Peer;
  beforeAll(async () => {
    jaeger = await startPeer('jaeger', 25500);
  });
  afterAll(() => jaeger?.stop());

  it('arrives whole, by --set alone', async () => {
    const run = await respool([
      'run',
      '-c',
      config,
      '--set',
      `exporters.otlp_http.endpoint=${jaeger.push}`,
      '--set',
      'service.pipelines.logs.exporters=[nop]',
      '--set',
      'exporters.nop={}',
    ]);
    expect(run.exitCode, run.stderr).toBe(0);
    const source = sourceSpans();
    for (const traceId of new Set(source.map((span) => span.traceId))) {
      const stored = await eventually(() => jaegerSpans(jaeger, traceId));
      const wanted = source.filter((span) => span.traceId === traceId);
      expect(stored.toSorted()).toEqual(
        wanted.map(({ spanId, name, start, end }) => `${spanId} ${name} ${start} ${end}`).toSorted(),
      );
    }
  });
});

async function jaegerSpans(jaeger: Peer, traceId: string): Promise<string[]> {
  const answer = (await getJson(`${jaeger.query}/api/v3/traces/${traceId}`)) as {
    result: {
      resourceSpans: {
        scopeSpans: {
          spans: { spanId: string; name: string; startTimeUnixNano: string; endTimeUnixNano: string }[];
        }[];
      }[];
    };
  };
  const spans = answer.result.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans),
  );
  return spans.map(
    ({ spanId, name, startTimeUnixNano, endTimeUnixNano }) =>
      `${spanId} ${name} ${startTimeUnixNano} ${endTimeUnixNano}`,
  );
}

describe.skipIf(!hasPeers('loki'))("logs to Loki's OTLP endpoint", () => {
  let loki: Peer;
  beforeAll(async () => {
    loki = await startPeer('loki', 25200);
  });
  afterAll(() => loki?.stop());

  it('arrive, each line once', async () => {
    const lokiUrl = new URL(loki.push).origin;
    const run = await respool([
      'run',
      '-c',
      config,
      '--set',
      `exporters.otlp_http.endpoint=${lokiUrl}/otlp`,
      '--set',
      'service.pipelines.traces.exporters=[nop]',
      '--set',
      'exporters.nop={}',
    ]);
    expect(run.exitCode, run.stderr).toBe(0);
    const source = sourceLogs();
    const times = source.map(({ time }) => BigInt(time)).toSorted((a, b) => (a < b ? -1 : 1));
    const query = new URLSearchParams({
      query: '{service_name="codemachine"}',
      start: String(times[0]),
      end: String((times.at(-1) ?? 0n) + 1n),
      limit: '5000',
    });
    const lines = await eventually(async () => {
      const answer = (await getJson(`${lokiUrl}/loki/api/v1/query_range?${query.toString()}`)) as {
        data: { result: { values: [string, string][] }[] };
      };
      const found = answer.data.result.flatMap(({ values }) =>
        values.map(([time, line]) => `${time} ${line}`),
      );
      if (found.length < source.length) throw new Error(`${found.length} of ${source.length} lines`);
      return found;
    });
    expect(lines.toSorted()).toEqual(source.map(({ time, body }) => `${time} ${body}`).toSorted());
  });
});

describe.skipIf(!hasPeers('otelcol'))('the same recording to the Collector', () => {
  let collector: Peer;
  beforeAll(async () => {
    collector = await startPeer('otelcol', 25100);
  });
  afterAll(() => collector?.stop());

  const received = (signal: string): string => {
    try {
      return readFileSync(join(fileURLToPath(collector.query), `${signal}.jsonl`), 'utf8');
    } catch {
      return '';
    }
  };

  it('arrives whole, both signals', async () => {
    const run = await respool([
      'run',
      '-c',
      config,
      '--set',
      `exporters.otlp_http.endpoint=${collector.push}`,
    ]);
    expect(run.exitCode, run.stderr).toBe(0);
    await eventually(async () => {
      expect(received('traces').match(/"spanId":/g)).toHaveLength(sourceSpans().length);
      expect(received('logs').match(/"body":/g)).toHaveLength(sourceLogs().length);
    });
  });

  it('arrives through the SDK exporter, and what its types cannot carry is counted', async () => {
    const recording = join(scratch, 'lossy.jsonl');
    const span = {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      name: 'lossy',
      kind: 2,
      flags: 0,
      startTimeUnixNano: '1795255200000000001',
      endTimeUnixNano: '1795255200000000002',
      attributes: [
        { key: 'big', value: { intValue: '9007199254740993' } },
        { key: 'whole', value: { doubleValue: 2 } },
      ],
    };
    writeFileSync(
      recording,
      `${JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] })}\n`,
    );
    const run = await respool(['run', '-c', 'config/sdk.yaml'], {
      env: { RECORDINGS: recording, OTLP_URL: collector.push },
    });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/int64/);
    expect(run.stderr).toMatch(/double/);
    await eventually(async () => expect(received('traces')).toContain('"name":"lossy"'));
  });

  it('reads back what the file exporter wrote, here and in the Collector', async () => {
    const output = join(scratch, 'converted.jsonl');
    const run = await respool(
      ['run', '-c', 'config/convert.yaml', '--set', 'exporters.file.compression=none'],
      { env: { RECORDINGS: folder, OUTPUT: output } },
    );
    expect(run.exitCode, run.stderr).toBe(0);
    const again = join(scratch, 'again.jsonl');
    const second = await respool(
      ['run', '-c', 'config/convert.yaml', '--set', 'exporters.file.compression=none'],
      { env: { RECORDINGS: output, OUTPUT: again } },
    );
    expect(second.exitCode, second.stderr).toBe(0);
    expect(itemsOf(readFileSync(again, 'utf8'))).toEqual(itemsOf(readFileSync(output, 'utf8')));
    const copied = await collectorCopy(output);
    expect(itemsOf(copied)).toEqual(itemsOf(readFileSync(output, 'utf8')));
  });
});

/** What the Collector writes when it reads the file with its own receiver. */
async function collectorCopy(input: string): Promise<string> {
  const output = join(scratch, 'collector.jsonl');
  const file = join(scratch, 'collector.yaml');
  writeFileSync(
    file,
    `receivers:
  otlp_json_file: {include: ["${input}"], start_at: beginning, include_file_name: false, max_log_size: 64MiB}
exporters:
  file: {path: "${output}", flush_interval: 50ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp_json_file], exporters: [file]}
    logs: {receivers: [otlp_json_file], exporters: [file]}
`,
  );
  const child = spawn(programOf('otelcol'), ['--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = ended(child);
  const expected = sourceSpans().length + sourceLogs().length;
  await eventually(async () => expect(itemsOf(readFileSync(output, 'utf8'))).toHaveLength(expected)).finally(
    () => child.kill('SIGTERM'),
  );
  await end;
  return readFileSync(output, 'utf8');
}

interface Scoped {
  scope?: unknown;
  spans?: unknown[];
  logRecords?: unknown[];
}

interface Group {
  resource?: unknown;
  scopeSpans?: Scoped[];
  scopeLogs?: Scoped[];
}

/** Each item with its resource and scope, whatever the grouping; the empty values that one writer leaves out, left out. */
function itemsOf(lines: string): string[] {
  const documents = lines
    .split('\n')
    .filter((text) => text !== '')
    .map((line) => JSON.parse(line) as Record<string, Group[]>);
  const groups = documents.flatMap(({ resourceSpans = [], resourceLogs = [] }) => [
    ...resourceSpans,
    ...resourceLogs,
  ]);
  const items = groups.flatMap(({ resource, scopeSpans = [], scopeLogs = [] }) =>
    [...scopeSpans, ...scopeLogs].flatMap(({ scope, spans, logRecords }) =>
      (spans ?? logRecords ?? []).map((item) => canonical({ resource, scope, item })),
    ),
  );
  return items.toSorted();
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const kept = Object.entries(inner).filter(
      ([name, part]) => name.endsWith('Value') || key === 'value' || !isEmpty(part),
    );
    return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' ||
    value === 0 ||
    value === undefined ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

describe.skipIf(!hasPeers('otelcol'))('the same records as the Collector, given the same config', () => {
  const compare = join(shared, 'bench/compare.mjs');
  const subjects = [
    '--subject',
    `otelcol=${programOf('otelcol')} --config {config}`,
    '--subject',
    `respool=${join(root, 'node_modules/.bin/node')} ${join(root, 'src/cli/main.ts')} run --config {config}`,
  ];

  it.each([
    ['passthrough.yaml', 'traces', 1],
    ['edit.yaml', 'traces', 2],
    ['edit-gzip.yaml', 'traces', 3],
    ['logs.yaml', 'logs', 4],
    ['passthrough.yaml', 'traces', 77],
    ['edit.yaml', 'traces', 78],
    ['logs.yaml', 'logs', 79],
    ['transform.yaml', 'traces', 5],
    ['transform.yaml', 'traces', 80],
  ])('%s on %s of seed %i', async (name, signal, seed) => {
    const input = join(scratch, `${signal}-${seed}.jsonl`);
    const node = join(root, 'node_modules/.bin/node');
    await ended(
      spawn(node, [join(shared, 'bench/generate.mjs'), signal, input, '8', String(seed)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    const args = [
      compare,
      '--verify',
      '--input',
      input,
      '--config',
      join(shared, 'bench/configs', name),
      ...subjects,
    ];
    const run = await ended(spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect(run.stdout + run.stderr).toContain('the same records');
    expect(run.exitCode).toBe(0);
  });
});
