/** What an author of a processor writes, and the types that come with it. */
import type { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { LogRecord } from '../model/logs.ts';
import type { Metric } from '../model/metrics.ts';
import type { Resource } from '../model/resource.ts';
import type { Signal } from '../model/signal.ts';
import type { Span } from '../model/traces.ts';
import type { JsonValue } from '../pipeline/checkpoint.ts';
import type { Processor, ProcessorContext } from '../pipeline/component.ts';
import type { AnyItem } from './made.ts';

/**
 * What a handler may answer: nothing, or items that go on too, made by `newLog`, `newSpan`, `newMetric` or `copyOf`. The
 * item that it was given goes on unless it was dropped. What is of another signal goes to the pipelines that name the
 * processor among their `receivers`.
 */
export type HandlerAnswer = void | AnyItem | readonly AnyItem[];

type MaybeLater<T> = T | Promise<T>;

/**
 * What happens to each batch, in this order: `batch`, then `resource` for each resource, then `span`, `log` or `metric`
 * for each item. To drop an item, call its `drop(reason)`. Each may be async: then up to `concurrency` items are under
 * way at a time, and they leave in the order in which they came. A view (a span, its attributes, an event) is to be used
 * until its handler has ended, and not after that.
 */
export interface ProcessorHandlers {
  /** The whole batch, before its items. Spans, log records and metrics may be dropped, edited and added. */
  batch?(batch: AnyBatch): MaybeLater<HandlerAnswer>;
  /** Each resource. What is edited shows on every item below it. */
  resource?(resource: Resource): MaybeLater<void>;
  span?(span: Span): MaybeLater<HandlerAnswer>;
  log?(log: LogRecord): MaybeLater<HandlerAnswer>;
  /** Each metric, with all its data points. */
  metric?(metric: Metric): MaybeLater<HandlerAnswer>;
  /** Called at the end, and before each checkpoint: what it answers goes on as created. */
  flush?(): MaybeLater<HandlerAnswer>;
  /** Called once, after everything was handed on. */
  shutdown?(): MaybeLater<void>;
  /** That is the other form. */
  readonly consume?: undefined;
}

/** What a processor of an author is given: `state` is its own object, which is kept with each checkpoint. */
export interface AuthorContext<State = undefined> extends Omit<
  ProcessorContext,
  'state' | 'created' | 'deadLetters'
> {
  /**
   * What the schema `state` made of what an earlier run saved, or of nothing. Change it where it is: it is saved with each
   * checkpoint, and given back by `--resume`.
   */
  readonly state: State;
}

/** A processor in one TypeScript file: its default export. */
export interface ProcessorDefinition<Config = undefined, State = undefined> {
  readonly kind?: 'processor';
  /** A zod schema of what stands under `config:` in the YAML. Left out: the processor takes no config. */
  readonly config?: z.ZodType<Config>;
  /**
   * A zod schema of what outlives a run: an object of JSON values, with defaults for all of them. It costs each checkpoint
   * a pause.
   */
  readonly state?: z.ZodType<State>;
  /** How many async handlers may be under way: 16 unless given. With 1 no handler is called before the last one ended. */
  readonly concurrency?: number;
  /** Other signals than that of the pipeline of which handlers answer items. */
  readonly creates?: readonly Signal[];
  /** True when no item's fate depends on items before it: then the processor may run in several threads, each with its own. */
  readonly stateless?: boolean;
  /**
   * Called once per pipeline that uses the processor, when the run starts. Answers handlers; or, where items have to be held back,
   * merged or split, a `Processor` as the built-in ones are: an object with `consume(batch, next)`.
   *
   * What a handler throws becomes of `on_error` in the YAML: `fail` stops the run. What fails on an item that goes on all the
   * same is counted with `context.counts.fail('parse the body', () => 'why, and on which item')`.
   */
  create(config: Config, context: AuthorContext<State>): MaybeLater<ProcessorHandlers | Processor>;
}

/** What a state may be. */
export type StateObject = { readonly [key: string]: JsonValue };

/**
 * Types a processor; `config` and `state` decide what `create` gets.
 *
 *     export default defineProcessor({
 *       config: z.object({ key: z.string() }),
 *       create: ({ key }) => ({
 *         span(span) {
 *           span.attributes.delete(key);
 *         },
 *       }),
 *     });
 */
export function defineProcessor<Config = undefined, State extends StateObject | undefined = undefined>(
  definition: ProcessorDefinition<Config, State>,
): ProcessorDefinition<Config, State> {
  return { ...definition, kind: 'processor' };
}
