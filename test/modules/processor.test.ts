import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnyBatch } from '../../src/model/batches.ts';
import { defineProcessor, type ProcessorDefinition } from '../../src/modules/define-processor.ts';
import { copyOf, newLog, newMetric, newSpan, type AnyItem } from '../../src/modules/made.ts';
import { processorFactory } from '../../src/modules/module-factory.ts';
import type { Processor, ProcessorContext } from '../../src/pipeline/component.ts';
import { flowCounts, ProcessorCounts } from '../../src/pipeline/counts.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { batchFrom, configure, memoryLogger, pass, processorContext, Sink } from '../support/processors.ts';

const file = { name: 'mine.ts', path: import.meta.filename, directory: import.meta.dirname };

/** The processor of a definition, with what stands beside `module:`. */
async function created<Config, State>(
  definition: ProcessorDefinition<Config, State>,
  { yaml = '', ...context }: { yaml?: string } & Partial<ProcessorContext> = {},
): Promise<Processor> {
  const factory = processorFactory(definition, file);
  const signal = context.pipelineSignal ?? 'traces';
  const { config, errors } = configure(factory, `module: ./mine.ts\n${yaml}`, [signal]);
  if (config === undefined) throw new Error(errors.join('\n'));
  return await factory.create(config, processorContext(context));
}

function traces(...names: string[]): AnyBatch {
  const spans = names.map((name) => ({ name, attributes: [{ key: 'n', value: { intValue: '7' } }] }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return batchFrom('traces', {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'lib' }, spans }] }],
  });
}

function namesIn(batches: readonly AnyBatch[]): string[] {
  return batches.flatMap((batch) => (batch.signal === 'traces' ? batch.spans().map(({ name }) => name) : []));
}

