/** Shows each record of a context to what runs on it. */
import type { AnyBatch } from '../../model/batches.ts';
import { LogRecord } from '../../model/logs.ts';
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
  else for (const item of itemsIn(scope)) visitItem(item, context, target, visit);
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
