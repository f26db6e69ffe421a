import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import { otlpHttp } from '../../src/exporters/otlp-http.ts';
import type { OtlpRequest } from '../../src/exporters/shared/otlp-bodies.ts';
import { batchOf, emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import type { CheckFacts, Exporter, Outcome } from '../../src/pipeline/component.ts';
import { exporterContext } from '../support/exporter-context.ts';
import { partialSuccess, rpcStatus, startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';

type Config = z.output<typeof otlpHttp.schema>;
type Subject = Exporter<OtlpRequest>;

const here = fileURLToPath(new URL('.', import.meta.url));
const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function server(): Promise<ScriptedServer> {
  const one = await startOtlpServer();
  opened.push(one);
  return one;
}

function configOf(keys: Record<string, unknown>): Config {
  return otlpHttp.schema.parse(keys);
}

async function exporter(keys: Record<string, unknown>): Promise<Subject> {
  const one = (await otlpHttp.create(configOf(keys), exporterContext({ directory: here }))) as Subject;
  await one.start?.();
  opened.push({ close: async () => one.shutdown?.() });
  return one;
}

const idOf = (index: number) => index.toString(16).padStart(32, 'a');

function traces(count: number, text = 'x'): TracesBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'shop');
  const scope = group.addScope();
  for (let index = 0; index < count; index++) {
    const span = scope.addSpan();
    span.traceId = idOf(index);
    span.spanId = 'b7ad6b7169203331';
    span.name = `span ${index}`;
    span.attributes.set('text', text);
    span.attributes.setExact('large', 9_007_199_254_740_993n);
  }
  return batch;
}

function logs(count: number): AnyBatch {
  const batch = emptyBatch('logs');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'shop');
  const scope = group.addScope();
  for (let index = 0; index < count; index++) scope.addLogRecord().body = `line ${index}`;
  return batch;
}

function linesIn(batch: AnyBatch | undefined): string[] {
  if (batch?.signal !== 'logs') throw new Error('logs were expected');
  return batch
    .logRecords()
    .map(({ resource, body }) =>
      [resource.attributes.get('service.name'), body].map((value) => JSON.stringify(value)).join(' '),
    );
}

async function requestsOf(one: Subject, batch: AnyBatch): Promise<OtlpRequest[]> {
  const requests: OtlpRequest[] = [];
  for await (const request of one.requests(batch)) requests.push(request);
  return requests;
}

/** The outcome of the only request of a batch. */
async function sendOne(one: Subject, batch: AnyBatch = traces(3)): Promise<Outcome> {
  const [request, ...more] = await requestsOf(one, batch);
  if (request === undefined || more.length > 0) throw new Error('one request was expected');
  return await one.send(request, never);
}

const namesIn = (payload: Uint8Array) =>
  batchOf('traces', payload)
    .spans()
    .map((span) => span.name);

