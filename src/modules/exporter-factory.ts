/** The exporter that a user's file becomes. */
import { z } from 'zod';
import { splitBatch, type AnyBatch } from '../model/batches.ts';
import { signals } from '../model/signal.ts';
import type {
  Exporter,
  ExporterContext,
  ExporterFactory,
  ExportRequest,
  Outcome,
} from '../pipeline/component.ts';
import { exportKeys, exportPolicy } from '../pipeline/export-config.ts';
import { outcomeOfError } from '../pipeline/retry.ts';
import { configOf } from './config-of.ts';
import type { ExporterDefinition, SenderHandlers } from './define-exporter.ts';
import { checkedParts, placed } from './guarded.ts';
import { ModuleError, placedError, placeIn, type AuthorsFile } from './module-error.ts';

function schemaOf(definition: ExporterDefinition<unknown>, file: AuthorsFile) {
  return z.strictObject({
    module: z
      .string()
      .describe('The file, relative to the folder of the config file; or the name of an npm package.'),
    config: configOf(definition, file),
    ...exportKeys,
  });
}

type ModuleConfig = z.output<ReturnType<typeof schemaOf>>;

export function exporterFactory(
  definition: ExporterDefinition<unknown>,
  file: AuthorsFile,
): ExporterFactory<ModuleConfig> {
  return {
    kind: 'exporter',
    type: 'module',
    signals: definition.signals ?? signals,
    summary: `Your own exporter, from ${file.name}.`,
    schema: schemaOf(definition, file),
    policy: (config) => exportPolicy(config),
    create: async ({ config }, context) => {
      const answer: unknown = await placed(file, () => definition.create(config, context));
      const ordered = definition.ordered === true;
      return isExporter(answer) ? guarded(answer, file) : senderOf(answer, file, { context, ordered });
    },
  };
}

interface BatchRequest extends ExportRequest {
  readonly batch: AnyBatch;
}

const senderParts = ['start', 'send', 'shutdown'];

function senderOf(
  answer: unknown,
  file: AuthorsFile,
  { context, ordered }: { context: ExporterContext; ordered: boolean },
): Exporter<BatchRequest> {
  const target: unknown =
    typeof answer === 'object' && answer !== null && 'target' in answer ? answer.target : context.id;
  const parts = typeof answer === 'object' && answer !== null ? withoutTarget(answer) : answer;
  checkedParts(parts, file, senderParts);
  const sender = answer as SenderHandlers;
  if (typeof sender.send !== 'function')
    throw new ModuleError(`create in ${file.name} answered no send`, {
      remedy: 'write `async send(batch, signal) { ... }`',
    });
  const requestOf = (batch: AnyBatch): BatchRequest => ({
    signal: batch.signal,
    items: batch.itemCount,
    bytes: batch.byteLength,
    batch,
    ...(ordered ? { order: '' } : {}),
  });
  return {
    target: String(target),
    ordered,
    start: () => placed(file, () => sender.start?.()),
    requests: (batch) => [requestOf(batch)],
    send: async ({ batch }, signal) => await outcome(file, () => sender.send(batch, signal)),
    split: (request) => halves(request.batch).map(requestOf),
    itemsOf: ({ batch }) => batch,
    shutdown: () => placed(file, () => sender.shutdown?.()),
  };
}

/** `target` is the one part of a plain answer that is no function. */
function withoutTarget(answer: object): object {
  if (Object.getPrototypeOf(answer) !== Object.prototype || !('target' in answer)) return answer;
  const { target: _, ...parts } = answer;
  return parts;
}

function halves(batch: AnyBatch): AnyBatch[] {
  return [...splitBatch(batch, { maxItems: Math.max(Math.ceil(batch.itemCount / 2), 1) })];
}

const verdicts: readonly unknown[] = ['delivered', 'refused', 'split', 'bisect', 'retry', 'stop'];

/** Nothing answered is delivered. What is thrown by something else than the network is a mistake in the code: no time heals it. */
async function outcome(file: AuthorsFile, send: () => unknown): Promise<Outcome> {
  try {
    const answer = await send();
    if (answer === undefined) return { verdict: 'delivered' };
    if (isOutcome(answer)) return answer;
    const reason = `send in ${file.name} answered something that is no outcome`;
    return { verdict: 'stop', reason, remedy: `answer nothing, or {verdict: ${verdicts.join(' | ')}}` };
  } catch (error) {
    const known = outcomeOfError(error);
    const isMistake = !(error instanceof Error) || (!isOfSystem(error) && placeIn(error, file) !== undefined);
    return isMistake ? { verdict: 'stop', reason: placedError(error, file).message } : known;
  }
}

function isOutcome(value: unknown): value is Outcome {
  return (
    typeof value === 'object' && value !== null && 'verdict' in value && verdicts.includes(value.verdict)
  );
}

/** Errors of the system and of what speaks HTTP have a code, they or what caused them; an abort has a name. */
function isOfSystem(error: Error): boolean {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  if ('code' in error && typeof error.code === 'string') return true;
  return error.cause instanceof Error && isOfSystem(error.cause);
}

function isExporter(answer: unknown): answer is Exporter {
  return typeof answer === 'object' && answer !== null && 'requests' in answer;
}

/** An exporter that its author wrote in the form of the built-in ones; its errors name the file and line. */
function guarded(exporter: Exporter, file: AuthorsFile): Exporter {
  const missing = (['target', 'requests', 'send'] as const).find((part) => exporter[part] === undefined);
  if (missing !== undefined)
    throw new ModuleError(`create in ${file.name} answered an exporter without ${missing}`);
  return {
    target: exporter.target,
    ordered: exporter.ordered ?? false,
    prepare: () => placed(file, () => exporter.prepare?.()),
    start: () => placed(file, () => exporter.start?.()),
    requests: (batch) => exporter.requests(batch),
    send: async (request, signal) => await outcome(file, () => exporter.send(request, signal)),
    ...(exporter.split === undefined ? {} : { split: exporter.split.bind(exporter) }),
    ...(exporter.itemsOf === undefined ? {} : { itemsOf: exporter.itemsOf.bind(exporter) }),
    ...(exporter.state === undefined ? {} : { state: exporter.state.bind(exporter) }),
    whereToLook: () => exporter.whereToLook?.() ?? [],
    shutdown: (isWhole) => placed(file, () => exporter.shutdown?.(isWhole)),
  };
}
