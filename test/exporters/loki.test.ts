import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loki } from '../../src/exporters/loki.ts';
import { batchOf, emptyBatch, mergeBatches, type AnyBatch } from '../../src/model/batches.ts';
import type { LogsBatch, LogRecord } from '../../src/model/logs.ts';
import type { Value } from '../../src/model/value.ts';
import type { CheckedProblem, Exporter } from '../../src/pipeline/component.ts';
import {
  exporterContext,
  requestsOf,
  sendBatch,
  startExporter,
  type TestContext,
} from '../support/exporter-context.ts';
import {
  startLokiServer,
  unsnappy,
  type LokiServer,
  type PushedEntry,
  type PushedStream,
} from '../support/loki-server.ts';

const now = 1_800_000_000_000_000_000n;
const hour = 3_600_000_000_000n;

let server: LokiServer;
let context: TestContext;
const started: Exporter[] = [];

beforeEach(async () => {
  server = await startLokiServer();
  context = exporterContext();
});

afterEach(async () => {
  for (const exporter of started.splice(0)) await exporter.shutdown?.();
  await server.close();
});

async function start(config: Record<string, unknown> = {}): Promise<Exporter> {
  const exporter = await startExporter(loki, { endpoint: server.url, ...config }, context);
  started.push(exporter);
  return exporter;
}

interface RecordFacts {
  readonly time?: bigint;
  readonly body?: Value;
  readonly attributes?: Record<string, Value>;
  readonly edit?: (record: LogRecord) => void;
}

function logs(resource: Record<string, Value>, records: readonly RecordFacts[]): LogsBatch {
  const batch = emptyBatch('logs');
  const group = batch.addResource();
  for (const [key, value] of Object.entries(resource)) group.resource.attributes.set(key, value);
  const scope = group.addScope();
  for (const { time = now, body = 'line', attributes = {}, edit } of records) {
    const record = scope.addLogRecord();
    record.timeUnixNano = time;
    record.body = body;
    for (const [key, value] of Object.entries(attributes)) record.attributes.set(key, value);
    edit?.(record);
  }
  return batch;
}

/** What the server got, request by request: each stream with its lines. */
function linesPushed(): [labels: string, lines: string[]][][] {
  return server.pushes.map(({ streams }) =>
    streams.map(({ labels, entries }) => [labels, entries.map(({ line }) => line)]),
  );
}

function onlyEntry(): PushedStream['entries'][number] {
  const entry = server.pushes[0]?.streams[0]?.entries[0];
  if (entry === undefined) throw new Error('nothing was pushed');
  return entry;
}

