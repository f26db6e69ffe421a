import { describe, expect, test } from 'vitest';
import { batchOf, emptyBatch } from '../../src/model/batches.ts';
import type { LogsBatch } from '../../src/model/logs.ts';
import { SpanKind, StatusCode, type Span, type TracesBatch } from '../../src/model/traces.ts';
import { valueText, type Value } from '../../src/model/value.ts';
import { WireError } from '../../src/wire/errors.ts';
import fc from 'fast-check';
import { plainLogs, plainMetricsData } from '../support/arbitrary-otlp.ts';
import { exactOf } from '../support/plain-edits.ts';
import { decodePlain, encodePlain, type Plain, type PlainValue } from '../support/plain-otlp.ts';

const field = (tag: number[], body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...tag, body.length]), body]);
const text = (content: string): Buffer => Buffer.from(content);
const request = (span: Buffer): Buffer => field([0x0a], field([0x12], field([0x12], span)));
const attribute = (key: string, value: string): Buffer =>
  field([0x4a], Buffer.concat([field([0x0a], text(key)), field([0x12], field([0x0a], text(value)))]));

const open = (bytes: Uint8Array): TracesBatch => batchOf('traces', Buffer.from(bytes));
const first = (batch: TracesBatch): Span => batch.spans()[0] as Span;
const spanOf = (span: Buffer): Span => first(open(request(span)));

function edited(span: Buffer, edit: (span: Span) => unknown): string {
  const batch = open(request(span));
  edit(first(batch));
  return batch.encode().toString('hex');
}
const hex = (span: Buffer): string => request(span).toString('hex');

describe('odd but legal protobuf', () => {
  const unknown = Buffer.concat([Buffer.from([0xfa, 0x01]), field([], text('new'))]);

  test('unknown fields survive an edit', () => {
    const before = Buffer.concat([unknown, field([0x2a], text('n'))]);
    expect(edited(before, (span) => (span.name = 'mm'))).toBe(
      hex(Buffer.concat([unknown, field([0x2a], text('mm'))])),
    );
  });

  test('the value may come before the key', () => {
    const swapped = field(
      [0x4a],
      Buffer.concat([field([0x12], field([0x0a], text('v'))), field([0x0a], text('k'))]),
    );
    expect(spanOf(swapped).attributes.get('k')).toBe('v');
    expect(spanOf(swapped).attributes.keys()).toStrictEqual(['k']);
  });

  test('a length may be longer than it need be', () => {
    expect(spanOf(Buffer.from([0x2a, 0x81, 0x00, 0x6e])).name).toBe('n');
    const id = Buffer.concat([Buffer.from([0x12, 0x88, 0x00]), Buffer.alloc(8, 0xab)]);
    expect(spanOf(id).spanId).toBe('ab'.repeat(8));
  });

  test('an empty attribute before one that looks like its key', () => {
    const attributes = [{}, { key: 'a', value: { stringValue: 'b' } }];
    const batch = open(encodePlain('TracesData', { resourceSpans: [{ resource: { attributes } }] }));
    const [resource] = batch.resources();
    expect(resource?.attributes.entries()).toStrictEqual([
      ['', null],
      ['a', 'b'],
    ]);
    expect(resource?.attributes.has(encodePlain('KeyValue', { ...attributes[1] }).toString())).toBe(false);
    expect(resource?.attributes.get('')).toBeNull();
  });

  test('of duplicates the first is read, set and deleted', () => {
    const twice = Buffer.concat([attribute('k', '1'), attribute('k', '2')]);
    expect(spanOf(twice).attributes.get('k')).toBe('1');
    expect(spanOf(twice).attributes.size).toBe(2);
    expect(edited(twice, (span) => span.attributes.delete('k'))).toBe(hex(attribute('k', '2')));
    expect(edited(twice, (span) => span.attributes.set('k', '3'))).toBe(
      hex(Buffer.concat([attribute('k', '3'), attribute('k', '2')])),
    );
  });

  test('an attribute, a status, an event are added to nothing', () => {
    const nothing = Buffer.alloc(0);
    expect(edited(nothing, (span) => span.attributes.set('k', 'v'))).toBe(hex(attribute('k', 'v')));
    expect(edited(nothing, (span) => (span.status.code = StatusCode.ERROR))).toBe(
      hex(Buffer.from('7a021802', 'hex')),
    );
    expect(edited(nothing, (span) => span.addEvent())).toBe(hex(Buffer.from('5a00', 'hex')));
  });

  test('reading changes nothing, and writing what is there already neither', () => {
    const before = Buffer.concat([
      field([0x2a], text('n')),
      attribute('k', 'v'),
      field([0x7a], Buffer.from([0x18, 2])),
    ]);
    const batch = open(request(before));
    const bytes = batch.encode();
    const span = first(batch);
    span.status.code = 2;
    span.name = 'n';
    span.attributes.set('k', 'v');
    span.parentSpanId = '';
    span.startTimeUnixNano = 0n;
    expect(span.events).toStrictEqual([]);
    expect(batch.encode()).toBe(bytes);
    expect(bytes.toString('hex')).toBe(hex(before));
  });

  test('a field set to its default is taken out', () => {
    expect(edited(field([0x2a], text('n')), (span) => (span.name = ''))).toBe(hex(Buffer.alloc(0)));
    expect(edited(Buffer.from([0x30, 2]), (span) => (span.kind = SpanKind.UNSPECIFIED))).toBe(
      hex(Buffer.alloc(0)),
    );
  });

  test('keys of 128 bytes and more, and of prototype members', () => {
    for (const key of [
      'k'.repeat(127),
      'k'.repeat(128),
      'ü'.repeat(200),
      '__proto__',
      'constructor',
      'toString',
    ]) {
      const batch = open(request(Buffer.alloc(0)));
      expect(first(batch).attributes.get(key)).toBeUndefined();
      first(batch).attributes.set(key, 1);
      expect(first(open(batch.encode())).attributes.entries()).toStrictEqual([[key, 1]]);
    }
  });

  test('ill-formed bytes are refused', () => {
    const bad = [
      '0a0501',
      '0a021209',
      '0b',
      '0801',
      hex(Buffer.from('2a01612a0162', 'hex')),
      hex(Buffer.from('aa00016e', 'hex')),
    ];
    for (const bytes of bad) expect(() => open(Buffer.from(bytes, 'hex'))).toThrow(WireError);
  });
});

