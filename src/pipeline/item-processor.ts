/** The one adapter for processors that only edit or drop: they see items, it moves batches. */
import type { AnyBatch } from '../model/batches.ts';
import type { LogRecord } from '../model/logs.ts';
import type { Resource } from '../model/resource.ts';
import type { Span } from '../model/traces.ts';
import type { Consumer, Processor } from './component.ts';

/** Called in this order for each batch: `batch`, then `resource` for each resource, then `span` or `log` for each item. */
export interface ItemHandlers {
  /** Not even a batch that came without resources is handed on: as processors of the Collector do that drop. */
  readonly swallowsEmpty?: boolean;
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
    const cameEmpty = batch.itemCount === 0;
    const edited = this.handlers.batch?.(batch);
    if (edited !== undefined) await edited;
    this.visit(batch);
    if (this.isWorthwhile(batch, cameEmpty)) await next.consume(batch);
  }

  /** A batch of which nothing is left goes no further; a resource alone is handed on, as it came. */
  private isWorthwhile(batch: AnyBatch, cameEmpty: boolean): boolean {
    if (batch.itemCount > 0 || batch.resources().length > 0) return true;
    return cameEmpty && this.handlers.swallowsEmpty !== true;
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
