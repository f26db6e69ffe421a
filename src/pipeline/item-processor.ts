/** The one adapter for processors that only edit or drop: they see items, it moves batches. */
import type { AnyBatch } from '../model/batches.ts';
import type { LogRecord } from '../model/logs.ts';
import type { Resource } from '../model/resource.ts';
import type { Span } from '../model/traces.ts';
import type { Consumer, Processor } from './component.ts';

/** Called in this order for each batch: `batch`, then `resource` for each resource, then `span` or `log` for each item. */
export interface ItemHandlers {
  batch?(batch: AnyBatch): void | Promise<void>;
  resource?(resource: Resource): void;
  span?(span: Span): void;
  log?(log: LogRecord): void;
  flush?(next: Consumer): Promise<void>;
  shutdown?(): Promise<void>;
}

export function eachItem(handlers: ItemHandlers): Processor {
  return new ItemProcessor(handlers);
}

class ItemProcessor implements Processor {
  private readonly handlers: ItemHandlers;

  constructor(handlers: ItemHandlers) {
    this.handlers = handlers;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const edited = this.handlers.batch?.(batch);
    if (edited !== undefined) await edited;
    this.visit(batch);
    if (batch.itemCount > 0) await next.consume(batch);
  }

  async flush(next: Consumer): Promise<void> {
    await this.handlers.flush?.(next);
  }

  async shutdown(): Promise<void> {
    await this.handlers.shutdown?.();
  }

  private visit(batch: AnyBatch): void {
    const { handlers } = this;
    if (handlers.resource !== undefined)
      for (const resource of batch.resources()) handlers.resource(resource);
    if (batch.signal === 'traces' && handlers.span !== undefined)
      for (const span of batch.spans()) handlers.span(span);
    if (batch.signal === 'logs' && handlers.log !== undefined)
      for (const log of batch.logRecords()) handlers.log(log);
  }
}
