import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  batchOf,
  emptyBatch,
  itemsIn,
  mergeBatches,
  splitBatch,
  timeRangeOf,
  type AnyBatch,
} from '../../src/model/batches.ts';
import type { Signal } from '../../src/model/signal.ts';
import { logsBytes, metricsBytes, tracesBytes } from '../support/arbitrary-otlp.ts';
import { decodePlain, encodePlain, type Plain } from '../support/plain-otlp.ts';

const dataType = { traces: 'TracesData', logs: 'LogsData', metrics: 'MetricsData' };
const groupNames = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;
const dataNames = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

const any: fc.Arbitrary<{ signal: Signal; bytes: Buffer }> = fc.oneof(
  tracesBytes.map((bytes) => ({ signal: 'traces' as const, bytes })),
  logsBytes.map((bytes) => ({ signal: 'logs' as const, bytes })),
  metricsBytes.map((bytes) => ({ signal: 'metrics' as const, bytes })),
);

const inner = (of: Plain, name: string): Plain[] => (of[name] ?? []) as Plain[];

interface Leaf {
  /** The item, or what has no items in it. */
  item: Plain;
  /** The messages around it, without their children. */
  around: Plain[];
  weight: number;
}

function bare(of: Plain, name: string): Plain {
  const { [name]: _, ...rest } = of;
  return rest;
}

/** The items with the groups around them, in their order; whatever has no items in it counts as one thing of weight 0. */
function leavesOf(signal: Signal, bytes: Uint8Array): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (message: Plain, names: readonly string[], around: Plain[]): void => {
    const [name, ...rest] = names;
    if (name === undefined) {
      leaves.push({ item: message, around, weight: 1 });
      return;
    }
    const isMetric = name === 'data';
    const field = isMetric ? dataNames.find((known) => message[known] !== undefined) : name;
    const children = field === undefined ? [] : isMetric ? [message[field] as Plain] : inner(message, field);
    if (field === undefined || children.length === 0) leaves.push({ item: message, around, weight: 0 });
    else for (const child of children) visit(child, rest, [...around, bare(message, field)]);
  };
  const names = signal === 'metrics' ? [...groupNames.metrics, 'data', 'dataPoints'] : groupNames[signal];
  const data = decodePlain(dataType[signal], bytes);
  if (inner(data, groupNames[signal][0]).length > 0) visit(data, names, []);
  return leaves;
}

const weightOf = (leaves: Leaf[]): number => leaves.reduce((sum, { weight }) => sum + weight, 0);
const few = { numRuns: 300 };

describe('itemCount and itemsIn', () => {
  test('count what is there', () => {
    fc.assert(
      fc.property(any, ({ signal, bytes }) => {
        const items = weightOf(leavesOf(signal, bytes));
        expect(itemsIn(signal, bytes)).toBe(items);
        expect(batchOf(signal, bytes).itemCount).toBe(items);
      }),
      few,
    );
  });
});

