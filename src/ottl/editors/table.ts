import type { FunctionSpec } from '../function.ts';
import { aggregateOnAttributeValue, aggregateOnAttributes } from './aggregate-metric.ts';
import { append } from './append.ts';
import { convertExponentialHistogramToHistogram } from './convert-exponential.ts';
import { convertGaugeToSum, convertSumToGauge } from './convert-metric.ts';
import {
  convertSummaryCountValToSum,
  convertSummaryQuantileValToGauge,
  convertSummarySumValToSum,
} from './convert-summary.ts';
import { copyMetric } from './copy-metric.ts';
import { deleteIndex } from './delete-index.ts';
import { extractCountMetric, extractSumMetric } from './extract-metric.ts';
import { extractPercentileMetric } from './extract-percentile.ts';
import { flatten } from './flatten.ts';
import { deleteKey, deleteMatchingKeys, keepKeys, keepMatchingKeys } from './keys.ts';
import { limit } from './limit.ts';
import { mergeHistogramBuckets } from './merge-histogram-buckets.ts';
import { mergeMaps } from './merge-maps.ts';
import { replaceAllMatches, replaceAllPatterns, replaceMatch, replacePattern } from './replace.ts';
import { scaleMetric } from './scale-metric.ts';
import { set } from './set.ts';
import { setSemconvSpanName } from './set-semconv-span-name.ts';
import { stringifyAll } from './stringify-all.ts';
import { truncateAll } from './truncate-all.ts';

type Editors = ReadonlyMap<string, FunctionSpec>;

function named(editors: readonly FunctionSpec[]): Editors {
  return new Map(editors.map((spec) => [spec.name, spec]));
}

/** The editors that every context knows. */
export const editors: Editors = named([
  append,
  deleteIndex,
  deleteKey,
  deleteMatchingKeys,
  flatten,
  keepKeys,
  keepMatchingKeys,
  limit,
  mergeMaps,
  replaceAllMatches,
  replaceAllPatterns,
  replaceMatch,
  replacePattern,
  set,
  stringifyAll,
  truncateAll,
]);

/** With those that only the span context knows. */
export const spanEditors: Editors = named([...editors.values(), setSemconvSpanName]);

/** With those that only the metric context knows. */
export const metricEditors: Editors = named([
  ...editors.values(),
  aggregateOnAttributeValue,
  aggregateOnAttributes,
  convertExponentialHistogramToHistogram,
  convertGaugeToSum,
  convertSumToGauge,
  convertSummaryQuantileValToGauge,
  copyMetric,
  extractCountMetric,
  extractPercentileMetric,
  extractSumMetric,
  scaleMetric,
]);

/** With those that only the data point context knows. */
export const dataPointEditors: Editors = named([
  ...editors.values(),
  convertSummaryCountValToSum,
  convertSummarySumValToSum,
  mergeHistogramBuckets,
]);
