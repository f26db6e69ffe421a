/** The component that a user's file becomes. */
import { z } from 'zod';
import type { Signal } from '../model/signal.ts';
import type { Processor, ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';
import { eachItem, type ItemHandlers } from '../pipeline/item-processor.ts';
import type { ProcessorDefinition } from './define-processor.ts';
import { guardHandlers } from './handlers.ts';
import { placedError, type AuthorsFile } from './module-error.ts';

interface ModuleConfig {
  readonly module: string;
  readonly config?: unknown;
}

export function moduleFactory(
  definition: ProcessorDefinition<unknown>,
  file: AuthorsFile,
): ProcessorFactory<ModuleConfig> {
  return {
    kind: 'processor',
    type: 'module',
    signals: ['traces', 'logs', 'metrics'],
    summary: `Your own processor, from ${file.name}.`,
    schema: z.strictObject({
      module: z.string().describe('The file, relative to the folder of the config file.'),
      config: configSchema(definition, file),
    }),
    create: ({ config }, context) => createProcessor(definition, file, config, context),
  };
}

/** Keys that an object schema does not know are errors here, as everywhere in a config; a catchall says otherwise. */
function configSchema({ config }: ProcessorDefinition<unknown>, file: AuthorsFile): z.ZodType {
  if (config === undefined)
    return z.undefined({ error: `${file.name} defines no config, so it takes none` }).optional();
  if (!(config instanceof z.ZodObject)) return config;
  const strict = config.def.catchall === undefined ? config.strict() : config;
  return strict.prefault({});
}

async function createProcessor(
  definition: ProcessorDefinition<unknown>,
  file: AuthorsFile,
  config: unknown,
  context: ProcessorContext,
): Promise<Processor> {
  let answer: unknown;
  try {
    answer = await definition.create(config, context);
  } catch (error) {
    throw placedError(error, file);
  }
  const handlers = guardHandlers(answer, file);
  if (!handles(handlers, context.pipelineSignal)) {
    context.logger.warn(`${file.name} has nothing to do in a pipeline of ${context.pipelineSignal}`);
  }
  return eachItem(handlers);
}

function handles({ batch, resource, span, log }: ItemHandlers, signal: Signal): boolean {
  if (batch !== undefined || resource !== undefined) return true;
  return (signal === 'traces' && span !== undefined) || (signal === 'logs' && log !== undefined);
}