describe('a push', () => {
  it('has these bytes', async () => {
    const batch = logs({ 'service.name': 'checkout' }, [
      {
        time: now + 123_456_789n,
        body: 'payment declined',
        attributes: { 'user.id': 42 },
        edit: (record) => (record.traceId = '0af7651916cd43dd8448eb211c80319c'),
      },
    ]);
    const [request] = await requestsOf(await start(), batch);
    const { body } = request as unknown as { body: Buffer };
    const golden = Buffer.from(
      readFileSync(join(import.meta.dirname, 'loki-push.golden.hex'), 'utf8').replace(/#.*|\s/gm, ''),
      'hex',
    );
    expect(unsnappy(body).toString('hex')).toBe(golden.toString('hex'));
  });

  it.each(['protobuf', 'json'])(
    'carries line, nanosecond, labels and everything else as metadata: %s',
    async (encoding) => {
      const batch = logs(
        {
          'service.name': 'checkout',
          'service.namespace': 'shop',
          'deployment.environment.name': 'prod',
          'k8s.pod.name': 'pod-1',
        },
        [
          {
            time: now + 1n,
            body: 'declined "twice"\nü',
            attributes: {
              n: 5,
              f: 1.5,
              ok: true,
              nested: new Map<string, Value>([
                ['a', 1],
                ['b', new Map([['c', 'x']])],
              ]),
              list: [1, 'two'],
              bytes: Uint8Array.of(1, 2, 3),
            },
            edit(record) {
              record.observedTimeUnixNano = now + 2n;
              record.severityNumber = 17;
              record.severityText = 'ERROR';
              record.traceId = '0af7651916cd43dd8448eb211c80319c';
              record.spanId = 'b7ad6b7169203331';
              record.flags = 1;
              record.eventName = 'payment';
              record.scope.name = 'lib';
              record.scope.version = '1.2';
              record.droppedAttributesCount = 3;
            },
          },
        ],
      );
      expect(
        await sendBatch(await start({ encoding, tenant: 'team-a', headers: { 'X-Extra': 'secret' } }), batch),
      ).toEqual([{ verdict: 'delivered' }]);
      const [push] = server.pushes;
      expect(push?.path).toBe('/loki/api/v1/push');
      expect(push?.headers).toMatchObject({
        'x-scope-orgid': 'team-a',
        'x-extra': 'secret',
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      });
      expect(push?.streams.map(({ labels }) => labels)).toEqual([
        encoding === 'json'
          ? '{"deployment_environment":"prod","service_name":"checkout","service_namespace":"shop"}'
          : '{deployment_environment="prod", service_name="checkout", service_namespace="shop"}',
      ]);
      const entry = onlyEntry();
      expect(entry.time).toBe(now + 1n);
      expect(entry.line).toBe('declined "twice"\nü');
      expect(Object.fromEntries(entry.metadata)).toEqual({
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        severity_number: '17',
        severity_text: 'ERROR',
        event_name: 'payment',
        flags: '1',
        observed_timestamp: String(now + 2n),
        dropped_attributes_count: '3',
        n: '5',
        f: '1.5',
        ok: 'true',
        nested_a: '1',
        nested_b_c: 'x',
        list: '[1,"two"]',
        bytes: 'AQID',
        k8s_pod_name: 'pod-1',
        deployment_environment_name: 'prod',
        scope_name: 'lib',
        scope_version: '1.2',
      });
    },
  );

  it.each([
    ['http://host:3100', 'http://host:3100/loki/api/v1/push'],
    ['http://host:3100/', 'http://host:3100/loki/api/v1/push'],
    ['http://host/gateway/', 'http://host/gateway/loki/api/v1/push'],
    ['http://host:3100/loki/api/v1/push', 'http://host:3100/loki/api/v1/push'],
    ['http://host:3100/loki/api/v1/push/', 'http://host:3100/loki/api/v1/push'],
    ['https://user:word@host/x?key=word', 'https://host/x/loki/api/v1/push?***'],
  ])('goes from %s to %s', async (endpoint, target) => {
    expect((await start({ endpoint })).target).toBe(target);
  });

  it('is not sent for an empty batch', async () => {
    expect(await requestsOf(await start(), emptyBatch('logs'))).toEqual([]);
  });

  it('without times takes the observed time, else that of the run', async () => {
    await sendBatch(
      await start(),
      logs({}, [
        { time: 0n, body: 'observed', edit: (record) => (record.observedTimeUnixNano = now + 5n) },
        { time: 0n, body: 'none' },
        { time: 2n ** 64n - 1n, body: 'beyond int64' },
      ]),
    );
    const entries = server.pushes[0]?.streams[0]?.entries.map(({ line, time, metadata }) => [
      line,
      time,
      metadata,
    ]);
    expect(entries).toEqual([
      ['none', context.startedAtUnixNano, []],
      ['observed', now + 5n, []],
      ['beyond int64', 2n ** 63n - 1n, []],
    ]);
    expect(context.messages).toContainEqual(expect.stringContaining('without a time'));
  });

  it.each([
    ['json', '{"attributes":{"a.b":1},"body":"hi","resources":{"service.name":"s"},"severity":"INFO"}'],
    ['logfmt', 'msg=hi severity=INFO attribute_a.b=1 resource_service.name=s'],
  ])('can have its line as %s', async (line_format, line) => {
    await sendBatch(
      await start({ line_format }),
      logs({ 'service.name': 's' }, [
        { body: 'hi', attributes: { 'a.b': 1 }, edit: (record) => (record.severityText = 'INFO') },
      ]),
    );
    const sent = onlyEntry().line;
    expect(line_format === 'json' ? JSON.parse(sent) : sent).toEqual(
      line_format === 'json' ? JSON.parse(line) : line,
    );
  });

  it('quotes what logfmt cannot hold bare', async () => {
    await sendBatch(
      await start({ line_format: 'logfmt' }),
      logs({}, [{ body: 'two words', attributes: { 'a key': 'x="y"\n' } }]),
    );
    expect(onlyEntry().line).toBe('msg="two words" attribute_a_key="x=\\"y\\"\\n"');
  });

  it('without structured metadata has none', async () => {
    await sendBatch(await start({ structured_metadata: false }), logs({}, [{ attributes: { a: 1 } }]));
    expect(onlyEntry().metadata).toEqual([]);
  });
});

describe('labels', () => {
  it('come from resource, record, scope and constants; an empty one is left out', async () => {
    const exporter = await start({
      labels: {
        cluster: 'resource.k8s.cluster.name',
        level: 'attributes.level',
        lib: 'scope.name',
        severity: 'severity_text',
        none: 'attributes.none',
      },
      external_labels: { source: 'replay' },
      default_labels: ['service_name'],
    });
    const batch = logs({ 'service.namespace': 'shop', 'k8s.cluster.name': 'eu' }, [
      { body: 'a', attributes: { level: 'info' } },
      { body: 'b', attributes: { level: 'warn' } },
      { body: 'c', attributes: { level: 'info' } },
    ]);
    await sendBatch(exporter, batch);
    expect(linesPushed()).toEqual([
      [['{cluster="eu", level="info", service_name="unknown_service", source="replay"}', ['a', 'c']]],
      [['{cluster="eu", level="warn", service_name="unknown_service", source="replay"}', ['b']]],
    ]);
    // The label that has the attribute's own name replaces it, another one does not.
    expect(Object.fromEntries(onlyEntry().metadata)).toEqual({
      k8s_cluster_name: 'eu',
      service_namespace: 'shop',
    });
  });

  it('of hostile text stay labels', async () => {
    await sendBatch(await start(), logs({ 'service.name': 'a"b\\c\nd\t\u0000\u0085{x="y"} 日本' }, [{}]));
    expect(server.pushes[0]?.streams[0]?.labels).toBe(
      '{service_name="a\\"b\\\\c\\nd\\u0009\\u0000\\u0085{x=\\"y\\"} 日本"}',
    );
  });

  it('are cut to 2048 bytes, and the whole goes as metadata', async () => {
    const name = 'é'.repeat(2000);
    await sendBatch(await start(), logs({ 'service.name': name }, [{}]));
    expect(server.pushes[0]?.streams[0]?.labels).toBe(`{service_name="${'é'.repeat(1024)}"}`);
    expect(onlyEntry().metadata).toEqual([['resource_service_name', name]]);
  });

  it('with more than 100 values are warned of, once', async () => {
    const exporter = await start({ labels: { user: 'attributes.user' } });
    await sendBatch(
      exporter,
      logs(
        {},
        Array.from({ length: 200 }, (_, user) => ({ attributes: { user } })),
      ),
    );
    const warnings = context.messages.filter((message) => message.includes('more than 100 values'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('the label user');
  });
});

describe('metadata names', () => {
  async function namesOf(
    attributes: Record<string, Value>,
    resource: Record<string, Value> = {},
  ): Promise<Record<string, string>> {
    await sendBatch(
      await start(),
      logs(resource, [
        { attributes, edit: (record) => (record.traceId = '0af7651916cd43dd8448eb211c80319c') },
      ]),
    );
    const { trace_id: _, ...others } = Object.fromEntries(onlyEntry().metadata);
    return others;
  }

  it('follow the rule of Loki, and none can fail a push', async () => {
    expect(
      await namesOf({
        'a.b-c': 1,
        '1st': 2,
        'a..b': 3,
        __error__: 4,
        '': 5,
        ___: 6,
        日本: 7,
        '😀x': 8,
        _a: 9,
      }),
    ).toEqual({
      a_b_c: '1',
      key_1st: '2',
      a_b: '3',
      _error_: '4',
      empty: '5',
      u5f_u5f_u5f: '6',
      u65e5_u672c: '7',
      _x: '8',
      _a: '9',
    });
  });

  it('that collide are kept apart, fields first, then the record', async () => {
    expect(
      await namesOf(
        { trace_id: 'mine', 'a.b': 1, a_b: 2, a__b: 3, same: 'x' },
        { 'a.b': 4, same: 'x', service_name: 'other' },
      ),
    ).toEqual({
      attribute_trace_id: 'mine',
      a_b: '1',
      attribute_a_b: '2',
      attribute_a_b_2: '3',
      resource_a_b: '4',
      same: 'x',
      resource_service_name: 'other',
    });
  });

  it('are unique however many collide', async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`a${'.'.repeat(i + 1)}b`, i]),
    );
    const started = performance.now();
    await sendBatch(await start({ metadata_overflow: 'send' }), logs({}, [{ attributes }]));
    expect(new Map(onlyEntry().metadata).size).toBe(2000);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe('what Loki takes no more of', () => {
  it('metadata is shortened to 128 entries and 64 KiB', async () => {
    const attributes: Record<string, Value> = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`k${i}`, `${i}-${'é'.repeat(300)}`]),
    );
    await sendBatch(
      await start(),
      logs({}, [{ attributes }, { attributes: { big: 'x'.repeat(70_000), small: 'y' } }]),
    );
    const [many, big] = server.pushes[0]?.streams[0]?.entries ?? [];
    expect(many?.metadata).toHaveLength(128);
    expect(many?.metadata.at(-1)?.[0]).toBe('other_attributes');
    for (const entry of [many, big])
      expect(Buffer.byteLength((entry?.metadata ?? []).flat().join(''))).toBeLessThanOrEqual(65_536);
    expect(Object.fromEntries(big?.metadata ?? [])).toMatchObject({
      small: 'y',
      big: expect.stringMatching(/^x+\.\.\.\[cut\]$/),
    });
    expect(context.messages.filter((message) => message.startsWith('error:'))).toHaveLength(1);
  });

  it('metadata that overflows only by number is whole', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, String(i)]));
    await sendBatch(await start(), logs({}, [{ attributes }]));
    const metadata = new Map(onlyEntry().metadata);
    const rest: unknown = JSON.parse(metadata.get('other_attributes') ?? '');
    expect({ ...Object.fromEntries(metadata), ...(rest as object) }).toMatchObject(attributes);
  });

  it('a long line is left as it is with a warning, or cut with a mark', async () => {
    const body = 'é'.repeat(200_000);
    await sendBatch(await start(), logs({}, [{ body }]));
    expect(onlyEntry().line).toBe(body);
    expect(context.messages).toEqual([expect.stringContaining('lines longer than 256 KiB')]);
    await sendBatch(await start({ max_line_size: '1kB' }), logs({}, [{ body }]));
    const line = server.pushes[1]?.streams[0]?.entries[0]?.line ?? '';
    expect(line).toMatch(/^é+\.\.\.\[cut: 400000 bytes\]$/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1000);
  });
});

