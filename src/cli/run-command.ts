/** `respool run` and the run behind `respool import`: from a plan to an exit code. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigTree } from '../config/tree.ts';
import type { Plan } from '../pipeline/plan.ts';
import { systemClock } from '../pipeline/clock.ts';
import { messageOf } from '../pipeline/errors.ts';
import { DeadLetterFile } from '../state/dead-letter.ts';
import { defaultStateDirectory, JobState } from '../state/job-state.ts';
import type { Logger, LogLevel } from '../pipeline/logger.ts';
import { Run, type RunOptions, type RunResult } from '../pipeline/run.ts';
import { standardInput } from '../pipeline/standard-input.ts';
import { compilingLaterAfterBatches } from './compiling.ts';
import { exitCodes, UsageError } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { jobOfConfig, type Job } from './job.ts';
import { Keeper, type StateFlags } from './keeper.ts';
import { loadConfig, printProblems, type ConfigOptions, type Loaded } from './load.ts';
import { showProgress } from './progress.ts';
import { writeReport } from './report.ts';
import { summaryText } from './summary.ts';
import type { TapFlags } from './tap.ts';
import { openTerminal, printTo, terminalLogger, visible, type Terminal } from './terminal.ts';
import { durationText } from './text.ts';
import type { ConfigOrigin } from './workers/messages.ts';
import { sharedLogger } from './workers/shared-logger.ts';
import { sharingOf } from './workers/sharing-of.ts';

export interface RunFlags extends StateFlags {
  /** Go on reading what the inputs get, until Ctrl-C. */
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly report?: string;
  /** The file for what a backend does not take. */
  readonly deadLetters?: string;
  readonly graceMs: number;
}

export async function runCommand(options: ConfigOptions & RunFlags & Partial<TapFlags>): Promise<number> {
  const loaded = await loadConfig(options);
  const job = jobOfConfig(options.config ?? [], options.set ?? []);
  return await runLoaded(await observed(loaded, options), job, options);
}

/** With an onlooker at the processor that `--tap` names. */
async function observed(loaded: Loaded, { tap, limit = 20, where }: Partial<TapFlags>): Promise<Loaded> {
  if (tap === undefined && where !== undefined) throw new UsageError('--where is for --tap');
  if (tap === undefined || loaded.plan === undefined) return loaded;
  const { withTap } = await import('./tap.ts');
  const flags = where === undefined ? { tap, limit } : { tap, limit, where };
  return { ...loaded, plan: withTap(loaded.plan, flags) };
}

/** Prints the problems of a config and, when none is an error, runs it. */
export async function runLoaded(loaded: Loaded, job: Job, flags: RunFlags): Promise<number> {
  checkFlags(flags);
  const terminal = openTerminal(process.stderr);
  if (loaded.plan !== undefined) checkListening(loaded.plan, flags);
  const consequence = '; nothing was run';
  printProblems(terminal, loaded.problems, { quiet: flags.quiet ?? false, consequence });
  if (loaded.plan === undefined) return exitCodes.config;
  return await execute({ ...loaded, plan: loaded.plan, job }, flags, terminal);
}

function checkFlags({ dryRun, resume, acceptConfigChange, acceptFileChange }: RunFlags): void {
  if (resume === true && dryRun === true)
    throw new UsageError('--dry-run delivers nothing that --resume could go on from: give one of them');
  if (resume === true) return;
  if (acceptConfigChange === true || acceptFileChange === true)
    throw new UsageError('--accept-config-change and --accept-file-change are for --resume');
}

/** What is sent to a receiver is acknowledged, and read once. */
function checkListening({ listening, receivers }: Plan, { dryRun, resume }: RunFlags): void {
  const [first] = listening;
  if (first === undefined) return;
  if (dryRun === true)
    throw new UsageError(
      `--dry-run would acknowledge what is sent to ${first} and deliver none of it: leave it out`,
    );
  if (resume === true && listening.length === receivers.length)
    throw new UsageError(
      `--resume has nothing to go on from: ${first} reads what is sent to it, and clients send again what was not acknowledged`,
    );
}

interface Runnable {
  readonly plan: Plan;
  readonly tree: ConfigTree;
  readonly job: Job;
  readonly origin: ConfigOrigin;
}

