import type { DataPoint, Metric } from '../../model/metrics.ts';
import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { RefusedArgument, listOf, literalString, optional } from '../parameters.ts';
import { likeText } from '../text.ts';
import type { OttlMap, OttlValue } from '../values.ts';
import { aggregateNumbers, aggregations, isAggregation, type Aggregation } from './aggregate-numbers.ts';
import { mergeExponential, mergeHistograms } from './aggregate-histograms.ts';
import { delta, metricOf } from './metrics-made.ts';

/**
 * Makes one data point of those with the same time and the same values of these attributes; the other attributes go.
 * Without a list all attributes count. Histograms are always added up.
 */
export const aggregateOnAttributes = editor(
  'aggregate_on_attributes',
  { aggregationFunction: literalString(), attributes: optional(listOf(literalString())) },
  ({ aggregationFunction, attributes }) => {
    const aggregation = aggregationNamed(aggregationFunction);
    const kept = attributes === undefined ? undefined : new Set(attributes);
    return (record) => {
      const metric = metricOf(record);
      checkType(metric, 'aggregate_on_attributes');
      if (kept !== undefined)
        for (const point of metric.dataPoints()) point.attributes.deleteKeys((key) => !kept.has(key));
      aggregate(metric, aggregation);
    };
  },
);

const valueParameters = {
  aggregationFunction: literalString(),
  attribute: literalString(),
  values: listOf(literalString()),
  newValue: literalString(),
};

/** Gives an attribute a new value in place of several, and makes one data point of those that are the same then. */
export const aggregateOnAttributeValue = editor(
  'aggregate_on_attribute_value',
  valueParameters,
  ({ aggregationFunction, attribute, values, newValue }) => {
    const aggregation = aggregationNamed(aggregationFunction);
    const replaced: ReadonlySet<string> = new Set(values);
    return (record) => {
      const metric = metricOf(record);
      checkType(metric, 'aggregate_on_attribute_value');
      for (const { attributes } of metric.dataPoints()) {
        const value = attributes.getExact(attribute);
        // As in the reference, a value that is no text is the text ''.
        if (value !== undefined && replaced.has(typeof value === 'string' ? value : ''))
          attributes.setExact(attribute, newValue);
      }
      aggregate(metric, aggregation);
    };
  },
);

function aggregationNamed(name: string): Aggregation {
  if (isAggregation(name)) return name;
  throw new RefusedArgument(`the aggregation function is one of ${aggregations.join(', ')}, found ${name}`);
}

/** The reference refuses summaries in one of the two functions only, and loses their data points in the other one. */
function checkType({ type, name }: Metric, editorName: string): void {
  if (type === 'summary') throw new OttlFailure(`${editorName} cannot aggregate a summary`, [name]);
}

/** As in the reference, the metadata of the metric goes. Groups stand in the order of their first data points. */
function aggregate(metric: Metric, aggregation: Aggregation): void {
  metric.metadata.clear();
  for (const [first, ...others] of groupsOf(metric)) {
    if (first === undefined) continue;
    mergeInto(first, others, aggregation);
    for (const point of others) point.drop('aggregated');
  }
}

function mergeInto(first: DataPoint, others: readonly DataPoint[], aggregation: Aggregation): void {
  if (first.type === 'histogram') mergeHistograms(first, others);
  else if (first.type === 'exponential_histogram') mergeExponential(first, others);
  else aggregateNumbers(first, others, aggregation);
}

function groupsOf(metric: Metric): readonly (readonly DataPoint[])[] {
  const groups = new Map<string, DataPoint[]>();
  for (const point of metric.dataPoints()) {
    const key = identityOf(point, metric);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()];
}

/**
 * What data points that become one have in common, as JSON: so an int is the same as a double of that value. As in the
 * reference, what has no JSON (an infinite bound, an attribute that is not a number) is all the same.
 */
function identityOf(point: DataPoint, metric: Metric): string {
  const start = metric.aggregationTemporality === delta ? [point.startTimeUnixNano] : [];
  const parts: OttlValue[] = [uniqueAttributes(point), point.timeUnixNano, ...settingsOf(point), ...start];
  try {
    return parts.map(likeText).join();
  } catch (error) {
    if (error instanceof OttlFailure) return '';
    throw error;
  }
}

function settingsOf(point: DataPoint): OttlValue[] {
  const { type, min, max, flags } = point;
  const known = [min !== undefined, max !== undefined, BigInt(flags)];
  if (type === 'histogram') return [...point.explicitBounds, ...known];
  return type === 'exponential_histogram' ? [BigInt(point.scale ?? 0), ...known] : [];
}

/** Of an attribute that is there twice the last counts. */
function uniqueAttributes({ attributes }: DataPoint): OttlMap {
  return new Map<string, ExactValue>(attributes.exactEntries());
}
