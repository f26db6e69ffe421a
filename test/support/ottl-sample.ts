/** The record of the examples in docs/ottl.md, and how values are written there. */
import { batchOfJson } from '../conformance/corpus.ts';
import { compileValue } from '../../src/ottl/condition.ts';
import type { ContextName } from '../../src/ottl/contexts.ts';
import { contextNamed, contexts } from '../../src/ottl/contexts.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import type { Target } from '../../src/ottl/target.ts';
import { formatLayout } from '../../src/ottl/time/layout.ts';
import { parseLayout } from '../../src/ottl/time/layout.ts';
import { OttlDuration, OttlId, OttlTime, describeValue, listItems } from '../../src/ottl/values.ts';
import type { OttlValue } from '../../src/ottl/values.ts';
import { LogsBatch } from '../../src/model/logs.ts';
import { MetricsBatch, type DataPoint, type Metric } from '../../src/model/metrics.ts';
import { TracesBatch } from '../../src/model/traces.ts';
import type { Attributes } from '../../src/model/attributes.ts';

const text = (stringValue: string): object => ({ stringValue });
const int = (intValue: string): object => ({ intValue });
const entries = (of: Record<string, object>): object[] =>
  Object.entries(of).map(([key, value]) => ({ key, value }));

const attributes = entries({
  method: text('GET'),
  url: text('https://example.com/cart/7'),
  status: int('404'),
  seconds: { doubleValue: 1.5 },
  cached: { boolValue: false },
  codes: { arrayValue: { values: [int('404'), int('503')] } },
  labels: { kvlistValue: { values: entries({ env: text('prod'), tier: int('1') }) } },
  pairs: {
    arrayValue: { values: [{ kvlistValue: { values: entries({ name: text('a'), value: int('1') }) } }] },
  },
});

const resource = { attributes: entries({ 'service.name': text('shop') }) };
const time = '1714564800000000000';

/** New records with the attributes of the page, one for each context; of metrics the one with this name. */
export function sampleTarget(context: ContextName, metric = 'load'): Target {
  const shared = { cache: new Map(), clock: { nowUnixNano: () => BigInt(time) } };
  if (context === 'log') return { ...logTarget(), ...shared };
  return context === 'metric' || context === 'datapoint'
    ? { ...metricTarget(metric), ...shared }
    : { ...spanTarget(), ...shared };
}

function logTarget(): Target {
  const log = { timeUnixNano: time, severityNumber: 9, severityText: 'INFO', body: text('done'), attributes };
  const batch = batchOfJson(
    JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [log] }] }] }),
  );
  if (!(batch instanceof LogsBatch)) throw new Error('these are no logs');
  const [group] = batch.resourceLogs();
  const scope = group?.scopeLogs()[0];
  return { resource: group?.resource, scope: scope?.scope, log: scope?.logRecords()[0] };
}

function spanTarget(): Target {
  const extra = entries({ 'http.request.method': text('GET'), 'http.route': text('/cart/{id}') });
  const events = [{ timeUnixNano: time, name: 'retry' }];
  const kind = 2;
  const span = {
    name: 'GET /cart/7',
    kind,
    attributes: [...attributes, ...extra],
    startTimeUnixNano: time,
    events,
  };
  const batch = batchOfJson(
    JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  );
  if (!(batch instanceof TracesBatch)) throw new Error('these are no traces');
  const [group] = batch.resourceSpans();
  const scope = group?.scopeSpans()[0];
  const first = scope?.spans()[0];
  return {
    resource: group?.resource,
    scope: scope?.scope,
    span: first,
    event: first?.events[0],
    eventIndex: 0,
  };
}

const at = (host: string): object => ({ attributes: entries({ host: text(host) }), timeUnixNano: time });
const buckets = { count: '4', sum: 6, bucketCounts: ['1', '2', '1'], explicitBounds: [1, 5] };
const halves = { scale: 0, positive: { offset: 0, bucketCounts: ['2', '3'] }, zeroCount: '1' };

const metrics = [
  {
    name: 'load',
    unit: '1',
    sum: {
      dataPoints: [
        { ...at('a'), asDouble: 0.5 },
        { ...at('b'), asDouble: 1.5 },
      ],
      aggregationTemporality: 2,
      isMonotonic: true,
    },
  },
  { name: 'queue', gauge: { dataPoints: [{ ...at('a'), asInt: '12' }] } },
  {
    name: 'latency',
    unit: 's',
    histogram: { dataPoints: [{ ...at('a'), ...buckets }], aggregationTemporality: 1 },
  },
  {
    name: 'sizes',
    exponentialHistogram: {
      dataPoints: [{ ...at('a'), count: '6', sum: 14, ...halves }],
      aggregationTemporality: 1,
    },
  },
  {
    name: 'rpc',
    summary: {
      dataPoints: [{ ...at('a'), count: '10', sum: 50, quantileValues: [{ quantile: 0.5, value: 4 }] }],
    },
  },
];

