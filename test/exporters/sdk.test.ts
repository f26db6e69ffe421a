import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sdk } from '../../src/exporters/sdk.ts';
import { batchOf, emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import type { CheckFacts, Exporter, Outcome } from '../../src/pipeline/component.ts';
import { exporterContext, type TestContext } from '../support/exporter-context.ts';
import { rpcStatus, startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-sdk-'));
});

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  rmSync(directory, { recursive: true, force: true });
});

async function server(): Promise<ScriptedServer> {
  const one = await startOtlpServer();
  opened.push(one);
  return one;
}

async function exporter(
  keys: Record<string, unknown>,
  context: TestContext = exporterContext({ directory }),
): Promise<Exporter> {
  const one = await sdk.create(sdk.schema.parse(keys), context);
  await one.prepare?.();
  opened.push({ close: async () => one.shutdown?.() });
  return one;
}

const otlp = (url: string, more: object = {}) => ({
  module: '@opentelemetry/exporter-trace-otlp-http',
  class: 'OTLPTraceExporter',
  options: { url: `${url}/v1/traces`, ...more },
});

function traces(count = 3, build: (batch: TracesBatch) => void = () => {}): TracesBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'shop');
  const scope = group.addScope();
  scope.scope.name = 'lib';
  for (let index = 0; index < count; index++) {
    const span = scope.addSpan();
    span.traceId = '0af7651916cd43dd8448eb211c80319c';
    span.spanId = index.toString(16).padStart(16, 'b');
    span.name = `span ${index}`;
    span.kind = index % 6;
    span.flags = 0x101;
    span.traceState = 'vendor=raw, Other = x';
    span.startTimeUnixNano = 1_700_000_000_123_456_789n;
    span.endTimeUnixNano = 1_700_000_001_000_000_001n;
    span.attributes.set('code', 200);
    span.addEvent().name = 'happened';
  }
  build(batch);
  return batch;
}

async function send(one: Exporter, batch: AnyBatch = traces()): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const request of one.requests(batch)) outcomes.push(await one.send(request, never));
  return outcomes;
}

/** Writes an exporter into the directory of the config; `body` is its `export(items, done)`. */
function writeExporter(name: string, body: string): void {
  const source = `
    export const seen = [];
    export class Custom {
      constructor(options) { this.options = options; seen.push({ options }); }
      export(items, done) { ${body} }
      async forceFlush() { seen.push('flush'); }
      async shutdown() { seen.push('shutdown'); }
    }`;
  writeFileSync(join(directory, name), source);
}

const seenBy = async (name: string): Promise<unknown[]> =>
  ((await import(/* @vite-ignore */ join(directory, name))) as { seen: unknown[] }).seen;

