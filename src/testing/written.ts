/** Records as code writes them and reads them back: plain objects, with the names that they have in YAML. */
import { exact, relax, type ExactValue, type Value } from '../model/value.ts';
import type { Fields } from './records/field.ts';
import type { spanKinds, statusCodes } from './records/fields.ts';
import type { temporalities } from './records/metric-fields.ts';
import type { KnownMetricType } from '../model/metrics-type.ts';
import type { RecordGroup } from './records/read.ts';
import { asTree, listNames } from './records/read.ts';

/** An integral number is an int64, another one a double; a bigint is an int64. */
export type WrittenValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly WrittenValue[]
  | { readonly [key: string]: WrittenValue };

export type WrittenAttributes = { readonly [key: string]: WrittenValue };

/** `12ms` after the beginning of the test, an ISO time, or nanoseconds since 1970. */
export type WrittenTime = string | bigint;

export interface WrittenEvent {
  readonly name?: string;
  readonly time?: WrittenTime;
  readonly attributes?: WrittenAttributes;
}

export interface WrittenLink {
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly trace_state?: string;
  readonly attributes?: WrittenAttributes;
}

type StatusCodeName = (typeof statusCodes)[number];

/** What is left out: an internal span at the beginning of the test, or at that of its parent, with counted ids. */
export interface WrittenSpan {
  readonly name?: string;
  readonly kind?: (typeof spanKinds)[number];
  readonly start?: WrittenTime;
  readonly duration?: string;
  readonly status?: StatusCodeName | { readonly code?: StatusCodeName; readonly message?: string };
  readonly attributes?: WrittenAttributes;
  readonly events?: readonly WrittenEvent[];
  readonly links?: readonly WrittenLink[];
  readonly children?: readonly WrittenSpan[];
  /** The name of a span before this one. */
  readonly parent?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
  readonly trace_state?: string;
  readonly flags?: number;
}

export interface WrittenLog {
  readonly body?: WrittenValue;
  /** `info`, `warn2`: the severity number by its name. */
  readonly severity?: string;
  readonly severity_text?: string;
  readonly time?: WrittenTime;
  readonly observed_time?: WrittenTime;
  readonly attributes?: WrittenAttributes;
  /** The name of a span before it, that it belongs to. */
  readonly span?: string;
  readonly event_name?: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly flags?: number;
}

/** One half of an exponential histogram. */
export interface WrittenBuckets {
  readonly offset?: number;
  readonly bucket_counts?: readonly number[];
}

export interface WrittenPoint {
  readonly value?: number | bigint;
  readonly count?: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bucket_counts?: readonly number[];
  readonly explicit_bounds?: readonly number[];
  readonly scale?: number;
  readonly zero_count?: number;
  readonly zero_threshold?: number;
  readonly positive?: WrittenBuckets;
  readonly negative?: WrittenBuckets;
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number }[];
  readonly time?: WrittenTime;
  readonly start?: WrittenTime;
  readonly attributes?: WrittenAttributes;
  readonly flags?: number;
}

export interface WrittenMetric {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly type?: KnownMetricType;
  readonly aggregation_temporality?: (typeof temporalities)[number];
  readonly is_monotonic?: boolean;
  readonly points?: readonly WrittenPoint[];
}

/** Records of one resource and one scope. */
export interface WrittenGroup {
  readonly resource?: WrittenAttributes;
  readonly scope?: string | { readonly name?: string; readonly version?: string };
  readonly spans?: readonly WrittenSpan[];
  readonly logs?: readonly WrittenLog[];
  readonly metrics?: readonly WrittenMetric[];
}

/** The records of a group as maps. Numbers get their types as `attributes.set` gives them. */
export function fieldsOfGroup(group: WrittenGroup): Fields {
  return exact(plain(group)) as Fields;
}

function plain(value: unknown): Value {
  if (Array.isArray(value)) return value.map(plain);
  const isObject = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
  if (!isObject) return value as Value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return new Map(entries.map(([key, each]) => [key, plain(each)]));
}

/** A record that came out, with all of its fields. */
export type ReadRecord = { readonly [key: string]: ReadValue };
export type ReadValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly ReadValue[]
  | { readonly [key: string]: ReadValue };

export interface ReadGroup {
  readonly resource: { readonly [key: string]: ReadValue };
  readonly scope: ReadRecord;
  readonly spans?: readonly ReadRecord[];
  readonly logs?: readonly ReadRecord[];
  readonly metrics?: readonly ReadRecord[];
}

/** Spans stand below their parents, in `children`. */
export function readGroup({ signal, resource, scope, records }: RecordGroup): ReadGroup {
  const shown = signal === 'traces' ? asTree(records) : records;
  return {
    resource: asObject(resource),
    scope: asObject(scope),
    [listNames[signal]]: shown.map(asObject),
  };
}

/** Keys of data become own properties, whatever they are called. */
export function asObject(fields: Fields): ReadRecord {
  return Object.fromEntries([...fields].map(([key, value]) => [key, read(value)]));
}

function read(value: ExactValue): ReadValue {
  if (value instanceof Map) return asObject(value);
  return Array.isArray(value) ? value.map(read) : (relax(value) as ReadValue);
}
