import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf, emptyBatch, mergeBatches, splitBatch, type AnyBatch } from '../../src/model/batches.ts';
import { pickItems } from '../../src/model/pick.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import type { Signal } from '../../src/model/signal.ts';
import { toJson } from '../../src/model/to-json.ts';
import { logsBytes, metricsBytes, tracesBytes } from '../support/arbitrary-otlp.ts';

const any: fc.Arbitrary<{ signal: Signal; bytes: Buffer }> = fc.oneof(
  tracesBytes.map((bytes) => ({ signal: 'traces' as const, bytes })),
  logsBytes.map((bytes) => ({ signal: 'logs' as const, bytes })),
  metricsBytes.map((bytes) => ({ signal: 'metrics' as const, bytes })),
);

/** Each item as a batch of its own. */
const alone = (batch: AnyBatch): unknown[] =>
  [...splitBatch(batch, { maxItems: 1 })].filter((part) => part.itemCount > 0).map(withoutEmpty);

const children = [
  'resourceSpans',
  'scopeSpans',
  'resourceLogs',
  'scopeLogs',
  'resourceMetrics',
  'scopeMetrics',
  'metrics',
];

/** As JSON, without groups and metrics that hold no item: `splitBatch` keeps them, beside some item or alone. */
function withoutEmpty(batch: AnyBatch): unknown {
  const bytes = batch.encode();
  const text = toJson(bytes, 0, bytes.length, dataTypeOf(batch.signal));
  return JSON.parse(text, (key, value: unknown) => {
    if (!children.includes(key) || !Array.isArray(value)) return value;
    const kept = value.filter((child) => hasItems(child as Record<string, unknown>));
    return kept.length === 0 ? undefined : kept;
  });
}

function hasItems(group: Record<string, unknown>): boolean {
  return Object.entries(group).some(
    ([key, value]) =>
      (Array.isArray(value) &&
        [...children, 'spans', 'logRecords', 'dataPoints'].includes(key) &&
        value.length > 0) ||
      (['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].includes(key) &&
        hasItems(value as Record<string, unknown>)),
  );
}

describe('pickItems', () => {
  test('has these items, in their order, as splitting the batch has them', () => {
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.boolean()), ({ signal, bytes }, flags) => {
        const batch = batchOf(signal, bytes);
        const items = alone(batch);
        const places = items.map((_, at) => at).filter(() => flags.next().value === true);
        const picked = pickItems(batch, new Set(places));
        expect(picked.itemCount).toBe(places.length);
        expect(alone(picked)).toEqual(places.map((at) => items[at]));
        expect(batch.encode()).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the origin of a batch', () => {
  const from = (origin: string | undefined): AnyBatch => {
    const batch = emptyBatch('traces');
    batch.addResource().addScope().addSpan();
    batch.addResource().addScope().addSpan();
    batch.origin = origin;
    return batch;
  };

  test('is that of its clones, its parts and what is picked of it', () => {
    const batch = from('a.jsonl');
    expect(batch.clone().origin).toBe('a.jsonl');
    expect([...splitBatch(batch, { maxItems: 1 })].map(({ origin }) => origin)).toEqual([
      'a.jsonl',
      'a.jsonl',
    ]);
    expect([...splitBatch(batch, { maxItems: 5 })].map(({ origin }) => origin)).toEqual(['a.jsonl']);
    expect(pickItems(batch, new Set([1])).origin).toBe('a.jsonl');
  });

  test.each([
    [[undefined], undefined],
    [['a'], 'a'],
    [['a', undefined, 'a'], 'a'],
    [['a', 'b', 'a'], 'a, b'],
    [['a, b', 'c', 'b'], 'a, b, c'],
    [['a', 'b', 'c', 'd'], 'a, b, c, ...'],
    [['a, b, c, ...', 'b'], 'a, b, c, ...'],
  ])('of %j merged is %s', (origins, expected) => {
    expect(mergeBatches(origins.map(from)).origin).toBe(expected);
  });
});
