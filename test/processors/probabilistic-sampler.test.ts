import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import { probabilisticSampler } from '../../src/processors/probabilistic-sampler.ts';
import { batchFrom, configure, pass, processorOf } from '../support/processors.ts';

const modes = ['hash_seed', 'equalizing', 'proportional'] as const;
const traceId = fc.stringMatching(/^[0-9a-f]{31}[1-9a-f]$/);

const traces = (...spans: object[]) => batchFrom('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
const logs = (...logRecords: object[]) =>
  batchFrom('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

async function sampled(yaml: string, input: AnyBatch): Promise<AnyBatch | undefined> {
  const processor = await processorOf(probabilisticSampler, yaml, { pipelineSignal: input.signal });
  const [batch] = await pass(processor, input);
  return batch;
}

async function statesAfter(yaml: string, ...spans: object[]): Promise<string[]> {
  const batch = await sampled(yaml, traces(...spans));
  return batch?.signal === 'traces' ? batch.spans().map((span) => span.traceState) : [];
}

const one = { traceId: '0102030405060708090a0b0c0d0e0f01', spanId: '0102030405060701' };
const priority = (value: object) => ({ attributes: [{ key: 'sampling.priority', value }] });

describe('the choice', () => {
  it('is the same for all spans of a trace, and once more for what was kept', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 0, max: 100 }),
      fc.array(traceId, { minLength: 1, maxLength: 30 }),
      async (percentage, ids) => {
        const yaml = `{mode: equalizing, sampling_percentage: ${percentage}}`;
        const spans = ids.flatMap((id) => [
          { traceId: id, name: '1' },
          { traceId: id, name: '2' },
        ]);
        const batch = await sampled(yaml, traces(...spans));
        const kept = batch?.signal === 'traces' ? batch.spans() : [];
        for (const span of kept)
          expect(kept.filter(({ traceId }) => traceId === span.traceId)).toHaveLength(
            spans.filter((other) => other.traceId === span.traceId).length,
          );
        if (batch === undefined) return;
        const again = await sampled(yaml, batch.clone());
        expect(again?.encode()).toEqual(batch.encode());
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it.each(modes)('keeps about the percentage, in mode %s', async (mode) => {
    const ids = Array.from({ length: 4000 }, (_, i) => hash('md5', String(i)));
    const spans = ids.map((id) => ({ traceId: id }));
    for (const percentage of [10, 50, 90]) {
      const batch = await sampled(`{mode: ${mode}, sampling_percentage: ${percentage}}`, traces(...spans));
      const share = (batch?.itemCount ?? 0) / ids.length;
      expect(Math.abs(share - percentage / 100)).toBeLessThan(0.03);
    }
  });

  it('counts what it drops under what it dropped it for', async () => {
    const input = traces(
      { ...one, ...priority({ intValue: '0' }) },
      { ...one, traceState: '?' },
      {},
      { ...one, traceState: 'ot=th:8' },
    );
    await sampled('sampling_percentage: 100', input);
    expect([...input.takeDrops()]).toEqual([
      ['sampling.priority is 0', 1],
      ['sampling information that cannot be read', 1],
      ['no trace id or attribute to sample by', 1],
      ['has a threshold already, which mode hash_seed does not use', 1],
    ]);
  });
});

describe('sampling.priority of a span', () => {
  it.each([
    [{ intValue: '1' }, 1],
    [{ doubleValue: 0.1 }, 1],
    [{ stringValue: '2' }, 1],
    [{ intValue: '-1' }, 0],
    [{ stringValue: 'high' }, 0],
    [{ boolValue: true }, 0],
  ])('%j keeps %i at 0 %%', async (value, kept) => {
    expect(await statesAfter('sampling_percentage: 0', { ...one, ...priority(value) })).toHaveLength(kept);
  });
  it.each([[{ intValue: '0' }], [{ doubleValue: 0 }], [{ stringValue: '0.0' }]])(
    '%j drops at 100 %%',
    async (value) => {
      expect(await statesAfter('sampling_percentage: 100', { ...one, ...priority(value) })).toEqual([]);
    },
  );
});

describe('what is written', () => {
  it.each([
    ['{mode: equalizing, sampling_percentage: 100}', { ...one, traceState: 'ot=th:0,a=b' }, 'ot=th:0,a=b'],
    ['{mode: proportional, sampling_percentage: 100}', { ...one, traceState: 'a=b' }, 'ot=th:0,a=b'],
    [
      '{mode: proportional, sampling_percentage: 50}',
      { ...one, traceState: 'ot=th:8;rv:ffffffffffffff' },
      'ot=rv:ffffffffffffff;th:c',
    ],
    [
      '{mode: equalizing, sampling_percentage: 100, fail_closed: false}',
      { ...one, traceState: 'ot=th:ff;rv:00000000000000' },
      'ot=rv:00000000000000;th:0',
    ],
    ['{mode: equalizing, sampling_percentage: 1, fail_closed: false}', { ...one, traceState: '?' }, '?'],
    ['{sampling_percentage: 1, fail_closed: false}', { traceState: 'a=b' }, 'ot=rv:ffffffffffffff;th:0,a=b'],
  ])('with %s', async (yaml, span, state) => {
    expect(await statesAfter(yaml, span)).toEqual([state]);
  });

  it('to log records is two attributes', async () => {
    const batch = await sampled(
      '{mode: equalizing, sampling_percentage: 100}',
      logs({ traceId: one.traceId }),
    );
    const [log] = batch?.signal === 'logs' ? batch.logRecords() : [];
    expect(log?.attributes.entries()).toEqual([['sampling.threshold', '0']]);
    const hashed = await sampled('sampling_percentage: 100', logs({ traceId: one.traceId }));
    const [other] = hashed?.signal === 'logs' ? hashed.logRecords() : [];
    expect(other?.attributes.keys()).toEqual(['sampling.randomness', 'sampling.threshold']);
  });
});

it('what cannot be read in a log record is left as it was', async () => {
  const attributes = [{ key: 'sampling.randomness', value: { stringValue: 'x' } }];
  const yaml = '{sampling_percentage: 1, fail_closed: false}';
  const batch = await sampled(yaml, logs({ attributes, traceId: one.traceId }));
  const [log] = batch?.signal === 'logs' ? batch.logRecords() : [];
  expect(log?.attributes.entries()).toEqual([['sampling.randomness', 'x']]);
});

describe('log records', () => {
  const attribute = (key: string, value: object) => ({ attributes: [{ key, value }] });
  it.each([
    ['by an attribute', 'from_attribute: id', attribute('id', { stringValue: 'x' }), 1],
    ['by bytes', 'from_attribute: id', attribute('id', { bytesValue: 'AQI=' }), 1],
    ['not by an empty one', 'from_attribute: id', attribute('id', { stringValue: '' }), 0],
    ['not by the trace id', '{attribute_source: record, from_attribute: id}', { traceId: one.traceId }, 0],
    ['by the trace id', 'from_attribute: id', { traceId: one.traceId }, 1],
  ])('are kept %s', async (_, yaml, record, kept) => {
    const keys = yaml.startsWith('{') ? yaml.slice(1, -1) : yaml;
    const batch = await sampled(`{sampling_percentage: 100, ${keys}}`, logs(record));
    expect(batch?.itemCount ?? 0).toBe(kept);
  });

  it('have a percentage of their own in an attribute', async () => {
    const record = (value: object) => ({ traceId: one.traceId, ...attribute('keep', value) });
    const yaml = '{sampling_percentage: 0, sampling_priority: keep}';
    const input = logs(
      record({ intValue: '100' }),
      record({ intValue: '0' }),
      record({ stringValue: '100' }),
    );
    expect((await sampled(yaml, input))?.itemCount).toBe(1);
    expect([...input.takeDrops()]).toEqual([['not sampled', 2]]);
  });
});

describe('its config', () => {
  it.each([
    ['sampling_percentage: -1', 'must not be negative'],
    ['sampling_percentage: 1e-16', 'at least 1.4e-15'],
    ['sampling_percentage: .nan', 'sampling_percentage'],
    ['sampling_percentage: "10"', 'sampling_percentage'],
    ['hash_seed: 4294967296', 'hash_seed'],
    ['sampling_precision: 15', 'sampling_precision'],
    ['mode: fair', 'mode'],
  ])('refuses %s', (yaml, message) => {
    expect(configure(probabilisticSampler, yaml).errors).toEqual([expect.stringContaining(message)]);
  });

  it('notices what has no effect', () => {
    const { problems } = configure(
      probabilisticSampler,
      '{mode: equalizing, hash_seed: 1, sampling_percentage: 0}',
    );
    expect(problems.map(({ path, severity }) => [path, severity])).toEqual([
      ['hash_seed', 'notice'],
      ['sampling_percentage', 'notice'],
    ]);
  });
});
