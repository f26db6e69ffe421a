import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { Consumer, Processor } from '../../src/pipeline/component.ts';
import type { Plan } from '../../src/pipeline/plan.ts';
import { Run, type RunResult } from '../../src/pipeline/run.ts';
import { batch } from '../../src/processors/batch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeExporter, fakePlan, FakeReceiver, namesIn, spansNamed } from '../support/fake-components.ts';
import { configure, memoryLogger, processorOf, Sink } from '../support/processors.ts';

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `s${from + i}`);

async function batchProcessor(yaml: string): Promise<{ processor: Processor; clock: FakeClock }> {
  const clock = new FakeClock();
  return { clock, processor: await processorOf(batch, yaml, { clock }) };
}

/** Whether a promise is settled after all that can happen now has happened. */
async function stateOf(promise: Promise<void>): Promise<'resolved' | 'rejected' | 'pending'> {
  let state: 'resolved' | 'rejected' | 'pending' = 'pending';
  promise.then(
    () => (state = 'resolved'),
    () => (state = 'rejected'),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return state;
}

/** A consumer whose batches the test settles one by one. */
class Backend implements Consumer {
  readonly received: { names: string[]; settle: (error?: Error) => void }[] = [];

  consume(batch: AnyBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => (error === undefined ? resolve() : reject(error));
      this.received.push({ names: namesIn(batch), settle });
    });
  }

  get names(): string[][] {
    return this.received.map((one) => one.names);
  }
}

describe('what it sends', () => {
  it('waits for send_batch_size items and sends them as one batch, in order', async () => {
    const { processor } = await batchProcessor('send_batch_size: 4');
    const sink = new Sink();
    const settled = [0, 2, 4].map((at) => processor.consume(spansNamed(names(at, at + 2)), sink));
    await settled[1];
    expect(sink.batches.map(namesIn)).toEqual([['s0', 's1', 's2', 's3']]);
    expect(processor.heldItems).toBe(2);
    await processor.flush?.(sink);
    await Promise.all(settled);
    expect(sink.batches.map(namesIn)).toEqual([
      ['s0', 's1', 's2', 's3'],
      ['s4', 's5'],
    ]);
    expect(processor.heldItems).toBe(0);
  });

  it('sends more than send_batch_size at once, because that is a trigger and no limit', async () => {
    const { processor } = await batchProcessor('send_batch_size: 3');
    const sink = new Sink();
    await processor.consume(spansNamed(names(0, 10)), sink);
    expect(sink.batches.map((one) => one.itemCount)).toEqual([10]);
  });

  it('splits at send_batch_max_size and keeps a rest that is no trigger', async () => {
    const { processor } = await batchProcessor('send_batch_size: 3\nsend_batch_max_size: 4');
    const sink = new Sink();
    const settled = processor.consume(spansNamed(names(0, 10)), sink);
    expect(sink.batches.map(namesIn)).toEqual([names(0, 4), names(4, 8)]);
    expect(processor.heldItems).toBe(2);
    expect(await stateOf(settled)).toBe('pending');
    await processor.flush?.(sink);
    await settled;
    expect(sink.batches.map(namesIn)).toEqual([names(0, 4), names(4, 8), names(8, 10)]);
  });

  it('is bounded in bytes too', async () => {
    const { processor } = await batchProcessor('send_batch_max_bytes: 200');
    const sink = new Sink();
    const settled = Array.from({ length: 20 }, (_, at) =>
      processor.consume(spansNamed([`span number ${at}`]), sink),
    );
    await processor.flush?.(sink);
    await Promise.all(settled);
    expect(sink.batches.length).toBeGreaterThan(2);
    expect(sink.batches.every((one) => one.encode().length <= 200)).toBe(true);
    expect(sink.batches.flatMap(namesIn)).toEqual(Array.from({ length: 20 }, (_, at) => `span number ${at}`));
  });

  it('sends what waits when the timeout is over, counted from the first item', async () => {
    const { processor, clock } = await batchProcessor('timeout: 1s');
    const sink = new Sink();
    const settled = processor.consume(spansNamed(['a']), sink);
    clock.advance(900);
    const second = processor.consume(spansNamed(['b']), sink);
    clock.advance(99);
    expect(sink.batches).toEqual([]);
    clock.advance(1);
    await Promise.all([settled, second]);
    expect(sink.batches.map(namesIn)).toEqual([['a', 'b']]);
  });

  it.each(['timeout: 0s', 'send_batch_size: 0'])('sends at once with %s', async (yaml) => {
    const { processor } = await batchProcessor(yaml);
    const sink = new Sink();
    await processor.consume(spansNamed(['a', 'b']), sink);
    await processor.consume(spansNamed(['c']), sink);
    expect(sink.batches.map(namesIn)).toEqual([['a', 'b'], ['c']]);
  });

  it('takes a batch without items for delivered', async () => {
    const { processor } = await batchProcessor('');
    const sink = new Sink();
    await processor.consume(spansNamed([]), sink);
    await processor.flush?.(sink);
    expect(sink.batches).toEqual([]);
  });
});

