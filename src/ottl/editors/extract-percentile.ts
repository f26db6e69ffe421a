import type { DataPoint } from '../../model/metrics.ts';
import { editor } from '../function.ts';
import { RefusedArgument, literalFloat, literalString, optional } from '../parameters.ts';
import { sprintf } from '../sprintf.ts';
import { addNumber, gaugeOf, metricOf } from './metrics-made.ts';
import { percentileOf } from './percentiles.ts';

const parameters = { percentile: literalFloat(), suffix: optional(literalString()) };

/** Adds a gauge with a percentile (above 0, below 100) of each data point of a histogram. Other metrics are left alone. */
export const extractPercentileMetric = editor(
  'extract_percentile_metric',
  parameters,
  ({ percentile, suffix }) => {
    if (percentile <= 0 || percentile >= 100)
      throw new RefusedArgument(`a percentile is above 0 and below 100, found ${percentile}`);
    const label = sprintf('p%g', [percentile]);
    const ending = suffix === undefined || suffix === '' ? `_${label}` : suffix;
    return (record) => {
      const metric = metricOf(record);
      if (metric.type !== 'histogram' && metric.type !== 'exponential_histogram') return;
      const values = metric.dataPoints().flatMap((point: DataPoint) => {
        const value = percentileOf(point, percentile);
        return value === undefined ? [] : [{ point, value }];
      });
      if (values.length === 0) return;
      const gauge = gaugeOf(metric, { suffix: ending });
      gauge.description = metric.description === '' ? label : `${metric.description} (${label})`;
      for (const { point, value } of values) addNumber(gauge, point, value);
    };
  },
);
