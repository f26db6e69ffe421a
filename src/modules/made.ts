/** Items that an author's code makes, and how they get into batches. */
import { Attributes } from '../model/attributes.ts';
import { emptyBatch, type AnyBatch, type BatchBySignal } from '../model/batches.ts';
import { LogRecord, LogsBatch } from '../model/logs.ts';
import { metricTypes, type KnownMetricType } from '../model/metrics-type.ts';
import { Metric, MetricsBatch, type DataPoint } from '../model/metrics.ts';
import { isSameHead, type Resource, type Scope } from '../model/resource.ts';
import type { Signal } from '../model/signal.ts';
import { Span, TracesBatch } from '../model/traces.ts';
import type { Value } from '../model/value.ts';

/** One item of a batch. */
export type AnyItem = Span | LogRecord | Metric;

/** Attributes to begin with: those of another item, or keys with values. */
export type AttributesLike = Attributes | ReadonlyMap<string, Value> | Readonly<Record<string, Value>>;

const logFields = [
  'timeUnixNano',
  'observedTimeUnixNano',
  'severityNumber',
  'severityText',
  'body',
  'traceId',
  'spanId',
  'flags',
  'eventName',
] as const;

const spanFields = [
  'traceId',
  'spanId',
  'parentSpanId',
  'traceState',
  'name',
  'kind',
  'flags',
  'startTimeUnixNano',
  'endTimeUnixNano',
] as const;

const metricFields = ['name', 'description', 'unit', 'aggregationTemporality', 'isMonotonic'] as const;

const pointFields = [
  'startTimeUnixNano',
  'timeUnixNano',
  'flags',
  'value',
  'count',
  'sum',
  'min',
  'max',
  'bucketCounts',
  'explicitBounds',
  'scale',
  'zeroCount',
  'zeroThreshold',
] as const;

/** What a new log record begins with; the rest is set on it. */
export type LogFields = Partial<Pick<LogRecord, (typeof logFields)[number]>> & {
  readonly attributes?: AttributesLike;
};

/** What a new span begins with; the rest is set on it. */
export type SpanFields = Partial<Pick<Span, (typeof spanFields)[number]>> & {
  readonly attributes?: AttributesLike;
};

/** What a new metric begins with; the rest is set on it. */
export type MetricFields = Partial<Pick<Metric, (typeof metricFields)[number]>> & {
  readonly type: KnownMetricType;
  readonly points?: readonly PointFields[];
};

/** What a data point of a new metric begins with. A `value` that is a bigint is an int64, one that is a number a double. */
export type PointFields = Partial<Pick<DataPoint, (typeof pointFields)[number]>> & {
  readonly attributes?: AttributesLike;
};

/** An empty batch of a signal, for a receiver to fill: `addResource`, `addScope`, and so on. */
export function newBatch<S extends Signal>(signal: S): BatchBySignal[S] {
  return emptyBatch(signal);
}

/** Items that stand in a batch of their own until they are handed over. */
const detached = new WeakSet<object>();

/** Of these, the copies of what was read: their resource and scope are what they are, also where they are empty. */
const copies = new WeakSet<object>();

/**
 * A new log record, to be returned by a handler: it goes on in the resource and scope of the item that the handler was
 * given, unless attributes are set on its own `resource`.
 *
 *     return span.events.map((event) => newLog({ timeUnixNano: event.timeUnixNano, body: event.name }));
 */
export function newLog(fields: LogFields = {}): LogRecord {
  const record = emptyBatch('logs').addResource().addScope().addLogRecord();
  return begun(record, fields, { known: logFields, maker: 'newLog' });
}

/** A new span, to be returned by a handler, as `newLog`. */
export function newSpan(fields: SpanFields = {}): Span {
  const span = emptyBatch('traces').addResource().addScope().addSpan();
  return begun(span, fields, { known: spanFields, maker: 'newSpan' });
}

/**
 * A new metric, to be returned by a handler, as `newLog`.
 *
 *     newMetric({ name: 'spans', type: 'sum', aggregationTemporality: 1, points: [{ value: 3n, attributes: { route } }] })
 */
export function newMetric({ type, points = [], ...fields }: MetricFields): Metric {
  if (!metricTypes.includes(type))
    throw new TypeError(`newMetric needs a type, one of ${metricTypes.join(', ')}; found ${type}`);
  const metric = emptyBatch('metrics').addResource().addScope().addMetric();
  metric.begin(type);
  begin(metric, fields, { known: metricFields, maker: 'newMetric' });
  for (const { attributes, ...point } of points) {
    const added = metric.addDataPoint();
    begin(added, point, { known: pointFields, maker: 'a point of newMetric' });
    addAttributes(added.attributes, attributes);
  }
  detached.add(metric);
  return metric;
}

/**
 * Another item that is equal to it, byte for byte, to be edited and returned by a handler: it goes on in addition. It has
 * a copy of the resource and the scope too, so that it may be kept, and returned with another item or by `flush`.
 */
export function copyOf<Item extends AnyItem>(item: Item): Item {
  const copy = emptyLike(item);
  (copy as WireItem).copyFrom(item);
  copyHead(item.resource, copy.resource);
  copyHead(item.scope, copy.scope);
  detached.add(copy);
  if (!detached.has(item) || copies.has(item)) copies.add(copy);
  return copy as Item;
}

interface WireItem {
  copyFrom(other: AnyItem): void;
}

function emptyLike(item: AnyItem): AnyItem {
  if (item instanceof Span) return emptyBatch('traces').addResource().addScope().addSpan();
  if (item instanceof LogRecord) return emptyBatch('logs').addResource().addScope().addLogRecord();
  return emptyBatch('metrics').addResource().addScope().addMetric();
}

