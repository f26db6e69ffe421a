import { expect, test } from 'vitest';

import { OttlEvalError } from '../../src/ottl/errors.ts';
import { compileValue } from '../../src/ottl/condition.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import type { Target } from '../../src/ottl/target.ts';
import { batchOfJson, plainOf } from '../conformance/corpus.ts';

const json = JSON.stringify({
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'requests',
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: [{ asInt: '5' }, { asDouble: 1.5 }],
              },
            },
            {
              name: 'latency',
              histogram: { aggregationTemporality: 1, dataPoints: [{ count: '3', sum: 4.5, flags: 1 }] },
            },
            {
              name: 'empty',
              gauge: { dataPoints: [{ attributes: [{ key: 'a', value: { intValue: '1' } }] }] },
            },
          ],
        },
      ],
    },
  ],
});

function metricsBatch() {
  const batch = batchOfJson(json);
  if (batch.signal !== 'metrics') throw new Error('no metrics');
  return batch;
}

/** The data point of that metric, seen from its context. */
function point(batch: ReturnType<typeof metricsBatch>, metric: number, index = 0): Target {
  const found = batch.metrics()[metric];
  return { metric: found, point: found?.dataPoints()[index] };
}

test.each([
  ['value_int', 0, 0, 5n],
  ['value_double', 0, 0, 0],
  ['value_double', 0, 1, 1.5],
  ['value_int', 0, 1, 0n],
  ['value_int', 1, 0, null],
  ['count', 1, 0, 3n],
  ['sum', 1, 0, 4.5],
  ['sum', 0, 0, null],
  ['flags', 1, 0, 1n],
  ['metric.aggregation_temporality', 0, 0, 2n],
  ['metric.aggregation_temporality', 2, 0, null],
  ['metric.is_monotonic', 0, 0, true],
  ['metric.is_monotonic', 1, 0, null],
  ['metric.type', 1, 0, 3n],
])('%s of data point %i %i', (path, metric, index, expected) => {
  expect(compileValue(path, 'datapoint').read(point(metricsBatch(), metric, index))).toBe(expected);
});

test.each([
  ['HasAttrKeyOnDatapoint("a")', 2, true],
  ['HasAttrKeyOnDatapoint("b")', 2, false],
  ['HasAttrOnDatapoint("a", "")', 2, true],
  ['HasAttrOnDatapoint("a", "1")', 2, false],
])('%s of metric %i', (text, metric, expected) => {
  expect(compileValue(text, 'metric').read(point(metricsBatch(), metric))).toBe(expected);
});

test('what is set is what is encoded', () => {
  const batch = metricsBatch();
  const run = (text: string, metric: number, index = 0): void => {
    compileStatement(text, 'datapoint').execute(point(batch, metric, index));
  };
  run('set(value_double, 2.5)', 0, 0);
  run('set(value_int, 0)', 0, 1);
  run('set(count, 9)', 1);
  run('set(sum, 0.5)', 1);
  run('set(flags, 0)', 1);
  run('set(metric.is_monotonic, false)', 0);
  run('set(metric.aggregation_temporality, AGGREGATION_TEMPORALITY_DELTA)', 0);
  run('set(metric.name, "renamed") where metric.type == METRIC_DATA_TYPE_GAUGE', 2);
  run('set(attributes["b"], "x")', 2);
  expect(plainOf(batch)).toEqual({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'requests',
                sum: { aggregationTemporality: 1, dataPoints: [{ asDouble: 2.5 }, { asInt: 0n }] },
              },
              {
                name: 'latency',
                histogram: { aggregationTemporality: 1, dataPoints: [{ count: 9n, sum: 0.5 }] },
              },
              {
                name: 'renamed',
                gauge: {
                  dataPoints: [
                    {
                      attributes: [
                        { key: 'a', value: { intValue: 1n } },
                        { key: 'b', value: { stringValue: 'x' } },
                      ],
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  });
});

test.each(['set(value_int, 1)', 'set(value_double, 1.5)'])('%s fails on a histogram', (text) => {
  expect(() => compileStatement(text, 'datapoint').execute(point(metricsBatch(), 1))).toThrow(OttlEvalError);
});

test.each(['set(count, 1)', 'set(sum, 1.5)', 'set(sum, 1)'])('%s fails on a number', (text) => {
  expect(() => compileStatement(text, 'datapoint').execute(point(metricsBatch(), 0))).toThrow(OttlEvalError);
});
