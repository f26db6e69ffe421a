/** What the Collector's answers in metric-editors do not show: errors, counts, endless copies, unusual bytes. */
import { describe, expect, test } from 'vitest';

import { batchOf } from '../../src/model/batches.ts';
import { MetricsBatch, type Metric } from '../../src/model/metrics.ts';
import { OttlEvalError, OttlError } from '../../src/ottl/errors.ts';
import type { ContextName } from '../../src/ottl/contexts.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import { transform } from '../../src/processors/transform.ts';
import { batchOfJson, plainOf } from '../conformance/corpus.ts';
import { configure, pass, processorOf } from '../support/processors.ts';

function metrics(...list: object[]): MetricsBatch {
  const json = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: list }] }] });
  const batch = batchOfJson(json);
  if (!(batch instanceof MetricsBatch)) throw new Error('no metrics');
  return batch;
}

const gauge = (...values: number[]): object => ({
  name: 'g',
  gauge: { dataPoints: values.map((asDouble) => ({ asDouble })) },
});

function execute(
  text: string,
  context: ContextName,
  batch: MetricsBatch,
  gates: readonly 'ottl.set.allowNil'[] = [],
): void {
  const [metric] = batch.metrics();
  const target = { metric, point: metric?.dataPoints()[0] };
  compileStatement(text, context, { gates: new Set(gates) }).execute(target);
}

describe('what makes no sense is a problem of the config', () => {
  test.each<[string, ContextName, RegExp]>([
    ['convert_gauge_to_sum("weekly", true)', 'metric', /delta or cumulative/],
    ['convert_gauge_to_sum("delta")', 'metric', /argument|parameter/],
    ['convert_summary_sum_val_to_sum("x", true)', 'datapoint', /delta or cumulative/],
    ['convert_summary_sum_val_to_sum("delta", true)', 'metric', /convert_summary_sum_val_to_sum/],
    ['copy_metric()', 'datapoint', /copy_metric/],
    ['copy_metric(1)', 'metric', /string/],
    ['scale_metric(10)', 'metric', /float/],
    ['aggregate_on_attributes("average")', 'metric', /sum, mean, min, max, median, count/],
    ['aggregate_on_attribute_value("sum", "a", "b", "c")', 'metric', /list/],
    [
      'convert_exponential_histogram_to_histogram("even", [1.0])',
      'metric',
      /upper, midpoint, random, uniform/,
    ],
    ['convert_exponential_histogram_to_histogram("upper", [])', 'metric', /at least one/],
    ['merge_histogram_buckets(1.5, "limit_buckets")', 'datapoint', /whole number/],
    ['merge_histogram_buckets(1, "merge")', 'datapoint', /remove_explicit_bound or limit_buckets/],
    ['merge_histogram_buckets(nil)', 'datapoint', /nil/],
    ['extract_percentile_metric(100.0)', 'metric', /below 100/],
    ['set(bucket_counts[0], 1)', 'datapoint', /index|key/],
  ])('%s', (text, context, message) => {
    expect(() => compileStatement(text, context)).toThrow(OttlError);
    expect(() => compileStatement(text, context)).toThrow(message);
  });
});

test.each([
  ['extract_count_metric(true)', 'gauge'],
  ['extract_sum_metric(true)', 'sum'],
  ['scale_metric(1.5)', 'exponentialHistogram'],
  ['aggregate_on_attributes("sum")', 'summary'],
  ['aggregate_on_attribute_value("sum", "a", ["b"], "c")', 'summary'],
])('%s fails on a metric of type %s', (text, type) => {
  const batch = metrics({ name: 'm', [type]: { dataPoints: [{}] } });
  expect(() => execute(text, 'metric', batch)).toThrow(OttlEvalError);
});

test('data points that become one are dropped, and counted', () => {
  const batch = metrics(gauge(1, 2, 3));
  execute('aggregate_on_attributes("sum", [])', 'metric', batch);
  expect(batch.itemCount).toBe(1);
  expect([...batch.takeDrops()]).toEqual([['aggregated', 2]]);
  expect(plainOf(batch)).toEqual(plainOf(metrics(gauge(6))));
});

test('what has no JSON is all the same to an aggregation', () => {
  const point = (asInt: string, doubleValue: number | string): object => ({
    asInt,
    attributes: [{ key: 'a', value: { doubleValue } }],
  });
  const batch = metrics({
    name: 'g',
    gauge: { dataPoints: [point('1', 'NaN'), point('2', 'Infinity'), point('4', 1)] },
  });
  execute('aggregate_on_attributes("sum")', 'metric', batch);
  expect(
    batch
      .metrics()[0]
      ?.dataPoints()
      .map(({ value }) => value),
  ).toEqual([3n, 4n]);
});

test('a percentile in a bucket up to a greatest value of NaN is NaN', () => {
  const point = { count: '2', bucketCounts: ['0', '1'], explicitBounds: [0], max: 'NaN' };
  const batch = metrics({ name: 'h', histogram: { dataPoints: [point] } });
  execute('extract_percentile_metric(2.5)', 'metric', batch);
  expect(batch.metrics()[1]?.dataPoints()[0]?.value).toBeNaN();
});

