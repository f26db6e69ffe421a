import { emptyBatch } from '../../model/batches.ts';
import type { Metric } from '../../model/metrics.ts';
import { editor } from '../function.ts';
import { RefusedArgument, listOf, literalFloat, literalString } from '../parameters.ts';
import { countsWithin, distributions, isDistribution, type Distribution } from './exponential-buckets.ts';
import { metricOf } from './metrics-made.ts';

const parameters = { distributionFn: literalString(), explicitBounds: listOf(literalFloat()) };

/**
 * Makes a histogram with these bounds of an exponential histogram. What a bucket counts that reaches over several of
 * the new ones goes to one of them (`upper`, `midpoint`) or to all of them (`uniform`, `random`).
 */
export const convertExponentialHistogramToHistogram = editor(
  'convert_exponential_histogram_to_histogram',
  parameters,
  ({ distributionFn, explicitBounds }) => {
    const distribution = distributionFn === '' ? 'random' : distributionFn;
    if (!isDistribution(distribution))
      throw new RefusedArgument(
        `the distribution is one of ${distributions.join(', ')}, found ${JSON.stringify(distributionFn)}`,
      );
    if (explicitBounds.length === 0) throw new RefusedArgument('there must be at least one bound');
    return (record) => {
      const metric = metricOf(record);
      if (metric.type === 'exponential_histogram')
        metric.copyFrom(histogramOf(metric, explicitBounds, distribution));
    };
  },
);

/** As in the reference, flags and the metadata of the metric go, and a sum, least or greatest value that is missing is 0. */
function histogramOf(metric: Metric, bounds: readonly number[], distribution: Distribution): Metric {
  const histogram = emptyBatch('metrics').addResource().addScope().addMetric();
  histogram.name = metric.name;
  histogram.description = metric.description;
  histogram.unit = metric.unit;
  histogram.begin('histogram');
  histogram.aggregationTemporality = metric.aggregationTemporality;
  for (const point of metric.dataPoints()) {
    const converted = histogram.addDataPoint();
    converted.addAttributesOf(point);
    converted.startTimeUnixNano = point.startTimeUnixNano;
    converted.timeUnixNano = point.timeUnixNano;
    converted.count = point.count;
    converted.sum = point.sum;
    converted.min = point.min ?? 0;
    converted.max = point.max ?? 0;
    converted.addCopiesOf(point.exemplars);
    converted.explicitBounds = bounds;
    converted.bucketCounts = countsWithin(point, bounds, distribution);
  }
  return histogram;
}
