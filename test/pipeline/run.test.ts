import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exporter, Outcome, Processor, Receiver } from '../../src/pipeline/component.ts';
import { ExportError } from '../../src/pipeline/errors.ts';
import { total } from '../../src/pipeline/counts.ts';
import type { Plan } from '../../src/pipeline/plan.ts';
import { Run, type RunResult } from '../../src/pipeline/run.ts';
import { eachItem } from '../../src/pipeline/item-processor.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  Dropper,
  FakeExporter,
  fakePlan,
  FakeReceiver,
  Merger,
  quickPolicy,
  spansNamed,
  Splitter,
  type FakeRequest,
} from '../support/fake-components.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Overrides {
  stop?: AbortSignal;
  kill?: AbortSignal;
  clock?: FakeClock;
  graceMs?: number;
  dryRun?: boolean;
  onBatch?: () => void;
}

async function execute(plan: Plan, overrides: Overrides = {}): Promise<RunResult> {
  const run = new Run(plan, {
    clock: new FakeClock({ auto: true }),
    logger: silent,
    print: async () => {},
    stdin: (async function* none() {})(),
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    graceMs: 1000,
    random: () => 0.5,
    ...overrides,
  });
  return await run.execute();
}

function simplePlan(
  batches: readonly (readonly string[])[],
  exporter: Exporter,
  processors: readonly (() => Processor)[] = [],
  more: { maxInFlightBytes?: number } = {},
): Plan {
  return fakePlan({
    receivers: { fake: new FakeReceiver(batches) },
    pipelines: { traces: { inputs: ['fake'], processors, outputs: ['out'] } },
    exporters: { out: exporter },
    ...more,
  });
}

/** Batches with names that are all different. */
const batchesArbitrary = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 12 }).map((sizes) => {
  let at = 0;
  return sizes.map((size) => Array.from({ length: size }, () => `s${at++}`));
});

const processorArbitrary: fc.Arbitrary<() => Processor> = fc.oneof(
  fc
    .integer({ min: 2, max: 5 })
    .map((every) => () => new Dropper((name) => Number(name.slice(1)) % every === 0)),
  fc.integer({ min: 1, max: 30 }).map((size) => () => new Merger(size)),
  fc.integer({ min: 1, max: 5 }).map((size) => () => new Splitter(size)),
);

const isDropped = (processors: readonly (() => Processor)[], name: string): boolean =>
  processors.some((create) => {
    const processor = create();
    return processor instanceof Dropper && Reflect.get(processor, 'drops')(name) === true;
  });

