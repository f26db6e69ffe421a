import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, printable } from '../../src/exporters/debug/text.ts';
import { debug } from '../../src/exporters/debug.ts';
import { batchOf, emptyBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { LogsBatch } from '../../src/model/logs.ts';
import { MetricsData } from '../../src/model/schema.ts';
import type { TracesBatch } from '../../src/model/traces.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { exporterContext, sendBatch, startExporter, type TestContext } from '../support/exporter-context.ts';

const t = 1_800_000_000_000_000_000n;
const ms = 1_000_000n;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const id = (number: number): string => number.toString(16).padStart(16, '0');

async function printed(config: Record<string, unknown>, ...batches: AnyBatch[]): Promise<string> {
  const context = exporterContext();
  const exporter = await startExporter(debug, config, context);
  for (const batch of batches) expect(await sendBatch(exporter, batch)).toEqual([{ verdict: 'delivered' }]);
  await exporter.shutdown?.();
  return context.printed.join('');
}

function golden(name: string): string {
  return readFileSync(join(import.meta.dirname, `debug-${name}.golden.txt`), 'utf8');
}

interface SpanFacts {
  readonly id: number;
  readonly parent?: number;
  readonly name?: string;
  readonly from?: number;
  readonly ms?: number;
  readonly trace?: string;
}

function spans(service: string, ...facts: SpanFacts[]): TracesBatch {
  const batch = emptyBatch('traces');
  const group = batch.addResource();
  group.resource.attributes.set('service.name', service);
  const scope = group.addScope();
  for (const {
    id: number,
    parent,
    name = `span ${number}`,
    from = number,
    ms: length = 10,
    trace = traceId,
  } of facts) {
    const span = scope.addSpan();
    span.traceId = trace;
    span.spanId = id(number);
    if (parent !== undefined) span.parentSpanId = id(parent);
    span.name = name;
    span.startTimeUnixNano = t + BigInt(from) * ms;
    span.endTimeUnixNano = t + BigInt(from + length) * ms;
  }
  return batch;
}

/** A checkout whose payment fails: two services, events, a link, logs inside and outside of it. */
function checkout(): { traces: TracesBatch; inventory: TracesBatch; logs: LogsBatch } {
  const traces = spans(
    'checkout',
    { id: 1, name: 'POST /checkout', from: 0, ms: 152 },
    { id: 2, parent: 1, name: 'SELECT orders', from: 10, ms: 12 },
    { id: 4, parent: 1, name: 'charge card', from: 40, ms: 98 },
    { id: 9, parent: 77, name: 'left behind', from: 200, ms: 1 },
  );
  const [root, query, charge] = traces.spans();
  if (root === undefined || query === undefined || charge === undefined) throw new Error('unreachable');
  root.kind = 2;
  root.attributes.set('http.route', '/checkout');
  query.kind = 3;
  charge.kind = 3;
  charge.status.code = 2;
  charge.status.message = 'card declined';
  const event = charge.addEvent();
  event.timeUnixNano = charge.startTimeUnixNano + 50n * ms;
  event.name = 'exception';
  event.attributes.set('exception.type', 'CardError');
  const link = charge.addLink();
  link.traceId = 'f'.repeat(32);
  link.spanId = 'e'.repeat(16);
  const inventory = spans('inventory', { id: 3, parent: 2, name: 'reserve', from: 12, ms: 5 });
  const logs = emptyBatch('logs');
  const group = logs.addResource();
  group.resource.attributes.set('service.name', 'checkout');
  const scope = group.addScope();
  scope.scope.name = 'app';
  scope.scope.version = '1.0';
  for (const [body, number, at] of [
    ['order 17 begins', 1, 5],
    ['declined', 4, 95],
    ['of a span that is not here', 55, 96],
    ['of no trace', 0, 97],
  ] as const) {
    const record = scope.addLogRecord();
    record.timeUnixNano = t + BigInt(at) * ms;
    record.body = body;
    record.severityNumber = 9;
    if (number > 0) {
      record.traceId = traceId;
      record.spanId = id(number);
    }
    record.attributes.set('order', 17);
  }
  return { traces, inventory, logs };
}

describe('what is printed', () => {
  it('by default is a tree of spans, with logs beside their span', async () => {
    const { traces, inventory, logs } = checkout();
    expect(await printed({}, traces, logs, inventory)).toBe(golden('normal'));
  });

  it('in detail is every field', async () => {
    const { traces, logs } = checkout();
    expect(await printed({ verbosity: 'detailed' }, traces, logs)).toBe(golden('detailed'));
  });

  it('basically is a line a batch', async () => {
    const { traces, logs } = checkout();
    expect(await printed({ verbosity: 'basic' }, traces, logs)).toBe(
      'traces: 4 spans of 1 resource\nlogs: 4 log records of 1 resource\n',
    );
  });
});

describe('a tree', () => {
  it('has the same shape however its spans come', async () => {
    const facts: SpanFacts[] = Array.from({ length: 12 }, (_, i) => ({
      id: i + 1,
      ...(i === 0 ? {} : { parent: Math.floor((i + 1) / 2) }),
    }));
    const whole = await printed({}, spans('s', ...facts));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(facts, { minLength: facts.length }),
        fc.integer({ min: 1, max: 11 }),
        async (shuffled, cut) => {
          expect(
            await printed({}, spans('s', ...shuffled.slice(0, cut)), spans('s', ...shuffled.slice(cut))),
          ).toBe(whole);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('shows every span once, whatever its parents are: circles, itself, strangers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ id: fc.integer({ min: 1, max: 8 }), parent: fc.integer({ min: 1, max: 9 }) }), {
          maxLength: 12,
        }),
        async (facts) => {
          const names = facts.map((_, place) => `<${place}>`);
          const text = await printed(
            {},
            spans('s', ...facts.map((fact, place) => ({ ...fact, name: names[place] ?? '' }))),
          );
          for (const name of names) expect(text.split(name)).toHaveLength(2);
        },
      ),
    );
  });

  it('may be deeper than a stack', async () => {
    const facts = Array.from({ length: 9000 }, (_, i) => ({ id: i + 1, parent: i }));
    const text = await printed({}, spans('s', ...facts));
    expect(text.split('\n')).toHaveLength(9002);
    expect(text.length).toBeLessThan(3_000_000);
  });
});

