/** Statements that are run on the same metrics here and by the Collector, whose answers `collector.json` holds. */

export interface MetricCase {
  readonly context: 'metric' | 'datapoint';
  readonly statements: readonly string[];
}

const metric = (...statements: string[]): MetricCase => ({ context: 'metric', statements });
const datapoint = (...statements: string[]): MetricCase => ({ context: 'datapoint', statements });

const aggregations = ['sum', 'mean', 'min', 'max', 'median', 'count'];
const bounds = '[0.0, 1.0, 2.5, 8.0, 20.0, 100.0]';
const numbers = 'where type == METRIC_DATA_TYPE_GAUGE or type == METRIC_DATA_TYPE_SUM';

/** A name is the key of the answer. */
export const cases: Readonly<Record<string, MetricCase>> = {
  'nothing to do': metric('set(unit, unit)'),
  'sum to gauge': metric('convert_sum_to_gauge()'),
  'gauge to delta sum': metric('convert_gauge_to_sum("delta", false)'),
  'gauge to cumulative sum and back': metric(
    'convert_gauge_to_sum("cumulative", true)',
    'set(unit, "{one}") where type == METRIC_DATA_TYPE_SUM',
    'convert_sum_to_gauge() where name == "queue"',
  ),
  'count of histograms': metric('extract_count_metric(true)'),
  'count of some, with a suffix': metric('extract_count_metric(false, ".n") where name == "latency"'),
  'sum of histograms': metric('extract_sum_metric(true)'),
  'sum, then scaled on the way': metric(
    'extract_sum_metric(false, ".total") where type != METRIC_DATA_TYPE_SUM',
    'scale_metric(2.0, "x") where name == "latency.total"',
  ),
  percentiles: metric('extract_percentile_metric(50.0)', 'extract_percentile_metric(99.5, ".top")'),
  'low percentile': metric('extract_percentile_metric(0.5)'),
  'summary counts': datapoint('convert_summary_count_val_to_sum("delta", false)'),
  'summary sums': datapoint('convert_summary_sum_val_to_sum("cumulative", true, ".all")'),
  'summary quantiles': metric('convert_summary_quantile_val_to_gauge()'),
  'summary quantiles, named': metric('convert_summary_quantile_val_to_gauge("q", ".q")'),
  copy: metric(
    'copy_metric(name = "again") where name == "queue"',
    'set(description, Concat([name, "!"], ""))',
  ),
  'copy of all there is': metric(
    'copy_metric(Concat(["copy", name], "."), "d", "u") where not HasPrefix(name, "copy")',
  ),
  'copy that fails on the way': metric(
    'copy_metric(name = "renamed", description = metadata["none"]) where name == "sizes"',
  ),
  scale: metric('scale_metric(10.0)'),
  'scale with a unit': metric('scale_metric(0.001, "ks")'),
  ...Object.fromEntries(
    aggregations.flatMap((by) => [
      [`${by} over no attributes`, metric(`aggregate_on_attributes("${by}", [])`)],
      [`${by} over all attributes`, metric(`aggregate_on_attributes("${by}")`)],
      [`${by} over one`, metric(`aggregate_on_attributes("${by}", ["host", "none"])`)],
      [
        `${by} over a value`,
        metric(`aggregate_on_attribute_value("${by}", "host", ["a", "b"], "ab") ${numbers}`),
      ],
    ]),
  ),
  'histograms over a value': metric(
    'aggregate_on_attribute_value("max", "host", ["a", "b"], "ab") where type != METRIC_DATA_TYPE_SUMMARY',
  ),
  'upper buckets': metric(`convert_exponential_histogram_to_histogram("upper", ${bounds})`),
  'midpoint buckets': metric(`convert_exponential_histogram_to_histogram("midpoint", ${bounds})`),
  'uniform buckets': metric(`convert_exponential_histogram_to_histogram("uniform", ${bounds})`),
  'random buckets that need no chance': metric(
    'convert_exponential_histogram_to_histogram("random", [0.001])',
  ),
  'a bound less': datapoint('merge_histogram_buckets(2.5)'),
  'no such bound': datapoint('merge_histogram_buckets("7")'),
  'at most two buckets': datapoint('merge_histogram_buckets(2, "limit_buckets")'),
  'a computed number of buckets': datapoint('merge_histogram_buckets(count - 6, "limit_buckets")'),
  'lists of a data point': datapoint(
    'set(attributes["buckets"], Len(bucket_counts))',
    'set(attributes["bounds"], explicit_bounds)',
    'set(attributes["counts"], bucket_counts)',
    'set(attributes["list"], IsList(bucket_counts))',
    'set(attributes["exemplars"], Len(exemplars))',
    'set(attributes["quantiles"], Len(quantile_values))',
    'set(attributes["points"], Len(metric.data_points))',
    'set(attributes["text"], String(explicit_bounds))',
    'set(attributes["counts text"], String(bucket_counts))',
    'set(attributes["holds"], ContainsValue(explicit_bounds, 2.5))',
    'set(attributes["same"], true) where bucket_counts == [1, 2, 3, 2] or explicit_bounds == [1.0, 2.5, 5.0]',
  ),
  'numbers of a data point': datapoint(
    'set(attributes["scale"], scale)',
    'set(attributes["zeros"], zero_count)',
    'set(attributes["offset"], positive.offset)',
    'set(attributes["lower"], Len(negative.bucket_counts))',
    'set(attributes["value"], value_int)',
    'set(attributes["double"], value_double)',
    'set(attributes["nothing"], true) where scale == nil and positive.offset == nil and bucket_counts == nil',
  ),
  'a data point that is set': datapoint(
    'set(bucket_counts, [5, 6])',
    'set(explicit_bounds, [2.5])',
    'set(scale, 3)',
    'set(zero_count, 9)',
    'set(positive.offset, -2)',
    'set(positive.bucket_counts, [1, 0, 300])',
    'set(negative, positive)',
    'set(negative.offset, 4)',
  ),
  'a data point that is set wrong': datapoint(
    'set(bucket_counts, [1.5])',
    'set(explicit_bounds, [1])',
    'set(explicit_bounds, "1")',
    'set(positive, 1)',
    'set(exemplars, [1])',
    'set(quantile_values, exemplars)',
    'set(metric.data_points, exemplars)',
    'set(bucket_counts, attributes["host"])',
  ),
  'bounds for counts': datapoint('set(explicit_bounds, [1.0, 2.0])', 'set(bucket_counts, bucket_counts)'),
};
