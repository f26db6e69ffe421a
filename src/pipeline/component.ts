/**
 * The contracts between the pipeline and its components. Data flows one way, by `await next.consume(batch)`;
 * the acknowledgement is the return of the same call.
 */
import type { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { JsonValue } from './checkpoint.ts';
import type { Signal } from '../model/signal.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { Clock } from './clock.ts';
import type { ProcessorCounts, ReceiverCounts } from './counts.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Extensions } from './extensions.ts';
import type { Logger } from './logger.ts';
import type { Division } from './division.ts';

export type ComponentKind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

/**
 * Takes a batch and owns it from the call on. The promise resolves when every item is settled: delivered,
 * refused and counted, dropped on purpose and counted. It rejects when some item is not safe, and never resolves early.
 */
export interface Consumer {
  consume(batch: AnyBatch): Promise<void>;
}

/** Where a receiver hands its batches over. */
export interface ReceiverOutput {
  /**
   * Waits until there is room under `max_in_flight`, then hands the batch over. Resolves when it is handed over,
   * settled or not; rejects once the run is stopping, so that the receiver ends.
   *
   * `position` is where a later run goes on when it shall not have this batch again, nor anything that was emitted or
   * counted before. What the receiver counted since the last position counts together with this one.
   */
  emit(batch: AnyBatch, position?: JsonValue, options?: EmitOptions): Promise<void>;
  /** A new position without a batch: what was read held nothing to hand over, or an input came to its end. */
  advance(position: JsonValue): void;
}

/** For receivers that have to answer for what they hand over. */
export interface EmitOptions {
  /** Called once the batch is settled; false when some item of it is not safe, which is the end of the run. */
  readonly onSettled?: (isSafe: boolean) => void;
  /** Aborted to wait for room no longer: `emit` then rejects with its reason, and nothing was handed over. */
  readonly signal?: AbortSignal;
}

export interface Receiver {
  /** The time range of all that `start` will read of the signals that some pipeline takes; called at most once, before `start`, and only when someone needs it. */
  scan?(): Promise<TimeRange | undefined>;
  /** Resolves when the last batch is handed over, settled or not. */
  start(output: ReceiverOutput): Promise<void>;
  /**
   * Divides what `start` would read; answers why not where it cannot, or where less than `worthBytes` is to be read and no
   * earlier run divided it. Who is asked for shares then is not started.
   */
  divide?(shareBytes: number, worthBytes: number): Promise<Division | string>;
  /** Reads one share, also in another thread than that which divided; answers what `Division.settled` has to know. */
  readShare?(share: JsonValue, output: ReceiverOutput): Promise<JsonValue>;
  shutdown?(): Promise<void>;
}

export interface Processor {
  consume(batch: AnyBatch, next: Consumer): Promise<void>;
  /** Hands on what is held back. Resolves when it is handed over; what was held keeps its own promises. */
  flush?(next: Consumer): Promise<void>;
  /** Items taken and neither handed on nor dropped: what a forced flush would release. */
  readonly heldItems?: number;
  /** What outlives the run, saved with each checkpoint, as `Exporter.state`. */
  state?(): JsonValue | Promise<JsonValue>;
  shutdown?(): Promise<void>;
}

/** One thing to send, encoded once however often it is tried. */
export interface ExportRequest {
  readonly signal: Signal;
  readonly items: number;
  /** Bytes that it takes up in memory and on the wire, for the queue's bound. */
  readonly bytes: number;
  /** Requests with the same key go one at a time, in the order in which they came. */
  readonly order?: string;
}

/** What became of one attempt. Facts are fields, prose is for people. */
export type Outcome =
  /** Taken, except for `refused` items that the backend named and `uncertain` ones that it may have lost. */
  | { verdict: 'delivered'; refused?: number; uncertain?: number; reason?: string; notice?: string }
  /** These items will never be taken; `delivered` of them were taken all the same. */
  | { verdict: 'refused'; reason: string; status?: number; delivered?: number; uncertain?: number }
  /** Too large as it is: in halves it may go. Nothing of it is stored, but with `mayBeStored`. */
  | { verdict: 'split'; reason: string; status?: number; mayBeStored?: true }
  /** Nothing of it stored, and an item may be to blame: without that the others may go. */
  | { verdict: 'bisect'; reason: string; status?: number }
  /**
   * Later it may go. `maxAttempts` bounds answers that are often permanent; `slows` asks for fewer requests at a time;
   * with `mayBeStored`, what is taken later may be there twice. Of the items delivered before, the backend may have
   * lost `doubted`.
   */
  | {
      verdict: 'retry';
      reason: string;
      status?: number;
      retryAfterMs?: number;
      maxAttempts?: number;
      slows?: true;
      mayBeStored?: true;
      doubted?: number;
    }
  /** Nothing will go until a person acts. */
  | { verdict: 'stop'; reason: string; status?: number; remedy?: string };

export interface Exporter<R extends ExportRequest = ExportRequest> {
  /** Where the data goes, as a person knows it: a URL or a path. Without secrets. */
  readonly target: string;
  /** Whether requests carry `order` keys: then batches are encoded one after the other, in their order. */
  readonly ordered?: boolean;
  /**
   * Checks, and loads, everything that can be without opening or sending anything: certificates, modules, folders. What
   * it needs to encode is there from then on. Called once before `start`, and in a dry run instead of it.
   */
  prepare?(): Promise<void>;
  start?(): Promise<void>;
  /** Encodes a batch, compressed if so configured. Several requests where one would be too large. */
  requests(batch: AnyBatch): Iterable<R> | AsyncIterable<R>;
  /** One attempt. Network errors may be thrown; `signal` ends it at its deadline and at the end of the run. */
  send(request: R, signal: AbortSignal): Promise<Outcome>;
  /** Two requests that are the given one together; the same one alone when it cannot be split. */
  split?(request: R): R[] | Promise<R[]>;
  /** The items of a request, as a batch of their own, for the dead-letter file. */
  itemsOf?(request: R): AnyBatch | Promise<AnyBatch>;
  /** Where a person finds what was delivered: queries and addresses, one line each. */
  whereToLook?(): string[];
  /**
   * What outlives the run, saved with each checkpoint, and given back as `context.state`. It is asked for when nothing is
   * under way, which costs every checkpoint a pause: only for what cannot be resumed otherwise.
   */
  state?(): JsonValue | Promise<JsonValue>;
  /**
   * Ends what was prepared and started, and sums up what is to be said; in a dry run without a `start` before it. With
   * `isWhole` nothing is missing of what the run was to deliver: its inputs were read to their ends, or until it was
   * stopped where nothing else ends it, and all of that is settled.
   */
  shutdown?(isWhole?: boolean): Promise<void>;
}

/** What every component is given. */
export interface ComponentContext {
  /** `otlp_http/tempo`; for a processor with its pipeline, `traces/attributes`. */
  readonly id: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the run is told to stop reading. */
  readonly signal: AbortSignal;
  /** What the user's own extensions add. */
  readonly extensions?: Extensions;
}

/** What components that may keep a state are given. */
export interface StatefulContext extends ComponentContext {
  /** What `state` answered for the checkpoint from which this run goes on. */
  readonly state?: JsonValue | undefined;
}

export interface ReceiverContext extends ComponentContext {
  /** From where on to read, in a run that goes on from a checkpoint: what this receiver last gave with a batch. */
  readonly position?: JsonValue | undefined;
  readonly counts: ReceiverCounts;
  /** The signals that some pipeline takes from this receiver. */
  readonly signals: ReadonlySet<Signal>;
  /** The command's standard input, for a receiver that reads `-`. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** The folder that relative paths start from. */
  readonly directory: string;
  /** Absolute paths that the run writes: no receiver reads them. */
  readonly outputs: readonly string[];
  /** Inputs go on to grow: read until `signal` is aborted. */
  readonly follow?: boolean;
  /** With a position: an input that is not what it was then is read from its beginning, instead of being refused. */
  readonly acceptFileChange?: boolean;
  /** With a position: the config is another one, so that the same input may be cut into other batches. */
  readonly configChanged?: boolean;
}

export interface ProcessorContext extends StatefulContext {
  /** Where it counts what failed on records. */
  readonly counts: ProcessorCounts;
  readonly pipeline: string;
  readonly pipelineSignal: Signal;
  /** The range of all inputs; there only for factories with `needsTimeRange`. */
  readonly timeRange: TimeRange | undefined;
  /** When the run began: the one "now" of all its components. */
  readonly startedAtUnixNano: bigint;
  readonly directory: string;
  /**
   * Takes what it makes of another signal than that of its pipeline: it is counted as created, and goes to the pipelines
   * that name the processor among their receivers. There for the signals in its factory's `creates`.
   */
  readonly created?: (signal: Signal) => Consumer | undefined;
  /** Where items may go on which it fails; not there in a dry run. */
  readonly deadLetters?: DeadLetters | undefined;
}

export interface ExporterContext extends StatefulContext {
  readonly startedAtUnixNano: bigint;
  /** The command's standard output, for exporters that print data. Resolves when it may go on. */
  readonly print: (text: string | Uint8Array) => Promise<void>;
  readonly directory: string;
}

interface Factory<Kind extends ComponentKind, Config, Context, Component> {
  readonly kind: Kind;
  /** The type in YAML, lower_snake_case. */
  readonly type: string;
  /** Other spellings that the Collector knows. */
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  /** One sentence for `respool components`. */
  readonly summary: string;
  readonly schema: z.ZodType<Config>;
  /** Notices and errors that need more than the schema, with paths relative to the component. */
  check?(config: Config, facts: CheckFacts): readonly CheckedProblem[];
  create(config: Config, context: Context): Component | Promise<Component>;
}

export interface CheckFacts {
  /** The key as written in the YAML: `otlpjsonfile` where the user used an alias. */
  readonly writtenType: string;
  /** Whether a key stands in the YAML, defaults aside. */
  has(...path: (string | number)[]): boolean;
  /** A processor's pipeline signals; an exporter's and a receiver's likewise. */
  readonly signals: readonly Signal[];
  /** Whether the run goes on reading what its inputs get. */
  readonly follow?: boolean;
  /** What the user's own extensions add. */
  readonly extensions?: Extensions;
}

export interface CheckedProblem {
  readonly severity: 'error' | 'warning' | 'notice';
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly remedy?: string;
  /** Where in the text of a scalar the problem is: shown with a caret there. */
  readonly offset?: number;
  readonly length?: number;
}

export interface ReceiverFactory<Config = unknown> extends Factory<
  'receiver',
  Config,
  ReceiverContext,
  Receiver
> {
  /** Whether `scan` can answer with this config: not for standard input. */
  canScan?(config: Config): boolean;
  /** Whether it reads standard input with this config, which only one receiver can. */
  readsStdin?(config: Config): boolean;
  /** Whether others send to it: it reads until the run is stopped, and what it acknowledged is not sent again. */
  readonly listens?: boolean;
}

export interface ProcessorFactory<Config = unknown> extends Factory<
  'processor',
  Config,
  ProcessorContext,
  Processor
> {
  /** Whether this config needs the time range of all inputs before the first batch. */
  needsTimeRange?(config: Config): boolean;
  /** The signals that it makes items of, besides the one that it is given. */
  readonly creates?: readonly Signal[];
  /** Whether no item's fate depends on the items before it: then there may be several of it, each with a part of the data. */
  readonly stateless?: boolean;
}

export interface ExporterFactory<Config = unknown> extends Factory<
  'exporter',
  Config,
  ExporterContext,
  Exporter
> {
  /** How its requests are queued and retried. */
  policy(config: Config): ExportPolicy;
  /** Whether there may be several of it, each with a part of the data: it keeps no order and counts nothing of its backend. */
  parallel?(config: Config): boolean;
  /** The files that it writes, as the config names them. */
  writes?(config: Config): readonly string[];
}

export interface ExportPolicy {
  /** Requests under way at the same time. */
  readonly consumers: number;
  /** Wall-clock bound of one attempt. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** `fail` unless it is given. */
  readonly onError?: OnError;
}

/**
 * What becomes of items that an exporter cannot deliver. `fail`: what the backend will never take is dead-lettered where
 * there is a file for it and else refused; an exporter that cannot go on stops the run. `dead_letter`: what it did not
 * deliver then is dead-lettered too. `drop`: all of it is refused, and the run goes on.
 */
export type OnError = 'fail' | 'dead_letter' | 'drop';

export interface RetryPolicy {
  readonly enabled: boolean;
  readonly initialIntervalMs: number;
  readonly maxIntervalMs: number;
  /** 0: no bound, which is right for a job that ends. */
  readonly maxElapsedMs: number;
  readonly multiplier: number;
  readonly randomizationFactor: number;
}

/** A factory of any config, as lists of factories hold it: the planner gives it what its own schema made. */
type OfAnyConfig<F> = Omit<F, 'schema'> & { readonly schema: z.ZodType };

export type AnyReceiverFactory = OfAnyConfig<ReceiverFactory<never>>;
export type AnyProcessorFactory = OfAnyConfig<ProcessorFactory<never>>;
export type AnyExporterFactory = OfAnyConfig<ExporterFactory<never>>;

/** A component by its names, which are those of its factory: that is loaded when a config names it. */
export interface ListedComponent<F> {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly signals: readonly Signal[];
  readonly load: () => Promise<F>;
}

/** All components that a config may name. */
export interface Components {
  readonly receivers: readonly ListedComponent<AnyReceiverFactory>[];
  readonly processors: readonly ListedComponent<AnyProcessorFactory>[];
  readonly exporters: readonly ListedComponent<AnyExporterFactory>[];
}
