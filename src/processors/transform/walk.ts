/** Shows each record of a context to what runs on it. */
import type { AnyBatch } from '../../model/batches.ts';
import { LogRecord } from '../../model/logs.ts';
import { ScopeMetrics } from '../../model/metrics.ts';
import { Span } from '../../model/traces.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { groupsIn, itemsIn, scopeGroupsIn, type AnyItem, type AnyScopeGroup } from '../shared/groups.ts';
import type { RecordTarget } from '../shared/target.ts';

/** Calls `visit` for each record, with the record and those above it in `target`, which is to be a new one. */
export function eachRecord(
  batch: AnyBatch,
  context: ContextName,
  target: RecordTarget,
  visit: () => void,
): void {
  for (const group of groupsIn(batch)) {
    target.resource = group.resource;
    if (context === 'resource') visit();
    else for (const scope of scopeGroupsIn(group)) visitScope(scope, context, target, visit);
  }
}

function visitScope(
  scope: AnyScopeGroup,
  context: ContextName,
  target: RecordTarget,
  visit: () => void,
): void {
  target.scope = scope.scope;
  if (context === 'scope') visit();
  else if (scope instanceof ScopeMetrics) visitMetrics(scope, context, target, visit);
  else for (const item of itemsIn(scope)) visitItem(item, context, target, visit);
}

/** How many metrics the statements may make of those of a scope: those that copy their copies would never end. */
const mostMade = (before: number): number => 1000 + 100 * before;

class EndlessMetricsError extends Error {
  override readonly name = 'EndlessMetricsError';
  readonly remedy =
    'Give copy_metric a `where` that its copies do not fulfil, such as the name of the original.';

  constructor(metrics: number, before: number) {
    super(`the statements made ${metrics} metrics of ${before}, for they run on what they make as well`);
  }
}

/** As in the Collector, metrics that are added behind the others while they are visited are visited as well. */
function visitMetrics(
  scope: ScopeMetrics,
  context: ContextName,
  target: RecordTarget,
  visit: () => void,
): void {
  let metrics = scope.metrics();
  const before = metrics.length;
  for (let next = 0; next < metrics.length; next++) {
    const metric = metrics[next];
    if (metric !== undefined) visitItem(metric, context, target, visit);
    // The list may be a copy that knows nothing of what was added.
    if (next === metrics.length - 1) metrics = scope.metrics();
    if (metrics.length > before + mostMade(before)) throw new EndlessMetricsError(metrics.length, before);
  }
}

function visitItem(item: AnyItem, context: ContextName, target: RecordTarget, visit: () => void): void {
  if (item instanceof Span) {
    target.span = item;
    if (context === 'spanevent') visitParts(item.events, (event) => (target.event = event), visit);
    else visit();
  } else if (item instanceof LogRecord) {
    target.log = item;
    visit();
  } else {
    target.metric = item;
    if (context === 'datapoint') visitParts(item.dataPoints(), (point) => (target.point = point), visit);
    else visit();
  }
}

function visitParts<Part>(parts: readonly Part[], show: (part: Part) => void, visit: () => void): void {
  for (const part of parts) {
    show(part);
    visit();
  }
}
