/** What an author of an exporter writes. */
import type { z } from 'zod';
import type { AnyBatch } from '../model/batches.ts';
import type { Signal } from '../model/signal.ts';
import type { Exporter, ExporterContext, Outcome } from '../pipeline/component.ts';

/** The short form of an exporter: one batch is one request. */
export interface SenderHandlers {
  /** Where the data goes, as a person knows it, without secrets; the id of the exporter unless given. */
  readonly target?: string;
  /** Called once, before the first batch. */
  start?(): void | Promise<void>;
  /**
   * One attempt to send a batch, which is to be left as it is: it may come again. Nothing answered means delivered; an
   * `Outcome` says more. What is thrown by the network is tried again as the keys of the exporter say; everything else that is
   * thrown stops the run, or what `on_error` says. `signal` is aborted when the attempt has taken too long.
   */
  send(batch: AnyBatch, signal: AbortSignal): void | Outcome | Promise<void | Outcome>;
  /** Called once, after everything was sent. */
  shutdown?(): void | Promise<void>;
  /** That is the other form. */
  readonly requests?: undefined;
}

/** An exporter in one TypeScript file: its default export. */
export interface ExporterDefinition<Config = undefined> {
  readonly kind?: 'exporter';
  /** A zod schema of what stands under `config:` in the YAML. Left out: the exporter takes no config. */
  readonly config?: z.ZodType<Config>;
  /** What it takes; all signals unless given. */
  readonly signals?: readonly Signal[];
  /** Whether batches have to be sent one after the other, in their order. */
  readonly ordered?: boolean;
  /**
   * Called once, when the run starts. Answers `send`; or an `Exporter` as the built-in ones are, which encodes a batch into
   * `requests` of its own size. What has to be waited for belongs in `start`.
   */
  create(config: Config, context: ExporterContext): SenderHandlers | Exporter;
}

/**
 * Types an exporter; `config` decides what `create` gets.
 *
 *     export default defineExporter({
 *       config: z.object({ url: z.url() }),
 *       create: ({ url }) => ({
 *         target: url,
 *         async send(batch, signal) {
 *           const answer = await fetch(url, { method: 'POST', body: batch.encode(), signal });
 *           return outcomeOf(answer);
 *         },
 *       }),
 *     });
 */
export function defineExporter<Config = undefined>(
  definition: ExporterDefinition<Config>,
): ExporterDefinition<Config> {
  return { ...definition, kind: 'exporter' };
}