test('with nil a list of a data point is emptied, and a metric keeps no data points', () => {
  const batch = metrics({
    name: 'h',
    histogram: { dataPoints: [{ count: '1', bucketCounts: ['1'], exemplars: [{ asInt: '1' }] }, {}] },
  });
  const gates = ['ottl.set.allowNil'] as const;
  execute('set(exemplars, nil)', 'datapoint', batch, gates);
  execute('set(bucket_counts, nil)', 'datapoint', batch, gates);
  expect(plainOf(batch)).toEqual(
    plainOf(metrics({ name: 'h', histogram: { dataPoints: [{ count: '1' }, {}] } })),
  );
  execute('set(metric.data_points, nil)', 'datapoint', batch, gates);
  expect(batch.metrics()[0]?.dataPoints()).toEqual([]);
  expect(batch.itemCount).toBe(0);
});

test('data points that were dropped stay so when their metric becomes another', () => {
  const batch = metrics(gauge(1, 2, 3));
  batch.metrics()[0]?.dataPoints()[1]?.drop('test');
  execute('convert_gauge_to_sum("delta", true)', 'metric', batch);
  batch.metrics()[0]?.dataPoints()[0]?.drop('test');
  expect(batch.itemCount).toBe(1);
  const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ asDouble: 3 }] };
  expect(plainOf(batch)).toEqual(plainOf(metrics({ name: 'g', sum })));
});

test('a copy is independent, also of a batch that is shared', () => {
  const batch = metrics(gauge(1));
  const shared = batch.clone();
  execute('copy_metric(name = "copy")', 'metric', batch);
  execute('scale_metric(2.0)', 'metric', batch);
  expect(plainOf(batch)).toEqual(plainOf(metrics(gauge(2), { ...gauge(1), name: 'copy' })));
  expect(plainOf(shared)).toEqual(plainOf(metrics(gauge(1))));
  expect(batch.itemCount).toBe(2);
});

test('numbers that are not packed are read, and written packed', () => {
  // Histogram data point: counts 1 and 2 one by one, then 3 packed; bounds 0.5 one by one.
  const counts = [1, 2].map((count) => `31${fixed(count)}`).join('');
  const point = `${counts}3208${fixed(3)}39000000000000e03f`;
  const nested = (tag: string, hex: string): string =>
    `${tag}${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
  const metric = nested('4a', nested('0a', point));
  const batch = batchOf('metrics', Buffer.from(nested('0a', nested('12', nested('12', metric))), 'hex'));
  const numbers = (metrics: readonly Metric[]): unknown =>
    metrics.flatMap((metric) => metric.dataPoints().map((one) => [one.bucketCounts, one.explicitBounds]));
  expect(numbers(batch.metrics())).toEqual([[[1n, 2n, 3n], [0.5]]]);
  for (const one of batch.metrics()) for (const each of one.dataPoints()) each.bucketCounts = [7n, 8n];
  expect(numbers(batch.metrics())).toEqual([[[7n, 8n], [0.5]]]);
  expect(numbers(batchOf('metrics', batch.encode()).metrics())).toEqual([[[7n, 8n], [0.5]]]);
});

function fixed(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString('hex');
}

test('random buckets keep every measurement, however many there are', () => {
  const positive = { offset: 0, bucketCounts: ['1000000000000', '7', '33'] };
  const batch = metrics({ name: 'e', exponentialHistogram: { dataPoints: [{ scale: 0, positive }] } });
  execute('convert_exponential_histogram_to_histogram("random", [1.2, 1.5, 3.0, 5.0])', 'metric', batch);
  const counts = batch.metrics()[0]?.dataPoints()[0]?.bucketCounts ?? [];
  expect(counts).toHaveLength(4);
  expect(counts.reduce((sum, count) => sum + count, 0n)).toBe(1_000_000_000_040n);
});

test('a metric that is copied by its own copies stops the run', async () => {
  const yaml = 'metric_statements: [\'copy_metric(name = "again")\', \'set(metric.unit, "1")\']';
  expect(configure(transform, yaml, ['metrics']).errors).toEqual([]);
  const processor = await processorOf(transform, yaml, { pipelineSignal: 'metrics' });
  await expect(pass(processor, metrics(gauge(1), gauge(2)))).rejects.toThrow(/they run on what they make/);
});

test('what a statement adds is visited also where a metric of the scope was dropped before', async () => {
  const batch = metrics({ ...gauge(1), name: 'gone' }, gauge(2));
  batch.metrics()[0]?.drop('test');
  const yaml =
    'metric_statements: [\'copy_metric(name = "n") where metric.name == "g"\', \'set(metric.unit, Concat([metric.unit, "x"], ""))\']';
  const processor = await processorOf(transform, yaml, { pipelineSignal: 'metrics' });
  const [out = batch] = await pass(processor, batch);
  const expected = metrics({ ...gauge(2), unit: 'x' }, { ...gauge(2), name: 'n', unit: 'x' });
  expect(plainOf(out)).toEqual(plainOf(expected));
});
