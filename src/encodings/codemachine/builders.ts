/** Batches under construction. */
import { emptyBatch, type AnyBatch } from '../../model/batches.ts';
import type { LogsBatch, ScopeLogs } from '../../model/logs.ts';
import type { ScopeSpans, TracesBatch } from '../../model/traces.ts';
import { describe, type ExactJson, type JsonObject } from './exact-json.ts';
import { addLog, readLog } from './log-record.ts';
import { setAll } from './read-members.ts';
import { addSpan } from './span.ts';

export type Notice = (text: string) => void;

export interface Builder {
  /** Adds an element, or throws a ShapeError and adds nothing. */
  add(element: ExactJson): void;
  take(): AnyBatch;
}

/** All spans of a document have one resource. */
export class TracesBuilder implements Builder {
  private readonly batch: TracesBatch = emptyBatch('traces');
  private readonly notice: Notice;
  private readonly service: ExactJson | undefined;
  private scope: ScopeSpans | undefined;

  constructor(service: ExactJson | undefined, notice: Notice) {
    this.service = service;
    this.notice = notice;
  }

  add(element: ExactJson): void {
    this.scope ??= this.addScope();
    addSpan(this.scope, element, this.notice);
  }

  take(): AnyBatch {
    return this.batch;
  }

  private addScope(): ScopeSpans {
    const { batch, service } = this;
    const group = batch.addResource();
    if (typeof service === 'string') group.resource.attributes.set('service.name', service);
    else if (service !== undefined) this.notice(`service must be text, found ${describe(service)}`);
    return group.addScope();
  }
}

/** Records with equal resources stand together, in the order in which each resource came first. */
export class LogsBuilder implements Builder {
  private readonly batch: LogsBatch = emptyBatch('logs');
  private readonly notice: Notice;
  private readonly scopes = new Map<string, ScopeLogs>();

  constructor(notice: Notice) {
    this.notice = notice;
  }

  add(element: ExactJson): void {
    const parts = readLog(element, this.notice);
    addLog(this.scopeOf(parts.resource), parts);
  }

  take(): AnyBatch {
    return this.batch;
  }

  private scopeOf(resource: JsonObject): ScopeLogs {
    const key = JSON.stringify(Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1)));
    let scope = this.scopes.get(key);
    if (scope === undefined) {
      const group = this.batch.addResource();
      setAll(group.resource.attributes, resource);
      this.scopes.set(key, (scope = group.addScope()));
    }
    return scope;
  }
}
