/** What an author of a processor writes, and the types that come with it. */
import type { z } from 'zod';
import type { ProcessorContext } from '../pipeline/component.ts';
import type { ItemHandlers } from '../pipeline/item-processor.ts';

/** A processor in one TypeScript file: its default export. */
export interface ProcessorDefinition<Config = undefined> {
  /** A zod schema of what stands under `config:` in the YAML. Left out: the processor takes no config. */
  readonly config?: z.ZodType<Config>;
  /**
   * Called once per pipeline that uses the processor. The answer says what happens to each batch, in this order:
   * `batch` for the whole of it, `resource` for each resource, then `span` or `log` for each item. To drop an item,
   * call its `drop(reason)`. Whatever any of them throws stops the run; only `batch` may be async. What fails on one item
   * and need not stop the run is counted with `context.counts.fail('parse the body', () => 'why, and on which item')`.
   */
  create(config: Config, context: ProcessorContext): ItemHandlers | Promise<ItemHandlers>;
}

/**
 * Types a processor; `config` decides what `create` gets.
 *
 *     export default defineProcessor({
 *       config: z.object({ key: z.string() }),
 *       create: ({ key }) => ({ span: (span) => span.attributes.delete(key) }),
 *     });
 */
export function defineProcessor<Config = undefined>(
  definition: ProcessorDefinition<Config>,
): ProcessorDefinition<Config> {
  return definition;
}
