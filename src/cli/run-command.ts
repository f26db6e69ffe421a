/** `respool run` and the run behind `respool import`: from a plan to an exit code. */
import { open } from 'node:fs/promises';
import type { Plan } from '../pipeline/plan.ts';
import { systemClock } from '../pipeline/clock.ts';
import { messageOf } from '../pipeline/errors.ts';
import type { LogLevel } from '../pipeline/logger.ts';
import { Run, type RunResult } from '../pipeline/run.ts';
import { exitCodes } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { loadConfig, printProblems, type ConfigOptions, type Loaded } from './load.ts';
import { showProgress } from './progress.ts';
import { writeReport } from './report.ts';
import { summaryText } from './summary.ts';
import { openTerminal, printTo, terminalLogger, type Terminal } from './terminal.ts';
import { durationText } from './text.ts';

export interface RunFlags {
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly report?: string;
  readonly graceMs: number;
}

export async function runCommand(options: ConfigOptions & RunFlags): Promise<number> {
  return await runLoaded(await loadConfig(options), options);
}

/** Prints the problems of a config and, when none is an error, runs it. */
export async function runLoaded(loaded: Loaded, flags: RunFlags): Promise<number> {
  const terminal = openTerminal(process.stderr);
  const consequence = '; nothing was run';
  printProblems(terminal, loaded.problems, { quiet: flags.quiet ?? false, consequence });
  if (loaded.plan === undefined) return exitCodes.config;
  return await execute(loaded.plan, flags, terminal);
}

async function execute(plan: Plan, flags: RunFlags, terminal: Terminal): Promise<number> {
  if (flags.report !== undefined && !(await canWrite(flags.report, terminal))) return exitCodes.usage;
  const interruption = onInterrupt(terminal, durationText(flags.graceMs));
  const level: LogLevel = flags.quiet === true && plan.logLevel === 'info' ? 'warn' : plan.logLevel;
  const run = new Run(plan, {
    clock: systemClock,
    logger: terminalLogger(terminal, level),
    print: printTo(process.stdout),
    stdin: process.stdin,
    dryRun: flags.dryRun ?? false,
    stop: interruption.stop,
    kill: interruption.kill,
    graceMs: flags.graceMs,
  });
  const stopShowing = showProgress(terminal, systemClock, () => run.progress(), flags.quiet ?? false);
  const result = await run.execute();
  stopShowing();
  interruption.dispose();
  const exitCode = exitCodeOf(result, interruption.exitCode);
  terminal.print(`\n${summaryText(result, { dryRun: flags.dryRun ?? false })}`);
  const code = await reported(flags.report, result, exitCode, terminal);
  // A component that did not end, or an open standard input, would keep the process.
  if (result.interrupted || result.failures.length > 0) process.exit(code);
  process.stdin.destroy();
  return code;
}

function exitCodeOf(result: RunResult, interrupted: number | undefined): number {
  if (result.ledger.imbalances().length > 0) return exitCodes.stopped;
  if (interrupted !== undefined) return interrupted;
  if (result.failures.length > 0) return exitCodes.stopped;
  return result.ledger.isClean() ? exitCodes.ok : exitCodes.incomplete;
}

/** A report that cannot be written is said before the run and not after it. */
async function canWrite(path: string, terminal: Terminal): Promise<boolean> {
  try {
    await (await open(path, 'a')).close();
    return true;
  } catch (error) {
    terminal.print(`respool: the report cannot be written: ${messageOf(error)}`);
    return false;
  }
}

async function reported(
  path: string | undefined,
  result: RunResult,
  exitCode: number,
  terminal: Terminal,
): Promise<number> {
  if (path === undefined) return exitCode;
  try {
    await writeReport(path, result, exitCode);
    return exitCode;
  } catch (error) {
    terminal.print(`error  the report could not be written: ${messageOf(error)}`);
    return exitCode === exitCodes.ok ? exitCodes.stopped : exitCode;
  }
}