describe('what it promises', () => {
  it('resolves a consume when the batch of its items is settled, not when it is sent', async () => {
    const { processor } = await batchProcessor('send_batch_size: 2');
    const backend = new Backend();
    const first = processor.consume(spansNamed(['a']), backend);
    const second = processor.consume(spansNamed(['b']), backend);
    const third = processor.consume(spansNamed(['c', 'd']), backend);
    expect(backend.names).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    backend.received[1]?.settle();
    expect(await Promise.all([first, second, third].map(stateOf))).toEqual([
      'pending',
      'pending',
      'resolved',
    ]);
    backend.received[0]?.settle();
    expect(await Promise.all([first, second].map(stateOf))).toEqual(['resolved', 'resolved']);
  });

  it('rejects with the failure of any of its batches, once none of them is under way', async () => {
    const { processor } = await batchProcessor('send_batch_size: 2\nsend_batch_max_size: 2');
    const backend = new Backend();
    const settled = processor.consume(spansNamed(names(0, 6)), backend);
    backend.received[0]?.settle(new Error('refused'));
    expect(await stateOf(settled)).toBe('pending');
    backend.received[1]?.settle();
    backend.received[2]?.settle();
    await expect(settled).rejects.toThrow('refused');
  });

  it('fails what waits when the run ends without a flush', async () => {
    const { processor, clock } = await batchProcessor('');
    const sink = new Sink();
    const settled = processor.consume(spansNamed(['a']), sink);
    settled.catch(() => {});
    await processor.shutdown?.();
    await expect(settled).rejects.toThrow('interrupted');
    clock.advance(10_000);
    expect(sink.batches).toEqual([]);
  });
});