describe('a request', () => {
  it('has the bytes of the batch, the path of the signal and an exact content type', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: `${backend.url}/` });
    const batch = traces(3);
    expect(await sendOne(one, batch)).toEqual({ verdict: 'delivered' });
    expect(await sendOne(one, logs(2))).toEqual({ verdict: 'delivered' });
    const [first, second] = backend.requests;
    expect(first).toMatchObject({ method: 'POST', path: '/v1/traces' });
    expect(first?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
    });
    expect(first?.headers['content-length']).toBe(String(first?.body.length));
    expect(first?.payload).toEqual(Buffer.from(batch.encode()));
    expect(second?.path).toBe('/v1/logs');
    expect(batchOf('logs', second?.payload ?? Buffer.alloc(0)).logRecords()).toHaveLength(2);
  });

  it('to Loki holds the logs of one resource', async () => {
    const batch = emptyBatch('logs');
    for (const [index, service] of ['a', 'b', 'a', 'none'].entries()) {
      const group = batch.addResource();
      group.resource.attributes.set('service.name', service);
      if (service !== 'none') group.addScope().addLogRecord().body = `line ${index}`;
    }
    const toLoki = await exporter({ endpoint: 'http://loki:3100/otlp' });
    const requests = await requestsOf(toLoki, batch);
    const lines = await Promise.all(
      requests.map(async (request) => linesIn(await toLoki.itemsOf?.(request))),
    );
    expect(lines).toEqual([['"a" "line 0"', '"a" "line 2"'], ['"b" "line 1"']]);
    expect(requests.map(({ items }) => items)).toEqual([2, 1]);
    const toAny = await exporter({ endpoint: 'http://collector:4318' });
    expect(await requestsOf(toAny, batch)).toHaveLength(1);
  });

  it('goes where its own endpoint says, to the letter', async () => {
    const backend = await server();
    const one = await exporter({
      endpoint: backend.url,
      logs_endpoint: `${backend.url}/otlp/logs/?tenant=a`,
    });
    await sendOne(one, logs(1));
    await sendOne(one);
    expect(backend.requests.map(({ path }) => path)).toEqual(['/otlp/logs/?tenant=a', '/v1/traces']);
  });

  it('is compressed as configured', async () => {
    const backend = await server();
    for (const compression of ['none', 'gzip', 'zstd']) {
      for (const level of [-1, 9]) {
        await sendOne(await exporter({ endpoint: backend.url, compression, compression_params: { level } }));
      }
    }
    const expected = Buffer.from(traces(3).encode());
    expect(backend.requests.map(({ payload }) => payload)).toEqual(Array.from({ length: 6 }, () => expected));
    expect(backend.requests.map(({ headers }) => headers['content-encoding'])).toEqual([
      undefined,
      undefined,
      'gzip',
      'gzip',
      'zstd',
      'zstd',
    ]);
  });

  it('in JSON is canonical OTLP', async () => {
    const backend = await server();
    await sendOne(await exporter({ endpoint: backend.url, encoding: 'json' }));
    const [request] = backend.requests;
    expect(request?.headers['content-type']).toBe('application/json');
    const json = JSON.parse(request?.payload.toString() ?? '') as {
      resourceSpans: { scopeSpans: { spans: { traceId: string; attributes: unknown[] }[] }[] }[];
    };
    const span = json.resourceSpans[0]?.scopeSpans[0]?.spans[1];
    expect(span?.traceId).toBe(idOf(1));
    expect(span?.attributes[1]).toEqual({ key: 'large', value: { intValue: '9007199254740993' } });
  });

  it('carries the headers, whose values nothing prints', async () => {
    const backend = await server();
    const config = configOf({
      endpoint: `${backend.url.replace('http://', 'http://me:hidden@')}/?key=hidden`,
      headers: { Authorization: 'Bearer hidden' },
    });
    const one = (await otlpHttp.create(config, exporterContext())) as Subject;
    await one.start?.();
    opened.push({ close: async () => one.shutdown?.() });
    backend.answer({ status: 401, body: 'go away' });
    const outcome = await sendOne(one);
    expect(backend.requests[0]?.headers.authorization).toBe('Bearer hidden');
    expect(JSON.stringify([outcome, one.target, one.whereToLook?.(), config.headers])).not.toContain(
      'hidden',
    );
  });

  it('is not made of an empty batch', async () => {
    const one = await exporter({ endpoint: 'http://127.0.0.1:1' });
    expect(await requestsOf(one, emptyBatch('traces'))).toEqual([]);
  });

  it('takes nothing from the environment', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=leaked,x-leaked=1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-leaked-too=1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1');
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    const backend = await server();
    await sendOne(await exporter({ endpoint: backend.url, compression: 'none' }));
    const headers = backend.requests[0]?.headers ?? {};
    expect(Object.keys(headers).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
  });
});

