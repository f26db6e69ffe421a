/** The receiver and the processors of a simulation. */
import { batch as batchFactory } from '../../src/processors/batch.ts';
import { batchOf, mergeBatches, splitBatch, type AnyBatch } from '../../src/model/batches.ts';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import type {
  Consumer,
  Processor,
  ProcessorContext,
  Receiver,
  ReceiverContext,
  ReceiverOutput,
} from '../../src/pipeline/component.ts';
import { bodyOf, itemsOf, spanOf, type Ref } from './items.ts';
import type { Life } from './life.ts';
import { copyOf, isPicked } from './model.ts';
import type { Stage } from './stage.ts';
import type { ReceiverSpec, Step } from './world.ts';

/** What a processor may know of the simulation. */
export interface Place {
  readonly sim: Stage;
  readonly life: Life;
}

export class SimulatedReceiver implements Receiver {
  private readonly place: Place;
  private readonly spec: ReceiverSpec;
  private readonly context: ReceiverContext;

  constructor(place: Place, spec: ReceiverSpec, context: ReceiverContext) {
    this.place = place;
    this.spec = spec;
    this.context = context;
  }

  async start(output: ReceiverOutput): Promise<void> {
    const { sim, life } = this.place;
    const { id, waits } = this.spec;
    const from = Number(this.context.position ?? 0);
    life.toldPositions.set(id, from);
    for (const [at, { entry, names }] of (sim.model.entries.get(id) ?? []).entries()) {
      if (at < from) continue;
      if (waits && sim.schedule.random.below(2) === 0) await sim.wait(life, 30);
      if (sim.takeFlaw('read')) throw new Error('EIO: the disk is gone');
      if (entry.kind === 'batch') await this.emit(output, names, at + 1);
      else this.count(output, entry, at);
    }
  }

  private async emit(output: ReceiverOutput, names: readonly string[], position: number): Promise<void> {
    const { sim, life } = this.place;
    const { id } = this.spec;
    const bytes = bodyOf(names.map((name) => spanOf(name, sim.spec.payload)));
    const handed = { receiver: id, position, bytes: bytes.length, open: 0, releases: 0 };
    const [first] = names;
    const release = (): void => {
      bytes.fill(0xee);
      if (++handed.releases > 1) sim.violated(`the batch of ${first} was released twice`);
    };
    if (first === undefined) {
      await output.emit(batchOf('traces', Buffer.alloc(0), { trusted: true }), position);
    } else {
      life.arriving.set(first, handed);
      await output.emit(batchOf('traces', bytes, { trusted: true, release }), position);
    }
    life.toldPositions.set(id, position);
  }

  private count(
    output: ReceiverOutput,
    entry: { kind: 'unreadable'; told: boolean } | { kind: 'duplicates'; items: number; told: boolean },
    at: number,
  ): void {
    const { counts } = this.context;
    if (entry.kind === 'unreadable')
      counts.addUnreadable({ input: this.spec.id, offset: at, bytes: 1, reason: 'odd' });
    else counts.drop('traces', 'duplicate', entry.items);
    if (!entry.told) return;
    output.advance(at + 1);
    this.place.life.toldPositions.set(this.spec.id, at + 1);
  }
}

/** At the head of every pipeline: sees what enters, and whether it is said to be settled too early. */
export class Probe implements Processor {
  private readonly place: Place;
  private readonly pipeline: string;
  private readonly isFirst: boolean;

  /** @param isFirst whether receivers feed the pipeline */
  constructor(place: Place, pipeline: string, isFirst: boolean) {
    this.place = place;
    this.pipeline = pipeline;
    this.isFirst = isFirst;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const { sim, life } = this.place;
    const items = itemsOf(batch.encode());
    const refs: Ref[] = items.map(({ name, way }) => ({ name, way }));
    const first = refs[0]?.name ?? '';
    const handed = this.isFirst ? life.arrived(first) : undefined;
    if (handed !== undefined) handed.open++;
    try {
      await next.consume(batch);
    } finally {
      if (handed !== undefined) handed.open--;
    }
    sim.checkSettled(life, refs, (ref) => sim.model.destinations(this.pipeline, ref));
    sim.tally.note('settlements looked at');
  }
}