describe('setters', () => {
  test('refuse what does not fit', () => {
    const span = spanOf(Buffer.alloc(0));
    for (const id of ['12', 'g'.repeat(16), '0'.repeat(32)])
      expect(() => (span.spanId = id)).toThrow(RangeError);
    expect(() => (span.traceId = '0'.repeat(16))).toThrow(RangeError);
    for (const time of [-1n, 2n ** 64n]) expect(() => (span.startTimeUnixNano = time)).toThrow(RangeError);
    for (const number of [-1, 1.5, 2 ** 32, NaN]) {
      expect(() => (span.kind = number)).toThrow(RangeError);
      expect(() => (span.flags = number)).toThrow(RangeError);
    }
    expect(() => span.attributes.set('k', 2n ** 63n)).toThrow(RangeError);
    expect(() => span.attributes.set('k', { a: 1 } as unknown as Value)).toThrow(TypeError);
    expect(span.attributes.size).toBe(0);
  });

  test('ids become lower case', () => {
    const span = spanOf(Buffer.alloc(0));
    span.traceId = 'ABCDEF0123456789abcdef0123456789';
    expect(span.traceId).toBe('abcdef0123456789abcdef0123456789');
    span.traceId = '';
    expect(span.traceId).toBe('');
  });

  test('numbers: integral as int64, others as double, or as said', () => {
    const { attributes } = spanOf(Buffer.alloc(0));
    attributes.set('http.response.status_code', 200);
    expect(attributes.get('http.response.status_code') === 200).toBe(true);
    expect(attributes.getExact('http.response.status_code')).toBe(200n);
    attributes.setExact('http.response.status_code', 200);
    expect(attributes.getExact('http.response.status_code')).toBe(200);
    attributes.set('big', 2n ** 60n);
    expect(attributes.get('big')).toBe(2n ** 60n);
    attributes.set('ratio', 0.5);
    expect(attributes.getExact('ratio')).toBe(0.5);
  });
});

