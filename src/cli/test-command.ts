/** `respool test`: runs the tests of configs through their components, in virtual time, and sends nothing to anyone. */
import { formatProblem, type Problem } from '../config/problem.ts';
import { systemClock } from '../pipeline/clock.ts';
import { exitCodes, UsageError } from './exit.ts';
import { Backend } from './test/backend.ts';
import { runTest } from './test/run-test.ts';
import { loadSuite } from './test/suite.ts';
import { durationText, plural } from './text.ts';
import { visible } from './terminal.ts';

export interface TestFlags {
  /** Write snapshots instead of comparing with them. */
  readonly update?: boolean;
  /** Only tests whose names hold this text. */
  readonly filter?: string;
  readonly modules?: boolean;
}

interface Tally {
  passed: number;
  failed: number;
  left: number;
  /** Files that could not be run. */
  invalid: number;
}

export async function testCommand(files: readonly string[], flags: TestFlags): Promise<number> {
  if (files.length === 0) throw new UsageError('give a file with tests, as in `respool test pipeline.yaml`');
  const tally: Tally = { passed: 0, failed: 0, left: 0, invalid: 0 };
  const startedMs = systemClock.monotonicMs();
  const blocks: string[] = [];
  for (const file of files) blocks.push(...(await runFile(file, flags, tally)));
  if (blocks.length > 0) console.log(`\n${blocks.join('\n\n')}`);
  console.log(`\n${summaryText(tally)} (${durationText(systemClock.monotonicMs() - startedMs)})`);
  if (tally.invalid > 0) return exitCodes.config;
  if (tally.passed + tally.failed === 0)
    throw new UsageError(`no test is called ${JSON.stringify(flags.filter ?? '')}`);
  return tally.failed > 0 ? exitCodes.incomplete : exitCodes.ok;
}

/** Prints a line for each test; what does not hold is the answer. */
async function runFile(file: string, flags: TestFlags, tally: Tally): Promise<string[]> {
  const opened: Backend[] = [];
  const openBackend = async (): Promise<string> => {
    const backend = await Backend.open();
    opened.push(backend);
    return backend.url;
  };
  try {
    const loaded = await loadSuite(file, { env: process.env, modules: flags.modules ?? true, openBackend });
    console.log(visible(file));
    if ('problems' in loaded) {
      tally.invalid++;
      console.log('  cannot be run');
      return loaded.problems.map(formatProblem);
    }
    const failed: string[] = [];
    for (const [at, { name }] of loaded.suite.tests.entries()) {
      if (flags.filter !== undefined && !name.includes(flags.filter)) {
        tally.left++;
        continue;
      }
      const options = { update: flags.update ?? false, backend: opened[0] };
      const problems = await runTest(loaded.suite, at, options);
      console.log(`  ${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${visible(name)}`);
      if (problems.length === 0) tally.passed++;
      else tally.failed++;
      if (problems.length > 0) failed.push(failureText(name, problems));
    }
    return failed;
  } finally {
    for (const backend of opened) await backend.close();
  }
}

function failureText(name: string, problems: readonly Problem[]): string {
  return [`FAIL  ${visible(name)}`, ...problems.map(formatProblem)].join('\n\n');
}

function summaryText({ passed, failed, left, invalid }: Tally): string {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (left > 0) parts.push(`${left} left out`);
  if (invalid > 0) parts.push(`${plural(invalid, 'file')} could not be run`);
  return `${plural(passed + failed, 'test')}: ${parts.join(', ')}`;
}
