import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointJson,
  checkpointSchema,
  type Checkpoint,
  type JsonValue,
} from '../../src/pipeline/checkpoint.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { Consumer, Outcome, Processor, Receiver, ReceiverOutput } from '../../src/pipeline/component.ts';
import { total, type ReceiverCounts } from '../../src/pipeline/counts.ts';
import type { Plan } from '../../src/pipeline/plan.ts';
import { Run, type RunResult } from '../../src/pipeline/run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Dropper, FakeExporter, fakePlan, Merger, spansNamed, Splitter } from '../support/fake-components.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Reads a list of batches, an empty one being an unreadable region; goes on at a position, which is an index. */
class ListReceiver implements Receiver {
  private readonly batches: readonly (readonly string[])[];
  private readonly counts: ReceiverCounts;
  private readonly from: number;

  constructor(
    batches: readonly (readonly string[])[],
    { counts, position = 0 }: { counts: ReceiverCounts; position?: JsonValue | undefined },
  ) {
    this.batches = batches;
    this.counts = counts;
    this.from = Number(position);
  }

  async start(output: ReceiverOutput): Promise<void> {
    for (const [at, names] of this.batches.entries()) {
      if (at < this.from) continue;
      if (names.length > 0) await output.emit(spansNamed(names), at + 1);
      else {
        this.counts.addUnreadable({ input: 'list', offset: at, bytes: 1, reason: 'empty' });
        // Every other one is told of by the next position only.
        if (at % 2 === 0) output.advance(at + 1);
      }
    }
  }
}

function planOf(
  batches: readonly (readonly string[])[],
  exporters: Record<string, FakeExporter>,
  options: Pick<World, 'processors' | 'maxInFlightBytes'>,
): Plan {
  const outputs = Object.keys(exporters);
  const plan = fakePlan({
    receivers: {},
    pipelines: { traces: { inputs: ['list'], processors: options.processors, outputs } },
    exporters,
    maxInFlightBytes: options.maxInFlightBytes,
  });
  const list = {
    id: 'list',
    create: (context: ConstructorParameters<typeof ListReceiver>[1]) => new ListReceiver(batches, context),
  };
  return { ...plan, receivers: [list] };
}

/** Thinks before it hands on, as a processor that asks somebody does. */
class Dawdler implements Processor {
  private readonly turns: number;

  constructor(count: number) {
    this.turns = count;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    await turns(this.turns);
    await next.consume(batch);
  }
}

interface Life {
  readonly plan: Plan;
  readonly from: Checkpoint | undefined;
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  readonly kill: AbortSignal;
  readonly stop?: AbortSignal;
}

async function live({
  plan,
  from,
  save,
  kill,
  stop = new AbortController().signal,
}: Life): Promise<RunResult> {
  const run = new Run(plan, {
    clock: new FakeClock({ auto: true }),
    logger: silent,
    print: async () => {},
    stdin: (async function* none() {})(),
    stop,
    kill,
    graceMs: 1000,
    random: () => 0.5,
    from,
    save,
  });
  return await run.execute();
}

const kept = (checkpoint: Checkpoint): Checkpoint =>
  checkpointSchema.parse(JSON.parse(JSON.stringify(checkpointJson(checkpoint))));

const batchesArbitrary = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 40 }).map((sizes) => {
  let at = 0;
  return sizes.map((size) => Array.from({ length: size }, () => `s${at++}`));
});

const processorsArbitrary = fc.array(
  fc.oneof(
    fc.constant(() => new Dropper((name) => Number(name.slice(1)) % 5 === 0)),
    fc.integer({ min: 1, max: 30 }).map((size) => () => new Merger(size)),
    fc.integer({ min: 1, max: 5 }).map((size) => () => new Splitter(size)),
    fc.integer({ min: 1, max: 9 }).map((time) => () => new Dawdler(time)),
  ),
  { maxLength: 3 },
);

const answersArbitrary = fc.array(
  fc.constantFrom<Outcome>(
    { verdict: 'delivered' },
    { verdict: 'delivered', refused: 1, reason: 'odd' },
    { verdict: 'refused', reason: 'no' },
    { verdict: 'retry', reason: 'later' },
    { verdict: 'split', reason: 'large' },
  ),
  { minLength: 1, maxLength: 9 },
);

/** Takes time, so that batches are under way together. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whatever a script of answers says, no run lasts for ever. */
function scripted(answers: readonly Outcome[], isDead: () => boolean): FakeExporter {
  let at = 0;
  return new FakeExporter(async () => {
    await turns(at % 3);
    if (isDead()) return await new Promise<never>(() => {});
    const answer = at < 400 ? answers[at % answers.length] : undefined;
    at++;
    return answer ?? { verdict: 'delivered' };
  });
}

interface World {
  readonly batches: readonly (readonly string[])[];
  readonly processors: readonly (() => Processor)[];
  /** What each exporter's backend answers. */
  readonly answers: readonly (readonly Outcome[])[];
  /** How long each life lasts, in turns of the event loop, until it is killed. */
  readonly kills: readonly number[];
  readonly maxInFlightBytes: number;
}

interface Story {
  readonly result: RunResult;
  /** Per exporter, how often its backend has each span. */
  readonly stored: readonly Map<string, number>[];
}