describe('callbacks of a pass', () => {
  const two = (): TracesBatch => {
    const batch = emptyBatch('traces');
    const scope = batch.addResource().addScope();
    for (const name of ['a', 'b']) {
      const span = scope.addSpan();
      span.name = name;
      for (const key of ['x', 'y', 'z']) span.attributes.set(key, `${name}${key}`);
    }
    return open(batch.encode());
  };

  test('may read other spans', () => {
    const batch = two();
    const [a, b] = batch.spans() as [Span, Span];
    a.attributes.update(
      (value, key) =>
        `${valueText(value)}-${valueText(b.attributes.getExact(key) ?? null)}-${a.name}-${a.attributes.size}`,
    );
    expect(a.attributes.entries().map(([, value]) => value)).toStrictEqual([
      'ax-bx-a-3',
      'ay-by-a-3',
      'az-bz-a-3',
    ]);
    b.attributes.deleteKeys((key) => a.attributes.get(key) === 'ay-by-a-3');
    expect(b.attributes.keys()).toStrictEqual(['x', 'z']);
    b.attributes.mapStrings((text) => text + a.name);
    expect(b.attributes.get('z')).toBe('bza');
  });

  test('see earlier edits of their record, also in its bytes, when they have read another span', () => {
    const batch = two();
    const [a, b] = batch.spans() as [Span, Span];
    a.name = 'edited';
    const seen: unknown[] = [];
    a.attributes.update((value, key) => {
      const names = first(open(Buffer.from(batch.encode()))).name;
      seen.push([b.name, a.name, names]);
      b.attributes.set(key, a.name);
      return value;
    });
    expect(seen).toStrictEqual([
      ['b', 'edited', 'edited'],
      ['b', 'edited', 'edited'],
      ['b', 'edited', 'edited'],
    ]);
    expect(first(open(batch.encode())).name).toBe('edited');
    a.name = 'again';
    b.attributes.deleteKeys(() => (a.attributes.set('x', b.name), false));
    a.attributes.deleteKeys(() => (b.copyFrom(a), false));
    expect([b.name, a.name, b.attributes.get('x')]).toStrictEqual(['again', 'again', 'b']);
  });

  test('may throw when they have read another span, and earlier edits are kept', () => {
    const batch = two();
    const [a, b] = batch.spans() as [Span, Span];
    a.name = 'edited';
    const fails = (): never => {
      throw new Error(b.name);
    };
    expect(() => a.attributes.update(fails)).toThrow('b');
    expect(first(open(batch.encode())).name).toBe('edited');
    expect(a.name).toBe('edited');
  });

  test('must not edit the record when they have read another span either', () => {
    const batch = two();
    const [a, b] = batch.spans() as [Span, Span];
    const edits = [() => a.attributes.set('new', b.name), () => (a.name = b.name), () => a.copyFrom(b)];
    for (const edit of edits)
      expect(() => a.attributes.deleteKeys(() => (edit(), true))).toThrow('must not edit');
    expect([a.name, a.attributes.size]).toStrictEqual(['a', 3]);
  });

  test('must not edit the record, nor begin another pass', () => {
    const batch = two();
    const [a, b] = batch.spans() as [Span, Span];
    expect(() => a.attributes.deleteKeys((key) => (a.attributes.set('new', 1), key === 'x'))).toThrow(
      'must not edit',
    );
    expect(() => a.attributes.update((value) => (b.attributes.clear(), value))).toThrow('another pass');
    a.attributes.clear();
    expect(a.attributes.size).toBe(0);
  });

  test('may throw, and nothing has changed', () => {
    const batch = two();
    const [a] = batch.spans() as [Span];
    const before = batch.encode().toString('hex');
    expect(() =>
      a.attributes.deleteKeys((key) => {
        if (key === 'z') throw new Error('mine');
        return true;
      }),
    ).toThrow('mine');
    expect(batch.encode().toString('hex')).toBe(before);
    a.attributes.deleteKeys((key) => key === 'x');
    expect(a.attributes.keys()).toStrictEqual(['y', 'z']);
  });
});