describe('warnings before the server says it', () => {
  it('names time_shift for what is older than a week, once', async () => {
    const exporter = await start();
    for (let i = 0; i < 3; i++) await sendBatch(exporter, logs({}, [{ time: now - 24n * 8n * hour }]));
    expect(context.messages.filter((message) => message.includes('time_shift'))).toHaveLength(1);
  });

  it('says nothing of age when the server takes any', async () => {
    await sendBatch(await start({ server_max_age: '0s' }), logs({}, [{ time: 1n }]));
    expect(context.messages).toEqual([]);
  });

  it('names a stream that goes back by more than an hour', async () => {
    const exporter = await start();
    await sendBatch(exporter, logs({ 'service.name': 'a' }, [{ time: now - 3n * hour }, { time: now }]));
    expect(context.messages).toEqual([]);
    await sendBatch(exporter, logs({ 'service.name': 'b' }, [{ time: now - 2n * hour }]));
    expect(context.messages).toEqual([]);
    await sendBatch(exporter, logs({ 'service.name': 'a' }, [{ time: now - 2n * hour }]));
    expect(context.messages).toEqual([expect.stringContaining('{service_name="a"} go back to')]);
  });

  it('names what is in the future', async () => {
    await sendBatch(await start(), logs({}, [{ time: now + hour }]));
    expect(context.messages).toEqual([expect.stringContaining('in the future')]);
  });
});

