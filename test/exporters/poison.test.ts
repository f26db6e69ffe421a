/** Over real sockets, against what the servers stored: poison, cuts and limits end where they should, and nowhere else. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loki } from '../../src/exporters/loki.ts';
import { otlpHttp } from '../../src/exporters/otlp-http.ts';
import { sdk } from '../../src/exporters/sdk.ts';
import { emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import type { ExporterFactory } from '../../src/pipeline/component.ts';
import { total, type ExportCounts } from '../../src/pipeline/counts.ts';
import { Exporting } from '../../src/pipeline/exporting.ts';
import { DeadLetterFile } from '../../src/state/dead-letter.ts';
import { exporterContext, startExporter } from '../support/exporter-context.ts';
import { startLokiServer } from '../support/loki-server.ts';
import { rpcStatus, startOtlpServer, type Received, type Script } from '../support/otlp-server.ts';
import { decodePlain, type Plain } from '../support/plain-otlp.ts';

let folder = '';
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'respool-poison-'));
});
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
  rmSync(folder, { recursive: true });
});

async function open<S extends { close(): Promise<void> }>(starting: Promise<S>): Promise<S> {
  const one = await starting;
  opened.push(one);
  return one;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `item ${at}.`);

function spans(texts: readonly string[]): AnyBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', 'shop');
  const scope = group.addScope();
  for (const [at, text] of texts.entries()) {
    const span = scope.addSpan();
    span.name = text;
    span.traceId = '0af7651916cd43dd8448eb211c80319c';
    span.spanId = (at + 1).toString(16).padStart(16, '0');
    // What the types of the SDK could not carry: a dead letter is the item itself.
    span.attributes.setExact('double', 3);
    span.attributes.setExact('large', 2n ** 60n);
  }
  return batch;
}

function logs(texts: readonly string[]): AnyBatch {
  const batch = emptyBatch('logs');
  for (const service of ['a', 'b']) {
    const group = batch.addResource();
    group.resource.attributes.set('service.name', service);
    const scope = group.addScope();
    for (const [at, text] of texts.entries()) {
      if ((at % 3 === 0) !== (service === 'a')) continue;
      const record = scope.addLogRecord();
      // Not in the order of time, which is the order of sending.
      record.timeUnixNano = 1_800_000_000_000_000_000n + BigInt((at * 7919) % 1000);
      record.body = text;
      record.attributes.setExact('double', 3);
    }
  }
  return batch;
}

interface Sent {
  readonly counts: ExportCounts;
  readonly letters: { readonly text: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly failure: Error | undefined;
}

/** Sends the batch with the exporter of this config, and reads the dead letters. */
async function send<Config>(factory: ExporterFactory<Config>, keys: object, batch: AnyBatch): Promise<Sent> {
  const context = { ...exporterContext({ directory: folder }), clock: systemClock };
  const config = factory.schema.parse({ retry_on_failure: { initial_interval: '1ms' }, ...keys });
  const exporter = await startExporter(
    factory,
    { retry_on_failure: { initial_interval: '1ms' }, ...keys },
    context,
  );
  const deadLetters = new DeadLetterFile(join(folder, 'letters.jsonl'));
  const exporting = new Exporting({
    id: 'out',
    exporter,
    policy: factory.policy(config),
    clock: systemClock,
    logger: context.logger,
    kill: new AbortController().signal,
    random: () => 0,
    deadLetters,
    onIdle: () => {},
  });
  await exporting.consume(batch).catch(() => {});
  await exporter.shutdown?.();
  await deadLetters.close();
  const text = deadLetters.letters === 0 ? '' : readFileSync(deadLetters.path, 'utf8');
  rmSync(deadLetters.path, { force: true });
  return {
    counts: exporting.tallyOf(batch.signal).current,
    letters: text
      .split('\n')
      .filter((line) => line !== '')
      .map(letterOf),
    failure: exporting.failure,
  };
}

interface LetterJson {
  resourceSpans?: { scopeSpans: { spans: ItemJson[] }[] }[];
  resourceLogs?: { scopeLogs: { logRecords: ItemJson[] }[] }[];
}
interface ItemJson {
  name?: string;
  body?: { stringValue: string };
  attributes: { key: string; value: Record<string, unknown> }[];
}