/** What the views of a batch must be able to rely on, each one broken once by a shortcut. */
describe('views of parts', () => {
  const status = field([0x7a], Buffer.from([0x18, 2]));
  const event = (name: string): Buffer => field([0x5a], field([0x12], text(name)));
  const names = (batch: TracesBatch): unknown => {
    const span = first(open(batch.encode()));
    return [span.name, span.events.map((event) => event.name), span.status.code, span.status.message];
  };

  test('opened after their span moved, at its end, do not grow in its bytes', () => {
    const batch = open(request(Buffer.concat([field([0x2a], text('n')), event('e'), status])));
    const span = first(batch);
    span.name = 'longer';
    span.status.message = 'message';
    span.status.message = 'longer message';
    expect(names(batch)).toStrictEqual(['longer', ['e'], 2, 'longer message']);
  });

  test('stay where they are when their span is last in the arena and changes in the middle', () => {
    const batch = open(request(Buffer.concat([field([0x2a], text('n')), event('e'), event('f'), status])));
    const span = first(batch);
    span.name = 'longer';
    expect(span.events.map((event) => event.name)).toStrictEqual(['e', 'f']);
    span.name = 'much longer than before';
    expect(span.events.map((event) => event.name)).toStrictEqual(['e', 'f']);
    if (span.events[1]) span.events[1].name = 'g';
    expect(names(batch)).toStrictEqual(['much longer than before', ['e', 'g'], 2, '']);
  });

  test('are written in place only where everything above is in place', () => {
    const batch = open(request(Buffer.from([0x39, 1, 0, 0, 0, 0, 0, 0, 0])));
    const span = first(batch);
    span.resource.schemaUrl = 'the group moves, the scope does not';
    span.startTimeUnixNano = 9n;
    expect(first(open(batch.encode())).startTimeUnixNano).toBe(9n);
  });
});

describe('groups', () => {
  test('left empty go too, and come back when something is added', () => {
    const batch = emptyBatch('traces');
    const group = batch.addResource();
    group.resource.attributes.set('service.name', 's');
    const scope = group.addScope();
    scope.addSpan().name = 'a';
    scope.addSpan().name = 'b';
    const held = batch.spans();
    expect(batch.itemCount).toBe(2);
    scope.drop('scope');
    expect([
      batch.itemCount,
      batch.spans().length,
      batch.resources().length,
      batch.encode().length,
    ]).toStrictEqual([0, 0, 0, 0]);
    for (const span of held) {
      expect(span.dropped).toBe(true);
      span.drop('again');
    }
    expect([...batch.takeDrops()]).toStrictEqual([['scope', 2]]);
    scope.addSpan().name = 'c';
    expect(batch.spans().map(({ name }) => name)).toStrictEqual(['c']);
    expect(first(open(batch.encode())).resource.attributes.get('service.name')).toBe('s');
    expect(batch.itemCount).toBe(1);
  });

  test('a resource without anything is kept as it came, and dropped when asked', () => {
    const bytes = Buffer.from('0a000a00', 'hex');
    const batch = open(bytes);
    expect(batch.resourceSpans()).toHaveLength(2);
    batch.resourceSpans()[0]?.drop('empty');
    expect(batch.encode().toString('hex')).toBe('0a00');
    expect(batch.takeDrops().size).toBe(0);
  });

  test('thousands of spans are built in linear time', () => {
    const build = (count: number): number => {
      const batch = emptyBatch('traces');
      const scope = batch.addResource().addScope();
      const started = performance.now();
      for (let i = 0; i < count; i++) {
        const span = scope.addSpan();
        span.name = `span ${i}`;
        span.startTimeUnixNano = BigInt(i);
        const event = span.addEvent();
        for (let key = 0; key < 10; key++) {
          span.attributes.set(`key.${key}`, i);
          event.attributes.set(`key.${key}`, 'text');
          span.status.message = `message ${key}`;
        }
      }
      expect(open(batch.encode()).itemCount).toBe(count);
      return performance.now() - started;
    };
    build(1000);
    const small = build(2000);
    expect(build(16_000)).toBeLessThan(Math.max(small, 20) * 8 * 5);
  });
});

const logPlaces = (data: Plain): Plain[] =>
  ((data['resourceLogs'] ?? []) as Plain[]).flatMap((group) =>
    ((group['scopeLogs'] ?? []) as Plain[]).flatMap((scope) => (scope['logRecords'] ?? []) as Plain[]),
  );

