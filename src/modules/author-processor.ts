/**
 * The processor that an author's handlers become. While no handler answers a promise, a batch is one loop over its items,
 * with nothing made for each. Once one did, items are under way at the same time, up to `concurrency`; batches are
 * worked on while those before them are, and are handed on in their order.
 */
import type { AnyBatch } from '../model/batches.ts';
import type { JsonValue } from '../pipeline/checkpoint.ts';
import type { Consumer, Processor, ProcessorContext } from '../pipeline/component.ts';
import { Slots } from '../pipeline/queue.ts';
import { allSettled } from '../pipeline/settle.ts';
import { Failing, type FailurePolicy } from './failing.ts';
import type { ProcessorHandlers } from './define-processor.ts';
import { isPromise, itemsAnswered, placed } from './guarded.ts';
import { Gathering, groupsOf, itemsOf, type AnyItem } from './made.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';
import { Pass } from './pass.ts';

export interface AuthorOptions extends FailurePolicy {
  readonly file: AuthorsFile;
  /** How many handlers may be under way. */
  readonly concurrency: number;
  /** How long one promise may take; 0 for any time. */
  readonly timeoutMs: number;
  /** What outlives the run, as it is now. */
  readonly state?: (() => JsonValue) | undefined;
}

/** A batch that holds the process for so long keeps it from sending, and from Ctrl-C. */
const longMs = 1000;

export class AuthorProcessor implements Processor {
  readonly state?: () => JsonValue;
  private readonly handlers: ProcessorHandlers;
  private readonly context: ProcessorContext;
  private readonly options: AuthorOptions;
  private readonly slots: Slots;
  private readonly failing: Failing;
  /** Resolves when the last batch that is waited for was handed on. */
  private tail: Promise<void> | undefined;
  private isAsync = false;
  private saidLong = false;
  /** Of what `flush` made, why it is not safe. */
  private failure: Error | undefined;

  constructor(handlers: ProcessorHandlers, context: ProcessorContext, options: AuthorOptions) {
    this.handlers = handlers;
    this.context = context;
    this.options = options;
    this.slots = new Slots(options.concurrency);
    this.failing = new Failing(context, options);
    if (options.state !== undefined) this.state = options.state;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const pass = new Pass(batch);
    const { tail } = this;
    if (tail === undefined) {
      const pending = this.watched(pass);
      if (pending === undefined) return await this.handOn(pass, next);
      return await this.inTurn(pending, tail, (turn) => this.handOnInTurn(pass, next, turn));
    }
    const isOneByOne = this.options.concurrency === 1;
    const pending = isOneByOne
      ? tail.then(() => this.watched(pass))
      : (this.watched(pass) ?? Promise.resolve());
    await this.inTurn(pending, tail, (turn) => this.handOnInTurn(pass, next, turn));
  }