describe('requests', () => {
  const three = (): AnyBatch =>
    mergeBatches(
      ['a', 'b', 'c'].map((name) =>
        logs({ 'service.name': name }, [
          { time: now + 2n, body: `${name}2` },
          { time: now + 1n, body: `${name}1` },
          { time: now + 2n, body: `${name}3` },
        ]),
      ),
    );

  it('hold one stream each, in the order of time, equal times in theirs', async () => {
    const exporter = await start();
    const requests = await requestsOf(exporter, three());
    expect(requests.map(({ order, items }) => [order, items])).toEqual(
      ['a', 'b', 'c'].map((name) => [`{service_name="${name}"}`, 3]),
    );
    expect(exporter.ordered).toBe(true);
    for (const request of requests) await exporter.send(request, new AbortController().signal);
    expect(linesPushed().map((streams) => streams[0]?.[1])).toEqual(
      ['a', 'b', 'c'].map((name) => [`${name}1`, `${name}2`, `${name}3`]),
    );
  });

  it('hold several streams without `strict`, and then all go in order', async () => {
    const requests = await requestsOf(await start({ strict: false }), three());
    expect(requests.map(({ order, items }) => [order, items])).toEqual([['all', 9]]);
  });

  it.each([true, false])('are bounded, and each line is in one of them (strict %s)', async (strict) => {
    const exporter = await start({ strict, max_request_size: 2000 });
    const batch = mergeBatches(
      ['a', 'b'].map((name) =>
        logs(
          { 'service.name': name },
          Array.from({ length: 100 }, (_, i) => ({
            time: now + BigInt(i),
            body: `${name}${i} ${'x'.repeat(i === 50 ? 5000 : 100)}`,
          })),
        ),
      ),
    );
    const requests = await requestsOf(exporter, batch);
    for (const request of requests) {
      const plain = unsnappy((request as unknown as { body: Buffer }).body);
      expect(request.items === 1 || plain.length <= 2000).toBe(true);
      await exporter.send(request, new AbortController().signal);
    }
    const lines = linesPushed().flatMap((streams) =>
      streams.flatMap(([, of]) => of.map((line) => line.split(' ')[0])),
    );
    expect(lines).toEqual(['a', 'b'].flatMap((name) => Array.from({ length: 100 }, (_, i) => `${name}${i}`)));
  });

  it.each(['protobuf', 'json'])('split in halves until there is one line: %s', async (encoding) => {
    const exporter = await start({ strict: false, encoding });
    const [whole] = await requestsOf(exporter, three());
    let parts = [whole ?? { signal: 'logs' as const, items: 0, bytes: 0 }];
    for (let i = 0; i < 4; i++) {
      const halves = await Promise.all(
        parts.map(async (part) => (part.items > 1 ? ((await exporter.split?.(part)) ?? []) : [part])),
      );
      parts = halves.flat();
    }
    expect(parts.map(({ items }) => items)).toEqual(Array.from({ length: 9 }, () => 1));
    expect(await exporter.split?.(parts[0] ?? { signal: 'logs', items: 0, bytes: 0 })).toEqual([]);
    for (const part of parts) await exporter.send(part, new AbortController().signal);
    expect(
      linesPushed()
        .flat()
        .flatMap(([, lines]) => lines),
    ).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']);
  });
});

