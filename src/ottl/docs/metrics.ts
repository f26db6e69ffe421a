import type { FunctionDocs } from './doc.ts';

/** The editors of metrics and data points. */
export const metricDocs: FunctionDocs = {
  aggregate_on_attribute_value: {
    summary:
      'Gives an attribute one value in place of several and makes one data point of those that are the same then, with `sum`, `mean`, `min`, `max`, `median` or `count`; histograms are added up.',
    examples: [
      [
        'aggregate_on_attribute_value("mean", "host", ["a", "b"], "all")',
        'load = cumulative monotonic sum of 1.0 {"host": "all"} in "1"',
      ],
    ],
  },
  aggregate_on_attributes: {
    summary:
      'Makes one data point of those that have the same values of these attributes, of all without a list, and removes the other attributes.',
    examples: [
      ['aggregate_on_attributes("sum", [])', 'load = cumulative monotonic sum of 2.0 in "1"'],
      ['aggregate_on_attributes("max", ["zone"])', 'load = cumulative monotonic sum of 1.5 in "1"'],
    ],
  },
  convert_exponential_histogram_to_histogram: {
    summary:
      'Makes a histogram with these bounds of an exponential one; what reaches over several goes by `upper` or `midpoint` to one, by `uniform` or `random` to all of them.',
    examples: [
      [
        'convert_exponential_histogram_to_histogram("upper", [1.0, 2.0, 8.0])',
        'sizes = delta histogram of count 6 sum 14.0 buckets [0, 2, 3] to [1.0, 2.0, 8.0] {"host": "a"}',
      ],
    ],
  },
  convert_gauge_to_sum: {
    summary: 'Makes a sum of a gauge, `delta` or `cumulative`, monotonic or not.',
    examples: [['convert_gauge_to_sum("cumulative", false)', 'queue = cumulative sum of 12 {"host": "a"}']],
  },
  convert_sum_to_gauge: {
    summary: 'Makes a gauge of a sum.',
    examples: [['convert_sum_to_gauge()', 'load = gauge of 0.5 {"host": "a"}, 1.5 {"host": "b"} in "1"']],
  },
  convert_summary_count_val_to_sum: {
    summary:
      'Adds a sum of the counts of a summary, one for each data point that it runs on, each with all of them.',
    examples: [
      [
        'convert_summary_count_val_to_sum("cumulative", true)',
        'rpc_count = cumulative monotonic sum of 10 {"host": "a"}',
      ],
    ],
  },
  convert_summary_quantile_val_to_gauge: {
    summary: 'Adds a gauge of the quantiles of a summary, which are then attributes.',
    examples: [
      ['convert_summary_quantile_val_to_gauge("q", ".q")', 'rpc.q = gauge of 4.0 {"host": "a", "q": 0.5}'],
    ],
  },
  convert_summary_sum_val_to_sum: {
    summary:
      'Adds a sum of the sums of a summary, one for each data point that it runs on, each with all of them.',
    examples: [
      [
        'convert_summary_sum_val_to_sum("delta", false, ".total")',
        'rpc.total = delta sum of 50.0 {"host": "a"}',
      ],
    ],
  },
  copy_metric: {
    summary:
      'Adds a copy with another name, description or unit at the end of the scope, where the statements come to it too: say in `where` which metrics are meant.',
    examples: [
      [
        'copy_metric(name = "load.copy") where metric.name == "load"',
        'load.copy = cumulative monotonic sum of 0.5 {"host": "a"}, 1.5 {"host": "b"} in "1"',
      ],
    ],
  },
  extract_count_metric: {
    summary: 'Adds a sum of the counts of a histogram or summary.',
    examples: [
      ['extract_count_metric(true)', 'latency_count = delta monotonic sum of 4 {"host": "a"} in "1"'],
    ],
  },
  extract_percentile_metric: {
    summary: 'Adds a gauge of a percentile of a histogram, as if values were spread evenly in each bucket.',
    examples: [['extract_percentile_metric(50.0)', 'latency_p50 = gauge of 3.0 {"host": "a"} in "s"']],
  },
  extract_sum_metric: {
    summary: 'Adds a sum of the sums of a histogram or summary.',
    examples: [
      ['extract_sum_metric(false, ".total")', 'latency.total = delta sum of 6.0 {"host": "a"} in "s"'],
    ],
  },
  merge_histogram_buckets: {
    summary:
      'Makes fewer buckets: without the given bound, or with `limit_buckets` so that there are at most so many.',
    examples: [
      [
        'merge_histogram_buckets(1.0)',
        'latency = delta histogram of count 4 sum 6.0 buckets [3, 1] to [5.0] {"host": "a"} in "s"',
      ],
      [
        'merge_histogram_buckets(2, "limit_buckets")',
        'latency = delta histogram of count 4 sum 6.0 buckets [3, 1] to [5.0] {"host": "a"} in "s"',
      ],
    ],
  },
  scale_metric: {
    summary: 'Multiplies the values of a metric, and gives it another unit.',
    examples: [
      [
        'scale_metric(100.0, "%")',
        'load = cumulative monotonic sum of 50.0 {"host": "a"}, 150.0 {"host": "b"} in "%"',
      ],
    ],
  },
};