describe('hostile data', () => {
  it('moves no cursor and hides nothing', async () => {
    const batch = spans('s', { id: 1, name: '\u001b[2J\u001b]0;x\u0007a\nb\r\u009b\u202e\u2028\ud800' });
    const text = await printed({}, batch);
    expect(text).toContain('\\u{1b}[2J\\u{1b}]0;x\\u{7}a\\nb\\r\\u{9b}\\u{202e}\\u{2028}');
    expect(text.split('\n')).toHaveLength(3);
  });

  it('is one line of visible characters, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('is cut where it is long', () => {
    expect(printable('x'.repeat(10_000))).toHaveLength(4097);
  });
});

describe('waiting', () => {
  async function started(): Promise<{
    context: TestContext;
    send: (batch: AnyBatch) => Promise<unknown>;
    shutdown: () => Promise<void>;
  }> {
    const context = exporterContext();
    const exporter = await startExporter(debug, {}, context);
    return {
      context,
      send: (batch) => sendBatch(exporter, batch),
      shutdown: async () => await exporter.shutdown?.(),
    };
  }

  it('ends a second after the last batch', async () => {
    const { context, send } = await started();
    await send(spans('s', { id: 1 }));
    context.clock.advance(900);
    await send(spans('s', { id: 2, parent: 1 }));
    context.clock.advance(900);
    expect(context.printed).toEqual([]);
    context.clock.advance(100);
    await Promise.resolve();
    expect(context.printed.join('')).toContain('└─ span 2');
  });

  it('ends with the run, and nothing is printed twice', async () => {
    const { context, send, shutdown } = await started();
    await send(spans('s', { id: 1 }));
    await shutdown();
    context.clock.advance(5000);
    expect(context.printed).toHaveLength(1);
  });

  it('ends with ten thousand items', async () => {
    const { context, send } = await started();
    await send(spans('s', ...Array.from({ length: 10_000 }, (_, i) => ({ id: i + 1 }))));
    expect(context.printed).toHaveLength(1);
  });
});

describe('sampling', () => {
  async function sampled(
    config: Record<string, unknown>,
    count: number,
    pauseMs = 0,
  ): Promise<{ lines: number; messages: string[] }> {
    const context = exporterContext();
    const exporter = await startExporter(debug, { verbosity: 'basic', ...config }, context);
    for (let i = 0; i < count; i++) {
      await sendBatch(exporter, spans('s', { id: 1 }));
      context.clock.advance(pauseMs);
    }
    await exporter.shutdown?.();
    return { lines: context.printed.length, messages: context.messages };
  }

  it('prints all by default', async () => {
    expect(await sampled({}, 50)).toEqual({ lines: 50, messages: [] });
  });

  it('prints the first of a second and every tenth behind them, and says what it left out', async () => {
    expect(await sampled({ sampling_initial: 5, sampling_thereafter: 10 }, 100)).toEqual({
      lines: 14,
      messages: [expect.stringContaining('86 items not printed')],
    });
    expect((await sampled({ sampling_initial: 2, sampling_thereafter: 0 }, 100)).lines).toBe(2);
    expect((await sampled({ sampling_initial: 2, sampling_thereafter: 0 }, 100, 100)).lines).toBe(20);
  });
});

it.each([
  [0n, '0 ns'],
  [999n, '999 ns'],
  [1500n, '1.5 µs'],
  [152_400_000n, '152 ms'],
  [12_340_000n, '12.3 ms'],
  [1_250_000_000n, '1.25 s'],
  [90_000_000_000n, '1.5 min'],
  [7_200_000_000_000n, '2 h'],
  [-1_500_000n, '-1.5 ms'],
])('%s ns read as %s', (nanos, text) => {
  expect(durationText(nanos)).toBe(text);
});

it('metrics are named with their type and points', async () => {
  const metrics = [
    { name: 'http.server.duration', unit: 'ms', histogram: { dataPoints: [{}, {}] } },
    { name: 'up', gauge: { dataPoints: [{ asInt: '1' }] } },
  ];
  const json = bytesOf(Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })));
  const writer = new Writer();
  new Transcoder().message(json, 0, json.length, MetricsData, writer);
  const batch = batchOf('metrics', writer.bytes());
  expect(await printed({}, batch)).toBe(
    'metrics: 3 data points of 1 resource\n  http.server.duration (ms)  histogram  2 data points\n  up  gauge  1 data point\n',
  );
  expect(await printed({ verbosity: 'detailed' }, batch)).toContain(
    '      name: up\n      type: gauge\n      holds: 1 data point\n',
  );
});
