/** Two exporters of one pipeline, and one of them does not take anything. */
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { ExportPolicy, Outcome, Receiver } from '../../src/pipeline/component.ts';
import type { DeadLetters } from '../../src/pipeline/dead-letters.ts';
import { Run, type RunOptions } from '../../src/pipeline/run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeExporter, fakePlan, namesIn, quickPolicy, spansNamed } from '../support/fake-components.ts';

const batches = Array.from({ length: 40 }, (_, at) => [`${at}a`, `${at}b`]);
const down: Outcome = { verdict: 'retry', reason: 'down', status: 503 };
const turns = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at++) await new Promise((resolve) => setImmediate(resolve));
};

const receiver: Receiver = {
  async start(output) {
    for (const [at, names] of batches.entries()) await output.emit(spansNamed(names), at + 1);
  },
};

interface Given {
  readonly policy?: Partial<ExportPolicy>;
  readonly deadLetters?: DeadLetters;
  readonly room?: number;
}

function world(answer: () => Outcome, { policy, deadLetters, room = 10 }: Given = {}) {
  const up = new FakeExporter();
  const broken = new FakeExporter(answer);
  const stop = new AbortController();
  const kill = new AbortController();
  const saved: unknown[] = [];
  const clock = new FakeClock();
  const options: RunOptions = {
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    print: async () => {},
    stdin: (async function* () {})(),
    stop: stop.signal,
    kill: kill.signal,
    graceMs: 1000,
    random: () => 0.5,
    deadLetters,
    save: async (checkpoint) => {
      saved.push(checkpoint.ledger);
      return await Promise.resolve();
    },
  };
  const plan = fakePlan({
    receivers: { file: receiver },
    pipelines: { traces: { inputs: ['file'], outputs: ['up', 'broken'] } },
    exporters: { up, broken },
    maxInFlightBytes: spansNamed(['10a', '10b']).byteLength * room,
    policy: { ...quickPolicy, ...policy },
  });
  const run = new Run(plan, options);
  return { run, up, broken, clock, kill, saved };
}

describe('one exporter that is down', () => {
  it('lets the other go on as far as max_in_flight, and no further; the checkpoint waits for the slower', async () => {
    let isUp = false;
    const { run, up, broken, clock, saved } = world(() => (isUp ? { verdict: 'delivered' } : down));
    const ended = run.execute();
    await turns(100);
    const taken = up.taken.length;
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThanOrEqual(2 * 11);
    expect(broken.taken).toEqual([]);
    expect(saved).toEqual([]);
    clock.advance(500);
    await turns(100);
    expect(up.taken).toHaveLength(taken);
    isUp = true;
    for (let at = 0; at < 200; at++) {
      clock.advance(500);
      await turns(5);
    }
    const { ledger, failures } = await ended;
    expect(failures).toEqual([]);
    expect(up.taken).toHaveLength(80);
    expect(broken.taken).toHaveLength(80);
    expect(ledger.isClean()).toBe(true);
    expect(saved.length).toBeGreaterThan(0);
  });

  it('does not hold the other up when its items go to the dead-letter file', async () => {
    const letters: string[] = [];
    const deadLetters: DeadLetters = {
      write: async (batch: AnyBatch, { exporter }) => {
        letters.push(...namesIn(batch).map((name) => `${exporter} ${name}`));
        return await Promise.resolve();
      },
    };
    const { run, up } = world(() => ({ verdict: 'stop', reason: 'who are you', status: 401 }), {
      policy: { onError: 'dead_letter' },
      deadLetters,
    });
    const { ledger, failures } = await run.execute();
    expect(failures).toEqual([]);
    expect(up.taken).toHaveLength(80);
    expect(letters.toSorted()).toEqual(
      batches
        .flat()
        .map((name) => `broken ${name}`)
        .toSorted(),
    );
    expect(ledger.imbalances()).toEqual([]);
    expect(ledger.isClean()).toBe(false);
  });

  it('stops the run when it cannot go on, and the other is not cut off', async () => {
    const { run, up } = world(() => ({ verdict: 'stop', reason: 'who are you', status: 401 }));
    const { ledger, failures } = await run.execute();
    expect(failures.map(({ message }) => message)).toEqual(['broken (memory): who are you']);
    const [counts] = ledger.exporters.filter(({ id }) => id === 'up');
    expect(counts?.delivered).toBe(counts?.handed);
    expect(up.taken).toHaveLength(counts?.handed ?? -1);
    expect(ledger.imbalances()).toEqual([]);
  });
});
