/** The fields of metrics and their data points in test records. */
import { metricTypes } from '../../model/metrics-type.ts';
import type { DataPoint, Metric } from '../../model/metrics.ts';
import type { QuantileValue } from '../../model/metrics-parts.ts';
import type { ExactValue } from '../../model/value.ts';
import { attributes, numberOf, records, text, time, whole, type Field, type Table } from './field.ts';

export const temporalities = ['unspecified', 'delta', 'cumulative'] as const;

/** A double of a data point that not every type has. */
function pointDouble(key: 'sum' | 'min' | 'max' | 'zeroThreshold'): Field<DataPoint> {
  return {
    kind: 'doubles',
    empty: key === 'zeroThreshold' ? 0 : null,
    read: (point) => (key === 'sum' && !point.hasSum ? null : (point[key] ?? null)),
    write: (point, value) => {
      point[key] = Number(value);
    },
  };
}

/** A whole number of a data point that not every type has. */
function pointCount(key: 'count' | 'zeroCount'): Field<DataPoint> {
  return {
    kind: 'plain',
    empty: key === 'count' ? null : 0n,
    read: (point) => point[key] ?? null,
    write: (point, value) => {
      point[key] = BigInt(Number(value));
    },
  };
}

const pointValue: Field<DataPoint> = {
  kind: 'plain',
  empty: null,
  read: (point) => point.value ?? null,
  write: (point, value) => {
    point.value = value as bigint | number;
  },
};

const scale: Field<DataPoint> = {
  kind: 'plain',
  empty: 0n,
  read: (point) => (point.scale === undefined ? null : BigInt(point.scale)),
  write: (point, value) => {
    point.scale = Number(value);
  },
};

/** One half of an exponential histogram. */
function buckets(key: 'positive' | 'negative'): Field<DataPoint> {
  return {
    kind: 'buckets',
    empty: null,
    read: (point) => {
      const half = point[key];
      if (half === undefined) return null;
      return new Map<string, ExactValue>([
        ['offset', BigInt(half.offset)],
        ['bucket_counts', half.counts],
      ]);
    },
    write: (point, value) => {
      const half = point[key];
      if (half === undefined) throw new TypeError(`a data point of a ${point.type} has no ${key} buckets`);
      if (!(value instanceof Map)) return;
      half.offset = Number(value.get('offset') ?? 0);
      half.counts = counts(value.get('bucket_counts') ?? []);
    },
  };
}

function counts(value: ExactValue): bigint[] {
  return (value as ExactValue[]).map((count) => BigInt(Number(count)));
}

/** A number of a quantile of a summary. */
function quantileNumber(key: 'quantile' | 'value'): Field<QuantileValue> {
  return {
    kind: 'doubles',
    empty: 0,
    read: (quantile) => quantile[key],
    write: (quantile, value) => {
      quantile[key] = Number(value);
    },
  };
}

export const quantileFields: Table<QuantileValue> = new Map<string, Field<QuantileValue>>([
  ['quantile', quantileNumber('quantile')],
  ['value', quantileNumber('value')],
]);

export const pointFields: Table<DataPoint> = new Map<string, Field<DataPoint>>([
  ['value', pointValue],
  ['count', pointCount('count')],
  ['sum', pointDouble('sum')],
  ['min', pointDouble('min')],
  ['max', pointDouble('max')],
  [
    'bucket_counts',
    {
      kind: 'plain',
      empty: [],
      read: (point) => [...point.bucketCounts],
      write: (point, value) => {
        point.bucketCounts = counts(value);
      },
    },
  ],
  [
    'explicit_bounds',
    {
      kind: 'doubles',
      empty: [],
      read: (point) => [...point.explicitBounds],
      write: (point, value) => {
        point.explicitBounds = (value as ExactValue[]).map(Number);
      },
    },
  ],
  ['scale', scale],
  ['zero_count', pointCount('zeroCount')],
  ['zero_threshold', pointDouble('zeroThreshold')],
  ['positive', buckets('positive')],
  ['negative', buckets('negative')],
  [
    'quantiles',
    records('quantile', () => quantileFields, {
      list: (point) => point.quantiles,
      add: (point) => point.addQuantile(0, 0),
    }),
  ],
  ['time', time('timeUnixNano')],
  ['start', time('startTimeUnixNano')],
  ['attributes', attributes((point) => point.attributes)],
  ['flags', whole('flags')],
]);

const metricType: Field<Metric> = {
  kind: 'plain',
  empty: 'none',
  read: (metric) => metric.type,
  write: (metric, value) => {
    const type = metricTypes.find((known) => known === value);
    if (type !== undefined) metric.begin(type);
  },
};

const temporality: Field<Metric> = {
  kind: 'plain',
  empty: 'unspecified',
  read: (metric) => temporalities[metric.aggregationTemporality ?? 0] ?? 'unspecified',
  write: (metric, value) => {
    metric.aggregationTemporality = numberOf(value, temporalities);
  },
};

const monotonic: Field<Metric> = {
  kind: 'plain',
  empty: false,
  read: (metric) => metric.isMonotonic ?? false,
  write: (metric, value) => {
    metric.isMonotonic = value === true;
  },
};

export const metricFields: Table<Metric> = new Map<string, Field<Metric>>([
  ['name', text('name')],
  ['description', text('description')],
  ['unit', text('unit')],
  ['type', metricType],
  ['aggregation_temporality', temporality],
  ['is_monotonic', monotonic],
  ['metadata', attributes((metric) => metric.metadata)],
  [
    'points',
    records('point', () => pointFields, {
      list: (metric) => metric.dataPoints(),
      add: (metric) => metric.addDataPoint(),
    }),
  ],
]);