export function processorOf(place: Place, step: Step, context: ProcessorContext): Processor {
  switch (step.kind) {
    case 'drop':
      return new Editor((span) => {
        if (isPicked(span.name, step.every)) span.drop('simulated');
      });
    case 'mark':
      return new Editor((span) => {
        const way = span.attributes.get('way');
        span.attributes.set('way', `${typeof way === 'string' ? way : ''}${step.letter}`);
      });
    case 'copy':
      return new Copier(step);
    case 'batch':
      return realBatch(step, context);
    case 'hold':
      return new Holder(step.size);
    case 'split':
      return new Splitter(step.most);
    case 'think':
      return new Thinker(place, step.mostMs);
    case 'count':
      return new Counter(context.state);
    case 'faulty':
      return new Faulty(place);
  }
}

function realBatch(step: Step & { kind: 'batch' }, context: ProcessorContext): Processor {
  const { size, most, timeoutMs } = step;
  const config = batchFactory.schema.parse({
    send_batch_size: most === 0 ? size : Math.min(size, most),
    send_batch_max_size: most,
    timeout: `${timeoutMs}ms`,
  });
  // The factory of the batch processor makes it at once.
  return batchFactory.create(config, context) as Processor;
}

type Span = ReturnType<Extract<AnyBatch, { signal: 'traces' }>['spans']>[number];

function spansOf(batch: AnyBatch): readonly Span[] {
  return batch.signal === 'traces' ? batch.spans() : [];
}

class Editor implements Processor {
  private readonly edit: (span: Span) => void;

  constructor(edit: (span: Span) => void) {
    this.edit = edit;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    for (const span of spansOf(batch)) this.edit(span);
    if (batch.itemCount > 0) await next.consume(batch);
  }
}

class Copier implements Processor {
  private readonly step: Step & { kind: 'copy' };

  constructor(step: Step & { kind: 'copy' }) {
    this.step = step;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const picked = spansOf(batch).filter(({ name }) => isPicked(name, this.step.every));
    const originals = picked.map((span) => ({ name: span.name, way: span.attributes.get('way') }));
    const scope = batch.signal === 'traces' ? batch.resourceSpans()[0]?.scopeSpans()[0] : undefined;
    for (const { name, way } of originals) {
      const span = scope?.addSpan();
      if (span === undefined) continue;
      span.name = copyOf({ name, way: '' }, this.step.letter).name;
      if (way !== undefined) span.attributes.set('way', way);
    }
    await next.consume(batch);
  }
}

/** Hands on what it holds as one batch, when it is enough or when it has to. */
class Holder implements Processor {
  private readonly size: number;
  private held: { batch: AnyBatch; resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(size: number) {
    this.size = size;
  }

  get heldItems(): number {
    return this.held.reduce((sum, { batch }) => sum + batch.itemCount, 0);
  }

  consume(batch: AnyBatch, next: Consumer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.held.push({ batch, resolve, reject });
      if (this.heldItems >= this.size) this.release(next);
    });
  }

  async flush(next: Consumer): Promise<void> {
    this.release(next);
  }

  private release(next: Consumer): void {
    const held = this.held.splice(0);
    if (held.length === 0) return;
    const merged = mergeBatches(held.map(({ batch }) => batch));
    next.consume(merged).then(
      () => {
        merged.release();
        for (const { resolve } of held) resolve();
      },
      (error: unknown) => held.forEach(({ reject }) => reject(error)),
    );
  }
}

/** Does not wait for the other parts when one fails, as an author may forget to. */
class Splitter implements Processor {
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const parts = [...splitBatch(batch, { maxItems: this.most })];
    await Promise.all(parts.map((part) => next.consume(part)));
    for (const part of parts) part.release();
  }
}

class Thinker implements Processor {
  private readonly place: Place;
  private readonly mostMs: number;

  constructor(place: Place, mostMs: number) {
    this.place = place;
    this.mostMs = mostMs;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    await this.place.sim.wait(this.place.life, this.mostMs);
    await next.consume(batch);
  }
}

class Counter implements Processor {
  private count: number;

  constructor(state: JsonValue | undefined) {
    this.count = Number(state ?? 0);
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    this.count += batch.itemCount;
    await next.consume(batch);
  }

  state(): JsonValue {
    return this.count;
  }
}

class Faulty implements Processor {
  private readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    if (this.place.sim.takeFlaw('processor')) throw new TypeError('a processor failed');
    await next.consume(batch);
  }
}