async function execute(runnable: Runnable, flags: RunFlags, terminal: Terminal): Promise<number> {
  if (!(await canWrite(flags.report, terminal))) return exitCodes.usage;
  const logLevel = levelOf(runnable.plan, flags);
  const logger = sharedLogger(terminalLogger(terminal, logLevel));
  const keeper = await openKeeper(runnable, flags, logger);
  const deadLetters = await openDeadLetters(runnable, flags);
  const { dryRun = false, graceMs } = flags;
  const shared = { config: runnable.origin, logger, logLevel, dryRun, graceMs, deadLetters };
  const { result, interrupted } = await watched(planWith(runnable, deadLetters), flags, terminal, {
    logger,
    deadLetters,
    sharing: sharingOf(runnable.plan, shared),
    ...lastingOf(flags, keeper),
  });
  await deadLetters?.close();
  const resumption = await keeper?.close(result);
  const letters = await lettersOf(runnable, flags, { deadLetters, result });
  const shown = flags.quiet === true ? { ...result, whereToLook: [] } : result;
  terminal.print(`\n${summaryText(shown, { dryRun: flags.dryRun ?? false, deadLetters: letters })}`);
  if (resumption !== undefined) terminal.print(`\n${visible(resumption)}`);
  const code = await reported(flags.report, result, exitCodeOf(result, interrupted), terminal);
  // A component that did not end, or an open standard input, would keep the process.
  if (result.interrupted || result.failures.length > 0) process.exit(code);
  if (runnable.plan.readsStdin) process.stdin.destroy();
  return code;
}

/** Runs to the end or to the Ctrl-C of a person who is shown how far it is; `interrupted` is the exit code of that. */
async function watched(
  plan: Plan,
  { dryRun = false, quiet = false, graceMs }: RunFlags,
  terminal: Terminal,
  options: Pick<RunOptions, 'logger' | 'deadLetters' | 'sharing'> & Lasting,
): Promise<{ result: RunResult; interrupted: number | undefined }> {
  const interruption = onInterrupt(terminal, durationText(graceMs));
  const run = new Run(plan, {
    clock: systemClock,
    print: printTo(process.stdout),
    stdin: standardInput(),
    dryRun,
    stop: interruption.stop,
    kill: interruption.kill,
    graceMs,
    onBatch: compilingLaterAfterBatches(),
    ...options,
  });
  const stopShowing = showProgress(terminal, systemClock, () => run.progress(), quiet);
  const result = await run.execute();
  stopShowing();
  interruption.dispose();
  return { result, interrupted: interruption.exitCode };
}

function levelOf({ logLevel }: Plan, { quiet }: RunFlags): LogLevel {
  return quiet === true && logLevel === 'info' ? 'warn' : logLevel;
}

type Lasting = Pick<RunOptions, 'follow' | 'acceptFileChange' | 'configChanged' | 'from' | 'save'>;

/** What makes a run one of several. */
function lastingOf(
  { follow = false, acceptFileChange = false }: RunFlags,
  keeper: Keeper | undefined,
): Lasting {
  if (keeper === undefined) return { follow };
  const { configChanged, from } = keeper;
  return { follow, acceptFileChange, configChanged, from, save: (checkpoint) => keeper.save(checkpoint) };
}

/** Nothing is kept of a run that delivers nothing, or whose input cannot be read again. */
async function openKeeper(runnable: Runnable, flags: RunFlags, logger: Logger): Promise<Keeper | undefined> {
  const { listening, readsStdin, receivers } = runnable.plan;
  const isLive = listening.length === receivers.length;
  if (flags.dryRun === true || isLive || (readsStdin && flags.resume !== true)) return undefined;
  return await Keeper.open({
    ...runnable,
    flags,
    say: (level, sentence) => logger[level](sentence),
    nowUnixNano: () => systemClock.nowUnixNano(),
  });
}

/** The file is made when there is something for it. */
async function openDeadLetters({ job }: Runnable, flags: RunFlags): Promise<DeadLetterFile | undefined> {
  if (flags.dryRun === true) return undefined;
  const state = JobState.of(flags.state ?? defaultStateDirectory, job.key, job.label);
  const path = flags.deadLetters ?? (await state.deadLetterPath(flags.resume === true));
  const file = new DeadLetterFile(path);
  if (flags.deadLetters !== undefined) await file.check();
  return file;
}

async function lettersOf(
  runnable: Runnable,
  { state }: RunFlags,
  { deadLetters, result }: { deadLetters: DeadLetterFile | undefined; result: RunResult },
): Promise<{ path: string; again: string } | undefined> {
  if (deadLetters === undefined) return undefined;
  const { path } = deadLetters;
  const { sendAgain } = await import('./send-again.ts');
  return { path, again: sendAgain(runnable, result.ledger, { path, state }) };
}

/** With the file that is written among the outputs, so that no receiver reads it while it grows. */
function planWith({ plan }: Runnable, deadLetters: DeadLetterFile | undefined): Plan {
  if (deadLetters === undefined) return plan;
  return { ...plan, outputs: [...plan.outputs, resolve(plan.directory, deadLetters.path)] };
}

function exitCodeOf(result: RunResult, interrupted: number | undefined): number {
  if (result.ledger.imbalances().length > 0) return exitCodes.stopped;
  if (interrupted !== undefined) return interrupted;
  if (result.failures.length > 0) return exitCodes.stopped;
  return result.ledger.isClean() ? exitCodes.ok : exitCodes.incomplete;
}

/** A report that cannot be written is said before the run and not after it. */
async function canWrite(path: string | undefined, terminal: Terminal): Promise<boolean> {
  if (path === undefined) return true;
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