describe('the size of a request', () => {
  it('is bounded, and no span is lost or doubled', async () => {
    for (const encoding of ['proto', 'json']) {
      const backend = await server();
      const one = await exporter({ endpoint: backend.url, encoding, max_request_size: '20KiB' });
      const requests = await requestsOf(one, traces(100, 'y'.repeat(1000)));
      expect(requests.length).toBeGreaterThan(5);
      expect(requests.reduce((sum, { items }) => sum + items, 0)).toBe(100);
      for (const request of requests)
        expect(await one.send(request, never)).toEqual({ verdict: 'delivered' });
      const sizes = backend.requests.map(({ payload }) => payload.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(20 * 1024);
      if (encoding === 'proto') {
        expect(backend.requests.flatMap(({ payload }) => namesIn(payload))).toEqual(
          Array.from({ length: 100 }, (_, index) => `span ${index}`),
        );
      }
    }
  });

  it('does not repeat a resource that is larger than it for each span', async () => {
    for (const encoding of ['proto', 'json']) {
      const keys = { endpoint: 'http://localhost:4318', encoding, compression: 'none' };
      const one = await exporter({ ...keys, max_request_size: '20KiB' });
      for (const size of [1000, 18_000, 19_990, 100_000]) {
        const batch = traces(200);
        batch.resources()[0]?.attributes.set('big', 'x'.repeat(size));
        const bytes = Buffer.from(batch.encode()).length * (encoding === 'json' ? 2.5 : 1);
        const requests = await requestsOf(one, batch);
        expect(requests.reduce((sum, { items }) => sum + items, 0)).toBe(200);
        const sent = requests.reduce((sum, { bytes: each }) => sum + each, 0);
        expect(sent).toBeLessThan(9 * bytes);
      }
    }
  });

  it('of a single large span is what it is', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url, max_request_size: 1000 });
    const requests = await requestsOf(one, traces(2, 'z'.repeat(5000)));
    expect(requests.map(({ items }) => items)).toEqual([1, 1]);
  });

  it('is halved when the backend wants it, in both encodings and all compressions', async () => {
    const backend = await server();
    for (const encoding of ['proto', 'json']) {
      for (const compression of ['none', 'gzip', 'zstd']) {
        const one = await exporter({ endpoint: backend.url, encoding, compression });
        const [request] = await requestsOf(one, traces(5));
        if (request === undefined) throw new Error('no request');
        backend.requests.length = 0;
        backend.answer({
          status: 413,
          headers: { 'content-type': 'text/html' },
          body: '<title>413 Request Entity Too Large</title>',
        });
        expect(await one.send(request, never)).toMatchObject({ verdict: 'split', status: 413 });
        const halves = (await one.split?.(request)) ?? [];
        expect(halves.map(({ items }) => items)).toEqual([3, 2]);
        for (const half of halves) expect(await one.send(half, never)).toEqual({ verdict: 'delivered' });
        if (encoding === 'proto') {
          const names = backend.requests.slice(1).flatMap(({ payload }) => namesIn(payload));
          expect(names).toEqual(['span 0', 'span 1', 'span 2', 'span 3', 'span 4']);
        }
      }
    }
  });

  it('of one span cannot be halved', async () => {
    const one = await exporter({ endpoint: 'http://127.0.0.1:1' });
    const [request] = await requestsOf(one, traces(1));
    if (request === undefined) throw new Error('no request');
    expect(await one.split?.(request)).toEqual([request]);
  });
});

describe('an answer', () => {
  it('with a partial success counts what was rejected', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ body: partialSuccess(2, 'trace id is zero') });
    expect(await sendOne(one)).toEqual({ verdict: 'delivered', refused: 2, reason: 'trace id is zero' });
    backend.answer({ body: partialSuccess(0, 'deprecated field') });
    expect(await sendOne(one)).toMatchObject({
      verdict: 'delivered',
      notice: expect.stringContaining('deprecated field'),
    });
    backend.answer({
      headers: { 'content-type': 'application/json' },
      body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}',
    });
    expect(await sendOne(one)).toEqual({ verdict: 'delivered', refused: 1, reason: 'no' });
  });

  it('of 204 without a body is a success, as Loki gives it', async () => {
    const backend = await server();
    backend.answer({ status: 204 });
    expect(await sendOne(await exporter({ endpoint: backend.url }))).toEqual({ verdict: 'delivered' });
  });

  it('that is a web page stops', async () => {
    const backend = await server();
    backend.answer({
      headers: { 'content-type': 'text/html' },
      body: '<html><title>Welcome to nginx!</title>',
    });
    expect(await sendOne(await exporter({ endpoint: backend.url }))).toMatchObject({
      verdict: 'stop',
      reason: `${backend.url}/v1/traces answered with a web page, "Welcome to nginx!" (200); is this the OTLP address?`,
    });
  });

  it('that redirects stops and sends nothing there', async () => {
    const [backend, elsewhere] = [await server(), await server()];
    backend.answer({ status: 308, headers: { location: `${elsewhere.url}/v1/traces?token=hidden` } });
    const outcome = await sendOne(await exporter({ endpoint: backend.url }));
    expect(outcome).toMatchObject({
      verdict: 'stop',
      status: 308,
      reason: expect.stringContaining(`redirects to ${elsewhere.url}/v1/traces?***`),
    });
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('to wrong credentials, a wrong tenant or a wrong path stops with a remedy', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ status: 401, headers: { 'content-type': 'text/plain' }, body: 'no org id' });
    expect(await sendOne(one)).toMatchObject({
      verdict: 'stop',
      status: 401,
      reason: `${backend.url}/v1/traces answered 401: no org id`,
      remedy: expect.stringContaining('X-Scope-OrgID'),
    });
    backend.answer({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' });
    expect(await sendOne(one)).toMatchObject({
      verdict: 'stop',
      status: 404,
      remedy: expect.stringContaining('is the base address'),
    });
  });

  it('that refuses says why, in the words of the backend', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ status: 400, body: rpcStatus(3, 'invalid span id\u0007') });
    expect(await sendOne(one)).toEqual({
      verdict: 'bisect',
      status: 400,
      reason: `${backend.url}/v1/traces answered 400: invalid span id`,
    });
  });

  it('that asks to wait carries Retry-After, and the SDK does not try by itself', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ status: 503, headers: { 'retry-after': '2' }, body: rpcStatus(14, 'starting') });
    expect(await sendOne(one)).toMatchObject({
      verdict: 'retry',
      status: 503,
      retryAfterMs: 2000,
      reason: expect.stringContaining('starting'),
    });
    expect(backend.requests).toHaveLength(1);
  });

  it('in another protocol stops', async () => {
    const { createServer } = await import('node:net');
    // What a gRPC server says to HTTP/1.1: its HTTP/2 settings.
    const grpc = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 64, 0])));
    });
    await new Promise<void>((resolve) => grpc.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => new Promise((resolve) => grpc.close(() => resolve())) });
    const address = grpc.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await sendOne(await exporter({ endpoint: `http://127.0.0.1:${port}` }))).toMatchObject({
      verdict: 'stop',
      remedy: expect.stringContaining('4317 is OTLP over gRPC'),
    });
  });
});

