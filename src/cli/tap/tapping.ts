/** A processor with somebody who looks at what goes in and what comes out of it. */
import type { AnyBatch } from '../../model/batches.ts';
import type { Consumer, Processor } from '../../pipeline/component.ts';
import type { Onlooker } from './onlooker.ts';

/** Everything but what is looked at is the processor's own: what it holds, its state. */
export function tapping(processor: Processor, onlooker: Onlooker): Processor {
  const own = {
    async consume(batch: AnyBatch, next: Consumer): Promise<void> {
      onlooker.before(batch);
      const out = watched(next, onlooker);
      const settled = processor.consume(batch, out);
      await settled;
      await onlooker.consumed(batch);
    },
    async flush(next: Consumer): Promise<void> {
      await processor.flush?.(watched(next, onlooker));
    },
    async shutdown(): Promise<void> {
      await processor.shutdown?.();
      onlooker.end();
    },
  };
  return new Proxy(processor, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return own[key as keyof typeof own];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function watched(next: Consumer, onlooker: Onlooker): Consumer {
  return {
    async consume(batch) {
      await onlooker.after(batch);
      await next.consume(batch);
    },
  };
}
