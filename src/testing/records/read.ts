/** What came out, as the records that a test would write. */
import type { AnyBatch } from '../../model/batches.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Signal } from '../../model/signal.ts';
import type { Span } from '../../model/traces.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { readFields, type Fields, type RecordKind } from './field.ts';
import { fieldsOf, logFields, scopeFields, spanFields, type FieldFacts } from './fields.ts';
import { metricFields } from './metric-fields.ts';

/** The records of one scope of one resource, in their order, with all fields. */
export interface RecordGroup {
  readonly signal: Signal;
  readonly resource: Fields;
  readonly resourceSchemaUrl: string;
  readonly scope: Fields;
  readonly records: readonly Fields[];
}

export const recordKinds: Readonly<Record<Signal, RecordKind>> = {
  traces: 'span',
  logs: 'log',
  metrics: 'metric',
};

/** As a list of records is called in YAML. */
export const listNames: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  logs: 'logs',
  metrics: 'metrics',
};

/** All records of a batch; `base` is the beginning of the test. */
export function readGroups(batch: AnyBatch, base: bigint): RecordGroup[] {
  switch (batch.signal) {
    case 'traces':
      return batch
        .resourceSpans()
        .flatMap((above) =>
          above
            .scopeSpans()
            .map((group) => groupOf(batch.signal, above, group.scope, readAll(group.spans()))),
        );
    case 'logs':
      return batch
        .resourceLogs()
        .flatMap((above) =>
          above
            .scopeLogs()
            .map((group) => groupOf(batch.signal, above, group.scope, readAll(group.logRecords()))),
        );
    case 'metrics':
      return batch
        .resourceMetrics()
        .flatMap((above) =>
          above
            .scopeMetrics()
            .map((group) => groupOf(batch.signal, above, group.scope, readAll(group.metrics()))),
        );
  }

  function readAll(items: readonly (Span | LogRecord | Metric)[]): Fields[] {
    return items.map((item) => {
      if ('bodyExact' in item) return readFields(item, logFields, base);
      return 'dataPoints' in item ? readFields(item, metricFields, base) : readFields(item, spanFields, base);
    });
  }
}

function groupOf(
  signal: Signal,
  { resource }: { readonly resource: Resource },
  scope: Scope,
  records: readonly Fields[],
): RecordGroup {
  return {
    signal,
    resource: new Map(resource.attributes.exactEntries()),
    resourceSchemaUrl: resource.schemaUrl,
    scope: readFields(scope, scopeFields, 0n),
    records,
  };
}

/** Spans in `children` of their parents, where these are among them; the others stay as they are, in their order. */
export function asTree(spans: readonly Fields[]): Fields[] {
  const copies = spans.map((span): Fields => new Map([...span, ['children', []]]));
  const byId = new Map(copies.map((span) => [idsOf(span, 'span_id'), span]));
  return copies.filter((span) => {
    const parent = byId.get(idsOf(span, 'parent_span_id'));
    if (parent === undefined || isBelow(parent, span, byId)) return true;
    (parent.get('children') as ExactValue[]).push(span);
    return false;
  });
}

/** Whether a span would come to stand below itself: hostile data has such circles. */
function isBelow(parent: Fields, span: Fields, byId: ReadonlyMap<string, Fields>): boolean {
  let above: Fields | undefined = parent;
  for (let steps = 0; above !== undefined && steps <= byId.size; steps++) {
    if (above === span) return true;
    above = byId.get(idsOf(above, 'parent_span_id'));
  }
  return above !== undefined;
}

function idsOf(span: Fields, key: string): string {
  return `${valueText(span.get('trace_id') ?? '')} ${valueText(span.get(key) ?? '')}`;
}

/** A group as a person would write it: without what says nothing, and without ids that were counted. */
export function briefGroup(group: RecordGroup): Fields {
  const kind = recordKinds[group.signal];
  const records = kind === 'span' ? asTree(group.records) : group.records;
  const scope = briefRecord(group.scope, 'scope');
  const brief: Fields = new Map();
  if (group.resource.size > 0) brief.set('resource', group.resource);
  if (group.resourceSchemaUrl !== '') brief.set('resource_schema_url', group.resourceSchemaUrl);
  if (scope.size > 0) brief.set('scope', scope.size === 1 ? (scope.get('name') ?? scope) : scope);
  return brief.set(
    listNames[group.signal],
    records.map((record) => briefRecord(record, kind)),
  );
}

const counted = /^(?:0{8}[0-9a-f]{8}|0{16}[0-9a-f]{16})$/;
const nested = {
  children: 'span',
  events: 'event',
  links: 'link',
  points: 'point',
  quantiles: 'quantile',
} as const;

export function briefRecord(record: Fields, kind: RecordKind): Fields {
  const brief: Fields = new Map();
  for (const [key, value] of record) {
    const field = fieldsOf[kind].get(key);
    if (!isWorthSaying(value, field)) continue;
    const below = key in nested ? nested[key as keyof typeof nested] : undefined;
    brief.set(key, below === undefined ? briefValue(value, field) : briefList(value, below));
  }
  return brief;
}

function briefList(value: ExactValue, kind: RecordKind): ExactValue {
  return (value as Fields[]).map((each) => briefRecord(each, kind));
}

function isWorthSaying(value: ExactValue, field: FieldFacts | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value === null) return false;
  if (field === undefined) return true;
  if (field.kind === 'span id' || field.kind === 'trace id')
    return value !== '' && !counted.test(valueText(value));
  if (field.kind === 'status') return (value as Fields).get('code') !== 'unset' || messageIn(value) !== '';
  if (value instanceof Map) return saysSomething(value, field);
  return value !== field.empty && !(field.kind === 'plain' && value === 'unspecified');
}

function saysSomething(map: Fields, { kind }: FieldFacts): boolean {
  return kind === 'buckets' ? hasBuckets(map) : map.size > 0;
}

function hasBuckets(buckets: Fields): boolean {
  return buckets.get('offset') !== 0n || (buckets.get('bucket_counts') as ExactValue[]).length > 0;
}

function messageIn(status: ExactValue): string {
  return valueText((status as Fields).get('message') ?? '');
}

function briefValue(value: ExactValue, field: FieldFacts | undefined): ExactValue {
  if (field?.kind !== 'status' || messageIn(value) !== '') return value;
  return (value as Fields).get('code') ?? null;
}
