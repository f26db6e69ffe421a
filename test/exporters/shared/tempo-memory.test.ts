import { describe, expect, it } from 'vitest';
import {
  outcomeOfTempo,
  TempoMemory,
  traceSizesIn,
  type TempoLimits,
  type TraceSizes,
} from '../../../src/exporters/shared/tempo-memory.ts';
import { emptyBatch } from '../../../src/model/batches.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const limits: TempoLimits = { max_bytes_per_trace: 100, max_live_traces: 3, unflushed: 1000 };

function memoryOf(more: Partial<TempoLimits> = {}) {
  const clock = new FakeClock({ auto: true });
  return { clock, memory: new TempoMemory({ ...limits, ...more }, clock) };
}

function sizes(...of: [string, number, number][]): TraceSizes {
  return new Map(of.map(([id, bytes, spans]) => [id, { bytes, spans }]));
}

describe('what Tempo may have dropped', () => {
  it('is what comes when more than its limit was sent of a trace, and of no other', () => {
    const { memory } = memoryOf();
    const parts = [sizes(['a', 60, 1], ['b', 10, 7]), sizes(['a', 40, 2]), sizes(['a', 1, 3], ['b', 1, 5])];
    const uncertain = parts.map((part) => {
      memory.begin(part);
      return memory.taken(part);
    });
    expect(uncertain).toEqual([0, 0, 3]);
  });

  it('is all of what is under way together, for nobody knows what came first', () => {
    const { memory } = memoryOf();
    const [one, other] = [sizes(['a', 60, 1]), sizes(['a', 60, 2])];
    memory.begin(one);
    memory.begin(other);
    expect([memory.taken(other), memory.taken(one)]).toEqual([2, 1]);
  });

  it('is not made more by what it said that it did not take', () => {
    const { memory } = memoryOf();
    const part = sizes(['a', 60, 1]);
    memory.begin(part);
    expect(outcomeOfTempo(memory, part, { verdict: 'retry', reason: 'busy', status: 429 })).toEqual({
      verdict: 'retry',
      reason: 'busy',
      status: 429,
    });
    memory.begin(part);
    expect(outcomeOfTempo(memory, part, { verdict: 'delivered' })).toEqual({ verdict: 'delivered' });
    memory.begin(part);
    outcomeOfTempo(memory, part, { verdict: 'retry', reason: 'cut', mayBeStored: true });
    memory.begin(part);
    expect(outcomeOfTempo(memory, part, { verdict: 'delivered' })).toMatchObject({ uncertain: 1 });
  });

  it('is everything while as many traces are alive as it takes', async () => {
    const { memory, clock } = memoryOf();
    const send = (id: string): number => {
      const part = sizes([id, 1, 2]);
      memory.begin(part);
      return memory.taken(part);
    };
    expect(['a', 'b', 'c', 'a'].map(send)).toEqual([0, 0, 2, 2]);
    await clock.sleep(1001, new AbortController().signal);
    expect(send('d')).toBe(0);
  });

  it('is nothing without limits', () => {
    const { memory } = memoryOf({ max_bytes_per_trace: 0, max_live_traces: 0 });
    const part = sizes(['a', 1e9, 1], ['b', 1, 1], ['c', 1, 1], ['d', 1, 1]);
    memory.begin(part);
    expect(memory.taken(part)).toBe(0);
  });
});

describe('what Tempo may have lost', () => {
  const cut = { verdict: 'retry', reason: 'the connection was cut', mayBeStored: true } as const;
  const deliver = (memory: TempoMemory, id: string, spans: number): void => {
    memory.begin(sizes([id, 1, spans]));
    memory.taken(sizes([id, 1, spans]));
  };

  it('is what it took a short while before the connection ended, once', async () => {
    const { memory, clock } = memoryOf({ max_live_traces: 0 });
    deliver(memory, 'a', 5);
    await clock.sleep(600, new AbortController().signal);
    deliver(memory, 'b', 7);
    await clock.sleep(600, new AbortController().signal);
    expect(outcomeOfTempo(memory, sizes(), cut)).toEqual({ ...cut, doubted: 7 });
    expect(outcomeOfTempo(memory, sizes(), cut)).toEqual(cut);
  });

  it('is nothing when it answers, or is only slow', () => {
    const { memory } = memoryOf();
    deliver(memory, 'a', 5);
    const busy = { verdict: 'retry', reason: 'busy', status: 503, mayBeStored: true } as const;
    expect(outcomeOfTempo(memory, sizes(), busy)).toEqual(busy);
    expect(outcomeOfTempo(memory, sizes(), { ...cut, slows: true })).toEqual({ ...cut, slows: true });
  });
});

describe('the size of a trace', () => {
  it('is that of its spans, with resource and scope once for each scope that it is in', () => {
    const batch = emptyBatch('traces');
    const group = batch.addResource();
    group.resource.attributes.set('service.name', 'x'.repeat(1000));
    for (const ids of ['aab', 'a']) {
      const scope = group.addScope();
      scope.scope.name = 'y'.repeat(100);
      for (const id of ids) {
        const span = scope.addSpan();
        span.traceId = id.repeat(32);
        span.name = 'z'.repeat(10);
      }
    }
    const found = traceSizesIn(batch.encode());
    const a = found.get('\u00aa'.repeat(16));
    const b = found.get('\u00bb'.repeat(16));
    expect([a?.spans, b?.spans]).toEqual([3, 1]);
    expect(a?.bytes).toBeGreaterThan(2 * 1100 + 3 * 28);
    expect(a?.bytes).toBeLessThan(2 * 1100 + 3 * 28 + 200);
    expect(b?.bytes).toBeGreaterThan(1100 + 28);
    expect(b?.bytes).toBeLessThan(1100 + 28 + 100);
  });
});