describe('the deadline', () => {
  it('ends an attempt, and the next one works', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ silent: true });
    const [request] = await requestsOf(one, traces(1));
    if (request === undefined) throw new Error('no request');
    const ending = new AbortController();
    const attempt = one.send(request, ending.signal);
    setTimeout(() => ending.abort(new Error('deadline')), 50);
    await expect(attempt).rejects.toThrow('deadline');
    expect(await one.send(request, never)).toEqual({ verdict: 'delivered' });
  });

  it('does not keep a shutdown waiting', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    backend.answer({ silent: true });
    const [request] = await requestsOf(one, traces(1));
    if (request === undefined) throw new Error('no request');
    const attempt = one.send(request, never).catch((error: unknown) => error);
    await vi.waitUntil(() => backend.requests.length === 1);
    await one.shutdown?.();
    expect(await attempt).toBeInstanceOf(Error);
  });
});

describe('where to look', () => {
  const second = 1_000_000_000n;
  /** When the context of the tests says that the run began: 2027-01-15T08:00:00Z. */
  const began = 1_800_000_000n * second;

  function trace(index: number, ageSeconds: bigint): TracesBatch {
    const batch = traces(1);
    for (const span of batch.spans()) {
      span.traceId = idOf(index);
      span.startTimeUnixNano = began - ageSeconds * second;
      span.endTimeUnixNano = began - ageSeconds * second + 1n;
    }
    return batch;
  }

  it('counts the traces that were delivered, and names three with address, search and time', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url });
    expect(one.whereToLook?.()).toEqual([]);
    for (let index = 0; index < 6; index++) {
      backend.answer(index === 0 ? { status: 400 } : {});
      await sendOne(one, trace(index, 60n + BigInt(index)));
    }
    await sendOne(one, trace(5, 65n));
    expect(one.whereToLook?.()).toEqual([
      `3 of 5 traces: ${idOf(1)}, ${idOf(2)}, ${idOf(3)}`,
      `if it is Tempo: curl http://127.0.0.1:3200/api/v2/traces/${idOf(1)}`,
      'if it is Tempo, TraceQL from 2027-01-15T07:58:55Z to 2027-01-15T07:59:00Z: { resource.service.name = "shop" }',
      `if it is Jaeger: http://127.0.0.1:16686/trace/${idOf(1)}`,
    ]);
  });

  it('says of old spans how Tempo finds them, with the tenant and no other header', async () => {
    const backend = await server();
    const one = await exporter({
      endpoint: 'http://user:hidden@elsewhere',
      traces_endpoint: backend.url.replace('127.0.0.1', 'localhost'),
      headers: { 'X-Scope-OrgID': 'team', authorization: 'hidden' },
    });
    await sendOne(one, trace(7, 901n));
    expect(one.whereToLook?.()).toEqual([
      `trace ${idOf(7)}`,
      `if it is Tempo: curl -H 'X-Scope-OrgID: team' http://localhost:3200/api/v2/traces/${idOf(7)}`,
      'if it is Tempo, TraceQL from 2027-01-15T07:44:59Z to 2027-01-15T07:45:00Z: { resource.service.name = "shop" }; ' +
        'the newest span is older than 15 min: Tempo finds it by id, and by this search where its ingestion_time_range_slack is raised',
      `if it is Jaeger: http://localhost:16686/trace/${idOf(7)}`,
    ]);
  });

  it('takes each request for itself when a batch is cut', async () => {
    const backend = await server();
    const one = await exporter({ endpoint: backend.url, compression: 'none' });
    const [whole] = await requestsOf(one, traces(4));
    const [, half] = (await one.split?.(whole as OtlpRequest)) ?? [];
    await one.send(half as OtlpRequest, never);
    expect(one.whereToLook?.()[0]).toBe(`traces ${idOf(2)}, ${idOf(3)}`);
  });

  it('says where logs are, in Loki and behind something else', async () => {
    const backend = await server();
    const timed = (): AnyBatch => {
      const batch = logs(2);
      if (batch.signal === 'logs')
        for (const [index, log] of batch.logRecords().entries()) log.timeUnixNano = began + BigInt(index);
      return batch;
    };
    const words =
      '{service_name="shop"} from 2027-01-15T08:00:00.000000000Z to 2027-01-15T08:00:00.000000002Z';
    const direct = await exporter({ endpoint: `${backend.url}/otlp` });
    await sendOne(direct, timed());
    expect(direct.whereToLook?.()).toEqual([
      words,
      `curl -G ${backend.url}/loki/api/v1/query_range --data-urlencode 'query={service_name="shop"}' ` +
        '-d start=1800000000000000000 -d end=1800000000000000002 -d limit=5000',
    ]);
    const behind = await exporter({ endpoint: backend.url });
    await sendOne(behind, timed());
    expect(behind.whereToLook?.()).toEqual([`logs, if they go to Loki: ${words}`]);
  });
});

