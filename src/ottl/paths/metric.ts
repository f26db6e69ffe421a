import type { DataPoint, Metric, MetricType } from '../../model/metrics.ts';
import type { Target } from '../target.ts';
import { attributes, nanos, small, text, time } from './fields.ts';
import type { Fields } from './fields.ts';

const metricOf = (target: Target): Metric => target.metric as Metric;
const pointOf = (target: Target): DataPoint => target.point as DataPoint;

const typeNumbers: Readonly<Record<MetricType, number>> = {
  none: 0,
  gauge: 1,
  sum: 2,
  histogram: 3,
  exponential_histogram: 4,
  summary: 5,
};

export const metricFields: Fields = {
  name: text((target) => metricOf(target).name),
  description: text((target) => metricOf(target).description),
  unit: text((target) => metricOf(target).unit),
  type: small((target) => typeNumbers[metricOf(target).type]),
  metadata: attributes(
    (target) => metricOf(target).metadata,
    (key) => (target) => metricOf(target).metadata.getExact(key),
  ),
};

export const dataPointFields: Fields = {
  attributes: attributes(
    (target) => pointOf(target).attributes,
    (key) => (target) => pointOf(target).attributes.getExact(key),
  ),
  start_time_unix_nano: nanos((target) => pointOf(target).startTimeUnixNano),
  time_unix_nano: nanos((target) => pointOf(target).timeUnixNano),
  start_time: time((target) => pointOf(target).startTimeUnixNano),
  time: time((target) => pointOf(target).timeUnixNano),
};