function letterOf(line: string): Sent['letters'][number] {
  const { resourceSpans = [], resourceLogs = [] } = JSON.parse(line) as LetterJson;
  const items = [
    ...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    ...resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords)),
  ];
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`one item a line was expected: ${line}`);
  const values = item.attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
  return { text: item.name ?? item.body?.stringValue ?? '', attributes: Object.fromEntries(values) };
}

const children = (of: Plain | undefined, key: string): Plain[] => (of?.[key] ?? []) as Plain[];

function namesIn({ payload, headers }: Received): string[] {
  if (headers['content-type'] === 'application/json')
    return [...payload.toString().matchAll(/"name":"(item \d+\.)"/g)].map((match) => match[1] ?? '');
  return children(decodePlain('TracesData', payload), 'resourceSpans')
    .flatMap((group) => children(group, 'scopeSpans'))
    .flatMap((scope) => children(scope, 'spans'))
    .map((span) => String(span['name']));
}

/** An OTLP backend that stores what it answers 200 to. */
async function otlpBackend(refuse: (names: readonly string[], request: Received) => Script | undefined) {
  const server = await open(startOtlpServer());
  const stored: string[] = [];
  server.answer((request) => {
    const sent = namesIn(request);
    const refusal = refuse(sent, request);
    if (refusal === undefined) stored.push(...sent);
    return refusal ?? {};
  });
  return { server, stored };
}

const badId: Script = { status: 400, body: rpcStatus(3, 'invalid id') };
const poisons = fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 6 });

describe('otlp_http', () => {
  it.each([
    ['proto', 'gzip'],
    ['proto', 'none'],
    ['json', 'zstd'],
  ])('%s with %s delivers all but the poison, and that is the item itself', async (encoding, compression) => {
    await fc.assert(
      fc.asyncProperty(poisons, async (places) => {
        const poison = new Set(places.map((place) => `item ${place}.`));
        const { server, stored } = await otlpBackend((sent) =>
          sent.some((name) => poison.has(name)) ? badId : undefined,
        );
        const all = names(120);
        const keys = { endpoint: server.url, encoding, compression, max_request_size: 4096 };
        const { counts, letters } = await send(otlpHttp, keys, spans(all));
        expect(stored.toSorted()).toEqual(all.filter((name) => !poison.has(name)).toSorted());
        expect(letters.map(({ text }) => text).toSorted()).toEqual([...poison].toSorted());
        expect(counts).toMatchObject({ delivered: stored.length, handed: 120 });
        expect(total(counts.deadLettered)).toBe(poison.size);
        for (const { attributes } of letters) {
          expect(attributes).toEqual({
            double: 3,
            large: String(2n ** 60n),
            'respool.dead_letter.reason': `${server.url}/v1/traces answered 400: invalid id`,
            'respool.dead_letter.exporter': 'out',
          });
        }
      }),
      { numRuns: 8 },
    );
  });

  it('delivers in parts what is too large for a proxy, and leaves what is too large alone', async () => {
    const { server, stored } = await otlpBackend((_sent, { body }) =>
      body.length > 500 ? { status: 413 } : undefined,
    );
    const all = names(40);
    const large = `item 999.${'x'.repeat(600)}`;
    const keys = { endpoint: server.url, compression: 'none' };
    const { counts, letters } = await send(otlpHttp, keys, spans([...all, large]));
    expect(stored.toSorted()).toEqual(all.toSorted());
    expect(letters.map(({ text }) => text)).toEqual([large]);
    expect(counts).toMatchObject({ delivered: 40 });
  });

  it('counts what a cut connection may have stored as possibly there twice', async () => {
    let requests = 0;
    const server = await open(startOtlpServer());
    const stored: string[] = [];
    server.answer((request) => {
      stored.push(...namesIn(request));
      return ++requests === 1 ? { hangUp: 'before' } : {};
    });
    const { counts } = await send(otlpHttp, { endpoint: server.url }, spans(names(5)));
    expect(stored.toSorted()).toEqual([...names(5), ...names(5)].toSorted());
    expect(counts).toMatchObject({ delivered: 5, possiblyDuplicated: 5, retries: 1 });
  });

  it('ends an attempt that gets no answer, or one byte of it at a time', async () => {
    const server = await open(startOtlpServer());
    const silent: Script = { silent: true };
    const slow: Script = { body: Buffer.alloc(500), dripMs: 20 };
    server.answer(silent, slow, {});
    const began = systemClock.monotonicMs();
    const { counts } = await send(otlpHttp, { endpoint: server.url, timeout: '200ms' }, spans(names(5)));
    expect(counts).toMatchObject({ delivered: 5, possiblyDuplicated: 5, retries: 2 });
    expect(systemClock.monotonicMs() - began).toBeLessThan(5000);
  });

  it('waits as long as Retry-After says, in seconds and as a date', async () => {
    const server = await open(startOtlpServer());
    const soon = new Date(Date.now() + 2000).toUTCString();
    server.answer(
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503, headers: { 'retry-after': soon } },
      {},
    );
    const began = systemClock.monotonicMs();
    const { counts } = await send(otlpHttp, { endpoint: server.url }, spans(names(5)));
    expect(counts).toMatchObject({ delivered: 5, retries: 2, requests: 3 });
    expect(systemClock.monotonicMs() - began).toBeGreaterThan(1000);
    expect(systemClock.monotonicMs() - began).toBeLessThan(8000);
  });
});