/** Lives and dies until one life comes to its end. */
async function livesOf(world: World): Promise<Story> {
  const stored = world.answers.map(() => new Map<string, number>());
  let checkpoint: Checkpoint | undefined;
  for (const turnsToLive of [...world.kills, Infinity]) {
    const life = { dead: false };
    const kill = new AbortController();
    const exporters = Object.fromEntries(
      world.answers.map((script, at) => [`out${at}`, scripted(script, () => life.dead)]),
    );
    const save = async (next: Checkpoint): Promise<void> => {
      const json = kept(next);
      await turns(1);
      if (!life.dead) checkpoint = json;
    };
    const plan = planOf(world.batches, exporters, world);
    const ended = live({ plan, from: checkpoint, save, kill: kill.signal });
    if (turnsToLive === Infinity) await ended;
    else await Promise.race([ended, turns(turnsToLive)]);
    life.dead = true;
    for (const [at, { taken }] of Object.values(exporters).entries())
      for (const name of taken) stored[at]?.set(name, (stored[at].get(name) ?? 0) + 1);
    if (turnsToLive === Infinity) return { result: await ended, stored };
    kill.abort();
    await ended;
  }
  throw new Error('unreachable');
}

function expectNothingLost(world: World, { result, stored }: Story): void {
  const { ledger } = result;
  const names = world.batches.flat();
  expect(result.failures).toEqual([]);
  expect(ledger.imbalances()).toEqual([]);
  expect(ledger.receivers[0]?.flow('traces').in).toBe(names.length);
  expect(ledger.receivers[0]?.unreadable.regions).toBe(
    world.batches.filter(({ length }) => length === 0).length,
  );
  const dropped = ledger.processors.reduce((sum, flow) => sum + total(flow.dropped), 0);
  for (const [at, counts] of ledger.exporters.entries()) {
    const times = stored[at] ?? new Map<string, number>();
    expect(counts.handed).toBe(names.length - dropped);
    // What one life was refused, and did not save, the next may deliver.
    if (refuses(world.answers[at])) expect(times.size).toBeGreaterThanOrEqual(counts.delivered);
    else expect(times.size).toBe(counts.delivered);
    const again = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    // A batch that is larger than the room passes alone.
    const room = Math.max(world.maxInFlightBytes, ...world.batches.map(bytesOf));
    expect(again * smallestSpan).toBeLessThanOrEqual(world.kills.length * room);
  }
}

/** A single span cannot be split: then it is refused. */
function refuses(answers: readonly Outcome[] = []): boolean {
  return answers.some(
    (answer) => 'refused' in answer || answer.verdict === 'refused' || answer.verdict === 'split',
  );
}

describe('a run that is killed and goes on from its checkpoint', () => {
  it('loses nothing, sends no more again than what was in flight, and counts each item once', async () => {
    const worlds = fc.record<World>({
      batches: batchesArbitrary,
      processors: processorsArbitrary,
      answers: fc.array(answersArbitrary, { minLength: 1, maxLength: 2 }),
      kills: fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 4 }),
      maxInFlightBytes: fc.constantFrom(50, 400, 2000),
    });
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => expectNothingLost(world, await livesOf(world))),
      { numRuns: 200 },
    );
  });

  it('goes on exactly where it was after an interruption that had time to drain', async () => {
    await fc.assert(
      fc.asyncProperty(
        batchesArbitrary,
        processorsArbitrary,
        fc.nat(60),
        async (batches, processors, after) => {
          const exporter = new FakeExporter(async () => {
            await turns(1);
            return { verdict: 'delivered' };
          });
          let checkpoint: Checkpoint | undefined;
          const save = async (next: Checkpoint): Promise<void> => {
            checkpoint = kept(next);
          };
          const stop = new AbortController();
          const kill = new AbortController().signal;
          const plan = (): Plan => planOf(batches, { out: exporter }, { processors, maxInFlightBytes: 300 });
          const first = live({ plan: plan(), from: undefined, save, kill, stop: stop.signal });
          await turns(after);
          stop.abort();
          await first;
          const result = await live({ plan: plan(), from: checkpoint, save, kill });
          expect(result.ledger.imbalances()).toEqual([]);
          expect(new Set(exporter.taken).size).toBe(exporter.taken.length);
          expect(result.ledger.exporters[0]?.delivered).toBe(exporter.taken.length);
          expect(result.ledger.receivers[0]?.flow('traces').in).toBe(batches.flat().length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('stops when no checkpoint can be saved, and is no success', async () => {
    const result = await live({
      plan: planOf([['a'], ['b']], { out: new FakeExporter() }, { processors: [], maxInFlightBytes: 1000 }),
      from: undefined,
      save: () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
      kill: new AbortController().signal,
    });
    expect(result.failures.map(({ message }) => message)).toEqual([
      'checkpoint: ENOSPC: no space left on device, write',
    ]);
    expect(result.checkpoints).toBe(0);
    expect(result.ledger.imbalances()).toEqual([]);
  });
});

function bytesOf(names: readonly string[]): number {
  return spansNamed(names).byteLength;
}

/** What one more span adds to a batch, at the least. */
const smallestSpan = bytesOf(['s0', 's1']) - bytesOf(['s0']);
