/** `respool schema`: the JSON Schema of a config, for editors. */
import { messageOf } from '../pipeline/errors.ts';
import { exitCodes } from './exit.ts';
import { configSchema } from './schema/config-schema.ts';
import { printTo } from './terminal.ts';

export async function schemaCommand(): Promise<number> {
  const text = `${JSON.stringify(await configSchema(), null, 2)}\n`;
  try {
    await printTo(process.stdout)(text);
  } catch (error) {
    throw new Error(`standard output: ${messageOf(error)}`, { cause: error });
  }
  return exitCodes.ok;
}
