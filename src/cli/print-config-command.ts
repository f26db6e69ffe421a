/** `respool print-config`: the config as it is after merging and expansion, secrets masked. */
import { hasErrors } from '../config/problem.ts';
import { toYaml } from '../config/yaml-text.ts';
import { exitCodes } from './exit.ts';
import { loadConfig, printProblems, type ConfigOptions } from './load.ts';
import { openTerminal } from './terminal.ts';

export async function printConfigCommand(options: ConfigOptions): Promise<number> {
  const { tree, problems } = await loadConfig(options);
  printProblems(openTerminal(process.stderr), problems, { quiet: true });
  console.log(toYaml(tree.shown()).trimEnd());
  return hasErrors(problems) ? exitCodes.config : exitCodes.ok;
}
