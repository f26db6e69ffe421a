/** A batch that is put together from the items of another, each with a resource of its own choice. */
import type { AnyBatch } from '../../model/batches.ts';
import { emptyBatch } from '../../model/batches.ts';
import { ScopeLogs, type LogRecord } from '../../model/logs.ts';
import { ScopeMetrics, type DataPoint, type Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Signal } from '../../model/signal.ts';
import { ScopeSpans, type Span } from '../../model/traces.ts';
import type { ExactValue } from '../../model/value.ts';
import type { AnyGroup, AnyScopeGroup } from '../shared/groups.ts';
import { identityOf } from '../shared/identity.ts';

/** Attributes that an item gives to its resource. */
export type Given = readonly (readonly [key: string, value: ExactValue])[];

interface Place {
  readonly group: AnyGroup;
  /** By name and version, as the Collector tells them apart here; and again by what they were copied from. */
  readonly scopes: Map<string | Scope, AnyScopeGroup>;
  /** By scope, name and type. */
  readonly metrics: Map<string, Metric>;
}

/** Groups and items are in the order in which their first item came. */
export class Regrouping {
  readonly batch: AnyBatch;
  private readonly places = new Map<string, Place>();
  private resource: Resource | undefined;
  /** What the present resource has, and where its items went so far, by what they gave. */
  private entries: readonly [string, ExactValue][] = [];
  private placesOfResource = new Map<string, Place>();

  constructor(signal: Signal) {
    this.batch = emptyBatch(signal);
  }

  /** To be called before the items of a resource come. */
  from(resource: Resource): void {
    this.resource = resource;
    this.entries = resource.attributes.exactEntries();
    this.placesOfResource = new Map();
  }

  add(item: Span | LogRecord, given: Given): void {
    const scope = this.scopeFor(item.scope, this.placeFor(given));
    if (scope instanceof ScopeSpans) scope.addSpan().copyFrom(item as Span);
    else if (scope instanceof ScopeLogs) scope.addLogRecord().copyFrom(item as LogRecord);
  }

  addPoint(point: DataPoint, given: Given): void {
    const { metric } = point;
    const place = this.placeFor(given);
    const key = JSON.stringify([metric.scope.name, metric.scope.version, metric.name, metric.type]);
    let copy = place.metrics.get(key);
    if (copy === undefined) {
      const scope = this.scopeFor(metric.scope, place);
      if (!(scope instanceof ScopeMetrics)) return;
      copy = scope.addMetric();
      copy.copyWithoutPoints(metric);
      place.metrics.set(key, copy);
    }
    copy.addCopyOf(point);
  }

  private placeFor(given: Given): Place {
    const ownKey = identityOf(given);
    let place = this.placesOfResource.get(ownKey);
    if (place !== undefined) return place;
    const key = identityOf(new Map([...this.entries, ...given]));
    place = this.places.get(key) ?? this.newPlace(given);
    this.places.set(key, place);
    this.placesOfResource.set(ownKey, place);
    return place;
  }

  private newPlace(given: Given): Place {
    const group = this.batch.addResource();
    const { resource } = group;
    if (this.resource !== undefined) resource.copyFrom(this.resource);
    resource.droppedAttributesCount = 0;
    for (const [key, value] of given) resource.attributes.setExact(key, value);
    return { group, scopes: new Map(), metrics: new Map() };
  }

  private scopeFor(from: Scope, { group, scopes }: Place): AnyScopeGroup {
    const known = scopes.get(from);
    if (known !== undefined) return known;
    const key = JSON.stringify([from.name, from.version]);
    let scope = scopes.get(key);
    if (scope === undefined) {
      scope = group.addScope();
      scope.scope.copyFrom(from);
      scopes.set(key, scope);
    }
    scopes.set(from, scope);
    return scope;
  }
}
