/**
 * Collects small batches into larger ones, so that exporters send fewer and fuller requests.
 *
 * Belongs last in a pipeline: what filters dropped before it takes no room in a batch. Nothing is lost and nothing
 * changes order. It delays: items wait until `send_batch_size` items or `send_batch_max_bytes` bytes are together,
 * for `timeout` at most, or until the input ends. Unlike the Collector's, it acknowledges a batch when its items are
 * delivered and not when it takes them, so a run that stops here can be resumed without loss; and both parts of a
 * metric whose data points it splits keep the metadata, which the Collector's leaves out of the first.
 *
 *     processors:
 *       batch:
 *         send_batch_size: 2000
 *         timeout: 1s
 */
import { z } from 'zod';
import { byteSize, duration, refused } from '../config/fields.ts';
import type { AnyBatch } from '../model/batches.ts';
import type { Clock } from '../pipeline/clock.ts';
import type { Consumer, Processor, ProcessorFactory } from '../pipeline/component.ts';
import { InterruptedError } from '../pipeline/errors.ts';
import { dispatch, repack, Shipment, type Held } from './batch/shipment.ts';

const schema = z
  .strictObject({
    send_batch_size: z
      .int()
      .nonnegative()
      .default(8192)
      .describe('Items that are sent as soon as they are together; a trigger, not a limit. 0: send at once.'),
    timeout: duration()
      .default(200)
      .describe('The longest that an item waits for others. 0s: send at once, whatever the size.'),
    send_batch_max_size: z
      .int()
      .nonnegative()
      .default(0)
      .describe('No batch leaves with more items; larger ones are split. 0: no limit.'),
    send_batch_max_bytes: byteSize()
      .default(4 * 1024 * 1024)
      .describe(
        'Both trigger and limit, in bytes of OTLP protobuf. Respool only: a quarter of `max_in_flight`, so that waiting items never stall the run.',
      ),
    metadata_keys: refused('a recording carries no request metadata; use one pipeline per destination'),
    metadata_cardinality_limit: refused('it belongs to metadata_keys, which does not exist here'),
  })
  .refine(
    (config) => config.send_batch_max_size === 0 || config.send_batch_max_size >= config.send_batch_size,
    {
      path: ['send_batch_max_size'],
      message: 'must not be less than send_batch_size',
    },
  );

type Config = z.output<typeof schema>;

export const batch: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'batch',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Collects small batches into larger ones, by items, bytes and time.',
  schema,
  create: (config, context) => new BatchProcessor(config, context.clock),
};

class BatchProcessor implements Processor {
  private readonly config: Config;
  private readonly clock: Clock;
  private held: Held[] = [];
  private items = 0;
  private bytes = 0;
  private next: Consumer | undefined;
  private cancelTimer: (() => void) | undefined;

  constructor(config: Config, clock: Clock) {
    this.config = config;
    this.clock = clock;
  }

  get heldItems(): number {
    return this.items;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const items = batch.itemCount;
    if (items === 0) return;
    const shipment = new Shipment(items);
    this.next = next;
    this.hold({ batch, owners: [{ shipment, items }] });
    if (this.sendsAtOnce()) this.send('all');
    else if (this.isFull()) this.send('full');
    this.setTimer();
    await shipment.settled;
  }

  /** Resolves when all that is held is handed over; its settlement is awaited by whoever called `consume`. */
  async flush(next: Consumer): Promise<void> {
    this.next = next;
    this.send('all');
  }

  async shutdown(): Promise<void> {
    this.stopTimer();
    for (const { owners } of this.take()) {
      for (const { shipment } of owners) shipment.fail(new InterruptedError());
    }
  }

  private send(what: 'full' | 'all'): void {
    this.stopTimer();
    const { next } = this;
    if (next === undefined || this.items === 0) return;
    const parts = repack(this.take(), this.limits());
    const rest = what === 'full' && parts.length > 1 ? parts.pop() : undefined;
    if (rest !== undefined) this.hold(rest);
    for (const part of parts) dispatch(part, next);
    if (this.isFull()) this.send('all');
  }

  private hold(held: Held): void {
    this.held.push(held);
    this.items += held.batch.itemCount;
    this.bytes += held.batch.byteLength;
  }

  private take(): Held[] {
    const taken = this.held;
    this.held = [];
    this.items = 0;
    this.bytes = 0;
    return taken;
  }

  private isFull(): boolean {
    return this.items >= this.config.send_batch_size || this.bytes >= this.config.send_batch_max_bytes;
  }

  private sendsAtOnce(): boolean {
    return this.config.timeout === 0 || this.config.send_batch_size === 0;
  }

  private limits(): { maxBytes: number; maxItems?: number } {
    const { send_batch_max_size: maxItems, send_batch_max_bytes: maxBytes } = this.config;
    return maxItems === 0 ? { maxBytes } : { maxBytes, maxItems };
  }

  private setTimer(): void {
    if (this.items === 0) return;
    this.cancelTimer ??= this.clock.after(this.config.timeout, () => this.send('all'));
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}
