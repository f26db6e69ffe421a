/** `respool schema`: the JSON Schema of a config, for editors. */
import { exitCodes } from './exit.ts';
import { configSchema } from './schema/config-schema.ts';
import { printOut } from './terminal.ts';

export async function schemaCommand(): Promise<number> {
  const text = `${JSON.stringify(await configSchema(), null, 2)}\n`;
  await printOut(text);
  return exitCodes.ok;
}
