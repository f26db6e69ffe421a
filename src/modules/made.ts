/** Items that an author's code makes, and how they get into batches. */
import { Attributes } from '../model/attributes.ts';
import { emptyBatch, type AnyBatch, type BatchBySignal } from '../model/batches.ts';
import { LogRecord, LogsBatch } from '../model/logs.ts';
import { Metric, MetricsBatch } from '../model/metrics.ts';
import type { Resource, Scope } from '../model/resource.ts';
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

/** What a new log record begins with; the rest is set on it. */
export type LogFields = Partial<Pick<LogRecord, (typeof logFields)[number]>> & {
  readonly attributes?: AttributesLike;
};

/** What a new span begins with; the rest is set on it. */
export type SpanFields = Partial<Pick<Span, (typeof spanFields)[number]>> & {
  readonly attributes?: AttributesLike;
};

/** An empty batch of a signal, for a receiver to fill: `addResource`, `addScope`, and so on. */
export function newBatch<S extends Signal>(signal: S): BatchBySignal[S] {
  return emptyBatch(signal);
}

/** Items that stand in a batch of their own until they are handed over. */
const detached = new WeakSet<object>();

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

/** Another item that is equal to it, byte for byte, to be edited and returned by a handler: it goes on in addition. */
export function copyOf<Item extends AnyItem>(item: Item): Item {
  const copy = emptyLike(item);
  (copy as WireItem).copyFrom(item);
  detached.add(copy);
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
  for (const [name, value] of Object.entries(fields)) {
    if (!known.includes(name))
      throw new TypeError(`${maker} knows no field ${name}; it knows ${known.join(', ')}`);
    if (value !== undefined) Reflect.set(item, name, value);
  }
  if (attributes instanceof Attributes)
    for (const [key, value] of attributes.exactEntries()) item.attributes.setExact(key, value);
  else if (attributes !== undefined)
    for (const [key, value] of entriesOf(attributes)) item.attributes.set(key, value);
  detached.add(item);
  return item;
}

function entriesOf(attributes: Exclude<AttributesLike, Attributes>): Iterable<[string, Value]> {
  return attributes instanceof Map ? attributes : Object.entries(attributes);
}

/** Whether it was made by `newLog`, `newSpan` or `copyOf`. */
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

  /** Takes a copy of the item, below the heads of `like`, unless the item has a resource of its own. */
  add(item: AnyItem, like: AnyItem | undefined): void {
    const signal = signalOf(item);
    const isAtHome = like !== undefined && item.resource.attributes.size === 0;
    const copy =
      isAtHome && this.input?.signal === signal
        ? addedTo(scopeOf(like))
        : this.placeOf(signal).added(isAtHome ? like : item);
    (copy as WireItem).copyFrom(item);
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

  /** An empty item below a copy of these heads. */
  added({ resource, scope }: AnyItem): AnyItem {
    if (this.group === undefined || this.resource !== resource) {
      this.group = this.batch.addResource();
      this.group.resource.copyFrom(resource);
      if (resource.schemaUrl !== '') this.group.resource.schemaUrl = resource.schemaUrl;
      this.target = undefined;
    }
    if (this.target === undefined || this.scope !== scope) {
      this.target = this.group.addScope();
      this.target.scope.copyFrom(scope);
      if (scope.schemaUrl !== '') this.target.scope.schemaUrl = scope.schemaUrl;
    }
    this.resource = resource;
    this.scope = scope;
    return addedTo(this.target);
  }
}

type Groups = ReturnType<AnyBatch['addResource']>;
type Scopes = ReturnType<Groups['addScope']>;

function scopeOf(item: AnyItem): Scopes {
  if (item instanceof Span) return item.scopeSpans;
  return item instanceof LogRecord ? item.scopeLogs : item.scopeMetrics;
}

function addedTo(scope: Scopes): AnyItem {
  if ('addSpan' in scope) return scope.addSpan();
  return 'addLogRecord' in scope ? scope.addLogRecord() : scope.addMetric();
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
