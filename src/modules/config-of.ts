/** The schema of what stands under `config:` of a component that a user wrote. */
import { z } from 'zod';
import type { AuthorsFile } from './module-error.ts';

/** Keys that an object schema does not know are errors here, as everywhere in a config; a catchall says otherwise. */
export function configOf({ config }: { readonly config?: z.ZodType }, file: AuthorsFile): z.ZodType {
  if (config === undefined)
    return z.undefined({ error: `${file.name} defines no config, so it takes none` }).optional();
  if (!(config instanceof z.ZodObject)) return config;
  const strict = config.def.catchall === undefined ? config.strict() : config;
  return strict.prefault({});
}
