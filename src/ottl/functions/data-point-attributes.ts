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

/** Whether a data point of the metric has this attribute with this text; what is no text counts as ''. */
export const hasAttrOnDatapoint = converter(
  'HasAttrOnDatapoint',
  { key: literalString(), expectedVal: literalString() },
  ({ key, expectedVal }) => {
    return (target) =>
      pointsOf(target).some(({ attributes }) => {
        const value = attributes.getExact(key);
        return value !== undefined && (typeof value === 'string' ? value : '') === expectedVal;
      });
  },
);

function pointsOf({ metric }: Target) {
  if (metric === undefined) throw new OttlFailure('there is no metric here');
  return metric.dataPoints();
}