/** The names of the metrics, each of another type. */
export const sampleMetrics: readonly string[] = metrics.map(({ name }) => name);

function metricTarget(name: string): Target {
  const batch = batchOfJson(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }));
  if (!(batch instanceof MetricsBatch)) throw new Error('these are no metrics');
  const [group] = batch.resourceMetrics();
  const scope = group?.scopeMetrics()[0];
  const metric = scope?.metrics().find((one) => one.name === name);
  return { resource: group?.resource, scope: scope?.scope, metric, point: metric?.dataPoints()[0] };
}

/** On which metric the examples of an editor of metrics run, if not on the first. */
const subjects: Readonly<Record<string, string>> = {
  convert_exponential_histogram_to_histogram: 'sizes',
  convert_gauge_to_sum: 'queue',
  convert_summary_count_val_to_sum: 'rpc',
  convert_summary_quantile_val_to_gauge: 'rpc',
  convert_summary_sum_val_to_sum: 'rpc',
  extract_count_metric: 'latency',
  extract_percentile_metric: 'latency',
  extract_sum_metric: 'latency',
  merge_histogram_buckets: 'latency',
};

const gates = new Set(['ottl.functions.enableLambda'] as const);

/** The context in which the examples of a function run: the log, if it is known there. */
export function contextOf(name: string): ContextName {
  const knows = (context: ContextName): boolean => {
    const { functions, editors } = contextNamed(context);
    return functions.has(name) || editors.has(name);
  };
  const found = knows('log') ? 'log' : contexts.find((context) => knows(context.name))?.name;
  if (found === undefined) throw new Error(`no context knows ${name}`);
  return found;
}

/** What comes of an example, as the page writes it. */
export function resultOf(name: string, example: string): string {
  const context = contextOf(name);
  const target = sampleTarget(context, subjects[name]);
  if (/^[A-Z]/.test(name)) return shown(compileValue(example, context, { gates }).read(target));
  const before = snapshot(target);
  compileStatement(example, context, { gates }).execute(target);
  const after = snapshot(target);
  const changed = [...after].filter(([key, value]) => before.get(key) !== value);
  const gone = [...before.keys()].filter((key) => !after.has(key));
  return [
    ...changed.map(([key, value]) => `${key} = ${value}`),
    ...(gone.length === 0 ? [] : [`without ${gone.join(', ')}`]),
  ].join('; ');
}

function snapshot({ log, span, metric }: Target): Map<string, string> {
  const owner: { attributes: Attributes } | undefined = log ?? span;
  const found = new Map<string, string>();
  if (span !== undefined) found.set('span.name', shown(span.name));
  for (const [key, value] of owner?.attributes.exactEntries() ?? []) found.set(key, shown(value));
  for (const one of metric?.scopeMetrics.metrics() ?? []) found.set(one.name, shownMetric(one));
  return found;
}

const temporalities = ['', 'delta ', 'cumulative '];

/** `cumulative sum of 12 {"host": "a"} in "s"`: the type of a metric, its data points and unit. */
export function shownMetric(metric: Metric): string {
  const points = metric.dataPoints().map((point) => `${shownPoint(point)} ${shownHost(point)}`.trimEnd());
  const kind = `${temporalities[metric.aggregationTemporality ?? 0]}${metric.isMonotonic === true ? 'monotonic ' : ''}${metric.type}`;
  return `${kind} of ${points.join(', ')}${metric.unit === '' ? '' : ` in ${JSON.stringify(metric.unit)}`}`;
}

function shownHost({ attributes }: DataPoint): string {
  return attributes.size === 0 ? '' : shown(new Map(attributes.exactEntries()));
}

function shownPoint(point: DataPoint): string {
  const { count, sum, bucketCounts, explicitBounds, positive, quantiles } = point;
  if (count === undefined) return shown(point.value);
  const parts = [`count ${count}`, `sum ${shown(sum)}`];
  if (bucketCounts.length > 0) parts.push(`buckets ${shown(bucketCounts)} to ${shown(explicitBounds)}`);
  if (positive !== undefined) parts.push(`buckets ${shown(positive.counts)} from base^${positive.offset}`);
  for (const { quantile, value } of quantiles) parts.push(`quantile ${quantile} ${shown(value)}`);
  return parts.join(' ');
}

/** A value as OTTL would write it, where it can; times in RFC 3339, durations in seconds, ids in hex. */
export function shown(value: OttlValue): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}: ${shown(item)}`).join(', ')}}`;
  const items = listItems(value);
  return items === undefined ? shownObject(value) : `[${items.map(shown).join(', ')}]`;
}

function shownObject(value: OttlValue): string {
  if (value instanceof OttlTime)
    return formatLayout(value, parseLayout('2006-01-02T15:04:05.999999999Z07:00'));
  if (value instanceof OttlDuration) return `${Number(value.nanos) / 1e9} s`;
  return value instanceof OttlId ? value.hex : describeValue(value);
}
