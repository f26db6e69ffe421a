/** `respool validate`: everything that can be checked before a run, and nothing is started. */
import { exitCodes } from './exit.ts';
import { loadConfig, printProblems, type ConfigOptions } from './load.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { plural } from './text.ts';

export async function validateCommand(
  options: ConfigOptions,
  terminal: Terminal = openTerminal(process.stderr),
): Promise<number> {
  const { plan, problems } = await loadConfig(options);
  printProblems(terminal, problems);
  if (plan === undefined) return exitCodes.config;
  const warnings = problems.filter(({ severity }) => severity === 'warning').length;
  const counts = [
    plural(plan.receivers.length, 'receiver'),
    plural(plan.pipelines.length, 'pipeline'),
    plural(plan.exporters.length, 'exporter'),
  ];
  terminal.print(
    `The config is valid: ${counts.join(', ')}${warnings > 0 ? `, ${plural(warnings, 'warning')}` : ''}.`,
  );
  return exitCodes.ok;
}
