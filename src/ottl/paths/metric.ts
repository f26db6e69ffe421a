import type { Metric } from '../../model/metrics.ts';
import type { MetricType } from '../../model/metrics-type.ts';
import type { Target } from '../target.ts';
import { OttlItems } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { asInt, attributes, intOrNil, text, wrongType } from './fields.ts';
import type { Fields } from './fields.ts';

const metricOf = (target: Target): Metric => target.metric as Metric;

const typeNumbers: Readonly<Record<MetricType, number>> = {
  none: 0,
  gauge: 1,
  sum: 2,
  histogram: 3,
  exponential_histogram: 4,
  summary: 5,
};

const pointKinds = {
  gauge: 'numberPoints',
  sum: 'numberPoints',
  histogram: 'histogramPoints',
  exponential_histogram: 'exponentialPoints',
  summary: 'summaryPoints',
} as const;

function pointsOf(target: Target): OttlItems | null {
  const metric = metricOf(target);
  return metric.type === 'none' ? null : new OttlItems(pointKinds[metric.type], metric.dataPointCount);
}

/** The data points of the metric itself are all that can be assigned: there is no path to others. Nil empties. */
function assignPoints(target: Target, value: OttlValue): void {
  const metric = metricOf(target);
  if (metric.type === 'none') return;
  if (value === undefined || value === null) metric.removeDataPoints('emptied');
  else if (!(value instanceof OttlItems) || value.of !== pointKinds[metric.type])
    throw wrongType(`the data points of a ${metric.type}`, value);
}

export const metricFields: Fields = {
  name: text(
    (target) => metricOf(target).name,
    (target, name) => (metricOf(target).name = name),
  ),
  description: text(
    (target) => metricOf(target).description,
    (target, description) => (metricOf(target).description = description),
  ),
  unit: text(
    (target) => metricOf(target).unit,
    (target, unit) => (metricOf(target).unit = unit),
  ),
  type: {
    read: (target) => BigInt(typeNumbers[metricOf(target).type]),
    small: (target) => typeNumbers[metricOf(target).type],
    /** As in the reference, assigning a type does nothing. */
    write: () => {},
    type: 'int64',
    takesAll: true,
  },
  aggregation_temporality: {
    read: (target) => intOrNil(metricOf(target).aggregationTemporality),
    write: (target, value) =>
      (metricOf(target).aggregationTemporality = Number(BigInt.asUintN(32, asInt(value)))),
  },
  is_monotonic: {
    read: (target) => metricOf(target).isMonotonic ?? null,
    write(target, value) {
      if (typeof value !== 'boolean') throw wrongType('bool', value);
      metricOf(target).isMonotonic = value;
    },
  },
  data_points: { read: pointsOf, write: assignPoints },
  metadata: attributes(metricOf, (metric) => metric.metadata),
};
