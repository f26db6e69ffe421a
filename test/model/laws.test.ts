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
import type { TracesBatch } from '../../src/model/traces.ts';
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
  /** The data with nothing but this in it. */
  alone: Plain;
}

function bare(of: Plain, name: string): Plain {
  const { [name]: _, ...rest } = of;
  return rest;
}

/** The items with the groups around them, in their order; whatever has no items in it counts as one thing of weight 0. */
function leavesOf(signal: Signal, bytes: Uint8Array): Leaf[] {
  const leaves: Leaf[] = [];
  type Wrap = (child: Plain) => Plain;
  const visit = (message: Plain, names: readonly string[], around: Plain[], wrap: Wrap): void => {
    const [name, ...rest] = names;
    if (name === undefined) {
      leaves.push({ item: message, around, weight: 1, alone: wrap(message) });
      return;
    }
    const isMetric = name === 'data';
    const field = isMetric ? dataNames.find((known) => message[known] !== undefined) : name;
    const children = field === undefined ? [] : isMetric ? [message[field] as Plain] : inner(message, field);
    if (field === undefined || children.length === 0) {
      leaves.push({ item: message, around, weight: 0, alone: wrap(message) });
      return;
    }
    const shell = bare(message, field);
    const inside: Wrap = (child) => wrap({ ...shell, [field]: isMetric ? child : [child] });
    for (const child of children) visit(child, rest, [...around, shell], inside);
  };
  const names = signal === 'metrics' ? [...groupNames.metrics, 'data', 'dataPoints'] : groupNames[signal];
  const data = decodePlain(dataType[signal], bytes);
  if (inner(data, groupNames[signal][0]).length > 0) visit(data, names, [], (whole) => whole);
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
        const parts = [...splitBatch(batch, wanted)].map((part) => part.encode());
        const leaves = parts.map((part) => leavesOf(signal, part));
        expect(leaves.flat()).toStrictEqual(leavesOf(signal, bytes));
        for (const [index, part] of parts.entries()) {
          expect(weightOf(leaves[index] ?? [])).toBeLessThanOrEqual(maxItems ?? Infinity);
          if (maxBytes === undefined && index < parts.length - 1) {
            expect(weightOf(leaves[index] ?? [])).toBe(maxItems);
          }
          // What is mostly groups may be a quarter larger than they are.
          const alone = (leaves[index] ?? []).map((leaf) => encodePlain(dataType[signal], leaf.alone).length);
          const most = Math.max(maxBytes ?? Infinity, 1.25 * Math.max(...alone));
          if (alone.length > 1) expect(part.length).toBeLessThanOrEqual(most);
        }
        expect([...splitBatch(batch, wanted)].map((part) => part.encode().toString('hex'))).toStrictEqual(
          parts.map((part) => part.toString('hex')),
        );
        expect(batch.encode().equals(bytes)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('a bound of bytes does not multiply the bytes, however large the groups', () => {
    const groups = fc.record({
      signal: fc.constant('traces' as const),
      bytes: fc
        .array(fc.tuple(fc.nat(9000), fc.array(fc.tuple(fc.nat(2000), fc.nat(60)), { maxLength: 6 })))
        .map((resources) =>
          encodePlain('TracesData', {
            resourceSpans: resources.map(([size, scopes]) => ({
              schemaUrl: 'u'.repeat(size),
              scopeSpans: scopes.map(([scope, spans]) => ({
                schemaUrl: 'v'.repeat(scope),
                spans: Array.from({ length: spans }, () => ({ name: 'n' })),
              })),
            })),
          }),
        ),
    });
    fc.assert(
      fc.property(
        fc.oneof(groups, any),
        fc.integer({ min: 1, max: 12_000 }),
        ({ signal, bytes }, maxBytes) => {
          let all = 0;
          for (const part of splitBatch<AnyBatch>(batchOf(signal, bytes), { maxBytes }))
            all += part.byteLength;
          expect(all).toBeLessThanOrEqual(9 * bytes.length);
        },
      ),
      { numRuns: 600 },
    );
  });

  test('a resource beyond the bound is not repeated for each of its spans', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({ name: `span ${index}` }));
    const bytes = encodePlain('TracesData', {
      resourceSpans: [
        { schemaUrl: 'before', scopeSpans: [{ spans: many }] },
        { schemaUrl: 'u'.repeat(100_000), scopeSpans: [{ spans: many }] },
        { schemaUrl: 'behind', scopeSpans: [{ spans: many }] },
      ],
    });
    const counts = (maxBytes: number) =>
      Array.from(splitBatch(batchOf('traces', bytes), { maxBytes }), (part) => part.itemCount);
    expect(counts(5000)).toStrictEqual([424, 576, 424, 76]);
    expect(counts(100_500).length).toBeLessThan(5);
  });

  test('makes each part when it is asked for, also when another split goes on meanwhile', () => {
    const data = (name: string) =>
      encodePlain('TracesData', {
        resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: 4 }, () => ({ name })) }] }],
      });
    const names = (name: string) => splitBatch(batchOf('traces', data(name)), { maxItems: 1 });
    const nameIn = (parts: Generator<TracesBatch>) => {
      const next = parts.next();
      return next.done === true ? undefined : next.value.spans()[0]?.name;
    };
    const [one, two] = [names('one'), names('two')];
    for (let turn = 0; turn < 4; turn++) {
      expect(nameIn(one)).toBe('one');
      expect(nameIn(two)).toBe('two');
    }
    expect([...one, ...two]).toStrictEqual([]);
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
    expect([...splitBatch(batch, { maxBytes: bytes.length })]).toHaveLength(1);
    expect(
      [...splitBatch(batch, { maxBytes: bytes.length - 1 })].map((part) => part.itemCount),
    ).toStrictEqual([5, 1]);
    expect(
      [...splitBatch(batch, { maxItems: 2 })].map((part) => part.spans().map(({ name }) => name)),
    ).toStrictEqual([
      ['span 0', 'span 1'],
      ['span 2', 'span 3'],
      ['span 4', 'span 5'],
    ]);
    expect(
      [...splitBatch(batch, { maxItems: 4 })].map((part) => part.resourceSpans()[0]?.schemaUrl),
    ).toStrictEqual(['u', 'u']);
  });

  test('keeps lengths of four bytes right', () => {
    const spans = Array.from({ length: 40 }, () => ({ name: 'n'.repeat(100_000) }));
    const batch = batchOf(
      'traces',
      encodePlain('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    for (const maxBytes of [300_050, 2_097_180, 3_000_000]) {
      const parts = [...splitBatch(batch, { maxBytes })];
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
        const merged = mergeBatches([...splitBatch(batch, { maxItems })]);
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