describe('logs', () => {
  test('are read as an independent reader reads them', () => {
    fc.assert(
      fc.property(plainLogs, (data) => {
        const bytes = encodePlain('LogsData', data);
        const records = batchOf('logs', bytes).logRecords();
        const plain = logPlaces(decodePlain('LogsData', bytes));
        expect(records.length).toBe(plain.length);
        for (const [index, record] of records.entries()) {
          const wanted = plain[index] ?? {};
          const names = [
            'timeUnixNano',
            'observedTimeUnixNano',
            'severityNumber',
            'severityText',
            'droppedAttributesCount',
            'flags',
            'traceId',
            'spanId',
            'eventName',
          ] as const;
          for (const name of names) {
            const value = record[name];
            const isDefault = value === 0 || value === '' || value === 0n;
            expect([name, isDefault ? undefined : value]).toStrictEqual([name, wanted[name]]);
          }
          expect(record.bodyExact).toStrictEqual(exactOf(wanted['body'] as PlainValue | undefined));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are built and edited', () => {
    const batch: LogsBatch = emptyBatch('logs');
    const group = batch.addResource();
    group.resource.attributes.set('service.name', 's');
    const scope = group.addScope();
    scope.scope.name = 'lib';
    const record = scope.addLogRecord();
    record.timeUnixNano = 1n;
    record.observedTimeUnixNano = 2n;
    record.severityNumber = 9;
    record.severityText = 'INFO';
    record.body = new Map<string, Value>([['a', [1, 'x']]]);
    record.attributes.set('k', true);
    record.droppedAttributesCount = 3;
    record.flags = 1;
    record.traceId = 'ab'.repeat(16);
    record.spanId = 'cd'.repeat(8);
    record.eventName = 'event';
    expect(decodePlain('LogsData', batch.encode())).toStrictEqual({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] },
          scopeLogs: [
            {
              scope: { name: 'lib' },
              logRecords: [
                {
                  timeUnixNano: 1n,
                  observedTimeUnixNano: 2n,
                  severityNumber: 9,
                  severityText: 'INFO',
                  body: {
                    kvlistValue: {
                      values: [
                        {
                          key: 'a',
                          value: { arrayValue: { values: [{ intValue: 1n }, { stringValue: 'x' }] } },
                        },
                      ],
                    },
                  },
                  attributes: [{ key: 'k', value: { boolValue: true } }],
                  droppedAttributesCount: 3,
                  flags: 1,
                  traceId: 'ab'.repeat(16),
                  spanId: 'cd'.repeat(8),
                  eventName: 'event',
                },
              ],
            },
          ],
        },
      ],
    });
    record.bodyExact = 5;
    expect([record.body, record.bodyExact]).toStrictEqual([5, 5]);
    record.body = 5;
    expect(record.bodyExact).toBe(5n);
    record.body = null;
    expect(record.body).toBeNull();
    expect([record.resource.attributes.get('service.name'), record.scope.name]).toStrictEqual(['s', 'lib']);
    record.drop('why');
    expect([batch.itemCount, ...batch.takeDrops()]).toStrictEqual([0, ['why', 1]]);
  });
});

