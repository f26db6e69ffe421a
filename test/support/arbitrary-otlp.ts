/** Random OTLP data as plain objects (see plain-otlp.ts), odd but legal: empty groups, duplicates, unknown fields. */
import fc from 'fast-check';
import type { Plain, PlainAttribute, PlainValue } from './plain-otlp.ts';
import { encodePlain } from './plain-otlp.ts';

const keyPool = [
  'http.route',
  'client.address',
  'a',
  '',
  'näme',
  '__proto__',
  'constructor',
  'x'.repeat(130),
  // About the longest key that has a number, and the longest whose length is one byte.
  ...[64, 65, 127, 128].map((length) => 'k'.repeat(length)),
  // Alike in all that is hashed.
  'http.a.http.route',
  'http.b.http.route',
  'k8s.pod.name',
];

/** Keys that repeat, so that edits meet them. */
export const attributeKeys: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...keyPool) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
);

const texts = fc.oneof(
  fc.constantFrom(
    '',
    'short',
    'GET',
    'ü'.repeat(30),
    'y'.repeat(48),
    'y'.repeat(49),
    '10.1.2.3 called',
    '😀',
  ),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('z'.repeat(3000), 'ö'.repeat(200)),
);

/** int64 over all widths of its varint. */
export const int64s: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    -1n,
    127n,
    128n,
    200n,
    2n ** 53n,
    2n ** 53n - 1n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    -(2n ** 63n),
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

export const doubles: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, 1.5, NaN, Infinity, -Infinity, 1e300),
  fc.double(),
);

const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString('hex'));

/** An AnyValue of any type, nested a little. */
export const anyValues: fc.Arbitrary<PlainValue> = fc.letrec<{ value: PlainValue; scalar: PlainValue }>(
  (tie) => ({
    scalar: fc.oneof(
      fc.constant({}),
      texts.map((stringValue) => ({ stringValue })),
      fc.boolean().map((boolValue) => ({ boolValue })),
      int64s.map((intValue) => ({ intValue })),
      doubles.map((doubleValue) => ({ doubleValue })),
      fc.uint8Array({ maxLength: 20 }).map((array) => ({ bytesValue: Buffer.from(array).toString('hex') })),
    ),
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 6, arbitrary: tie('scalar') },
      {
        weight: 1,
        arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: listOf(values) })),
      },
      {
        weight: 1,
        arbitrary: fc
          .uniqueArray(fc.tuple(attributeKeys, tie('value')), { maxLength: 3, selector: ([key]) => key })
          .map((entries) => ({
            kvlistValue: listOf(entries.map(([key, value]) => attributeOf(key, value))),
          })),
      },
    ),
  }),
).value;

const listOf = (values: Plain[]): Plain => (values.length === 0 ? {} : { values });

function attributeOf(key: string, value: PlainValue): PlainAttribute {
  return key === '' ? { value } : { key, value };
}

/** Attributes, with duplicates now and then, a key left out, or the value before the key. */
export const attributeLists: fc.Arbitrary<PlainAttribute[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(attributeKeys, anyValues).map(([key, value]) => attributeOf(key, value)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(attributeKeys, anyValues)
        .map(([key, value]) => ({ value, ...attributeOf(key, value) })),
    },
    { weight: 1, arbitrary: attributeKeys.map((key) => (key === '' ? {} : { key })) },
  ),
  { maxLength: 6 },
);

/** Field 1000 of each wire type: newer than we know. */
const unknown = fc.constantFrom('c03e05', 'c13e0102030405060708', 'c23e03616263', 'c53e01020304');

const counts = fc.constantFrom(0, 1, 300, 4294967295);
const times = fc.oneof(
  fc.constantFrom(0n, 5n, 1_700_000_000_000_000_000n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 63n }),
);
const flags = fc.constantFrom(0, 1, 0x101, 0x301, 4294967295);

