/** Runs one test of a suite, and says with file, line and column what does not hold. */
import type { Path } from '../../config/place.ts';
import { sortProblems, type Problem } from '../../config/problem.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { PartError, runThrough } from '../../testing/harness.ts';
import { timeNanos } from '../../testing/records/times.ts';
import { visible } from '../terminal.ts';
import type { Backend } from './backend.ts';
import { checkObserved } from './checks.ts';
import type { Mismatch } from './compare.ts';
import { stepsOf } from './inputs.ts';
import { checkFiles, checkRequests } from './requests.ts';
import type { Test } from './schema.ts';
import { checkSnapshot } from './snapshot.ts';
import { besideSuite, type Suite } from './suite.ts';
import { Workspace } from './workspace.ts';

export interface TestOptions {
  readonly update: boolean;
  readonly backend: Backend | undefined;
}

/** More of what does not hold in one test is only counted. */
const mostProblems = 20;

/** Nothing when everything holds. */
export async function runTest(suite: Suite, at: number, options: TestOptions): Promise<Problem[]> {
  const test = suite.tests[at];
  if (test === undefined) return [];
  const workspace = needsFolder(suite.planOf(at), test) ? await Workspace.open(test.files) : undefined;
  try {
    return await judged(suite, at, { test, workspace, options });
  } catch (error) {
    return [problemOf(suite, at, thrown(error))];
  } finally {
    await workspace?.close();
  }
}

interface Running {
  readonly test: Test;
  readonly workspace: Workspace | undefined;
  readonly options: TestOptions;
}

async function judged(suite: Suite, at: number, { test, workspace, options }: Running): Promise<Problem[]> {
  const base = timeNanos(test.now, 0n) ?? 0n;
  options.backend?.begin(answersOf(test));
  const steps = await stepsOf(test, { base, fileOf: (path) => besideSuite(suite, path) });
  const whole = suite.planOf(at);
  const plan = workspace === undefined ? whole : { ...whole, directory: workspace.directory };
  const observed = await runThrough(plan, test, { steps, startUnixNano: base });
  const raw = (suite.tree.get(['tests', at, 'expect']) ?? {}) as Record<string, unknown>;
  const comparison = { base };
  const mismatches = [
    ...checkObserved({ expect: test.expect, raw }, observed, comparison),
    ...checkRequests(test.expect, raw, options.backend?.requests() ?? [], comparison),
    ...(await checkFiles(test.expect, raw, workspace, comparison)),
  ];
  const facts = { file: suite.file, tree: suite.tree, at, base, update: options.update };
  const snapshot = await checkSnapshot(test, observed, facts);
  const found = sortProblems(mismatches.map((mismatch) => problemOf(suite, at, mismatch)));
  const problems = found.slice(0, mostProblems);
  if (mismatches.length > mostProblems)
    problems.push(
      problemOf(suite, at, {
        path: ['expect'],
        message: `and ${mismatches.length - mostProblems} more expectations do not hold`,
        lines: [],
      }),
    );
  return snapshot === undefined ? problems : [...problems, snapshot];
}

function answersOf({ backend }: Test): { status: number; headers: Record<string, string>; body: string }[] {
  return (backend?.answers ?? []).map((answer) =>
    typeof answer === 'number' ? { status: answer, headers: {}, body: '' } : answer,
  );
}

/** What reads or writes files for real does it in a folder of the test. */
function needsFolder(plan: Plan, { files, expect, start, end }: Test): boolean {
  const real = [...plan.receivers, ...plan.exporters].some(({ id }) => id === start || id === end);
  return real || Object.keys(files).length > 0 || expect.files !== undefined;
}

function thrown(error: unknown): Mismatch {
  const remedy: unknown = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  const lines = typeof remedy === 'string' ? remedy.split('\n') : [];
  if (error instanceof PartError) return { path: [error.key], message: error.message, lines };
  const at: unknown = error instanceof Error && 'at' in error ? error.at : undefined;
  return { path: Array.isArray(at) ? (at as Path) : ['name'], message: messageOf(error), lines };
}

function problemOf({ tree }: Suite, at: number, { path, message, lines, isOfKey }: Mismatch): Problem {
  const full = ['tests', at, ...path];
  const place = (isOfKey ? tree.placeOf(full, 'key') : undefined) ?? tree.nearestPlace(full);
  return {
    severity: 'error',
    path,
    ...(place === undefined ? {} : { place }),
    message: visible(message),
    ...(lines.length === 0 ? {} : { remedy: visible(shortened(lines).join('\n')) }),
  };
}

/** So many lines of one difference are shown. */
const mostLines = 40;

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more lines`];
}
