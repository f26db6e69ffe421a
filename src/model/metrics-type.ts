/** The kind of a metric's data; `none` for a metric without data or of a kind that is newer than this. */
export type MetricType = 'none' | KnownMetricType;
export type KnownMetricType = 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

/** In the order of their fields in a Metric, which is that of `metricDataTags`. */
export const metricTypes: readonly KnownMetricType[] = [
  'gauge',
  'sum',
  'histogram',
  'exponential_histogram',
  'summary',
];

/** The tags of what data points of several types have, each in its own place; 0 for what a type has not. */
interface PointTags {
  readonly attributes: number;
  readonly flags: number;
  readonly exemplars: number;
  readonly min: number;
  readonly max: number;
}

const number: PointTags = { attributes: 0x3a, flags: 0x40, exemplars: 0x2a, min: 0, max: 0 };
const summary: PointTags = { ...number, exemplars: 0 };

export const pointTags: Readonly<Record<MetricType, PointTags>> = {
  none: summary,
  gauge: number,
  sum: number,
  histogram: { attributes: 0x4a, flags: 0x50, exemplars: 0x42, min: 0x59, max: 0x61 },
  exponential_histogram: { attributes: 0x0a, flags: 0x50, exemplars: 0x5a, min: 0x61, max: 0x69 },
  summary,
};
