/** Logs with a resource and a scope for each record, and the way back. As in the Collector, some of them is left out. */
import { emptyBatch } from '../../model/batches.ts';
import type { LogsBatch, ResourceLogs, ScopeLogs } from '../../model/logs.ts';
import { identityOf } from '../shared/identity.ts';

/** The schema URL and dropped count of resources are not kept, nor the dropped count of scopes. */
export function flattened(batch: LogsBatch): LogsBatch {
  const flat = emptyBatch('logs');
  flat.origin = batch.origin;
  for (const record of batch.logRecords()) {
    const group = flat.addResource();
    group.resource.copyFrom(record.resource);
    group.resource.droppedAttributesCount = 0;
    const scope = group.addScope();
    scope.scope.copyFrom(record.scope);
    scope.scope.droppedAttributesCount = 0;
    scope.schemaUrl = record.scopeLogs.schemaUrl;
    scope.addLogRecord().copyFrom(record);
  }
  return flat;
}

/** Equal resources united, and equal scopes in them, in the order in which the first of each came. */
export function united(flat: LogsBatch): LogsBatch {
  const batch = emptyBatch('logs');
  batch.origin = flat.origin;
  const resources = new Map<string, { group: ResourceLogs; scopes: Map<string, ScopeLogs> }>();
  for (const record of flat.logRecords()) {
    const { scopeLogs } = record;
    const resourceKey = identityOf(record.resource.attributes.exactEntries());
    let place = resources.get(resourceKey);
    if (place === undefined) {
      place = { group: batch.addResource(), scopes: new Map() };
      place.group.resource.copyFrom(record.resource);
      place.group.schemaUrl = scopeLogs.resourceLogs.schemaUrl;
      resources.set(resourceKey, place);
    }
    const scopeKey = scopeIdentity(scopeLogs);
    let scope = place.scopes.get(scopeKey);
    if (scope === undefined) {
      scope = place.group.addScope();
      scope.scope.copyFrom(record.scope);
      scope.schemaUrl = scopeLogs.schemaUrl;
      place.scopes.set(scopeKey, scope);
    }
    scope.addLogRecord().copyFrom(record);
  }
  return batch;
}

function scopeIdentity({ schemaUrl, scope }: ScopeLogs): string {
  return JSON.stringify([schemaUrl, scope.name, scope.version, identityOf(scope.attributes.exactEntries())]);
}
