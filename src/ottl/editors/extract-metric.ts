import type { DataPoint, Metric } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { literalBool, literalString, optional } from '../parameters.ts';
import { addNumber, countOf, cumulative, metricOf, sumOf } from './metrics-made.ts';

const parameters = { monotonic: literalBool(), suffix: optional(literalString()) };

/** Adds a sum of the counts of a histogram or summary. Other metrics are an error. */
export const extractCountMetric = editor(
  'extract_count_metric',
  parameters,
  ({ monotonic, suffix = '_count' }) =>
    (record) => {
      const metric = metricOf(record);
      const temporality = temporalityOf(metric, 'extract_count_metric');
      const points = metric.dataPoints();
      if (points.length === 0) return;
      // The unit of what was measured is not that of how often it was.
      const sum = sumOf(metric, { temporality, monotonic, suffix, unit: '1' });
      for (const point of points) addNumber(sum, point, countOf(point));
    },
);

/** Adds a sum of the sums of a histogram or summary; data points without one are left out. Other metrics are an error. */
export const extractSumMetric = editor(
  'extract_sum_metric',
  parameters,
  ({ monotonic, suffix = '_sum' }) =>
    (record) => {
      const metric = metricOf(record);
      const temporality = temporalityOf(metric, 'extract_sum_metric');
      const points = metric.dataPoints().filter((point: DataPoint) => point.hasSum);
      if (points.length === 0) return;
      const sum = sumOf(metric, { temporality, monotonic, suffix });
      for (const point of points) addNumber(sum, point, point.sum ?? 0);
    },
);

/** A summary has none, and counts as cumulative. */
function temporalityOf(metric: Metric, name: string): number {
  const temporality = metric.type === 'summary' ? cumulative : (metric.aggregationTemporality ?? 0);
  if (metric.type !== 'sum' && temporality !== 0) return temporality;
  throw new OttlFailure(
    `${name} needs a histogram, exponential histogram or summary with an aggregation temporality, found a ${metric.type}`,
    [metric.name],
  );
}
