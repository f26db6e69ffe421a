/** The processor that a user's file becomes. */
import { z } from 'zod';
import { duration } from '../config/fields.ts';
import { signals, type Signal } from '../model/signal.ts';
import type { JsonValue } from '../pipeline/checkpoint.ts';
import type { Consumer, Processor, ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';
import { AuthorProcessor } from './author-processor.ts';
import { configOf } from './config-of.ts';
import type { AuthorContext, ProcessorDefinition, ProcessorHandlers } from './define-processor.ts';
import { checkedParts, placed } from './guarded.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';

export type AnyProcessorDefinition = ProcessorDefinition<unknown, unknown>;

const defaultConcurrency = 16;
const mostConcurrency = 1000;

function schemaOf(definition: AnyProcessorDefinition, file: AuthorsFile) {
  return z.strictObject({
    module: z
      .string()
      .describe('The file, relative to the folder of the config file; or the name of an npm package.'),
    config: configOf(definition, file),
    on_error: z
      .enum(['fail', 'dead_letter', 'drop'])
      .default('fail')
      .describe(
        'What becomes of an item on which it fails: `fail` stops the run, which can be resumed; `dead_letter` keeps it in the dead-letter file; `drop` counts it as dropped. With both, the exit code is 3.',
      ),
    concurrency: z
      .int()
      .min(1)
      .max(mostConcurrency)
      .default(definition.concurrency ?? defaultConcurrency)
      .describe(
        'How many of its async handlers are under way at a time. Items leave in the order in which they came.',
      ),
    timeout: duration()
      .default(60_000)
      .describe(
        'How long an async handler may take for one item before it has failed on it; 0s for any time.',
      ),
  });
}

type ModuleConfig = z.output<ReturnType<typeof schemaOf>>;

export function processorFactory(
  definition: AnyProcessorDefinition,
  file: AuthorsFile,
): ProcessorFactory<ModuleConfig> {
  return {
    kind: 'processor',
    type: 'module',
    signals,
    summary: `Your own processor, from ${file.name}.`,
    schema: schemaOf(definition, file),
    creates: definition.creates ?? [],
    stateless: definition.stateless === true && definition.state === undefined,
    create: (config, context) => createProcessor(definition, file, config, context),
  };
}

const handlerNames = ['batch', 'resource', 'span', 'log', 'metric', 'flush', 'shutdown'];

async function createProcessor(
  definition: AnyProcessorDefinition,
  file: AuthorsFile,
  { config, on_error: onError, concurrency, timeout: timeoutMs }: ModuleConfig,
  context: ProcessorContext,
): Promise<Processor> {
  const state = stateFrom(definition, file, context.state);
  const authors: AuthorContext<unknown> = { ...context, state };
  const answer: unknown = await placed(file, () => definition.create(config, authors));
  const save = definition.state === undefined ? undefined : () => plainJson(state, file);
  if (isProcessor(answer)) return guarded(answer, file, save);
  const handlers = checkedParts<ProcessorHandlers>(answer, file, handlerNames);
  if (!handles(handlers, context.pipelineSignal)) {
    context.logger.warn(`${file.name} has nothing to do in a pipeline of ${context.pipelineSignal}`);
  }
  return new AuthorProcessor(handlers, context, { file, onError, concurrency, timeoutMs, state: save });
}

function handles(handlers: ProcessorHandlers, signal: Signal): boolean {
  if (handlers.batch !== undefined || handlers.resource !== undefined) return true;
  const own = { traces: handlers.span, logs: handlers.log, metrics: handlers.metric };
  return own[signal] !== undefined;
}

function stateFrom(
  { state }: AnyProcessorDefinition,
  file: AuthorsFile,
  saved: JsonValue | undefined,
): unknown {
  if (state === undefined) return undefined;
  const parsed = state.safeParse(saved ?? {});
  if (parsed.success) return parsed.data;
  throw new ModuleError(
    `the state in the checkpoint is not what ${file.name} has as \`state\` now: ${z.prettifyError(parsed.error)}`,
    {
      remedy: 'let the schema take what was saved, or run without `--resume`, which begins anew',
      cause: parsed.error,
    },
  );
}

/** As it is now: what the author changes later is not in it. */
function plainJson(state: unknown, { name }: AuthorsFile): JsonValue {
  try {
    return JSON.parse(JSON.stringify(state)) as JsonValue;
  } catch (error) {
    throw new ModuleError(`the state of ${name} cannot be saved as JSON: ${String(error)}`, {
      remedy: 'keep text, numbers, booleans, lists and plain objects in it',
      cause: error,
    });
  }
}

function isProcessor(answer: unknown): answer is Processor {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'consume' in answer &&
    typeof answer.consume === 'function'
  );
}

/** A processor that its author wrote in the form of the built-in ones; its errors name the file and line. */
function guarded(processor: Processor, file: AuthorsFile, save: (() => JsonValue) | undefined): Processor {
  const state = processor.state?.bind(processor) ?? save;
  const whole: Processor = {
    consume: (batch, next) => placed(file, () => processor.consume(batch, next)),
    flush: (next: Consumer) => placed(file, () => processor.flush?.(next)),
    shutdown: () => placed(file, () => processor.shutdown?.()),
    ...(state === undefined ? {} : { state }),
  };
  // One that does not say how much it holds is taken for one that holds nothing.
  if (processor.heldItems === undefined) return whole;
  return Object.defineProperty(whole, 'heldItems', { get: () => processor.heldItems });
}
