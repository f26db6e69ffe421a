import { describe, expect, it } from 'vitest';
import { Simulation } from './simulation.ts';
import type { Entry, ExporterSpec, PipelineSpec, WorldSpec } from './world.ts';

const exporter: ExporterSpec = {
  id: 'out0',
  ordered: false,
  consumers: 1,
  timeoutMs: 2000,
  retries: true,
  maxElapsedMs: 0,
  onError: 'fail',
  chunk: 3,
  mostItems: 1,
  poison: 0,
  picky: 0,
  faults: [],
};

const batches = (...sizes: number[]): Entry[] => sizes.map((items) => ({ kind: 'batch', items }));

const line = (inputs: string[]): PipelineSpec => ({ id: 'traces/a', inputs, steps: [], outputs: ['out0'] });

function world(parts: Partial<WorldSpec> & Pick<WorldSpec, 'receivers' | 'pipelines'>): WorldSpec {
  const more = { keepsCheckpoints: true, hasDeadLetters: false, graceMs: 0, payload: 0, seed: 0 };
  return { exporters: [exporter], maxInFlightBytes: 1, ...more, ...parts };
}

/** What schedules found, as small as fast-check could make it: laws that a run once broke. */
describe('found by simulation', () => {
  it('a full gate got room only at the next regular cut, when two receivers came to it at once', async () => {
    const sim = new Simulation(
      world({
        maxInFlightBytes: 400,
        receivers: [
          { id: 'r0', waits: false, entries: batches(1) },
          { id: 'r1', waits: false, entries: batches(6) },
        ],
        pipelines: [line(['r0', 'r1'])],
      }),
    );
    await sim.resume();
    await sim.finish();
    expect(sim.isFinished).toBe(true);
  });

  it('what was held behind its turn in a flush was never flushed', async () => {
    const sim = new Simulation(
      world({
        keepsCheckpoints: false,
        receivers: [{ id: 'r0', waits: false, entries: batches(5, 5, 8, 1, 1, 1) }],
        pipelines: [
          {
            id: 'traces/a',
            inputs: ['r0'],
            steps: [
              { kind: 'hold', size: 7 },
              { kind: 'drop', every: 3 },
            ],
            outputs: ['forward'],
          },
          {
            id: 'traces/b',
            inputs: ['forward'],
            steps: [{ kind: 'mark', letter: 'b' }, { kind: 'faulty' }, { kind: 'faulty' }],
            outputs: ['out0'],
          },
          {
            id: 'traces/c',
            inputs: ['forward'],
            steps: [{ kind: 'mark', letter: 'c' }],
            outputs: ['out0'],
          },
        ],
      }),
    );
    await sim.resume();
    await sim.finish();
    expect(sim.isFinished).toBe(true);
  });

  it('a checkpoint after a kill counted what belongs behind its position', async () => {
    const sim = new Simulation(
      world({
        receivers: [
          { id: 'r0', waits: false, entries: [...batches(0), { kind: 'unreadable', told: false }] },
          { id: 'r1', waits: true, entries: batches(0) },
        ],
        pipelines: [{ ...line(['r0', 'r1']), outputs: ['out0', 'out1', 'out2'] }],
        exporters: ['out0', 'out1', 'out2'].map((id) => ({ ...exporter, id })),
        seed: 20,
      }),
    );
    await sim.resume();
    await sim.stop();
    await sim.finish();
    expect(sim.isFinished).toBe(true);
  });
});