function begun<Item extends Span | LogRecord>(
  item: Item,
  { attributes, ...fields }: { readonly attributes?: AttributesLike },
  { known, maker }: { known: readonly string[]; maker: string },
): Item {
  begin(item, fields, { known, maker });
  addAttributes(item.attributes, attributes);
  detached.add(item);
  return item;
}

function begin(
  item: object,
  fields: object,
  { known, maker }: { known: readonly string[]; maker: string },
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!known.includes(name))
      throw new TypeError(`${maker} knows no field ${name}; it knows ${known.join(', ')}`);
    if (value !== undefined) Reflect.set(item, name, value);
  }
}

function addAttributes(to: Attributes, from: AttributesLike | undefined): void {
  if (from instanceof Attributes) for (const [key, value] of from.exactEntries()) to.setExact(key, value);
  else if (from !== undefined) for (const [key, value] of entriesOf(from)) to.set(key, value);
}

function copyHead<Head extends Resource | Scope>(from: Head, to: Head): void {
  (to as { copyFrom(other: Head): void }).copyFrom(from);
  if (from.schemaUrl !== '') to.schemaUrl = from.schemaUrl;
}

function entriesOf(attributes: Exclude<AttributesLike, Attributes>): Iterable<[string, Value]> {
  return attributes instanceof Map ? attributes : Object.entries(attributes);
}

/** Whether it was made by `newLog`, `newSpan`, `newMetric` or `copyOf`. */
export function isMade(value: unknown): value is AnyItem {
  return typeof value === 'object' && value !== null && detached.has(value);
}

/** Whether it is an item at all. */
export function isItem(value: unknown): value is AnyItem {
  return value instanceof Span || value instanceof LogRecord || value instanceof Metric;
}

function signalOf(item: AnyItem): Signal {
  if (item instanceof Span) return 'traces';
  return item instanceof LogRecord ? 'logs' : 'metrics';
}

/** Puts items into batches, each below the resource and scope that it belongs to. */
export class Gathering {
  private readonly input: AnyBatch | undefined;
  private readonly origin: string | undefined;
  private readonly places = new Map<Signal, Place>();

  /** Items of the signal of `input` are added to it; the others come from where it comes from. */
  constructor(input?: AnyBatch, origin: string | undefined = input?.origin) {
    this.input = input;
    this.origin = origin;
  }

  /** Takes a copy of the item, below the heads of `like`, unless the item has other ones of its own. */
  add(item: AnyItem, like: AnyItem | undefined): void {
    const signal = signalOf(item);
    const hasOwn = copies.has(item) || item.resource.attributes.size > 0;
    const isAtHome = like !== undefined && (!hasOwn || hasHeadsOf(item, like));
    const scope =
      isAtHome && this.input?.signal === signal
        ? scopeOf(like)
        : this.placeOf(signal).scopeLike(isAtHome ? like : item);
    addCopy(scope, item);
  }

  /** What was made of other signals than that of the input. */
  get others(): AnyBatch[] {
    return [...this.places.values()].map(({ batch }) => batch).filter((batch) => batch !== this.input);
  }

  private placeOf(signal: Signal): Place {
    let place = this.places.get(signal);
    if (place === undefined) {
      const batch = this.input?.signal === signal ? this.input : emptyBatch(signal);
      batch.origin ??= this.origin;
      this.places.set(signal, (place = new Place(batch)));
    }
    return place;
  }
}

function hasHeadsOf(item: AnyItem, like: AnyItem): boolean {
  return isSameHead(item.resource, like.resource) && isSameHead(item.scope, like.scope);
}

/** Where the next item of a batch goes: what comes from one scope stays in one. */
class Place {
  readonly batch: AnyBatch;
  private resource: Resource | undefined;
  private scope: Scope | undefined;
  private group: Groups | undefined;
  private target: Scopes | undefined;

  constructor(batch: AnyBatch) {
    this.batch = batch;
  }

  /** What stands below a copy of these heads. */
  scopeLike({ resource, scope }: AnyItem): Scopes {
    if (this.group === undefined || this.resource === undefined || !isSameHead(this.resource, resource)) {
      this.group = this.batch.addResource();
      copyHead<Resource>(resource, this.group.resource);
      this.target = undefined;
    }
    if (this.target === undefined || this.scope === undefined || !isSameHead(this.scope, scope)) {
      this.target = this.group.addScope();
      copyHead<Scope>(scope, this.target.scope);
    }
    this.resource = resource;
    this.scope = scope;
    return this.target;
  }
}

type Groups = ReturnType<AnyBatch['addResource']>;
type Scopes = ReturnType<Groups['addScope']>;

function scopeOf(item: AnyItem): Scopes {
  if (item instanceof Span) return item.scopeSpans;
  return item instanceof LogRecord ? item.scopeLogs : item.scopeMetrics;
}

function addCopy(scope: Scopes, item: AnyItem): void {
  // A metric counts as so many items as it has data points.
  if ('addMetric' in scope) scope.addCopyOf(item as Metric);
  else (('addSpan' in scope ? scope.addSpan() : scope.addLogRecord()) as WireItem).copyFrom(item);
}

/** The groups of a batch, each a resource with all below it. */
export function groupsOf(batch: AnyBatch): readonly Groups[] {
  if (batch instanceof TracesBatch) return batch.resourceSpans();
  return batch instanceof LogsBatch ? batch.resourceLogs() : (batch satisfies MetricsBatch).resourceMetrics();
}

/** The items of a batch in their order. */
export function itemsOf(batch: AnyBatch): readonly AnyItem[] {
  if (batch instanceof TracesBatch) return batch.spans();
  return batch instanceof LogsBatch ? batch.logRecords() : (batch satisfies MetricsBatch).metrics();
}
