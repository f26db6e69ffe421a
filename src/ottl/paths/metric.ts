import type { DataPoint, Metric, MetricType } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import type { Target } from '../target.ts';
import type { OttlValue } from '../values.ts';
import { asInt, attributes, nanos, small, text, time, wrongType } from './fields.ts';
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

function intOrNil(value: bigint | number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
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
    write: (_, value) => void asInt(value),
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

/** As in the reference, the value of a data point of the other kind of number reads as 0, that of other types as nil. */
function numberOf(target: Target, kind: 'bigint' | 'number'): OttlValue {
  const { value, metric } = pointOf(target);
  if (metric.type !== 'gauge' && metric.type !== 'sum') return null;
  if (typeof value === kind) return value;
  return kind === 'bigint' ? 0n : 0;
}

function asFloat(value: OttlValue): number {
  if (typeof value === 'number') return value;
  throw wrongType('float64', value);
}

/** Data points of other types have no such field. */
function assigned(assign: () => void): void {
  try {
    assign();
  } catch (error) {
    throw error instanceof TypeError ? new OttlFailure(error.message) : error;
  }
}

export const dataPointFields: Fields = {
  attributes: attributes(
    (target) => pointOf(target).attributes,
    (key) => (target) => pointOf(target).attributes.getExact(key),
  ),
  value_double: {
    read: (target) => numberOf(target, 'number'),
    write: (target, value) => assigned(() => (pointOf(target).value = asFloat(value))),
  },
  value_int: {
    read: (target) => numberOf(target, 'bigint'),
    write: (target, value) => assigned(() => (pointOf(target).value = asInt(value))),
  },
  flags: small(
    (target) => pointOf(target).flags,
    (target, flags) => (pointOf(target).flags = flags),
  ),
  count: {
    read: (target) => intOrNil(pointOf(target).count),
    write: (target, value) => assigned(() => (pointOf(target).count = BigInt.asUintN(64, asInt(value)))),
  },
  sum: {
    read: (target) => pointOf(target).sum ?? null,
    write: (target, value) => assigned(() => (pointOf(target).sum = asFloat(value))),
  },
  start_time_unix_nano: nanos((target) => pointOf(target).startTimeUnixNano, setStart),
  time_unix_nano: nanos((target) => pointOf(target).timeUnixNano, setTime),
  start_time: time((target) => pointOf(target).startTimeUnixNano, setStart),
  time: time((target) => pointOf(target).timeUnixNano, setTime),
};