describe('metrics', () => {
  const plainMetricsOf = (data: Plain): Plain[] =>
    ((data['resourceMetrics'] ?? []) as Plain[]).flatMap((group) =>
      ((group['scopeMetrics'] ?? []) as Plain[]).flatMap((scope) => (scope['metrics'] ?? []) as Plain[]),
    );
  const kinds = {
    gauge: 'gauge',
    sum: 'sum',
    histogram: 'histogram',
    exponential_histogram: 'exponentialHistogram',
    summary: 'summary',
    none: '',
  };

  test('are read and edited as an independent reader expects', () => {
    fc.assert(
      fc.property(plainMetricsData, (data) => {
        const bytes = encodePlain('MetricsData', data);
        const wanted = decodePlain('MetricsData', bytes);
        const batch = batchOf('metrics', bytes);
        for (const [index, metric] of batch.metrics().entries()) {
          const plain = plainMetricsOf(wanted)[index] ?? {};
          expect([metric.name, metric.description, metric.unit]).toStrictEqual([
            plain['name'] ?? '',
            plain['description'] ?? '',
            plain['unit'] ?? '',
          ]);
          const of = plain[kinds[metric.type]] as Plain | undefined;
          const points = (of?.['dataPoints'] ?? []) as Plain[];
          expect(metric.dataPointCount).toBe(points.length);
          for (const [at, point] of metric.dataPoints().entries()) {
            const plainPoint = points[at] ?? {};
            expect(point.timeUnixNano).toBe(plainPoint['timeUnixNano'] ?? 0n);
            point.timeUnixNano = 5n;
            plainPoint['timeUnixNano'] = 5n;
            point.attributes.clear();
            delete plainPoint['attributes'];
          }
          metric.unit = 'ms';
          plain['unit'] = 'ms';
        }
        expect(decodePlain('MetricsData', batch.encode())).toStrictEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });

  test('a dropped metric counts for its data points', () => {
    fc.assert(
      fc.property(plainMetricsData, (data) => {
        const batch = batchOf('metrics', encodePlain('MetricsData', data));
        let left = batch.itemCount;
        for (const metric of batch.metrics()) {
          left -= metric.dataPointCount;
          metric.drop('metric');
          expect(batch.itemCount).toBe(left);
        }
        expect(left).toBe(0);
        expect(batch.metrics()).toStrictEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('a dropped data point goes with what it leaves empty', () => {
    fc.assert(
      fc.property(plainMetricsData, fc.func(fc.boolean()), (data, unwanted) => {
        const bytes = encodePlain('MetricsData', data);
        const wanted = decodePlain('MetricsData', bytes);
        const batch = batchOf('metrics', bytes);
        let left = batch.itemCount;
        let dropped = 0;
        const emptied = new Set<unknown>();
        for (const [index, metric] of batch.metrics().entries()) {
          const before = metric.dataPoints();
          const goes = before.map((_, at) => unwanted(index, at));
          for (const [at, point] of before.entries()) if (goes[at] === true) point.drop('point');
          const gone = goes.filter(Boolean).length;
          left -= gone;
          dropped += gone;
          expect(metric.dropped).toBe(before.length > 0 && gone === before.length);
          if (!metric.dropped) expect(metric.dataPointCount).toBe(before.length - gone);
          const plain = plainMetricsOf(wanted)[index] ?? {};
          const of = plain[kinds[metric.type]] as Plain | undefined;
          if (metric.dropped) emptied.add(plain);
          else if (gone > 0 && of !== undefined)
            of['dataPoints'] = (of['dataPoints'] as Plain[]).filter((_, at) => goes[at] !== true);
        }
        expect(batch.itemCount).toBe(left);
        expect(batch.takeDrops().get('point') ?? 0).toBe(dropped);
        const kept = plainMetricsOf(wanted).filter((plain) => !emptied.has(plain));
        expect(plainMetricsOf(decodePlain('MetricsData', batch.encode()))).toStrictEqual(kept);
        expect(batchOf('metrics', batch.encode()).itemCount).toBe(left);
      }),
      { numRuns: 200 },
    );
  });

  test('metrics copied in two steps are the same: what describes them, then each data point', () => {
    fc.assert(
      fc.property(plainMetricsData, (data) => {
        const bytes = encodePlain('MetricsData', data);
        const from = batchOf('metrics', bytes);
        const to = emptyBatch('metrics');
        const scope = to.addResource().addScope();
        for (const metric of from.metrics()) {
          const copy = scope.addMetric();
          copy.copyWithoutPoints(metric);
          for (const point of metric.dataPoints()) copy.addCopyOf(point);
          expect(copy.dataPointCount).toBe(metric.dataPointCount);
        }
        expect(to.itemCount).toBe(from.itemCount);
        const metrics = plainMetricsOf(decodePlain('MetricsData', to.encode()));
        expect(metrics).toStrictEqual(plainMetricsOf(decodePlain('MetricsData', bytes)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a copy of a record', () => {
  test('has all that the record had when it was made, edits too, and is independent of it', () => {
    const from = emptyBatch('traces');
    const group = from.addResource();
    group.resource.attributes.set('service.name', 'shop');
    const span = group.addScope().addSpan();
    span.name = 'before';
    span.addEvent().name = 'event';
    const to = emptyBatch('traces');
    const copies = to.addResource();
    copies.resource.copyFrom(group.resource);
    const copy = copies.addScope().addSpan();
    copy.copyFrom(span);
    span.name = 'after';
    copy.attributes.set('own', 1);
    const [read] = batchOf('traces', to.encode()).spans();
    expect([read?.name, read?.events[0]?.name, read?.attributes.get('own')]).toEqual(['before', 'event', 1]);
    expect(read?.resource.attributes.get('service.name')).toBe('shop');
    expect([span.name, span.attributes.size, to.itemCount]).toEqual(['after', 0, 1]);
  });
});