describe('splitBatch', () => {
  const limits = fc.record(
    {
      maxItems: fc.integer({ min: 1, max: 5 }),
      maxBytes: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 8000 })),
    },
    { requiredKeys: [] },
  );

  test('the parts hold everything in its order, within the limits, as few as can be', () => {
    fc.assert(
      fc.property(any, limits, ({ signal, bytes }, { maxItems, maxBytes }) => {
        const batch: AnyBatch = batchOf(signal, Buffer.from(bytes));
        const wanted = {
          ...(maxItems === undefined ? {} : { maxItems }),
          ...(maxBytes === undefined ? {} : { maxBytes }),
        };
        const parts = splitBatch(batch, wanted).map((part) => part.encode());
        const leaves = parts.map((part) => leavesOf(signal, part));
        expect(leaves.flat()).toStrictEqual(leavesOf(signal, bytes));
        for (const [index, part] of parts.entries()) {
          expect(weightOf(leaves[index] ?? [])).toBeLessThanOrEqual(maxItems ?? Infinity);
          if (maxBytes === undefined && index < parts.length - 1) {
            expect(weightOf(leaves[index] ?? [])).toBe(maxItems);
          }
          if ((leaves[index] ?? []).length > 1) expect(part.length).toBeLessThanOrEqual(maxBytes ?? Infinity);
        }
        expect(splitBatch(batch, wanted).map((part) => part.encode().toString('hex'))).toStrictEqual(
          parts.map((part) => part.toString('hex')),
        );
        expect(batch.encode().equals(bytes)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('a batch within the limits is one part with the same bytes', () => {
    fc.assert(
      fc.property(any, ({ signal, bytes }) => {
        const batch: AnyBatch = batchOf(signal, bytes);
        const [part, ...rest] = splitBatch(batch, { maxItems: 1000, maxBytes: 10_000_000 });
        expect(rest).toStrictEqual([]);
        expect(part?.encode()).toBe(batch.encode());
      }),
      few,
    );
  });

  test('limits may be exact', () => {
    const spans = Array.from({ length: 6 }, (_, index) => ({ name: `span ${index}` }));
    const bytes = encodePlain('TracesData', { resourceSpans: [{ schemaUrl: 'u', scopeSpans: [{ spans }] }] });
    const batch = batchOf('traces', bytes);
    expect(splitBatch(batch, { maxBytes: bytes.length })).toHaveLength(1);
    expect(splitBatch(batch, { maxBytes: bytes.length - 1 }).map((part) => part.itemCount)).toStrictEqual([
      5, 1,
    ]);
    expect(
      splitBatch(batch, { maxItems: 2 }).map((part) => part.spans().map(({ name }) => name)),
    ).toStrictEqual([
      ['span 0', 'span 1'],
      ['span 2', 'span 3'],
      ['span 4', 'span 5'],
    ]);
    expect(
      splitBatch(batch, { maxItems: 4 }).map((part) => part.resourceSpans()[0]?.schemaUrl),
    ).toStrictEqual(['u', 'u']);
  });

  test('keeps lengths of four bytes right', () => {
    const spans = Array.from({ length: 40 }, () => ({ name: 'n'.repeat(100_000) }));
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    for (const maxBytes of [300_050, 2_097_180, 3_000_000]) {
      const parts = splitBatch(batch, { maxBytes });
      expect(parts.reduce((sum, part) => sum + part.itemCount, 0)).toBe(40);
      for (const part of parts) {
        expect(part.encode().length).toBeLessThanOrEqual(maxBytes);
        expect(batchOf('traces', part.encode()).itemCount).toBe(part.itemCount);
      }
    }
  });
});

describe('mergeBatches', () => {
  test('is the concatenation, and the parts stay', () => {
    fc.assert(
      fc.property(fc.array(tracesBytes, { minLength: 1, maxLength: 4 }), (list) => {
        const batches = list.map((bytes) => batchOf('traces', Buffer.from(bytes)));
        const merged = mergeBatches(batches);
        expect(merged.encode().equals(Buffer.concat(list))).toBe(true);
        expect(merged.itemCount).toBe(batches.reduce((sum, batch) => sum + batch.itemCount, 0));
        for (const span of merged.spans()) span.startTimeUnixNano = 77n;
        for (const batch of batches) batch.release();
        expect(
          list.every(
            (bytes, index) => batchOf('traces', bytes).itemCount === itemsIn('traces', list[index] ?? bytes),
          ),
        ).toBe(true);
      }),
      few,
    );
  });

  test('of a split is the whole again, item by item', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 4 }), ({ signal, bytes }, maxItems) => {
        const batch: AnyBatch = batchOf(signal, bytes);
        const merged = mergeBatches(splitBatch(batch, { maxItems }));
        const items = ({ item }: Leaf): Plain => item;
        expect(leavesOf(signal, merged.encode()).map(items)).toStrictEqual(
          leavesOf(signal, bytes).map(items),
        );
      }),
      few,
    );
  });

  test('wants batches of one signal', () => {
    expect(() => mergeBatches([])).toThrow(TypeError);
    expect(() => mergeBatches<AnyBatch>([emptyBatch('traces'), emptyBatch('logs')])).toThrow(TypeError);
  });
});

describe('timeRangeOf', () => {
  test('is the extremes of what is not zero', () => {
    fc.assert(
      fc.property(any, ({ signal, bytes }) => {
        const times = leavesOf(signal, bytes)
          .filter(({ weight }) => weight === 1)
          .flatMap(({ item }) => {
            if (signal === 'traces') return [item['startTimeUnixNano'], item['endTimeUnixNano']];
            if (signal === 'metrics') return [item['startTimeUnixNano'], item['timeUnixNano']];
            return [item['timeUnixNano'] ?? item['observedTimeUnixNano']];
          })
          .filter((time) => typeof time === 'bigint');
        const range = timeRangeOf(batchOf(signal, bytes));
        if (times.length === 0) expect(range).toBeUndefined();
        else {
          expect(range?.startUnixNano).toBe(times.reduce((a, b) => (a < b ? a : b)));
          expect(range?.endUnixNano).toBe(times.reduce((a, b) => (a > b ? a : b)));
        }
      }),
      few,
    );
  });
});