describe('any batch', () => {
  const key = fc.oneof(
    fc.constantFrom('a.b', 'a_b', 'trace_id', '', '__x__', 'service.name', 'level'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const leaf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const value: fc.Arbitrary<Value> = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.array(fc.tuple(key, leaf), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  );
  const attributes = fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true });
  const record = fc.record({ time: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), attributes });
  const batches = fc.array(fc.record({ resource: attributes, records: fc.array(record, { maxLength: 8 }) }), {
    maxLength: 4,
  });

  /** The attributes whose text needs no rule. */
  function plainTexts(attributes: Record<string, Value>): [string, string][] {
    return Object.entries(attributes).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'boolean' ? [[name, String(value)]] : [],
    );
  }

  interface Sent {
    readonly time: bigint;
    readonly attributes: Record<string, Value>;
  }
  interface Group {
    readonly resource: Record<string, Value>;
    readonly records: readonly Sent[];
  }

  /** The groups as a batch whose lines are numbered, and what was sent under each line. */
  function numbered(groups: readonly Group[]): { batch: AnyBatch; sent: Map<string, Sent> } {
    const sent = new Map<string, Sent>();
    const parts = groups.map(({ resource, records }) => {
      const facts = records.map((record) => {
        const body = `line ${sent.size}`;
        sent.set(body, record);
        return { ...record, body };
      });
      return logs(resource, facts);
    });
    const batch = mergeBatches([emptyBatch('logs'), ...parts]);
    return { batch: batchOf('logs', Buffer.from(batch.encode())), sent };
  }

  /** The labels of a stream: names and values, whether they are LogQL or JSON, whose escapes are the same here. */
  function labelsOf({ labels }: PushedStream): Map<string, unknown> {
    const pairs = labels.matchAll(/(\w+)"?[=:]("(?:[^"\\]|\\.)*")/g);
    return new Map(Array.from(pairs, ([, name = '', value = '']) => [name, JSON.parse(value)]));
  }

  /** What a label of the same name says already is no metadata. */
  function expectEntry({ time, metadata }: PushedEntry, labels: Map<string, unknown>, sent?: Sent): void {
    expect(time).toBe(sent?.time);
    const values = new Set(metadata.map(([, text]) => text));
    const missing = plainTexts(sent?.attributes ?? {}).filter(
      ([name, text]) => !values.has(text) && labels.get(name.replace(/[^a-zA-Z0-9]+/g, '_')) !== text,
    );
    expect(missing).toEqual([]);
    const names = metadata.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^(?!_*$)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))).toEqual([]);
  }

  function expectInOrder({ entries }: PushedStream): void {
    const times = entries.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => Number(a > b) - Number(a < b)));
  }

  it.each(['protobuf', 'json'])(
    'arrives line by line, once, with all of its attributes under names that Loki takes: %s',
    async (encoding) => {
      const limits = { labels: { level: 'attributes.level' }, server_max_age: '0s' };
      const check = async (groups: Group[], strict: boolean, max_request_size: number): Promise<void> => {
        server.pushes.length = 0;
        const { batch, sent } = numbered(groups);
        const exporter = await start({ encoding, strict, max_request_size, ...limits });
        const outcomes = await sendBatch(exporter, batch);
        expect(outcomes.every(({ verdict }) => verdict === 'delivered')).toBe(true);
        const streams = server.pushes.flatMap((push) => push.streams);
        const lines = streams.flatMap(({ entries }) => entries.map(({ line }) => line));
        expect(lines.toSorted()).toEqual([...sent.keys()].toSorted());
        for (const stream of streams)
          for (const entry of stream.entries) expectEntry(entry, labelsOf(stream), sent.get(entry.line));
        for (const stream of streams) expectInOrder(stream);
        if (strict) expect(streams).toHaveLength(server.pushes.length);
        for (const old of started.splice(0)) await old.shutdown?.();
      };
      const labelSaysIt = { 'service.name': false };
      const examples: [Group[], boolean, number][] = [
        [[{ resource: labelSaysIt, records: [{ time: 1n, attributes: labelSaysIt }] }], false, 50],
      ];
      const sizes = fc.integer({ min: 50, max: 2000 });
      await fc.assert(fc.asyncProperty(batches, fc.boolean(), sizes, check), { numRuns: 60, examples });
    },
  );
});