describe('OTLPTraceExporter of the SDK', () => {
  it('runs unmodified and sends the spans', async () => {
    const backend = await server();
    const one = await exporter(otlp(backend.url, { headers: { 'x-team': 'a' } }));
    expect(one.target).toBe(`${backend.url}/v1/traces through OTLPTraceExporter`);
    expect(await send(one)).toEqual([{ verdict: 'delivered' }]);
    const [request] = backend.requests;
    expect(request).toMatchObject({ path: '/v1/traces' });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-team': 'a' });
    const json = JSON.parse(request?.payload.toString() ?? '') as {
      resourceSpans: { resource: object; scopeSpans: { scope: object; spans: object[] }[] }[];
    };
    expect(json.resourceSpans).toHaveLength(1);
    expect(json.resourceSpans[0]?.resource).toMatchObject({
      attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
    });
    expect(json.resourceSpans[0]?.scopeSpans[0]?.scope).toMatchObject({ name: 'lib' });
    expect(json.resourceSpans[0]?.scopeSpans[0]?.spans).toHaveLength(3);
    expect(json.resourceSpans[0]?.scopeSpans[0]?.spans[0]).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'bbbbbbbbbbbbbbb0',
      traceState: 'vendor=raw, Other = x',
      name: 'span 0',
      kind: 0,
      startTimeUnixNano: '1700000000123456789',
      endTimeUnixNano: '1700000001000000001',
      flags: 0x101,
    });
    expect(one.whereToLook?.()).toEqual([]);
  });

  it('is found without a name where a module has one exporter only', async () => {
    const backend = await server();
    const one = await exporter({ ...otlp(backend.url), class: undefined });
    expect(await send(one)).toEqual([{ verdict: 'delivered' }]);
  });

  it('gives its failures the meaning that they have over HTTP', async () => {
    const backend = await server();
    const one = await exporter(otlp(backend.url, { timeoutMillis: 300 }));
    const first = async () => (await send(one))[0];
    backend.answer({ status: 400, body: rpcStatus(3, 'bad'), headers: { 'content-type': 'text/plain' } });
    expect(await first()).toMatchObject({ verdict: 'bisect', status: 400 });
    backend.answer({ status: 401, body: 'no org id' });
    expect(await first()).toMatchObject({
      verdict: 'stop',
      status: 401,
      reason: expect.stringContaining('no org id'),
    });
    backend.answer({ status: 413 });
    expect(await first()).toMatchObject({ verdict: 'split', status: 413 });
    backend.answer({ status: 503, headers: { 'retry-after': '30' } });
    expect(await first()).toMatchObject({ verdict: 'retry' });
    await backend.close();
    expect(await first()).toMatchObject({ verdict: 'retry' });
  });

  it('hears nothing of the environment', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=leaked');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-leaked=1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    const backend = await server();
    await send(await exporter(otlp(backend.url)));
    const headers = backend.requests[0]?.headers ?? {};
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-leaked');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(process.env['OTEL_EXPORTER_OTLP_HEADERS']).toBe('authorization=leaked');
  });

  it('sends logs with the exporter for logs', async () => {
    const backend = await server();
    const one = await exporter({
      module: '@opentelemetry/exporter-logs-otlp-http',
      options: { url: `${backend.url}/v1/logs` },
    });
    const batch = emptyBatch('logs');
    const scope = batch.addResource().addScope();
    const record = scope.addLogRecord();
    record.timeUnixNano = 1_700_000_000_123_456_789n;
    record.severityNumber = 17;
    record.severityText = 'ERROR';
    record.body = new Map([['what', 'broke']]);
    record.traceId = '0af7651916cd43dd8448eb211c80319c';
    record.spanId = 'b7ad6b7169203331';
    record.flags = 1;
    record.eventName = 'failure';
    record.attributes.set('n', 1);
    scope.addLogRecord().flags = 1;
    expect(await send(one, batch)).toEqual([{ verdict: 'delivered' }]);
    const json = JSON.parse(backend.requests[0]?.payload.toString() ?? '') as {
      resourceLogs: { scopeLogs: { logRecords: object[] }[] }[];
    };
    expect(json.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]).toMatchObject({
      timeUnixNano: '1700000000123456789',
      severityNumber: 17,
      severityText: 'ERROR',
      body: { kvlistValue: { values: [{ key: 'what', value: { stringValue: 'broke' } }] } },
      eventName: 'failure',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      flags: 1,
      attributes: [{ key: 'n', value: { intValue: 1 } }],
    });
    expect(one.whereToLook?.()).toEqual([expect.stringContaining('flags 1')]);
  });

  it('in protobuf sends what our own reader reads', async () => {
    const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer');
    const { resourceFromAttributes } = await import('@opentelemetry/resources');
    const { readableSpans } = await import('../../src/sdk/readable-span.ts');
    const { Losses } = await import('../../src/sdk/losses.ts');
    const batch = traces(6);
    const losses = new Losses();
    const bytes = ProtobufTraceSerializer.serializeRequest(
      readableSpans(batch, resourceFromAttributes, losses),
    );
    const back = batchOf('traces', bytes ?? Buffer.alloc(0)).spans();
    const facts = (spans: readonly ReturnType<TracesBatch['spans']>[number][]) =>
      spans.map((span) => [
        span.name,
        span.kind,
        span.flags,
        span.traceState,
        span.startTimeUnixNano,
        span.endTimeUnixNano,
        span.attributes.exactEntries(),
      ]);
    expect(facts(back)).toEqual(facts(batch.spans()));
    expect(losses.total).toBe(0);
  });
});