describe('for any batches, limits and order of settlement', () => {
  const limits = fc
    .record({
      size: fc.integer({ min: 0, max: 12 }),
      room: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    })
    .map(({ size, room }) => ({ size, max: room === undefined ? 0 : size + room }));
  const runs = fc.record({
    limits,
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }),
    bytes: fc.constantFrom(60, 200, 1 << 20),
    advances: fc.array(fc.constantFrom(0, 0, 0, 150, 300), { maxLength: 20 }),
    failing: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
    order: fc.infiniteStream(fc.nat()),
  });

  it('loses, doubles and reorders nothing, keeps to the limits, and settles each batch with its items', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ sizes, limits: { size, max }, bytes, advances, failing, order }) => {
        const yaml = `send_batch_size: ${size}\nsend_batch_max_size: ${max}\nsend_batch_max_bytes: ${bytes}`;
        const { processor, clock } = await batchProcessor(yaml);
        const backend = new Backend();
        let at = 0;
        const consumed = sizes.map((count, index) => {
          const own = names(at, (at += count));
          const settled = processor.consume(spansNamed(own), backend);
          settled.catch(() => {});
          clock.advance(advances[index] ?? 0);
          return { own, settled };
        });
        await processor.flush?.(backend);

        expect(backend.names.flat()).toEqual(names(0, at));
        expect(processor.heldItems).toBe(0);
        expect(Math.max(0, ...backend.names.map((one) => one.length))).toBeLessThanOrEqual(max || Infinity);

        const open = new Set(backend.received.keys());
        while (open.size > 0) {
          const next = [...open][(order.next().value ?? 0) % open.size] ?? 0;
          open.delete(next);
          backend.received[next]?.settle(next === failing ? new Error('no') : undefined);
          for (const { own, settled } of consumed) {
            const batches = backend.received.flatMap((one, index) =>
              own.some((name) => one.names.includes(name)) ? [index] : [],
            );
            const done = batches.includes(failing ?? -1) ? 'rejected' : 'resolved';
            expect(await stateOf(settled)).toBe(batches.some((index) => open.has(index)) ? 'pending' : done);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('in a run', () => {
  it('balances the ledger, whatever the exporter answers', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 });
    const failAt = fc.option(fc.nat({ max: 8 }), { nil: Infinity });
    const maxInFlightBytes = fc.constantFrom(1, 100, 1 << 20);
    const yaml = fc.constantFrom('', 'send_batch_size: 5', 'send_batch_size: 3\nsend_batch_max_size: 4');
    await fc.assert(
      fc.asyncProperty(
        sizes,
        failAt,
        maxInFlightBytes,
        yaml,
        async (sizes, failAt, maxInFlightBytes, yaml) => {
          let at = 0;
          const batches = sizes.map((count) => names(at, (at += count)));
          let calls = 0;
          const exporter = new FakeExporter(() =>
            calls++ < failAt ? { verdict: 'delivered' } : { verdict: 'stop', reason: 'no', status: 404 },
          );
          const clock = new FakeClock({ auto: true });
          const processor = await processorOf(batch, yaml, { clock });
          const plan = fakePlan({
            receivers: { fake: new FakeReceiver(batches) },
            pipelines: { traces: { inputs: ['fake'], processors: [() => processor], outputs: ['out'] } },
            exporters: { out: exporter },
            maxInFlightBytes,
          });
          const { ledger, failures } = await execute(plan, clock);
          const [failure] = failures;
          expect(ledger.imbalances()).toEqual([]);
          if (failure === undefined) expect(exporter.taken).toEqual(names(0, at));
          else expect(failure).toMatchObject({ name: 'ExportError' });
        },
      ),
      { numRuns: 100 },
    );
  });

  async function execute(plan: Plan, clock: FakeClock): Promise<RunResult> {
    const never = new AbortController().signal;
    const run = new Run(plan, {
      clock,
      logger: memoryLogger(),
      print: async () => {},
      stdin: (async function* none() {})(),
      stop: never,
      kill: never,
      graceMs: 1000,
      random: () => 0.5,
    });
    return await run.execute();
  }
});

describe('its config', () => {
  it('has the defaults of the Collector', () => {
    expect(configure(batch, '').config).toEqual({
      send_batch_size: 8192,
      timeout: 200,
      send_batch_max_size: 0,
      send_batch_max_bytes: 4_194_304,
    });
  });

  it.each([
    ['send_batch_max_size: 10', 'send_batch_max_size: must not be less than send_batch_size'],
    ['metadata_keys: [a]', 'metadata_keys: is not supported'],
    ['timeout: 5', 'timeout: must be a duration with a unit'],
    ['send_batch_size: -1', 'send_batch_size: must be at least 0'],
    ['size: 1', 'size: is not a known key'],
  ])('%s', (yaml, message) => {
    expect(configure(batch, yaml).errors).toHaveLength(1);
    expect(configure(batch, yaml).errors[0]).toContain(message);
  });
});