describe('where to look', () => {
  const two = { 'service.name': 'a"b' };
  const times = [{ time: now }, { time: now + 1_000_000_001n }];
  const query = String.raw`{service_name="a\"b"}`;
  const parameters = '-d start=1800000000000000000 -d end=1800000001000000002 -d limit=5000';

  it('is a query whose end is behind the last line, and a command to paste', async () => {
    const exporter = await start();
    await sendBatch(exporter, logs(two, times));
    expect(exporter.whereToLook?.()).toEqual([
      `${query} from 2027-01-15T08:00:00.000000000Z to 2027-01-15T08:00:01.000000002Z`,
      `curl -G ${server.url}/loki/api/v1/query_range --data-urlencode 'query=${query}' ${parameters}`,
    ]);
  });

  it.each([
    [{ tenant: "o'team" }, String.raw`-H 'X-Scope-OrgID: o'\''team' `],
    [{ headers: { 'x-scope-orgid': 'team', Authorization: 'Bearer hidden' } }, `-H 'X-Scope-OrgID: team' `],
    [{ headers: { Authorization: 'Bearer hidden' } }, ''],
  ])('names the tenant and no other header: %j', async (keys, flag) => {
    const endpoint = `${server.url.replace('//', '//user:hidden@')}/base?key=hidden`;
    const exporter = await start({ endpoint, ...keys });
    await sendBatch(exporter, logs(two, times));
    expect(exporter.whereToLook?.()[1]).toBe(
      `curl -G ${flag}${server.url}/base/loki/api/v1/query_range --data-urlencode 'query=${query}' ${parameters}`,
    );
  });

  it('names three of many services', async () => {
    const exporter = await start();
    for (const service of 'abcdef') await sendBatch(exporter, logs({ 'service.name': service }, times));
    const lines = exporter.whereToLook?.() ?? [];
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toBe('and 3 more services');
  });

  it('names nothing where nothing arrived', async () => {
    server.answer({ status: 401, body: 'no org id' });
    const exporter = await start();
    await sendBatch(exporter, logs({}, [{}]));
    expect(exporter.whereToLook?.()).toEqual([]);
  });
});

