import { editor } from '../function.ts';
import { literalBool, literalString } from '../parameters.ts';
import { metricOf, temporalityNamed } from './metrics-made.ts';

/** Makes a gauge of a sum, with the same data points. */
export const convertSumToGauge = editor('convert_sum_to_gauge', {}, () => (record) => {
  const metric = metricOf(record);
  if (metric.type === 'sum') metric.convertTo('gauge');
});

/** Makes a sum of a gauge, with the same data points. */
export const convertGaugeToSum = editor(
  'convert_gauge_to_sum',
  { stringAggTemp: literalString(), monotonic: literalBool() },
  ({ stringAggTemp, monotonic }) => {
    const temporality = temporalityNamed(stringAggTemp);
    return (record) => {
      const metric = metricOf(record);
      if (metric.type !== 'gauge') return;
      metric.convertTo('sum');
      metric.aggregationTemporality = temporality;
      metric.isMonotonic = monotonic;
    };
  },
);
