import type { ExactValue } from '../model/value.ts';

/**
 * What an OTTL expression can be at run time. bigint is int64 and number is float64; a plain array and a `Map`
 * are lists and maps as telemetry holds them. undefined is a missing key and null an empty value: both are nil,
 * but only the first may be indexed further.
 */
export type OttlValue =
  | undefined
  | ExactValue
  | OttlList
  | OttlTime
  | OttlDuration
  | OttlId
  | OttlItems
  | OttlStatus
  | OttlBuckets
  | OttlLambda;

export type OttlMap = Map<string, ExactValue>;

/** A map that a function made and that is not telemetry yet; unlike others it can stand in a list. */
export class OttlLooseMap extends Map<string, ExactValue> {}

/** What a list is that is not one of values of telemetry: `counts` are unsigned ints and `floats` are float64. */
export type ListOrigin = 'literal' | 'strings' | 'counts' | 'floats';

/**
 * A list that is not one of values of telemetry: a literal, the list of strings that `Split` gives, or the numbers of
 * a data point. The reference tells them apart when it compares lists, so they are apart here.
 */
export class OttlList {
  readonly items: readonly OttlValue[];
  readonly origin: ListOrigin;

  constructor(items: readonly OttlValue[], origin: ListOrigin) {
    this.items = items;
    this.origin = origin;
  }
}

/** An instant, and the zone in which its parts (hour, day) are taken. */
export class OttlTime {
  /** Nanoseconds since 1970, of any size: years before 1678 and after 2262 do not fit an int64. */
  readonly nanos: bigint;
  /** Seconds by which the local time is ahead of UTC. */
  readonly offsetSeconds: number;
  /** The abbreviation of the zone; '' if there is none but the offset. */
  readonly zoneName: string;

  constructor(nanos: bigint, offsetSeconds = 0, zoneName = 'UTC') {
    this.nanos = nanos;
    this.offsetSeconds = offsetSeconds;
    this.zoneName = zoneName;
  }
}

/** A length of time, which may be negative. */
export class OttlDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A trace, span or profile id; equal to another of its kind only, never to bytes or text. */
export class OttlId {
  readonly of: 'trace' | 'span' | 'profile';
  /** Lower-case hex of full length. */
  readonly hex: string;

  constructor(of: 'trace' | 'span' | 'profile', hex: string) {
    this.of = of;
    this.hex = hex;
  }
}

/** The Go types of what has a length and nothing else. */
const itemTypes = {
  events: 'ptrace.SpanEventSlice',
  links: 'ptrace.SpanLinkSlice',
  numberPoints: 'pmetric.NumberDataPointSlice',
  histogramPoints: 'pmetric.HistogramDataPointSlice',
  exponentialPoints: 'pmetric.ExponentialHistogramDataPointSlice',
  summaryPoints: 'pmetric.SummaryDataPointSlice',
  exemplars: 'pmetric.ExemplarSlice',
  quantiles: 'pmetric.SummaryDataPointValueAtQuantileSlice',
} as const;

/** The events of a span, the data points of a metric and the like: they have a length and nothing else. */
export class OttlItems {
  readonly of: keyof typeof itemTypes;
  readonly length: number;

  constructor(of: keyof typeof itemTypes, length: number) {
    this.of = of;
    this.length = length;
  }
}

/** One half of an exponential histogram as a whole, which can only be assigned. */
export class OttlBuckets {
  readonly offset: number;
  readonly counts: readonly bigint[];

  constructor(offset: number, counts: readonly bigint[]) {
    this.offset = offset;
    this.counts = counts;
  }
}

/** The status of a span as a whole. */
export class OttlStatus {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A lambda where a value is wanted: nothing can be done with it. */
export class OttlLambda {
  readonly of = 'lambda';
}

const listTypes: Readonly<Record<ListOrigin, string>> = {
  literal: '[]interface {}',
  strings: '[]string',
  counts: '[]uint64',
  floats: '[]float64',
};

const idTypes = { trace: 'pcommon.TraceID', span: 'pcommon.SpanID', profile: 'pprofile.ProfileID' } as const;

/** The name that error texts give to the type of a value: the reference's, which users meet in its documentation. */
export function goTypeName(value: OttlValue): string {
  if (value === undefined || value === null) return 'nil';
  switch (typeof value) {
    case 'bigint':
      return 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: object): string {
  if (value instanceof Uint8Array) return '[]uint8';
  if (value instanceof Map) return 'pcommon.Map';
  if (Array.isArray(value)) return 'pcommon.Slice';
  if (value instanceof OttlList) return listTypes[value.origin];
  if (value instanceof OttlTime) return 'time.Time';
  if (value instanceof OttlDuration) return 'time.Duration';
  if (value instanceof OttlId) return idTypes[value.of];
  if (value instanceof OttlItems) return itemTypes[value.of];
  if (value instanceof OttlBuckets) return 'pmetric.ExponentialHistogramDataPointBuckets';
  return value instanceof OttlStatus ? 'ptrace.Status' : 'lambda';
}

/** The items of any kind of list, or undefined for everything else. */
export function listItems(value: OttlValue): readonly OttlValue[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof OttlList ? value.items : undefined;
}

/** A value in an error text: short, on one line. */
function showValue(value: OttlValue): string {
  if (typeof value === 'string') return clipped(JSON.stringify(value));
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value instanceof OttlId) return value.hex;
  return '';
}

function clipped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** `int64 (7)`: type and value, for `expected string but got ...`. */
export function describeValue(value: OttlValue): string {
  const shown = showValue(value);
  return shown === '' ? goTypeName(value) : `${goTypeName(value)} (${shown})`;
}