describe('what a handler answers', () => {
  it('goes on too, below the heads of the item that it was given', async () => {
    const processor = await created({
      create: () => ({
        span(span) {
          const copy = copyOf(span);
          copy.name = `${span.name}'`;
          if (span.name === 'b') span.drop('copied');
          return [copy, newSpan({ name: `${span.name}+`, kind: 2, attributes: span.attributes })];
        },
      }),
    });
    const batch = traces('a', 'b');
    const [out] = await pass(processor, batch);
    expect(namesIn([out ?? batch])).toEqual(['a', "a'", 'a+', "b'", 'b+']);
    if (out?.signal !== 'traces') throw new Error('no traces came out');
    for (const span of out.spans()) {
      expect(span.attributes.get('n')).toBe(7);
      expect([span.resource.attributes.get('service.name'), span.scope.name]).toEqual(['shop', 'lib']);
    }
    expect(out.resourceSpans()).toHaveLength(1);
    expect([...batch.takeDrops(), batch.itemCount]).toEqual([['copied', 1], 5]);
  });

  it('has a resource of its own where it was given one', async () => {
    const processor = await created({
      create: () => ({
        span() {
          const made = newSpan({ name: 'made' });
          made.resource.attributes.set('service.name', 'other');
          return made;
        },
      }),
    });
    const [out] = await pass(processor, traces('a'));
    const services = out?.resources().map(({ attributes }) => attributes.get('service.name'));
    expect(services).toEqual(['shop', 'other']);
  });

  it('goes to the pipelines of its signal, and both are waited for', async () => {
    const gate = Promise.withResolvers<void>();
    const logs = new Sink(gate.promise);
    const processor = await created(
      {
        creates: ['logs'],
        create: () => ({ span: (span) => newLog({ body: span.name, attributes: { of: span.name } }) }),
      },
      { created: (signal) => (signal === 'logs' ? logs : undefined) },
    );
    const sink = new Sink();
    let isSettled = false;
    const settled = processor.consume(traces('a', 'b'), sink).then(() => (isSettled = true));
    await new Promise(setImmediate);
    expect([sink.batches.length, logs.batches.length, isSettled]).toEqual([1, 1, false]);
    gate.resolve();
    await settled;
    const [made] = logs.batches;
    if (made?.signal !== 'logs') throw new Error('no logs came out');
    expect(made.logRecords().map(({ body, scope }) => [body, scope.name])).toEqual([
      ['a', 'lib'],
      ['b', 'lib'],
    ]);
    expect(made.resources().map(({ attributes }) => attributes.get('service.name'))).toEqual(['shop']);
  });

  it('comes from flush too, and from batch', async () => {
    const processor = await created({
      create: () => ({
        batch: () => newSpan({ name: 'of batch' }),
        flush: () => newSpan({ name: 'of flush' }),
      }),
    });
    expect(namesIn(await pass(processor, traces('a')))).toEqual(['a', 'of batch', 'of flush']);
  });

  it('keeps the resource and scope that it was copied with, in flush and below another item', async () => {
    const kept: AnyItem[] = [];
    const processor = await created({
      create: () => ({
        span(span) {
          const before = kept.splice(0);
          kept.push(copyOf(span));
          span.drop('kept');
          return before;
        },
        flush: () => kept.splice(0),
      }),
    });
    const of = (service: string, ...names: string[]): AnyBatch =>
      batchFrom('traces', {
        resourceSpans: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
            scopeSpans: [{ scope: { name: `${service} lib` }, spans: names.map((name) => ({ name })) }],
          },
        ],
      });
    const sink = new Sink();
    await processor.consume(of('shop', 'a', 'b', 'c'), sink);
    await processor.consume(of('bank', 'd'), sink);
    await processor.flush?.(sink);
    const groups = sink.batches.flatMap((batch) => (batch.signal === 'traces' ? batch.resourceSpans() : []));
    const spans = sink.batches.flatMap((batch) => (batch.signal === 'traces' ? batch.spans() : []));
    expect(
      spans.map(({ name, resource, scope }) => [name, resource.attributes.get('service.name'), scope.name]),
    ).toEqual([
      ['a', 'shop', 'shop lib'],
      ['b', 'shop', 'shop lib'],
      ['c', 'shop', 'shop lib'],
      ['d', 'bank', 'bank lib'],
    ]);
    expect(groups).toHaveLength(3);
  });

  it('keeps a resource without attributes too, as that of another item says what it does not', async () => {
    const kept: AnyItem[] = [];
    const processor = await created({
      create: () => ({
        span(span) {
          const before = kept.splice(0);
          kept.push(copyOf(span));
          return before;
        },
      }),
    });
    const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }];
    const [bare, shop] = [{}, { resource: { attributes } }].map((head, at) =>
      batchFrom('traces', {
        resourceSpans: [
          { ...head, scopeSpans: [{ scope: { name: `lib ${at}` }, spans: [{ name: `span ${at}` }] }] },
        ],
      }),
    );
    const sink = new Sink();
    for (const batch of [bare, shop]) if (batch !== undefined) await processor.consume(batch, sink);
    const spans = sink.batches.flatMap((batch) => (batch.signal === 'traces' ? batch.spans() : []));
    expect(
      spans.map(({ name, resource, scope }) => [name, resource.attributes.get('service.name'), scope.name]),
    ).toEqual([
      ['span 0', undefined, 'lib 0'],
      ['span 1', 'shop', 'lib 1'],
      ['span 0', undefined, 'lib 0'],
    ]);
  });

  it('may be metrics, which count by their data points', async () => {
    const metrics = new Sink();
    const processor = await created(
      {
        creates: ['metrics'],
        create: () => ({
          flush: () =>
            newMetric({
              name: 'spans',
              type: 'sum',
              unit: '1',
              isMonotonic: true,
              aggregationTemporality: 1,
              points: [
                { value: 2n, attributes: { route: '/a' } },
                { value: 1.5, timeUnixNano: 7n },
              ],
            }),
        }),
      },
      { created: () => metrics },
    );
    await pass(processor, traces('a'));
    const [made] = metrics.batches;
    if (made?.signal !== 'metrics') throw new Error('no metrics came out');
    expect([made.itemCount, made.metrics().length]).toEqual([2, 1]);
    const [metric] = made.metrics();
    expect([metric?.name, metric?.type, metric?.isMonotonic, metric?.aggregationTemporality]).toEqual([
      'spans',
      'sum',
      true,
      1,
    ]);
    expect(metric?.dataPoints().map(({ value, timeUnixNano }) => [value, timeUnixNano])).toEqual([
      [2n, 0n],
      [1.5, 7n],
    ]);
    expect(metric?.dataPoints()[0]?.attributes.get('route')).toBe('/a');
    expect(() => newMetric({ name: 'x' } as never)).toThrow(/^newMetric needs a type, one of gauge, sum, /);
    expect(() => newMetric({ type: 'gauge', points: [{ valu: 1 } as object] })).toThrow(
      /^a point of newMetric knows no field valu; /,
    );
  });

  it('has to be known fields', () => {
    expect(() => newLog({ bdy: 'x' } as object)).toThrow(
      /^newLog knows no field bdy; it knows timeUnixNano, /,
    );
  });
});

