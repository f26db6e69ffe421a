import { editor } from '../function.ts';
import { literalBool, literalString, optional } from '../parameters.ts';
import { addNumber, countOf, gaugeOf, metricOf, sumOf, temporalityNamed } from './metrics-made.ts';

const sumParameters = {
  stringAggTemp: literalString(),
  monotonic: literalBool(),
  suffix: optional(literalString()),
};

/**
 * Adds a sum of the counts of a summary. Known in the data point context only: as in the reference it adds one such
 * metric, with all data points, for each data point that it runs on.
 */
export const convertSummaryCountValToSum = editor(
  'convert_summary_count_val_to_sum',
  sumParameters,
  ({ stringAggTemp, monotonic, suffix = '_count' }) => {
    const settings = { temporality: temporalityNamed(stringAggTemp), monotonic, suffix };
    return (record) => {
      const metric = metricOf(record);
      if (metric.type !== 'summary') return;
      const sum = sumOf(metric, settings);
      for (const point of metric.dataPoints()) addNumber(sum, point, countOf(point));
    };
  },
);

/** The same for the sums of a summary. */
export const convertSummarySumValToSum = editor(
  'convert_summary_sum_val_to_sum',
  sumParameters,
  ({ stringAggTemp, monotonic, suffix = '_sum' }) => {
    const settings = { temporality: temporalityNamed(stringAggTemp), monotonic, suffix };
    return (record) => {
      const metric = metricOf(record);
      if (metric.type !== 'summary') return;
      const sum = sumOf(metric, settings);
      for (const point of metric.dataPoints()) addNumber(sum, point, point.sum ?? 0);
    };
  },
);

/** Adds a gauge with the quantiles of a summary, each a data point with the quantile as an attribute. */
export const convertSummaryQuantileValToGauge = editor(
  'convert_summary_quantile_val_to_gauge',
  { attributeKey: optional(literalString()), suffix: optional(literalString()) },
  ({ attributeKey = 'quantile', suffix = '.quantiles' }) =>
    (record) => {
      const metric = metricOf(record);
      if (metric.type !== 'summary') return;
      const gauge = gaugeOf(metric, { suffix });
      for (const point of metric.dataPoints()) {
        for (const { quantile, value } of point.quantiles)
          addNumber(gauge, point, value).attributes.setExact(attributeKey, quantile);
      }
    },
);
