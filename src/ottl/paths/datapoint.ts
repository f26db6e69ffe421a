import type { Buckets } from '../../model/metrics-parts.ts';
import type { DataPoint } from '../../model/metrics.ts';
import { OttlFailure } from '../errors.ts';
import type { Target } from '../target.ts';
import { OttlBuckets, OttlItems, OttlList, listItems } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { asFloat, asInt, attributes, intOrNil, nanos, small, time, wrongType } from './fields.ts';
import type { Field, Fields } from './fields.ts';

const pointOf = (target: Target): DataPoint => target.point as DataPoint;

const setStart = (target: Target, nanos: bigint): void => {
  pointOf(target).startTimeUnixNano = nanos;
};
const setTime = (target: Target, nanos: bigint): void => {
  pointOf(target).timeUnixNano = nanos;
};

/** As in the reference, the value of a data point of the other kind of number reads as 0, that of other types as nil. */
function numberOf(target: Target, kind: 'bigint' | 'number'): OttlValue {
  const { value, type } = pointOf(target);
  if (type !== 'gauge' && type !== 'sum') return null;
  if (typeof value === kind) return value;
  return kind === 'bigint' ? 0n : 0;
}

/** What data points of other types do not have: setting it there fails. */
function assigned(assign: () => void): void {
  try {
    assign();
  } catch (error) {
    throw error instanceof TypeError ? new OttlFailure(error.message) : error;
  }
}

/** An unsigned number of 64 bits, which comes out negative from 2^63 on. */
function count(name: 'count' | 'zeroCount'): Field {
  return {
    read: (target) => signed(pointOf(target)[name]),
    write: (target, value) => assigned(() => (pointOf(target)[name] = BigInt.asUintN(64, asInt(value)))),
  };
}

function signed(count: bigint | undefined): bigint | null {
  return count === undefined ? null : BigInt.asIntN(64, count);
}

/** From any kind of list of ints; nil empties. */
function asCounts(value: OttlValue): bigint[] {
  return itemsToSet(value, '[]uint64').map((item) => {
    if (typeof item !== 'bigint') throw wrongType('a list of int64', item);
    return BigInt.asUintN(64, item);
  });
}

function asFloats(value: OttlValue): number[] {
  return itemsToSet(value, '[]float64').map((item) => {
    if (typeof item !== 'number') throw wrongType('a list of float64', item);
    return item;
  });
}

function itemsToSet(value: OttlValue, wanted: string): readonly OttlValue[] {
  if (value === undefined || value === null) return [];
  const items = listItems(value);
  if (items === undefined) throw wrongType(wanted, value);
  return items;
}

const bucketCounts: Field = {
  read: (target) => (isHistogram(target) ? new OttlList(pointOf(target).bucketCounts, 'counts') : null),
  write: (target, value) => assigned(() => (pointOf(target).bucketCounts = asCounts(value))),
};

const explicitBounds: Field = {
  read: (target) => (isHistogram(target) ? new OttlList(pointOf(target).explicitBounds, 'floats') : null),
  write: (target, value) => assigned(() => (pointOf(target).explicitBounds = asFloats(value))),
};

function isHistogram(target: Target): boolean {
  return pointOf(target).type === 'histogram';
}

const scale: Field = {
  read: (target) => intOrNil(pointOf(target).scale),
  write: (target, value) => assigned(() => (pointOf(target).scale = asInt32(value))),
};

function asInt32(value: OttlValue): number {
  return Number(BigInt.asIntN(32, asInt(value)));
}

/** `positive` and `negative`, with what is in them. */
function buckets(side: 'positive' | 'negative'): Field {
  const read = (target: Target): Buckets | undefined => pointOf(target)[side];
  const open = (target: Target): Buckets => {
    const found = read(target);
    if (found === undefined)
      throw new OttlFailure(`a data point of a ${pointOf(target).type} has no ${side} buckets`);
    return found;
  };
  return {
    read(target) {
      const found = read(target);
      return found === undefined ? null : new OttlBuckets(found.offset, found.counts);
    },
    write(target, value) {
      if (!(value instanceof OttlBuckets)) throw wrongType('the buckets of an exponential histogram', value);
      const opened = open(target);
      opened.offset = value.offset;
      opened.counts = value.counts;
    },
    fields: {
      offset: {
        read: (target) => intOrNil(read(target)?.offset),
        write: (target, value) => void (open(target).offset = asInt32(value)),
      },
      bucket_counts: {
        read(target) {
          const found = read(target);
          return found === undefined ? null : new OttlList(found.counts, 'counts');
        },
        write: (target, value) => void (open(target).counts = asCounts(value)),
      },
    },
  };
}

/** Those of the data point itself are all that can be assigned: there is no path to others. Nil empties. */
const exemplars: Field = {
  read(target) {
    const point = pointOf(target);
    return point.type === 'summary' ? null : new OttlItems('exemplars', point.exemplars.length);
  },
  write(target, value) {
    assigned(() => assignItems(target, value, 'exemplars'));
  },
};

const quantileValues: Field = {
  read(target) {
    const point = pointOf(target);
    return point.type === 'summary' ? new OttlItems('quantiles', point.quantiles.length) : null;
  },
  write(target, value) {
    assigned(() => assignItems(target, value, 'quantiles'));
  },
};

function assignItems(target: Target, value: OttlValue, of: 'exemplars' | 'quantiles'): void {
  const point = pointOf(target);
  if ((of === 'quantiles') !== (point.type === 'summary'))
    throw new OttlFailure(`a data point of a ${point.type} has no ${of}`);
  if (value === undefined || value === null) {
    if (of === 'quantiles') point.removeQuantiles();
    else point.removeExemplars();
  } else if (!(value instanceof OttlItems) || value.of !== of) throw wrongType(`the ${of} of it`, value);
}

export const dataPointFields: Fields = {
  attributes: attributes(pointOf, (point) => point.attributes),
  start_time_unix_nano: nanos((target) => pointOf(target).startTimeUnixNano, setStart),
  time_unix_nano: nanos((target) => pointOf(target).timeUnixNano, setTime),
  start_time: time((target) => pointOf(target).startTimeUnixNano, setStart),
  time: time((target) => pointOf(target).timeUnixNano, setTime),
  value_double: {
    read: (target) => numberOf(target, 'number'),
    write: (target, value) => assigned(() => (pointOf(target).value = asFloat(value))),
  },
  value_int: {
    read: (target) => numberOf(target, 'bigint'),
    write: (target, value) => assigned(() => (pointOf(target).value = asInt(value))),
  },
  exemplars,
  flags: small(
    (target) => pointOf(target).flags,
    (target, flags) => (pointOf(target).flags = flags),
  ),
  count: count('count'),
  sum: {
    read: (target) => pointOf(target).sum ?? null,
    write: (target, value) => assigned(() => (pointOf(target).sum = asFloat(value))),
  },
  bucket_counts: bucketCounts,
  explicit_bounds: explicitBounds,
  scale,
  zero_count: count('zeroCount'),
  positive: buckets('positive'),
  negative: buckets('negative'),
  quantile_values: quantileValues,
};