describe('what the types of the SDK cannot carry', () => {
  const lossy = () =>
    traces(2, (batch) => batch.spans().forEach((span) => span.attributes.setExact('large', 2n ** 60n + 1n)));

  it('is counted once and told at the end', async () => {
    writeExporter('custom.mjs', 'done({ code: 0 });');
    const context = exporterContext({ directory });
    const one = await exporter({ module: './custom.mjs', max_export_batch_size: 1 }, context);
    expect(await send(one, lossy())).toHaveLength(2);
    expect(one.whereToLook?.()).toEqual([
      "changed on the way into the SDK's types: int64 2 (integers beyond 2^53, rounded)",
    ]);
    await one.shutdown?.();
    expect(context.messages).toEqual([
      "warn: the SDK's types could not carry: int64 2 (integers beyond 2^53, rounded)",
    ]);
  });

  it('is not counted for what was not delivered', async () => {
    writeExporter('custom.mjs', 'done({ code: 1, error: new Error("no") });');
    const one = await exporter({ module: './custom.mjs' });
    expect(await send(one, lossy())).toMatchObject([{ verdict: 'retry', reason: 'no', maxAttempts: 3 }]);
    expect(one.whereToLook?.()).toEqual([]);
  });

  it('stops before it is sent, or is kept quiet', async () => {
    writeExporter('custom.mjs', 'seen.push(items.length); done({ code: 0 });');
    const strict = await exporter({ module: './custom.mjs', on_loss: 'error' });
    expect(await send(strict, lossy())).toMatchObject([
      {
        verdict: 'stop',
        reason: expect.stringContaining('int64 2'),
        remedy: expect.stringContaining('otlp_http'),
      },
    ]);
    expect(await send(strict)).toEqual([{ verdict: 'delivered' }]);
    expect(await seenBy('custom.mjs')).toEqual([{ options: {} }, 3]);
    const context = exporterContext({ directory });
    const quiet = await exporter({ module: './custom.mjs', on_loss: 'ignore' }, context);
    await send(quiet, lossy());
    await quiet.shutdown?.();
    expect([...context.messages, ...(quiet.whereToLook?.() ?? [])]).toEqual([]);
  });
});

describe("an exporter of one's own", () => {
  it('is a file beside the config, and gets options, flush and shutdown', async () => {
    writeExporter('custom.mjs', 'seen.push(items.map(({ name }) => name)); done({ code: 0 });');
    const one = await exporter({ module: './custom.mjs', options: { size: 5n, list: [1n, { deep: 'x' }] } });
    expect(await send(one, traces(2))).toEqual([{ verdict: 'delivered' }]);
    await one.shutdown?.();
    expect(await seenBy('custom.mjs')).toEqual([
      { options: { size: 5, list: [1, { deep: 'x' }] } },
      ['span 0', 'span 1'],
      'flush',
      'shutdown',
    ]);
  });

  it('may be TypeScript', async () => {
    const source = `type Done = (result: { code: number }) => void;
      export class Typed {
        export(items: readonly unknown[], done: Done): void { done({ code: items.length === 3 ? 0 : 1 }); }
        async shutdown(): Promise<void> {}
      }`;
    writeFileSync(join(directory, 'typed.ts'), source);
    expect(await send(await exporter({ module: './typed.ts' }))).toEqual([{ verdict: 'delivered' }]);
  });

  it('may be a package of the project, found before those of respool', async () => {
    const folder = join(directory, 'node_modules', '@acme', 'exporter');
    mkdirSync(folder, { recursive: true });
    // Only importable, as many packages are now.
    writeFileSync(
      join(folder, 'package.json'),
      '{"name":"@acme/exporter","type":"module","exports":{".":{"import":"./main.js"}}}',
    );
    writeFileSync(
      join(folder, 'main.js'),
      'export class AcmeExporter { export(items, done) { done({ code: 0 }); } async shutdown() {} }',
    );
    const one = await exporter({ module: '@acme/exporter' });
    expect(one.target).toBe('@acme/exporter');
    expect(await send(one)).toEqual([{ verdict: 'delivered' }]);
  });

  it('is handed so many at a time, and halves when it says so', async () => {
    writeExporter(
      'custom.mjs',
      'const big = items.length > 2; done(big ? { code: 1, error: Object.assign(new Error("Request Entity Too Large"), { code: 413 }) } : { code: 0 });',
    );
    const one = await exporter({ module: './custom.mjs', max_export_batch_size: 3 });
    const requests = [];
    for await (const request of one.requests(traces(7))) requests.push(request);
    expect(requests.map(({ items }) => items)).toEqual([3, 3, 1]);
    const [first] = requests;
    if (first === undefined) throw new Error('no request');
    expect(await one.send(first, never)).toMatchObject({ verdict: 'split' });
    const halves = (await one.split?.(first)) ?? [];
    expect(halves.map(({ items }) => items)).toEqual([2, 1]);
    for (const half of halves) expect(await one.send(half, never)).toEqual({ verdict: 'delivered' });
  });

  it('that throws stops the run', async () => {
    writeExporter('custom.mjs', 'throw new TypeError("items is not a function");');
    expect(await send(await exporter({ module: './custom.mjs' }))).toMatchObject([
      { verdict: 'stop', reason: 'the exporter threw: items is not a function' },
    ]);
  });

  it('that never calls back is ended by the deadline', async () => {
    writeExporter('custom.mjs', '');
    const one = await exporter({ module: './custom.mjs' });
    const [request] = [...(one.requests(traces(1)) as Iterable<never>)];
    if (request === undefined) throw new Error('no request');
    const ending = new AbortController();
    const attempt = one.send(request, ending.signal);
    setTimeout(() => ending.abort(new Error('deadline')), 30);
    await expect(attempt).rejects.toThrow('deadline');
  });

  it('that fails without a reason is tried again, but not for ever', async () => {
    writeExporter('custom.mjs', 'done({ code: 1 });');
    expect(await send(await exporter({ module: './custom.mjs' }))).toMatchObject([
      { verdict: 'retry', maxAttempts: 3 },
    ]);
  });
});