describe('a run', () => {
  it('delivers all that was not dropped, through any chain that merges, splits and drops', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesArbitrary,
        fc.array(processorArbitrary, { maxLength: 4 }),
        fc.constantFrom(1, 200, 1 << 20),
        async (batches, processors, maxInFlightBytes) => {
          const exporter = new FakeExporter();
          const result = await execute(simplePlan(batches, exporter, processors, { maxInFlightBytes }));
          expect(result.failures).toEqual([]);
          expect(result.ledger.imbalances()).toEqual([]);
          expect(result.ledger.isClean()).toBe(true);
          expect(exporter.taken.toSorted()).toEqual(
            batches
              .flat()
              .filter((name) => !isDropped(processors, name))
              .toSorted(),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('keeps the order of requests with the same key, whatever the answers are', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesArbitrary,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
        async (batches, failures) => {
          let at = 0;
          const answer = (): Outcome =>
            failures[at++ % failures.length] === true && at < 200
              ? { verdict: 'retry', reason: 'busy' }
              : { verdict: 'delivered' };
          const exporter = new FakeExporter(answer, (name) => String(Number(name.slice(1)) % 3));
          const result = await execute(simplePlan(batches, exporter));
          expect(result.ledger.imbalances()).toEqual([]);
          for (const key of [0, 1, 2]) {
            const taken = exporter.taken
              .map((name) => Number(name.slice(1)))
              .filter((number) => number % 3 === key);
            expect(taken).toEqual(taken.toSorted((a, b) => a - b));
          }
          expect(exporter.taken).toHaveLength(batches.flat().length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('accounts for every item when one branch of a fan-out fails, and serves the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesArbitrary,
        fc.nat(6),
        fc.array(processorArbitrary, { maxLength: 2 }),
        async (batches, failAt, processors) => {
          let calls = 0;
          const failing = new FakeExporter(() =>
            calls++ >= failAt ? { verdict: 'stop', reason: 'no', status: 404 } : { verdict: 'delivered' },
          );
          const good = new FakeExporter();
          const result = await execute(
            fakePlan({
              receivers: { fake: new FakeReceiver(batches) },
              pipelines: { traces: { inputs: ['fake'], processors, outputs: ['bad', 'good'] } },
              exporters: { bad: failing, good },
            }),
          );
          const [bad, fine] = result.ledger.exporters;
          expect(result.ledger.imbalances()).toEqual([]);
          expect(bad?.delivered).toBe(failing.taken.length);
          expect(fine?.delivered).toBe(good.taken.length);
          expect(fine?.handed).toBe(fine?.delivered);
          expect(result.failures[0] instanceof ExportError).toBe((bad?.failed ?? 0) > 0);
          const [receiver] = result.ledger.receivers;
          const read = receiver?.flow('traces').in ?? 0;
          const dropped = result.ledger.processors.reduce((sum, counts) => sum + total(counts.dropped), 0);
          expect(read).toBe((bad?.handed ?? 0) + dropped);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('flushes a processor that holds items when the gate is full, instead of waiting for ever', async () => {
    const exporter = new FakeExporter();
    const batches = Array.from({ length: 20 }, (_, at) => [`s${at}`]);
    const result = await execute(
      simplePlan(batches, exporter, [() => new Merger(1000), () => new Merger(1000)], {
        maxInFlightBytes: 1,
      }),
    );
    expect(exporter.taken).toHaveLength(20);
    expect(result.ledger.forcedFlushes).toBeGreaterThan(0);
    expect(result.ledger.imbalances()).toEqual([]);
  });

  it('flushes it also when it takes what it holds after the gate was full', async () => {
    const exporter = new FakeExporter();
    const slow: Processor = {
      async consume(batch, next) {
        await new Promise((resolve) => setImmediate(resolve));
        await next.consume(batch);
      },
    };
    const receiver = (name: string) => new FakeReceiver([[`${name}0`], [`${name}1`]]);
    const result = await execute(
      fakePlan({
        receivers: { left: receiver('l'), right: receiver('r') },
        pipelines: {
          traces: {
            inputs: ['left', 'right'],
            processors: [() => slow, () => new Merger(1000)],
            outputs: ['out'],
          },
        },
        exporters: { out: exporter },
        maxInFlightBytes: 1,
      }),
    );
    expect(exporter.taken.toSorted()).toEqual(['l0', 'l1', 'r0', 'r1']);
    expect(result.ledger.imbalances()).toEqual([]);
  });

  it('takes one batch through two pipelines of the same receiver and a connector between them', async () => {
    const exporter = new FakeExporter();
    const side = new FakeExporter();
    const result = await execute(
      fakePlan({
        receivers: { fake: new FakeReceiver([['a', 'b'], ['c']]) },
        pipelines: {
          'traces/in': {
            inputs: ['fake'],
            processors: [() => new Dropper((name) => name === 'b')],
            outputs: ['forward', 'side'],
          },
          'traces/out': { inputs: ['forward'], processors: [() => new Merger(10)], outputs: ['out'] },
        },
        exporters: { out: exporter, side },
      }),
    );
    expect(exporter.taken).toEqual(['a', 'c']);
    expect(side.taken).toEqual(['a', 'c']);
    expect(result.ledger.imbalances()).toEqual([]);
  });

  it('tells a receiver from an exporter of the same id', async () => {
    const same = new FakeExporter();
    const other = new FakeExporter();
    const result = await execute(
      fakePlan({
        receivers: { file: new FakeReceiver([['a', 'b']]) },
        pipelines: {
          traces: {
            inputs: ['file'],
            processors: [() => new Dropper((name) => name === 'b')],
            outputs: ['other', 'file'],
          },
        },
        exporters: { file: same, other },
      }),
    );
    expect([same.taken, other.taken]).toEqual([['a'], ['a']]);
    expect(result.ledger.imbalances()).toEqual([]);
  });

  it('tells of each batch that is read', async () => {
    let batches = 0;
    const plan = simplePlan([['a', 'b'], ['c'], ['d']], new FakeExporter());
    await execute(plan, { onBatch: () => batches++ });
    expect(batches).toBe(3);
  });

  it('counts a signal without a pipeline as dropped', async () => {
    const plan = simplePlan([['a', 'b']], new FakeExporter());
    const result = await execute({
      ...plan,
      pipelines: plan.pipelines.map((pipeline) => ({ ...pipeline, signal: 'logs' })),
    });
    expect(Object.fromEntries(result.ledger.receivers[0]?.flow('traces').dropped ?? [])).toEqual({
      'no pipeline': 2,
    });
    expect(result.ledger.imbalances()).toEqual([]);
  });

  it('sends nothing in a dry run, and says what would be sent', async () => {
    const exporter = new FakeExporter();
    const result = await execute(simplePlan([['a', 'b']], exporter), { dryRun: true });
    expect(exporter.taken).toEqual([]);
    expect(result.ledger.exporters[0]?.delivered).toBe(2);
  });

  it('prepares, encodes and shuts down, and neither opens nor sends', async () => {
    const calls: string[] = [];
    const exporter = Object.assign(new FakeExporter(), {
      prepare: async () => void calls.push('prepare'),
      start: async () => void calls.push('start'),
      shutdown: async () => void calls.push('shutdown'),
    });
    await execute(simplePlan([['a']], exporter), { dryRun: true });
    expect(calls.splice(0)).toEqual(['prepare', 'shutdown']);
    expect(exporter.taken).toEqual([]);
    await execute(simplePlan([['a']], exporter));
    expect(calls).toEqual(['prepare', 'start', 'shutdown']);
  });

  it('fails of what the run would fail of before it begins', async () => {
    const exporter = Object.assign(new FakeExporter(), {
      prepare: async () => {
        throw new Error('no such certificate');
      },
    });
    const result = await execute(simplePlan([['a']], exporter), { dryRun: true });
    expect(result.failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('no such certificate'),
    ]);
  });
});

describe('a failure', () => {
  it('in a processor names it, and its batch is counted as abandoned', async () => {
    const broken: Processor = {
      async consume() {
        throw new TypeError('cannot read x');
      },
    };
    const result = await execute(simplePlan([['a'], ['b']], new FakeExporter(), [() => broken]));
    expect(result.failures[0]?.message).toBe('p0: cannot read x');
    expect(result.ledger.imbalances()).toEqual([]);
    expect(result.ledger.processors[0]?.abandoned).toBeGreaterThan(0);
  });

  it('of a receiver is that of the run, and what was read before is delivered', async () => {
    const receiver: Receiver = {
      async start(output) {
        await new FakeReceiver([['a']]).start(output);
        throw new Error('disk gone');
      },
    };
    const exporter = new FakeExporter();
    const plan = simplePlan([], exporter, [() => new Merger(10)]);
    const result = await execute({ ...plan, receivers: [{ id: 'fake', create: () => receiver }] });
    expect(result.failures[0]?.message).toBe('fake: disk gone');
    expect(exporter.taken).toEqual(['a']);
  });

  it('of a receiver is told also when another one does not end for it', async () => {
    const broken: Receiver = {
      async start() {
        throw new Error('disk gone');
      },
    };
    const clock = new FakeClock({ auto: true });
    const stuck: Receiver = {
      async start() {
        await clock.sleep(60_000);
        await new Promise(() => {});
      },
    };
    const result = await execute(
      fakePlan({
        receivers: { broken, stuck },
        pipelines: { traces: { inputs: ['broken', 'stuck'], outputs: ['out'] } },
        exporters: { out: new FakeExporter() },
      }),
      { clock, graceMs: 0 },
    );
    expect(result.failures.map(({ message }) => message)).toEqual(['broken: disk gone']);
  });

  it('at the start of an exporter ends the run before anything is read', async () => {
    const exporter = new FakeExporter();
    const failing: Exporter = Object.assign(exporter, {
      start: async () => Promise.reject(new Error('no such folder')),
    });
    const result = await execute(simplePlan([['a']], failing));
    expect(result.failures[0]?.message).toBe('out: no such folder');
    expect(result.ledger.imbalances()).toEqual([]);
    expect(exporter.taken).toEqual([]);
  });

  it('in encoding a batch counts the whole batch as not delivered', async () => {
    const exporter = new FakeExporter();
    exporter.requests = () => {
      throw new RangeError('too deep');
    };
    const result = await execute(simplePlan([['a', 'b']], exporter));
    expect(result.failures[0]?.message).toContain('too deep');
    expect(result.ledger.exporters[0]).toMatchObject({ handed: 2, failed: 2 });
    expect(result.ledger.imbalances()).toEqual([]);
  });
});

describe('a failure beside an exporter that waits for its backend', () => {
  it('is said at once and ends the run after the grace', async () => {
    const waiting = new FakeExporter(() => ({ verdict: 'retry', reason: 'down', status: 503 }));
    const wrong = new FakeExporter(() => ({ verdict: 'stop', reason: 'no such path', status: 404 }));
    const clock = new FakeClock({ auto: true });
    const result = await execute(
      fakePlan({
        receivers: { fake: new FakeReceiver([['a'], ['b']]) },
        pipelines: { traces: { inputs: ['fake'], outputs: ['waiting', 'wrong'] } },
        exporters: { waiting, wrong },
      }),
      { clock, graceMs: 500 },
    );
    expect(result.failures.map(({ message }) => message)).toEqual(['wrong (memory): no such path']);
    expect(clock.monotonicMs()).toBeLessThan(5000);
    expect(result.ledger.imbalances()).toEqual([]);
    expect(result.ledger.exporters[0]).toMatchObject({
      delivered: 0,
      abandoned: result.ledger.exporters[0]?.handed,
    });
  });
});

describe('a kill', () => {
  const never = (): Promise<void> => new Promise(() => {});

  it.each([
    ['the start of an exporter', { start: never }],
    ['the shutdown of an exporter', { shutdown: never }],
    ['a request', { send: never }],
  ])('does not wait for %s that never ends', async (_name, parts) => {
    const kill = new AbortController();
    const exporter = Object.assign(new FakeExporter(), parts) as unknown as FakeExporter;
    setTimeout(() => kill.abort(), 20);
    const result = await execute(simplePlan([['a', 'b']], exporter), { kill: kill.signal });
    expect(result.interrupted).toBe(true);
    expect(result.failures).toEqual([]);
    expect(result.ledger.imbalances()).toEqual([]);
  });
});

describe('a processor that never answers', () => {
  it('has what is inside counted as abandoned by a kill, and not what it handed on', async () => {
    const kill = new AbortController();
    const exporter = new FakeExporter();
    const clock = new FakeClock({ auto: true });
    const processorOf = (passes: number): Processor => ({
      async consume(batch, next) {
        if (batch.itemCount === passes) await next.consume(batch);
        await new Promise(() => {});
      },
    });
    setTimeout(() => kill.abort(), 20);
    const plan = fakePlan({
      receivers: { in: new FakeReceiver([['a'], ['b', 'c']]) },
      pipelines: {
        'traces/1': { inputs: ['in'], processors: [() => processorOf(0)], outputs: ['out'] },
        'traces/2': { inputs: ['in'], processors: [() => processorOf(1)], outputs: ['out'] },
      },
      exporters: { out: exporter },
    });
    const result = await execute(plan, { kill: kill.signal, clock });
    expect(exporter.taken).toEqual(['a']);
    expect(result.ledger.imbalances()).toEqual([]);
    expect(result.ledger.processors).toMatchObject([
      { in: 3, out: 0, abandoned: 3 },
      { in: 3, out: 1, abandoned: 2 },
    ]);
  });
});

describe('a processor that makes items', () => {
  it('when it is flushed has them counted as created', async () => {
    const exporter = new FakeExporter();
    const maker = () => eachItem({ flush: (next) => next.consume(spansNamed(['made'])) });
    const result = await execute(simplePlan([['a']], exporter, [maker]));
    expect(exporter.taken).toEqual(['a', 'made']);
    expect(result.ledger.imbalances()).toEqual([]);
    expect(result.ledger.processors[0]).toMatchObject({ in: 1, created: 1, out: 2 });
  });
});

describe('an interruption', () => {
  it('at any moment leaves a ledger that balances, and all that is counted as delivered was taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesArbitrary,
        fc.nat(12),
        fc.boolean(),
        fc.array(processorArbitrary, { maxLength: 3 }),
        async (batches, at, isKill, processors) => {
          const stop = new AbortController();
          const kill = new AbortController();
          const exporter = new FakeExporter((_request: FakeRequest, attempt) =>
            attempt < 3 ? { verdict: 'retry', reason: 'busy' } : { verdict: 'delivered' },
          );
          const plan = simplePlan([], exporter, processors, { maxInFlightBytes: 300 });
          const receiver = new FakeReceiver(batches, (done) => {
            if (done !== at) return;
            stop.abort();
            if (isKill) kill.abort();
          });
          const result = await execute(
            { ...plan, receivers: [{ id: 'fake', create: () => receiver }] },
            { stop: stop.signal, kill: kill.signal },
          );
          expect(result.ledger.imbalances()).toEqual([]);
          expect(result.ledger.exporters[0]?.delivered).toBe(exporter.taken.length);
          expect(result.failures).toEqual([]);
          expect(result.interrupted).toBe(at < batches.length);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('gives up on a dead backend when the grace is over', async () => {
    const stop = new AbortController();
    const clock = new FakeClock({ auto: true });
    const exporter = new FakeExporter(() => {
      if (clock.monotonicMs() > 50) stop.abort();
      return { verdict: 'retry', reason: 'down', status: 503 };
    });
    const result = await execute(simplePlan([['a'], ['b']], exporter), {
      stop: stop.signal,
      clock,
      graceMs: 500,
    });
    expect(result.interrupted).toBe(true);
    expect(result.ledger.exporters[0]).toMatchObject({ delivered: 0, abandoned: 2 });
    expect(clock.monotonicMs()).toBeLessThan(5000);
  });
});

describe('whether it is whole, as exporters are told at the end', () => {
  const told = async (
    batches: FakeReceiver,
    {
      isEndless = false,
      stop = new AbortController().signal,
      outcome = { verdict: 'delivered' },
      processor = {},
    }: Facts = {},
  ): Promise<(boolean | undefined)[]> => {
    const answers: (boolean | undefined)[] = [];
    const exporter = Object.assign(new FakeExporter(() => outcome), {
      shutdown: async (isWhole?: boolean) => void answers.push(isWhole),
    });
    const plan = fakePlan({
      receivers: { fake: batches },
      pipelines: {
        traces: {
          inputs: ['fake'],
          processors: [() => Object.assign(new Dropper(() => false), processor)],
          outputs: ['out'],
        },
      },
      exporters: { out: exporter },
    });
    const receivers = plan.receivers.map((planned) => ({ ...planned, isEndless }));
    await execute({ ...plan, receivers }, { stop });
    return answers;
  };
  interface Facts {
    readonly isEndless?: boolean;
    readonly stop?: AbortSignal;
    readonly outcome?: Outcome;
    readonly processor?: Partial<Processor>;
  }
  const stopping = new AbortController();
  const stopped = new FakeReceiver([['a'], ['b']], () => stopping.abort());
  const read = new FakeReceiver([['a'], ['b']]);

  it.each<[string, boolean, FakeReceiver, Facts?]>([
    ['a run that came to its end', true, read],
    ['one that was stopped before', false, stopped, { stop: stopping.signal }],
    ['one that was stopped and has no other end', true, stopped, { stop: stopping.signal, isEndless: true }],
    [
      'such a one with a failure',
      false,
      read,
      { isEndless: true, outcome: { verdict: 'stop', reason: 'full' } },
    ],
    [
      'one of which a processor fails at its end',
      false,
      read,
      { processor: { shutdown: () => Promise.reject(new Error('cannot end')) } },
    ],
  ])('%s: %s', async (_, isWhole, receiver, facts) => {
    expect(await told(receiver, facts)).toEqual([isWhole]);
  });
});

describe('concurrency', () => {
  it('stays at num_consumers and reaches it', async () => {
    const exporter = new FakeExporter(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { verdict: 'delivered' };
    });
    const plan = simplePlan(
      Array.from({ length: 30 }, (_, at) => [`s${at}`]),
      exporter,
    );
    await execute({
      ...plan,
      exporters: plan.exporters.map((planned) => ({ ...planned, policy: { ...quickPolicy, consumers: 3 } })),
    });
    expect(exporter.busiest).toBe(3);
  });
});