/** A promise that is there after so many turns. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('async handlers', () => {
  const plans = fc.array(
    fc.array(fc.record({ turns: fc.nat(6), fate: fc.constantFrom('keep', 'drop', 'fail', 'sync') }), {
      minLength: 1,
      maxLength: 8,
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('keep the order of items and batches, are bounded, and lose nothing', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 4 }), async (batches, concurrency) => {
        let running = 0;
        let most = 0;
        const context = { counts: new ProcessorCounts(flowCounts('it', 'traces')) };
        const processor = await created(
          {
            create: () => ({
              span(span) {
                const [batch = 0, at = 0] = span.name.split('.').map(Number);
                const plan = batches[batch]?.[at];
                if (plan?.fate === 'sync') return undefined;
                return (async () => {
                  most = Math.max(most, ++running);
                  await turns(plan?.turns ?? 0);
                  running--;
                  if (plan?.fate === 'fail') throw new Error('failed');
                  if (plan?.fate === 'drop') span.drop('unwanted');
                  return copyOf(span);
                })();
              },
            }),
          },
          { yaml: `concurrency: ${concurrency}\non_error: drop`, ...context },
        );
        const sink = new Sink();
        const given = batches.map((plan, batch) => traces(...plan.map((_, at) => `${batch}.${at}`)));
        await Promise.all(given.map((batch) => processor.consume(batch, sink)));
        const expected = batches.flatMap((plan, batch) => {
          const of = (fates: string[]) =>
            plan.flatMap(({ fate }, at) => (fates.includes(fate) ? [`${batch}.${at}`] : []));
          return [...of(['keep', 'sync']), ...of(['keep', 'drop'])];
        });
        expect(namesIn(sink.batches)).toEqual(expected);
        expect(most).toBeLessThanOrEqual(concurrency);
        const failed = batches.flat().filter(({ fate }) => fate === 'fail').length;
        expect(context.counts.flow.lost ?? 0).toBe(failed);
      }),
      { numRuns: 150 },
    );
  });

  it('are called one after the other with a concurrency of 1, over batches too', async () => {
    const log: string[] = [];
    const processor = await created({
      concurrency: 1,
      create: () => ({
        async span(span) {
          log.push(`begin ${span.name}`);
          await turns(5);
          log.push(`end ${span.name}`);
        },
      }),
    });
    const sink = new Sink();
    await Promise.all(
      [traces('a', 'b'), traces('c'), traces('d')].map((batch) => processor.consume(batch, sink)),
    );
    expect(log).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`begin ${name}`, `end ${name}`]));
  });

  it('have failed after their `timeout`', async () => {
    const clock = new FakeClock();
    const processor = await created(
      { create: () => ({ span: async () => await new Promise<void>(() => {}) }) },
      { yaml: 'timeout: 5s', clock },
    );
    const failed = processor.consume(traces('a'), new Sink()).catch((error: unknown) => error);
    await turns(10);
    clock.advance(5000);
    expect(await failed).toMatchObject({ message: 'span in mine.ts did not end within its `timeout` of 5s' });
  });
});

describe('on_error', () => {
  const failing = defineProcessor({
    create: () => ({
      span(span) {
        if (span.name === 'bad') throw new TypeError('no such customer');
      },
    }),
  });

  it('fail stops, with the place and the item', async () => {
    const processor = await created(failing);
    await expect(processor.consume(traces('a', 'bad'), new Sink())).rejects.toThrow(
      /^mine\.ts:\d+:\d+: TypeError: no such customer$/,
    );
  });

  it('drop leaves the item out, and says where and how often', async () => {
    const logger = memoryLogger();
    const counts = new ProcessorCounts(flowCounts('it', 'traces'));
    const processor = await created(failing, { yaml: 'on_error: drop', logger, counts });
    const batch = traces('bad', 'a', 'bad', 'b', 'bad');
    expect(namesIn(await pass(processor, batch))).toEqual(['a', 'b']);
    const [[reason, items] = []] = batch.takeDrops();
    expect([reason, items]).toEqual([expect.stringMatching(/^failed at mine\.ts:\d+:\d+$/), 3]);
    expect([...counts.flow.failures.values()]).toMatchObject([{ count: 3 }]);
    expect(counts.flow).toMatchObject({ lost: 3 });
    expect(logger.lines).toEqual([
      { level: 'error', message: expect.stringMatching(/^what it fails on is dropped: mine\.ts:/) },
    ]);
  });

  it('dead_letter keeps it first, with its resource and scope', async () => {
    const letters: [AnyBatch, string][] = [];
    const deadLetters = {
      write: async (batch: AnyBatch, { reason }: { reason: string }) => {
        letters.push([batch, reason]);
      },
    };
    const counts = new ProcessorCounts(flowCounts('it', 'traces'));
    const processor = await created(failing, { yaml: 'on_error: dead_letter', deadLetters, counts });
    expect(namesIn(await pass(processor, traces('bad', 'a', 'bad')))).toEqual(['a']);
    expect(letters).toHaveLength(1);
    expect(namesIn(letters.map(([batch]) => batch))).toEqual(['bad', 'bad']);
    expect(letters[0]?.[1]).toMatch(/^mine\.ts:\d+:\d+: TypeError: no such customer$/);
    expect(letters[0]?.[0].resources().map(({ attributes }) => attributes.get('service.name'))).toEqual([
      'shop',
    ]);
    expect(counts.flow).toMatchObject({ lost: 2, deadLettered: 2 });
  });

  it('stops when a dead letter cannot be written', async () => {
    const deadLetters = { write: () => Promise.reject(new Error('disk full')) };
    const processor = await created(failing, { yaml: 'on_error: dead_letter', deadLetters });
    await expect(processor.consume(traces('bad'), new Sink())).rejects.toThrow(
      'cannot write a dead letter: disk full',
    );
  });

  it.each(['resource', 'batch'] as const)('is for all that is below, when %s fails', async (name) => {
    const processor = await created(
      {
        create: () => ({
          [name]: () => {
            throw new Error('no');
          },
        }),
      },
      { yaml: 'on_error: drop' },
    );
    const batch = traces('a', 'b');
    await pass(processor, batch);
    expect([...batch.takeDrops().values()]).toEqual([2]);
  });
});

describe('state', () => {
  const counting = defineProcessor({
    state: z.object({ seen: z.int().default(0), tenants: z.record(z.string(), z.int()).default({}) }),
    create: (_, { state }) => ({
      span(span) {
        state.seen++;
        state.tenants[span.name] = state.seen;
      },
    }),
  });

  it('is saved as it is then, and given back', async () => {
    const first = await created(counting);
    await pass(first, traces('a', 'b'));
    const saved = await first.state?.();
    await pass(first, traces('c'));
    expect(saved).toEqual({ seen: 2, tenants: { a: 1, b: 2 } });
    const second = await created(counting, { state: saved });
    await pass(second, traces('a'));
    expect(await second.state?.()).toEqual({ seen: 3, tenants: { a: 3, b: 2 } });
  });

  it('of another form than the schema is an error that says what to do', async () => {
    await expect(created(counting, { state: { seen: 'many' } })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the state in the checkpoint is not what mine\.ts has as `state` now: /,
      ),
      remedy: expect.stringMatching(/without `--resume`/),
    });
  });

  it('is not there without a schema, which costs checkpoints nothing', async () => {
    const processor = await created({ create: () => ({ span() {} }) });
    expect(processor.state).toBeUndefined();
  });
});

describe('a processor', () => {
  it('may be written in the form of the built-in ones', async () => {
    const held: AnyBatch[] = [];
    const processor = await created({
      create: () => ({
        consume: async (batch) => void held.push(batch),
        get heldItems() {
          return held.length;
        },
        async flush(next) {
          for (const batch of held.splice(0)) await next.consume(batch);
        },
      }),
    });
    const sink = new Sink();
    await processor.consume(traces('a'), sink);
    expect([processor.heldItems, sink.batches.length]).toEqual([1, 0]);
    await processor.flush?.(sink);
    expect([processor.heldItems, namesIn(sink.batches)]).toEqual([0, ['a']]);
  });

  it('that holds the process up is told of once', async () => {
    const clock = new FakeClock();
    const logger = memoryLogger();
    const processor = await created(
      { create: () => ({ span: () => clock.advance(2500) }) },
      { clock, logger },
    );
    await pass(processor, traces('a'));
    expect(logger.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^mine\.ts held the whole process for 2\.5 s with one batch/),
    ]);
  });

  it('may be an instance of a class, with fields of its own', async () => {
    class Renamer {
      prefix = 'x-';
      span(span: { name: string }): void {
        span.name = this.prefix + span.name;
      }
    }
    const processor = await created({ create: () => new Renamer() });
    expect(namesIn(await pass(processor, traces('a')))).toEqual(['x-a']);
  });

  it('of metrics sees each metric', async () => {
    const processor = await created(
      {
        create: () => ({
          metric(metric) {
            if (metric.name === 'noise') metric.drop('noise');
          },
        }),
      },
      { pipelineSignal: 'metrics' },
    );
    const gauge = (name: string) => ({ name, gauge: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] } });
    const batch = batchFrom('metrics', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge('noise'), gauge('load')] }] }],
    });
    const [out] = await pass(processor, batch);
    expect(out?.itemCount).toBe(2);
    expect([...batch.takeDrops()]).toEqual([['noise', 2]]);
  });
});