describe('a config', () => {
  function problems(config: Record<string, unknown>): readonly CheckedProblem[] {
    const parsed = loki.schema.parse({ endpoint: 'http://localhost:3100', ...config });
    return (
      loki.check?.(parsed, { writtenType: 'loki', has: (key) => String(key) in config, signals: ['logs'] }) ??
      []
    );
  }

  it('of an endpoint alone is right', () => {
    expect(problems({})).toEqual([]);
  });

  it.each([
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`l${i}`, 'attributes.x'])) },
      'labels',
      'Loki takes 15',
    ],
    [
      'a label name that is none',
      { labels: { 'a.b': 'attributes.x' } },
      'labels.a.b',
      'letters, digits and _',
    ],
    ['a reserved label name', { external_labels: { __x: 'y' } }, 'external_labels.__x', 'does not begin'],
    [
      'a label twice',
      { labels: { a: 'attributes.x' }, external_labels: { a: 'y' } },
      'external_labels.a',
      'also stands',
    ],
    ['gzip with protobuf', { compression: 'gzip' }, 'compression', 'snappy'],
    ['snappy with json', { encoding: 'json', compression: 'snappy' }, 'compression', 'gzip or none'],
    ['the OTLP endpoint', { endpoint: 'http://localhost:3100/otlp' }, 'endpoint', 'OTLP endpoint'],
    ['the old push API', { endpoint: 'http://localhost:3100/api/prom/push' }, 'endpoint', 'before 2.0'],
    [
      'the path twice',
      { endpoint: 'http://localhost:3100/loki/api/v1/push/loki/api/v1/push' },
      'endpoint',
      'twice',
    ],
    ['a tenant twice', { tenant: 'a', headers: { 'x-scope-OrgID': 'b' } }, 'tenant', 'headers'],
    ['no place for attributes', { structured_metadata: false }, 'structured_metadata', 'not sent'],
  ])('with %s is reported', (_, config, path, message) => {
    expect(problems(config).map((problem) => [problem.path.join('.'), problem.message])).toEqual([
      [path, expect.stringContaining(message)],
    ]);
  });

  it.each([
    'trace_id',
    'resource.attributes["x"]',
    'attributes["x"]',
    'resource',
    'scope.attributes',
    '"replay"',
  ])('with the label source %s is refused', (source) => {
    expect(loki.schema.safeParse({ endpoint: 'http://localhost:3100', labels: { a: source } }).success).toBe(
      false,
    );
  });

  it('takes logs only', () => {
    expect(loki.signals).toEqual(['logs']);
  });
});
