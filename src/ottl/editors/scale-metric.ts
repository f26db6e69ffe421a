import type { DataPoint, Metric } from '../../model/metrics.ts';
import { toIntLike } from '../coerce.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { literalFloat, optional, string } from '../parameters.ts';
import { metricOf } from './metrics-made.ts';

/** Multiplies the values, sums, bounds and quantiles of a metric, and gives it another unit. */
export const scaleMetric = editor(
  'scale_metric',
  { multiplier: literalFloat(), unit: optional(string()) },
  ({ multiplier, unit: newUnit }) =>
    (record) => {
      const metric = metricOf(record);
      const unit = newUnit?.read(record);
      const scale = scalerOf(metric);
      for (const point of metric.dataPoints()) scale(point, multiplier);
      if (unit !== undefined) metric.unit = unit;
    },
);

function scalerOf({ type, name }: Metric): (point: DataPoint, by: number) => void {
  switch (type) {
    case 'gauge':
    case 'sum':
      return scaleNumber;
    case 'histogram':
      return scaleHistogram;
    case 'summary':
      return scaleSummary;
    case 'exponential_histogram':
      throw new OttlFailure('the buckets of an exponential histogram cannot be scaled', [name]);
    case 'none':
      throw new OttlFailure('a metric of no type cannot be scaled', [name]);
  }
}

function scaleNumber(point: DataPoint, by: number): void {
  point.value = scaled(point.value, by);
}

/** An int stays one, cut toward zero. */
function scaled(value: bigint | number | undefined, by: number): bigint | number | undefined {
  if (typeof value === 'bigint') return toIntLike(Number(value) * by);
  return value === undefined ? undefined : value * by;
}

function scaleHistogram(point: DataPoint, by: number): void {
  const { min, max, explicitBounds } = point;
  if (point.hasSum) point.sum = (point.sum ?? 0) * by;
  if (min !== undefined) point.min = min * by;
  if (max !== undefined) point.max = max * by;
  if (explicitBounds.length > 0) point.explicitBounds = explicitBounds.map((bound) => bound * by);
  for (const exemplar of point.exemplars) exemplar.value = scaled(exemplar.value, by);
}

function scaleSummary(point: DataPoint, by: number): void {
  const { sum = 0 } = point;
  if (sum !== 0) point.sum = sum * by;
  for (const quantile of point.quantiles) quantile.value *= by;
}
