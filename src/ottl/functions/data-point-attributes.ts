import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { literalString } from '../parameters.ts';
import type { Target } from '../target.ts';

/** Whether a data point of the metric has this attribute. Known in the metric context only. */
export const hasAttrKeyOnDatapoint = converter(
  'HasAttrKeyOnDatapoint',
  { key: literalString() },
  ({ key }) => {
    return (target) => pointsOf(target).some(({ attributes }) => attributes.has(key));
  },
);

/**
 * Whether the attribute has this text at the first data point of the metric that has it, as in the Collector, which
 * looks at no other; what is no text counts as ''.
 */
export const hasAttrOnDatapoint = converter(
  'HasAttrOnDatapoint',
  { key: literalString(), expectedVal: literalString() },
  ({ key, expectedVal }) => {
    return (target) => {
      const point = pointsOf(target).find(({ attributes }) => attributes.has(key));
      const value = point?.attributes.getExact(key);
      return value !== undefined && (typeof value === 'string' ? value : '') === expectedVal;
    };
  },
);

function pointsOf({ metric }: Target) {
  if (metric === undefined) throw new OttlFailure('there is no metric here');
  if (metric.type === 'none') throw new OttlFailure('a metric without a type has no data points');
  return metric.dataPoints();
}