  async flush(next: Consumer): Promise<void> {
    this.throwFailure();
    const { flush } = this.handlers;
    if (flush === undefined) return;
    const { file } = this.options;
    const answer = await placed(file, () => this.limited(flush.call(this.handlers), 'flush'));
    const gathering = new Gathering();
    for (const item of itemsAnswered(answer, 'flush', file)) gathering.add(item, undefined);
    for (const batch of gathering.others) {
      const own = batch.signal === this.context.pipelineSignal;
      const consumer = own ? next : this.consumerOf(batch);
      // Handed over, and not waited for; what becomes of it is told by the next call.
      consumer.consume(batch).catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new ModuleError(String(error));
      });
    }
  }

  async shutdown(): Promise<void> {
    const { shutdown } = this.handlers;
    if (shutdown !== undefined) await placed(this.options.file, () => shutdown.call(this.handlers));
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Waits for its own work, then for its turn. The next batch may go when this one is handed on, or failed. */
  private async inTurn(
    pending: Promise<void>,
    before: Promise<void> | undefined,
    handOn: (turn: () => void) => Promise<void>,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.tail = promise;
    const turn = (): void => {
      if (this.tail === promise) this.tail = undefined;
      resolve();
    };
    try {
      await pending;
      await before;
      await handOn(turn);
    } finally {
      turn();
    }
  }

  private async handOnInTurn(pass: Pass, next: Consumer, turn: () => void): Promise<void> {
    const settled = this.handOn(pass, next);
    turn();
    await settled;
  }

  /** Everything is handed over before this answers its promise. */
  private async handOn(pass: Pass, next: Consumer): Promise<void> {
    const { batch, gathering } = pass;
    const isWorthwhile = batch.itemCount > 0 || pass.cameEmpty || batch.resources().length > 0;
    if (gathering === undefined) {
      if (isWorthwhile) await next.consume(batch);
      return;
    }
    const settled = gathering.others.map((made) => this.consumerOf(made).consume(made));
    if (isWorthwhile) settled.push(next.consume(batch));
    await allSettled(settled);
  }

  private consumerOf({ signal }: AnyBatch): Consumer {
    const consumer = this.context.created?.(signal);
    if (consumer !== undefined) return consumer;
    const { name } = this.options.file;
    throw new ModuleError(`${name} made ${signal} in a pipeline of ${this.context.pipelineSignal}`, {
      remedy: `say \`creates: ['${signal}']\` in its definition`,
    });
  }

  /** Says once when the handlers hold up the whole process. */
  private watched(pass: Pass): Promise<void> | undefined {
    const { clock, logger } = this.context;
    const beganMs = clock.monotonicMs();
    const pending = this.work(pass);
    const tookMs = clock.monotonicMs() - beganMs;
    if (tookMs >= longMs && !this.saidLong) {
      this.saidLong = true;
      logger.warn(
        `${this.options.file.name} held the whole process for ${(tookMs / 1000).toFixed(1)} s with one batch, in which nothing is sent and Ctrl-C waits; what takes long is better awaited`,
      );
    }
    return pending;
  }

  /** A promise only where something has to be waited for. */
  private work(pass: Pass): Promise<void> | undefined {
    const steps = [
      () => this.workOnBatch(pass),
      () => this.workOnResources(pass),
      () => this.workOnItems(pass),
    ];
    for (const [at, step] of steps.entries()) {
      const pending = step();
      if (pending !== undefined) return this.workOn(pending, steps.slice(at + 1), pass);
    }
    return this.failing.keepLetters(pass);
  }

  private async workOn(
    pending: Promise<void>,
    steps: readonly (() => Promise<void> | undefined)[],
    pass: Pass,
  ): Promise<void> {
    await pending;
    for (const step of steps) await step();
    await this.failing.keepLetters(pass);
  }

  private workOnBatch(pass: Pass): Promise<void> | undefined {
    const { handlers } = this;
    const handler = handlers.batch;
    if (handler === undefined) return undefined;
    const what = { name: 'batch', handler: (batch: AnyBatch) => handler.call(handlers, batch) };
    return this.visit(pass, [pass.batch], what);
  }

  private workOnResources(pass: Pass): Promise<void> | undefined {
    const { handlers } = this;
    const handler = handlers.resource;
    if (handler === undefined) return undefined;
    const groups = groupsOf(pass.batch);
    const what = {
      name: 'resource',
      handler: (group: (typeof groups)[number]) => handler.call(handlers, group.resource),
    };
    return this.visit(pass, groups, what);
  }

  private workOnItems(pass: Pass): Promise<void> | undefined {
    const { handlers } = this;
    const { signal } = pass.batch;
    const name = itemHandlers[signal];
    const handler = handlers[name] as ((item: AnyItem) => unknown) | undefined;
    if (handler === undefined) return undefined;
    return this.visit(pass, itemsOf(pass.batch), { name, handler: handler.bind(handlers) });
  }

  /** Calls the handler for each of them; a promise as soon as one of them answers one. */
  private visit<Of extends Part>(
    pass: Pass,
    parts: readonly Of[],
    visited: Visited<Of>,
  ): Promise<void> | undefined {
    if (this.isAsync) return this.visitAtOnce(pass, parts, { ...visited, from: 0 });
    const cursor = { at: 0 };
    while (cursor.at < parts.length) {
      try {
        const begun = this.untilPromise(pass, parts, visited, cursor);
        if (begun === undefined) continue;
        this.isAsync = true;
        return this.visitAtOnce(pass, parts, { ...visited, from: cursor.at, begun });
      } catch (error) {
        this.failing.of(pass, parts[cursor.at] as Of, error);
        cursor.at++;
      }
    }
    return undefined;
  }

  /** Goes on from the cursor; answers the promise at which it stands then, or throws what the handler threw there. */
  private untilPromise<Of extends Part>(
    pass: Pass,
    parts: readonly Of[],
    { name, handler }: Visited<Of>,
    cursor: { at: number },
  ): PromiseLike<unknown> | undefined {
    for (; cursor.at < parts.length; cursor.at++) {
      const answer = handler(parts[cursor.at] as Of);
      if (answer === undefined) continue;
      if (isPromise(answer)) return answer;
      this.keep(pass, parts[cursor.at] as Of, name, answer);
    }
    return undefined;
  }

  /** As many at a time as there are slots; what they answer is kept in the order of the parts. */
  private async visitAtOnce<Of extends Part>(
    pass: Pass,
    parts: readonly Of[],
    { name, handler, from, begun }: Visited<Of> & { from: number; begun?: PromiseLike<unknown> },
  ): Promise<void> {
    const ends = new Map<number, { answer?: unknown; error?: unknown }>();
    const one = async (at: number): Promise<void> => {
      try {
        const answer = await this.limited(
          at === from && begun !== undefined ? begun : handler(parts[at] as Of),
          name,
        );
        if (answer !== undefined) ends.set(at, { answer });
      } catch (error) {
        if (this.options.onError === 'fail') throw this.failing.placed(error, parts[at] as Of);
        ends.set(at, { error });
      }
    };
    let next = from;
    let isStopped = false;
    const runner = async (): Promise<void> => {
      while (next < parts.length && !isStopped) {
        const at = next++;
        await this.slots.run(async () => await one(at));
      }
    };
    const runners = Array.from({ length: Math.min(this.options.concurrency, parts.length - from) }, runner);
    try {
      await Promise.all(runners);
    } finally {
      isStopped = true;
    }
    for (const at of [...ends.keys()].toSorted((one, other) => one - other)) {
      const { answer, error } = ends.get(at) ?? {};
      if (answer === undefined) this.failing.of(pass, parts[at] as Of, error);
      else this.keep(pass, parts[at] as Of, name, answer);
    }
  }

  private keep(pass: Pass, part: Part, name: string, answer: unknown): void {
    if (name === 'resource') return;
    const like = 'drop' in part && 'scope' in part ? part : undefined;
    for (const item of itemsAnswered(answer, name, this.options.file)) pass.add(item, like);
  }

  /** The promise, or its failure when it takes too long. */
  private async limited(answer: unknown, name: string): Promise<unknown> {
    const { timeoutMs, file } = this.options;
    if (timeoutMs === 0 || !isPromise(answer)) return await answer;
    const { promise, reject } = Promise.withResolvers<never>();
    const cancel = this.context.clock.after(timeoutMs, () => {
      reject(
        new ModuleError(
          `${name} in ${file.name} did not end within its \`timeout\` of ${timeoutMs / 1000}s`,
          {
            remedy: 'raise `timeout`, or end what waits when `context.signal` is aborted',
          },
        ),
      );
    });
    try {
      return await Promise.race([answer, promise]);
    } finally {
      cancel();
    }
  }
}

const itemHandlers = { traces: 'span', logs: 'log', metrics: 'metric' } as const;

/** A batch, a group below a resource, or an item. */
type Part = AnyBatch | ReturnType<typeof groupsOf>[number] | AnyItem;

interface Visited<Of> {
  readonly name: string;
  readonly handler: (part: Of) => unknown;
}