describe('loki', () => {
  it.each(['protobuf', 'json'])(
    '%s delivers all but the poison, each stream in the order of time',
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(poisons, async (places) => {
          const poison = new Set(places.map((place) => `item ${place}.`));
          const server = await open(startLokiServer());
          const stored: { labels: string; time: bigint; line: string }[] = [];
          server.answer(({ streams }) => {
            const entries = streams.flatMap(({ labels, entries: of }) =>
              of.map(({ time, line }) => ({ labels, time, line })),
            );
            if (entries.some(({ line }) => poison.has(line)))
              return { status: 400, body: "couldn't parse push request: unexpected character" };
            stored.push(...entries);
            return { status: 204 };
          });
          const all = names(120);
          const { counts, letters } = await send(
            loki,
            { endpoint: server.url, encoding, server_max_age: '0s' },
            logs(all),
          );
          expect(stored.map(({ line }) => line).toSorted()).toEqual(
            all.filter((name) => !poison.has(name)).toSorted(),
          );
          expect(letters.map(({ text }) => text).toSorted()).toEqual([...poison].toSorted());
          for (const { attributes } of letters) expect(attributes['double']).toBe(3);
          for (const stream of new Set(stored.map(({ labels }) => labels))) {
            const times = stored.filter(({ labels }) => labels === stream).map(({ time }) => time);
            expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
          }
          expect(counts).toMatchObject({ delivered: stored.length, handed: 120 });
        }),
        { numRuns: 8 },
      );
    },
  );

  it('sends nothing again of which Loki has stored a part', async () => {
    const server = await open(startLokiServer());
    const old =
      "entry for stream '{x}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: now";
    server.answer({ status: 400, body: `3 errors like: ${old}` });
    const { counts, letters } = await send(
      loki,
      { endpoint: server.url, server_max_age: '0s' },
      logs(['a', 'b', 'c', 'd']).clone(),
    );
    expect(server.pushes).toHaveLength(2); // one a stream
    expect(total(counts.refused) + total(counts.deadLettered) + counts.delivered).toBe(4);
    // Of a stream of two lines all were refused: then it is known which they are.
    expect(letters).toHaveLength(total(counts.deadLettered));
  });
});

describe('sdk', () => {
  it('delivers all but the poison, and a dead letter has what the types of the SDK lose', async () => {
    const poison = new Set(['item 3.', 'item 29.']);
    const { server, stored } = await otlpBackend((sent) =>
      sent.some((name) => poison.has(name)) ? badId : undefined,
    );
    const keys = {
      module: '@opentelemetry/exporter-trace-otlp-http',
      class: 'OTLPTraceExporter',
      options: { url: `${server.url}/v1/traces` },
      on_loss: 'ignore',
      max_export_batch_size: 16,
    };
    const { counts, letters } = await send(sdk, keys, spans(names(40)));
    expect(stored.toSorted()).toEqual(
      names(40)
        .filter((name) => !poison.has(name))
        .toSorted(),
    );
    expect(letters.map(({ text }) => text).toSorted()).toEqual([...poison].toSorted());
    expect(letters[0]?.attributes).toMatchObject({ double: 3, large: String(2n ** 60n) });
    expect(counts).toMatchObject({ delivered: 38 });
  });
});
