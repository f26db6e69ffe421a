/** What an author of a receiver writes. */
import type { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Receiver, ReceiverContext } from '../pipeline/component.ts';
import type { AnyItem } from './made.ts';

/** What a receiver reads at a time: a batch, or items made by `newLog`, `newSpan` and `newMetric`, which become one. */
export type ReadTelemetry = AnyBatch | AnyItem | readonly AnyItem[];

/** The short form of a receiver: what it yields is handed over in that order, when there is room for it. */
export interface ReaderHandlers {
  /** Ends when everything is read. A run with such a receiver cannot be resumed: nobody knows where it was. */
  read(): AsyncIterable<ReadTelemetry> | Iterable<ReadTelemetry>;
  /** Called once, after everything was handed on. */
  shutdown?(): void | Promise<void>;
  /** That is the other form. */
  readonly start?: undefined;
}

/** A receiver in one TypeScript file: its default export. */
export interface ReceiverDefinition<Config = undefined> {
  readonly kind?: 'receiver';
  /** A zod schema of what stands under `config:` in the YAML. Left out: the receiver takes no config. */
  readonly config?: z.ZodType<Config>;
  /** What it reads; all signals unless given. */
  readonly signals?: readonly Signal[];
  /** Whether its `scan` answers the time range of all that it will read, which `time_shift` needs. */
  readonly canScan?: boolean;
  /**
   * Called once, when the run starts. Answers `read`, which yields what is read; or, where a run has to go on from where
   * another one was, a `Receiver` as the built-in ones are: `start(output)` hands over with
   * `output.emit(batch, position)`, and a later run finds the last position in `context.position`.
   */
  create(
    config: Config,
    context: ReceiverContext,
  ): ReaderHandlers | Receiver | Promise<ReaderHandlers | Receiver>;
}

/**
 * Types a receiver; `config` decides what `create` gets.
 *
 *     export default defineReceiver({
 *       config: z.object({ lines: z.array(z.string()) }),
 *       create: ({ lines }) => ({
 *         *read() {
 *           for (const line of lines) yield newLog({ body: line });
 *         },
 *       }),
 *     });
 */
export function defineReceiver<Config = undefined>(
  definition: ReceiverDefinition<Config>,
): ReceiverDefinition<Config> {
  return { ...definition, kind: 'receiver' };
}
