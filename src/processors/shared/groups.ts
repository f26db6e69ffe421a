/** The three levels of a batch, whatever its signal. */
import type { AnyBatch } from '../../model/batches.ts';
import { LogsBatch, ResourceLogs, ScopeLogs, type LogRecord } from '../../model/logs.ts';
import { MetricsBatch, ResourceMetrics, ScopeMetrics, type Metric } from '../../model/metrics.ts';
import { ResourceSpans, ScopeSpans, type Span } from '../../model/traces.ts';

export type AnyGroup = ResourceSpans | ResourceLogs | ResourceMetrics;
export type AnyScopeGroup = ScopeSpans | ScopeLogs | ScopeMetrics;
export type AnyItem = Span | LogRecord | Metric;

export function groupsIn(batch: AnyBatch): readonly AnyGroup[] {
  if (batch instanceof LogsBatch) return batch.resourceLogs();
  return batch instanceof MetricsBatch ? batch.resourceMetrics() : batch.resourceSpans();
}

export function scopeGroupsIn(group: AnyGroup): readonly AnyScopeGroup[] {
  if (group instanceof ResourceLogs) return group.scopeLogs();
  return group instanceof ResourceMetrics ? group.scopeMetrics() : group.scopeSpans();
}

/** Spans, log records or metrics. */
export function itemsIn(group: AnyScopeGroup): readonly AnyItem[] {
  if (group instanceof ScopeLogs) return group.logRecords();
  return group instanceof ScopeMetrics ? group.metrics() : group.spans();
}

/** Leaves out resources and scopes that came with nothing in them, as the Collector's dropping processors do. */
export function dropHollow(batch: AnyBatch): void {
  for (const group of groupsIn(batch)) {
    const scopes = scopeGroupsIn(group);
    if (scopes.length === 0) group.drop(nothingInIt);
    for (const scope of scopes) if (itemsIn(scope).length === 0) scope.drop(nothingInIt);
  }
}

/** Counts for no item. */
const nothingInIt = 'nothing in it';
