/** A file with tests: reads it together with the config that it names. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { loadTree, type ConfigSource } from '../../config/load.ts';
import { hasErrors, sortProblems, type Problem } from '../../config/problem.ts';
import { readIncluded, readSources } from '../../config/read.ts';
import type { ConfigTree } from '../../config/tree.ts';
import { validate } from '../../config/validate.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { planRun } from '../../pipeline/planner.ts';
import { moduleLoader } from '../load.ts';
import { completion, isFragment, planOfTest, testComponents, unknownProcessors } from './fragment.ts';
import { suiteSchema, testSchema, type Test } from './schema.ts';

export interface Suite {
  readonly file: string;
  readonly tree: ConfigTree;
  readonly tests: readonly Test[];
  /** What runs for one of the tests, before it is cut to its part. */
  planOf(at: number): Plan;
}

export interface SuiteOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False refuses components from files. */
  readonly modules: boolean;
  /** Starts the backend of the tests, and answers its address. */
  readonly openBackend: () => Promise<string>;
}

export type LoadedSuite = { readonly suite: Suite } | { readonly problems: readonly Problem[] };

export async function loadSuite(file: string, options: SuiteOptions): Promise<LoadedSuite> {
  const { sources, problems } = readSources([file], { env: options.env });
  if (hasErrors(problems)) return { problems };
  const own = await describe(sources, options);
  const named = own.configs.map((path) => resolve(dirname(file), path));
  const configs = readSources(named.map(relativeToHere), { env: options.env });
  if (hasErrors(configs.problems)) return { problems: configs.problems };
  return await planSuite(file, [...configs.sources, ...sources], { ...options, env: own.env });
}

async function planSuite(
  file: string,
  sources: readonly ConfigSource[],
  options: SuiteOptions,
): Promise<LoadedSuite> {
  const load = (all: readonly ConfigSource[]) => loadTree(all, { env: options.env, readFile: readIncluded });
  const alone = load(sources);
  const fragment = isFragment(alone.tree);
  const { tree, problems } = fragment ? load([...sources, completion(alone.tree)]) : alone;
  if (hasErrors(problems)) return { problems };
  const tests = testsIn(tree);
  const planned = await planRun(tree, {
    components: testComponents,
    loadModule: moduleLoader(options.modules),
    directory: process.cwd(),
    otherKeys: ['config', 'env'],
  });
  const named = fragment ? unknownProcessors(tree, tests.value ?? []) : [];
  const all = sortProblems([...problems, ...tests.problems, ...named, ...planned.problems]);
  const { plan } = planned;
  if (hasErrors(all) || plan === undefined || tests.value === undefined)
    return { problems: all.filter(({ severity }) => severity === 'error') };
  const planOf = (at: number): Plan => (fragment ? planOfTest(plan, at) : plan);
  return { suite: { file, tree, tests: tests.value, planOf } };
}

/** What the file says besides its tests; what is wrong with it is reported with the rest. */
async function describe(
  sources: readonly ConfigSource[],
  options: SuiteOptions,
): Promise<{ configs: string[]; env: SuiteOptions['env'] }> {
  const { tree } = loadTree(sources, { env: options.env, readFile: readIncluded });
  const { config, env } = suiteSchema.pick({ config: true, env: true }).safeParse(tree.value).data ?? {};
  const tests: unknown = tree.get(['tests']);
  const hasBackend =
    Array.isArray(tests) && tests.some((_, at) => tree.get(['tests', at, 'backend']) !== undefined);
  const backend = hasBackend ? { RESPOOL_TEST_BACKEND: await options.openBackend() } : {};
  return {
    configs: config === undefined ? [] : [config].flat(),
    env: { ...options.env, ...env, ...backend },
  };
}

/** As a person would write it, where that is shorter. */
function relativeToHere(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

function testsIn(tree: ConfigTree): { value?: Test[]; problems: Problem[] } {
  if (tree.get(['tests']) === undefined) {
    const [file] = tree.files.slice(-1);
    const remedy =
      'write `tests: [{name: ..., input: ..., expect: ...}]`; docs/testing.md has the whole of it';
    return {
      problems: [
        {
          severity: 'error',
          path: ['tests'],
          place: { file: file ?? '', line: 0, column: 0, text: '' },
          message: 'there are no tests in it',
          remedy,
        },
      ],
    };
  }
  const suite = validate(tree, [], suiteSchema.pick({ config: true, env: true }));
  const tests = validate(tree, ['tests'], z.array(testSchema));
  return { ...tests, problems: [...suite.problems, ...tests.problems] };
}

/** Where a file that a test names is. */
export function besideSuite({ file }: Suite, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
