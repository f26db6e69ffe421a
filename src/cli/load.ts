/** Reads configs for the commands and says what is wrong with them. */
import { flushCompileCache } from 'node:module';
import { dirname, resolve } from 'node:path';
import { components } from '../components.ts';
import { loadTree, type ConfigSource } from '../config/load.ts';
import { formatProblem, hasErrors, sortProblems, type Problem } from '../config/problem.ts';
import { readIncluded, readSources } from '../config/read.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Plan } from '../pipeline/plan.ts';
import { planRun } from '../pipeline/planner.ts';
import type { LoadModule } from '../pipeline/sections.ts';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { plural } from './text.ts';
import type { ConfigOrigin } from './workers/messages.ts';

export interface ConfigOptions {
  readonly config?: readonly string[];
  readonly set?: readonly string[];
  /** False refuses processors from files. */
  readonly modules?: boolean;
  /** Whether the run goes on reading what its inputs get. */
  readonly follow?: boolean;
}

export interface Loaded {
  readonly tree: ConfigTree;
  /** Undefined when the config has errors. */
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
  /** What it was made of, to be made again in another thread. */
  readonly origin: ConfigOrigin;
}

/** The config of `--config` and `--set`. */
export async function loadConfig(options: ConfigOptions): Promise<Loaded> {
  const uris = options.config ?? [];
  if (uris.length === 0) throw new UsageError('give a config, as in --config pipeline.yaml');
  const { sources, problems } = readSources(uris, { env: process.env });
  return await planOf(sources, options, problems);
}

/** The plan of sources that are read already. */
export async function planOf(
  sources: readonly ConfigSource[],
  options: ConfigOptions,
  before: readonly Problem[] = [],
): Promise<Loaded> {
  const { tree, problems } = loadTree(sources, {
    env: process.env,
    readFile: readIncluded,
    set: options.set ?? [],
  });
  const found = [...before, ...problems];
  const origin = { sources, set: options.set ?? [], modules: options.modules ?? true };
  // A config that cannot be read whole would be blamed for what its missing parts define.
  if (hasErrors(before) || hasErrors(problems.filter((problem) => problem.path.length === 0)))
    return { tree, plan: undefined, problems: sortProblems(found), origin };
  const planned = await planRun(tree, {
    components,
    loadModule: moduleLoader(options.modules ?? true),
    directory: process.cwd(),
    follow: options.follow ?? false,
  });
  // What was read of the cache of compiled code is held until then, which is 2 MiB in each thread.
  flushCompileCache();
  const all = sortProblems([...found, ...planned.problems]);
  return { tree, plan: hasErrors(all) ? undefined : planned.plan, problems: all, origin };
}

/** A module's path is relative to the config file that names it. */
export function moduleLoader(allow: boolean): LoadModule {
  return async (module, definedIn, kind) => {
    const { loadModule } = await import('../modules/load.ts');
    const directory = definedIn === undefined ? process.cwd() : dirname(resolve(definedIn));
    return await loadModule(kind, { module, directory, allow });
  };
}

/** Prints the problems in the order of their places, and how many there are of each kind. */
export function printProblems(
  terminal: Terminal,
  problems: readonly Problem[],
  options: { quiet?: boolean; consequence?: string } = {},
): void {
  const shown = options.quiet === true ? problems.filter(({ severity }) => severity !== 'notice') : problems;
  for (const problem of shown) terminal.print(`${formatProblem(problem)}\n`);
  const [errors, warnings] = (['error', 'warning'] as const).map(
    (severity) => problems.filter((problem) => problem.severity === severity).length,
  );
  if (errors === undefined || errors === 0) return;
  const others = warnings === undefined || warnings === 0 ? '' : ` and ${plural(warnings, 'warning')}`;
  terminal.print(`The config has ${plural(errors, 'error')}${others}${options.consequence ?? ''}.`);
}
