import type { DataPoint, Metric, MetricType } from '../../model/metrics.ts';
import type { Target } from '../target.ts';
import { asInt, attributes, nanos, text, time } from './fields.ts';
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
    write: (_, value) => void asInt(value),
  },
  metadata: attributes(
    (target) => metricOf(target).metadata,
    (key) => (target) => metricOf(target).metadata.getExact(key),
  ),
};

const setStart = (target: Target, nanos: bigint): void => {
  pointOf(target).startTimeUnixNano = nanos;
};
const setTime = (target: Target, nanos: bigint): void => {
  pointOf(target).timeUnixNano = nanos;
};

export const dataPointFields: Fields = {
  attributes: attributes(
    (target) => pointOf(target).attributes,
    (key) => (target) => pointOf(target).attributes.getExact(key),
  ),
  start_time_unix_nano: nanos((target) => pointOf(target).startTimeUnixNano, setStart),
  time_unix_nano: nanos((target) => pointOf(target).timeUnixNano, setTime),
  start_time: time((target) => pointOf(target).startTimeUnixNano, setStart),
  time: time((target) => pointOf(target).timeUnixNano, setTime),
};