describe('a module', () => {
  it('that is missing, has no exporter or several, says so', async () => {
    await expect(exporter({ module: 'no-such-exporter' })).rejects.toThrow(
      `the package no-such-exporter is not installed, neither in ${directory} nor beside respool`,
    );
    await expect(exporter({ module: 'no-such-exporter' })).rejects.toHaveProperty(
      'remedy',
      'npm install no-such-exporter',
    );
    await expect(exporter({ module: './missing.mjs' })).rejects.toThrow('missing.mjs');
    writeFileSync(join(directory, 'none.mjs'), 'export const answer = 42;');
    await expect(exporter({ module: './none.mjs' })).rejects.toThrow('no class with `export` and `shutdown`');
    const one = (name: string) => `export class ${name} { export() {} async shutdown() {} }\n`;
    writeFileSync(join(directory, 'two.mjs'), one('First') + one('Second'));
    await expect(exporter({ module: './two.mjs' })).rejects.toThrow(
      'has several exporters: name one with `class`; it has First, Second',
    );
    await expect(exporter({ module: './two.mjs', class: 'Third' })).rejects.toThrow(
      'has no exporter Third; it has First, Second',
    );
    await expect(exporter({ module: './two.mjs', class: 'Second' })).resolves.toBeTruthy();
    writeFileSync(
      join(directory, 'picky.mjs'),
      'export class Picky { constructor() { throw new Error("url is needed"); } export() {} shutdown() {} }',
    );
    await expect(exporter({ module: './picky.mjs' })).rejects.toThrow(
      'Picky of ./picky.mjs cannot be made with these options: url is needed',
    );
  });
});

describe('the config', () => {
  it('is for one signal', () => {
    const config = sdk.schema.parse({ module: 'x' }) as never;
    const facts = (signals: CheckFacts['signals']): CheckFacts => ({
      writtenType: 'sdk',
      has: () => false,
      signals,
    });
    expect(sdk.check?.(config, facts(['traces']))).toEqual([]);
    expect(sdk.check?.(config, facts(['traces', 'logs']))).toMatchObject([
      { severity: 'error', remedy: expect.stringContaining('sdk/logs') },
    ]);
  });
});