/** Some of the fields, in any order: protobuf leaves the order free. */
function message(fields: { [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<Plain> {
  const all = fc.record(
    { ...fields, '?': fc.array(unknown, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: [] },
  );
  return fc.tuple(all, fc.boolean()).map(([object, isReversed]) => {
    const entries = Object.entries(object).filter(([name, value]) => name === '?' || !isPlainDefault(value));
    return Object.fromEntries(isReversed ? entries.toReversed() : entries);
  });
}

function isPlainDefault(value: unknown): boolean {
  return (
    value === 0 ||
    value === 0n ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

const resources = message({ attributes: attributeLists, droppedAttributesCount: counts });
const scopes = message({
  name: texts,
  version: texts,
  attributes: attributeLists,
  droppedAttributesCount: counts,
});

export const plainSpans: fc.Arbitrary<Plain> = message({
  traceId: hexOf(16),
  spanId: hexOf(8),
  traceState: texts,
  parentSpanId: hexOf(8),
  name: texts,
  kind: fc.constantFrom(0, 1, 2, 3, 4, 5, 300),
  startTimeUnixNano: times,
  endTimeUnixNano: times,
  attributes: attributeLists,
  droppedAttributesCount: counts,
  events: fc.array(
    message({ timeUnixNano: times, name: texts, attributes: attributeLists, droppedAttributesCount: counts }),
    { maxLength: 3 },
  ),
  droppedEventsCount: counts,
  links: fc.array(
    message({
      traceId: hexOf(16),
      spanId: hexOf(8),
      traceState: texts,
      attributes: attributeLists,
      droppedAttributesCount: counts,
      flags,
    }),
    { maxLength: 2 },
  ),
  droppedLinksCount: counts,
  status: message({ message: texts, code: fc.constantFrom(0, 1, 2) }),
  flags,
});

export const plainLogRecords: fc.Arbitrary<Plain> = message({
  timeUnixNano: times,
  observedTimeUnixNano: times,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: texts,
  body: anyValues,
  attributes: attributeLists,
  droppedAttributesCount: counts,
  flags,
  traceId: hexOf(16),
  spanId: hexOf(8),
  eventName: texts,
});

const pointTimes = { startTimeUnixNano: times, timeUnixNano: times, attributes: attributeLists };
const numbers = fc.oneof(
  message({ ...pointTimes, asDouble: doubles, flags: fc.constantFrom(0, 1) }),
  message({ ...pointTimes, asInt: times }),
);
const histograms = message({
  ...pointTimes,
  count: times,
  sum: doubles,
  bucketCounts: fc.array(times, { maxLength: 3 }),
  explicitBounds: fc.array(doubles, { maxLength: 2 }),
  min: doubles,
  max: doubles,
});
const buckets = message({
  offset: fc.integer({ min: -1000, max: 1000 }),
  bucketCounts: fc.array(times, { maxLength: 3 }),
});
const exponentials = message({
  ...pointTimes,
  count: times,
  scale: fc.integer({ min: -10, max: 20 }),
  positive: buckets,
  negative: buckets,
});
const summaries = message({
  ...pointTimes,
  count: times,
  sum: doubles.filter((value) => value !== 0),
  quantileValues: fc.array(
    message({ quantile: fc.constantFrom(0.5, 0.99), value: fc.constantFrom(1, 2.5) }),
    { maxLength: 2 },
  ),
});
const dataOf = (
  points: fc.Arbitrary<Plain>,
  more: { [name: string]: fc.Arbitrary<unknown> } = {},
): fc.Arbitrary<Plain> => message({ dataPoints: fc.array(points, { maxLength: 4 }), ...more });
const temporality = { aggregationTemporality: fc.constantFrom(0, 1, 2) };

export const plainMetrics: fc.Arbitrary<Plain> = fc
  .tuple(
    message({ name: texts, description: texts, unit: texts, metadata: attributeLists }),
    fc.oneof(
      fc.constant({}),
      fc.record({ gauge: dataOf(numbers) }),
      fc.record({ sum: dataOf(numbers, { ...temporality, isMonotonic: fc.boolean() }) }),
      fc.record({ histogram: dataOf(histograms, temporality) }),
      fc.record({ exponentialHistogram: dataOf(exponentials, temporality) }),
      fc.record({ summary: dataOf(summaries) }),
    ),
  )
  .map(([head, data]) => ({ ...head, ...data }));

function dataArbitrary(
  signal: 'Spans' | 'Logs' | 'Metrics',
  items: string,
  item: fc.Arbitrary<Plain>,
): fc.Arbitrary<Plain> {
  const scope = message({
    scope: scopes,
    [items]: fc.array(item, { maxLength: 4 }),
    schemaUrl: fc.constantFrom('', 'https://s/1'),
  });
  const group = message({
    resource: resources,
    [`scope${signal}`]: fc.array(scope, { maxLength: 3 }),
    schemaUrl: fc.constantFrom('', 'https://s/2'),
  });
  return message({ [`resource${signal}`]: fc.array(group, { maxLength: 3 }) });
}

/** Traces of a few spans, for tests that do much to each. */
export const fewPlainSpans: fc.Arbitrary<Plain> = fc
  .tuple(fc.array(plainSpans, { minLength: 1, maxLength: 3 }), resources, fc.boolean())
  .map(([spans, resource, isOneScope]) => {
    const scopeSpans = isOneScope
      ? [{ spans }]
      : spans.map((span) => ({ spans: [span], scope: { name: 'lib' } }));
    return { resourceSpans: [{ resource, scopeSpans }] };
  });

/** Plain TracesData, LogsData and MetricsData. */
export const plainTraces: fc.Arbitrary<Plain> = dataArbitrary('Spans', 'spans', plainSpans);
export const plainLogs: fc.Arbitrary<Plain> = dataArbitrary('Logs', 'logRecords', plainLogRecords);
export const plainMetricsData: fc.Arbitrary<Plain> = dataArbitrary('Metrics', 'metrics', plainMetrics);

/** The same as protobuf bytes. */
export const tracesBytes: fc.Arbitrary<Buffer> = plainTraces.map((data) => encodePlain('TracesData', data));
export const logsBytes: fc.Arbitrary<Buffer> = plainLogs.map((data) => encodePlain('LogsData', data));
export const metricsBytes: fc.Arbitrary<Buffer> = plainMetricsData.map((data) =>
  encodePlain('MetricsData', data),
);
