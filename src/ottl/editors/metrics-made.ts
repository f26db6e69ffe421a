import type { DataPoint, Metric } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import { RefusedArgument } from '../parameters.ts';
import type { Target } from '../target.ts';

/** What the editors of metrics share: the metric that they work on, and those that they make of it. */

export function metricOf({ metric }: Target): Metric {
  if (metric === undefined) throw new OttlFailure('there is no metric here');
  return metric;
}

/** OTLP's numbers. */
export const delta = 1;
export const cumulative = 2;

/** A temporality as a literal of the text. */
export function temporalityNamed(name: string): number {
  if (name === 'delta') return delta;
  if (name === 'cumulative') return cumulative;
  throw new RefusedArgument(
    `the aggregation temporality must be delta or cumulative, found ${JSON.stringify(name)}`,
  );
}

/** How a metric that is made of another one differs from it. */
interface Made {
  readonly suffix: string;
  readonly unit?: string;
}

/** A new metric of no type, behind those of the scope: the statements run on it too, when its turn comes. */
function madeOf(metric: Metric, { suffix, unit = metric.unit }: Made): Metric {
  const made = metric.scopeMetrics.addMetric();
  made.name = metric.name + suffix;
  made.description = metric.description;
  made.unit = unit;
  return made;
}

export function gaugeOf(metric: Metric, made: Made): Metric {
  const gauge = madeOf(metric, made);
  gauge.begin('gauge');
  return gauge;
}

export function sumOf(
  metric: Metric,
  made: Made & { readonly temporality: number; readonly monotonic: boolean },
): Metric {
  const sum = madeOf(metric, made);
  sum.begin('sum');
  sum.aggregationTemporality = made.temporality;
  sum.isMonotonic = made.monotonic;
  return sum;
}

/** A number with the attributes and times of a data point of any type. */
export function addNumber(metric: Metric, from: DataPoint, value: bigint | number): DataPoint {
  const point = metric.addDataPoint();
  point.addAttributesOf(from);
  point.startTimeUnixNano = from.startTimeUnixNano;
  point.timeUnixNano = from.timeUnixNano;
  point.value = value;
  return point;
}

/** As in the reference, a count beyond an int64 comes out negative. */
export function countOf(point: DataPoint): bigint {
  return BigInt.asIntN(64, point.count ?? 0n);
}