describe('the config', () => {
  const facts = (signals: CheckFacts['signals']): CheckFacts => ({
    writtenType: 'otlp_http',
    has: () => false,
    signals,
  });
  const problems = (keys: Record<string, unknown>, signals: CheckFacts['signals'] = ['traces']) =>
    otlpHttp.check?.(configOf(keys), facts(signals)) ?? [];

  it('has the defaults of the Collector, but fast compression', () => {
    const config = configOf({ endpoint: 'http://localhost:4318' });
    expect(config).toMatchObject({
      compression: 'gzip',
      encoding: 'proto',
      timeout: 30_000,
      max_request_size: 4 * 1024 * 1024,
    });
    expect(configOf({ endpoint: 'http://x', compression: '' })).toMatchObject({ compression: 'none' });
  });

  it('needs an address for each signal', () => {
    expect(problems({ traces_endpoint: 'http://x' }, ['traces', 'logs'])).toMatchObject([
      { severity: 'error', message: expect.stringContaining('`logs_endpoint`') },
    ]);
    expect(problems({ endpoint: 'http://x:4318' }, ['traces', 'logs', 'metrics'])).toEqual([]);
  });

  it('warns of a base address that is none, and of the port of gRPC', () => {
    expect(problems({ endpoint: 'http://x:4318/v1/traces' })).toMatchObject([
      { severity: 'warning', remedy: expect.stringContaining('leave /v1/traces out') },
    ]);
    expect(problems({ endpoint: 'http://x:4317' })).toMatchObject([
      { severity: 'warning', remedy: expect.stringContaining('4318') },
    ]);
  });

  it('says what to write instead', () => {
    const message = (keys: Record<string, unknown>) =>
      otlpHttp.schema.safeParse({ endpoint: 'http://x', ...keys }).error?.issues[0]?.message;
    expect(message({ compression: 'snappy' })).toBe(
      'must be gzip, zstd or none\nsnappy is not built in; every backend reads gzip',
    );
    expect(message({ endpoint: 'localhost:4318' })).toContain('http://');
    expect(message({ headers: { 'Content-Length': '1' } })).toContain('the exporter sets it itself');
    expect(message({ headers: { 'a b': 'x' } })).toContain('must be a header that can be sent');
    const broken = message({ headers: { a: 'hidden\nvalue' } });
    expect(broken).toContain('must be a header that can be sent');
    expect(broken).not.toContain('hidden');
    expect(message({ cookies: { enabled: true } })).toContain('cookies are not kept');
  });
});
