/** Components for tests of the core: each does one thing to spans, and the exporter remembers what it really took. */
import type { AnyBatch } from '../../src/model/batches.ts';
import { emptyBatch, mergeBatches, splitBatch } from '../../src/model/batches.ts';
import type {
  Consumer,
  Exporter,
  ExporterContext,
  ExportPolicy,
  ExportRequest,
  Outcome,
  Processor,
  Receiver,
  ReceiverOutput,
} from '../../src/pipeline/component.ts';
import type { Plan, PlannedPipeline, PlannedProcessor } from '../../src/pipeline/plan.ts';

/** A batch of spans with these names. */
export function spansNamed(names: readonly string[]): AnyBatch {
  const batch = emptyBatch('traces');
  if (batch.signal !== 'traces') throw new Error('unreachable');
  const scope = batch.addResource().addScope();
  for (const name of names) scope.addSpan().name = name;
  return batch;
}

export function namesIn(batch: AnyBatch): string[] {
  return batch.signal === 'traces' ? batch.spans().map((span) => span.name) : [];
}

export class FakeReceiver implements Receiver {
  private readonly batches: readonly (readonly string[])[];
  private readonly after: ((at: number) => void) | undefined;

  constructor(batches: readonly (readonly string[])[], after?: (at: number) => void) {
    this.batches = batches;
    this.after = after;
  }

  async start(output: ReceiverOutput): Promise<void> {
    for (const [at, names] of this.batches.entries()) {
      await output.emit(spansNamed(names));
      this.after?.(at);
    }
  }
}

/** Drops spans whose name the test picks. */
export class Dropper implements Processor {
  private readonly drops: (name: string) => boolean;

  constructor(drops: (name: string) => boolean) {
    this.drops = drops;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    if (batch.signal === 'traces')
      for (const span of batch.spans()) if (this.drops(span.name)) span.drop('test');
    if (batch.itemCount > 0) await next.consume(batch);
  }
}

/** Holds batches until it has `size` items, then hands them on as one. */
export class Merger implements Processor {
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
    const held = this.held;
    this.held = [];
    if (held.length === 0) return;
    next.consume(mergeBatches(held.map(({ batch }) => batch))).then(
      () => held.forEach(({ resolve }) => resolve()),
      (error: unknown) => held.forEach(({ reject }) => reject(error)),
    );
  }
}

/** Hands each batch on in parts, and does not wait for the others when one fails, as an author may forget to. */
export class Splitter implements Processor {
  private readonly maxItems: number;

  constructor(maxItems: number) {
    this.maxItems = maxItems;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const parts = [...splitBatch(batch, { maxItems: this.maxItems })];
    await Promise.all(parts.map((part) => next.consume(part)));
  }
}

export interface FakeRequest extends ExportRequest {
  readonly names: readonly string[];
}

/** Takes what `answer` lets it take. */
export class FakeExporter implements Exporter<FakeRequest> {
  readonly target = 'memory';
  readonly taken: string[] = [];
  readonly ordered: boolean;
  /** The most requests that were under way at once. */
  busiest = 0;
  private busy = 0;
  private readonly answer: (request: FakeRequest, attempt: number) => Outcome | Promise<Outcome>;
  private readonly orderOf: ((name: string) => string) | undefined;
  private readonly attempts = new Map<string, number>();

  constructor(
    answer: (request: FakeRequest, attempt: number) => Outcome | Promise<Outcome> = () => ({
      verdict: 'delivered',
    }),
    orderOf?: (name: string) => string,
  ) {
    this.answer = answer;
    this.orderOf = orderOf;
    this.ordered = orderOf !== undefined;
  }

  *requests(batch: AnyBatch): Iterable<FakeRequest> {
    const groups = new Map<string, string[]>();
    for (const name of namesIn(batch)) {
      const key = this.orderOf?.(name) ?? '';
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    for (const [order, names] of groups) yield this.request(names, order);
  }

  async send(request: FakeRequest): Promise<Outcome> {
    this.busiest = Math.max(this.busiest, ++this.busy);
    try {
      const key = request.names.join();
      const attempt = (this.attempts.get(key) ?? 0) + 1;
      this.attempts.set(key, attempt);
      const outcome = await this.answer(request, attempt);
      if (outcome.verdict === 'delivered') this.taken.push(...request.names.slice(outcome.refused ?? 0));
      return outcome;
    } finally {
      this.busy--;
    }
  }

  split(request: FakeRequest): FakeRequest[] {
    const half = Math.ceil(request.names.length / 2);
    return [
      this.request(request.names.slice(0, half), request.order),
      this.request(request.names.slice(half), request.order),
    ];
  }

  itemsOf({ names }: FakeRequest): AnyBatch {
    return spansNamed(names);
  }

  private request(names: readonly string[], order = ''): FakeRequest {
    return {
      signal: 'traces',
      items: names.length,
      bytes: names.length,
      names,
      ...(this.orderOf === undefined ? {} : { order }),
    };
  }
}

export const quickPolicy: ExportPolicy = {
  consumers: 2,
  timeoutMs: 0,
  retry: {
    enabled: true,
    initialIntervalMs: 10,
    maxIntervalMs: 100,
    maxElapsedMs: 0,
    multiplier: 2,
    randomizationFactor: 0,
  },
};

export interface FakePipeline {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly processors?: readonly (() => Processor)[];
}

/** A plan of fakes: ids are the keys. */
export function fakePlan(parts: {
  receivers: Record<string, Receiver>;
  pipelines: Record<string, FakePipeline>;
  exporters: Record<string, Exporter | ((context: ExporterContext) => Exporter)>;
  maxInFlightBytes?: number;
  policy?: ExportPolicy;
}): Plan {
  const pipelines = Object.entries(parts.pipelines).map(
    ([id, { inputs, outputs, processors = [] }]): PlannedPipeline => {
      const planned = processors.map((create, at): PlannedProcessor => ({
        id: `p${at}`,
        create: () => create(),
      }));
      return { id, signal: 'traces', inputs, outputs, processors: planned };
    },
  );
  return {
    directory: '.',
    outputs: [],
    maxInFlightBytes: parts.maxInFlightBytes ?? 1 << 20,
    logLevel: 'info',
    needsTimeRange: false,
    readsStdin: false,
    listening: [],
    receivers: Object.entries(parts.receivers).map(([id, receiver]) => ({ id, create: () => receiver })),
    pipelines,
    exporters: Object.entries(parts.exporters).map(([id, exporter]) => ({
      id,
      signals: ['traces'],
      policy: parts.policy ?? quickPolicy,
      create: (context) => (typeof exporter === 'function' ? exporter(context) : exporter),
    })),
  };
}
