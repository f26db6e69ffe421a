/** Reads a config for a program: from files, from text, or from an object. */
import { dirname, resolve } from 'node:path';
import { components } from '../components.ts';
import { loadTree, type ConfigSource } from '../config/load.ts';
import { ConfigError, formatProblem, hasErrors, type Problem } from '../config/problem.ts';
import { readIncluded, readSources } from '../config/read.ts';
import { signals } from '../model/signal.ts';
import type { AnyExporterFactory, AnyReceiverFactory, Components } from '../pipeline/component.ts';
import type { Plan } from '../pipeline/plan.ts';
import { planRun } from '../pipeline/planner.ts';
import type { LoadModule } from '../pipeline/sections.ts';
import { programInput, programOutput } from './program-ends.ts';

/** A path or URI as after `--config`, YAML as text, or what the YAML would say as an object. */
export type ConfigInput = string | { readonly yaml: string } | Readonly<Record<string, unknown>>;

export interface LoadOptions {
  /** For `${env:NAME}`; nothing of the process is read unless it is given: `env: process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** As `--set`: `exporters.loki.endpoint=http://loki:3100`. */
  readonly set?: readonly string[];
  /** The folder that relative paths start from; the working folder unless given. */
  readonly directory?: string;
  /** False refuses to run code that the config names. */
  readonly modules?: boolean;
  /** Files are read until the run is stopped. */
  readonly follow?: boolean;
}

/** A config without errors. It may be run any number of times, also at the same time. */
export interface LoadedConfig {
  readonly plan: Plan;
  /** Warnings and notices, in the words of `respool validate`. */
  readonly notes: readonly string[];
  /** The ids of its receivers and exporters: the names of inputs and outputs. */
  readonly receivers: readonly string[];
  readonly exporters: readonly string[];
  readonly follow: boolean;
}

/** What a config may name, and besides that the receiver and the exporter `program`, which stand for the program. */
const known: Components = {
  ...components,
  receivers: [
    ...components.receivers,
    { type: 'program', signals, load: () => Promise.resolve(programInput as AnyReceiverFactory) },
  ],
  exporters: [
    ...components.exporters,
    { type: 'program', signals, load: () => Promise.resolve(programOutput as AnyExporterFactory) },
  ],
};

/**
 * Loads and checks one config, or several merged from left to right. Nothing is started.
 *
 *     const config = await loadConfig('pipeline.yaml', { env: process.env });
 *
 * @throws ConfigError with every problem, its place and its remedy
 */
export async function loadConfig(
  input: ConfigInput | readonly ConfigInput[],
  { env = {}, set = [], directory = '.', modules = true, follow = false }: LoadOptions = {},
): Promise<LoadedConfig> {
  const inputs = Array.isArray(input) ? (input as readonly ConfigInput[]) : [input as ConfigInput];
  const { sources, problems: unread } = await sourcesOf(inputs, env);
  const { tree, problems } = loadTree(sources, { env, readFile: readIncluded, set });
  const before = [...unread, ...problems];
  const whole = resolve(directory);
  const planned = await planRun(tree, {
    components: known,
    loadModule: moduleLoader(modules, whole),
    directory: whole,
    follow,
  });
  const all = [...before, ...planned.problems];
  // What could not be read would be blamed for what it defines.
  if (hasErrors(unread)) throw new ConfigError(unread);
  if (planned.plan === undefined || hasErrors(all))
    throw new ConfigError(all.filter(({ severity }) => severity === 'error'));
  const { plan } = planned;
  return {
    plan,
    notes: all.map(formatProblem),
    receivers: plan.receivers.map(({ id }) => id),
    exporters: plan.exporters.map(({ id }) => id),
    follow,
  };
}

async function sourcesOf(
  inputs: readonly ConfigInput[],
  env: NonNullable<LoadOptions['env']>,
): Promise<{ sources: ConfigSource[]; problems: Problem[] }> {
  const sources: ConfigSource[] = [];
  const problems: Problem[] = [];
  for (const input of inputs) {
    if (typeof input !== 'string') {
      sources.push({ name: 'config', text: textOf(input) });
      continue;
    }
    const read = readSources([input], { env });
    sources.push(...read.sources);
    problems.push(...read.problems);
  }
  return { sources, problems };
}

/** JSON is YAML. A dollar sign of an object is meant as it is: a program has no need for `${env:NAME}`. */
function textOf(input: Exclude<ConfigInput, string>): string {
  const { yaml } = input;
  if (typeof yaml === 'string' && Object.keys(input).length === 1) return yaml;
  return JSON.stringify(input).replaceAll('$', () => '$$');
}

function moduleLoader(allow: boolean, directory: string): LoadModule {
  return async (module, definedIn, kind) => {
    const { loadModule } = await import('../modules/load.ts');
    const isFile = definedIn !== undefined && definedIn !== 'config';
    return await loadModule(kind, {
      module,
      directory: isFile ? dirname(resolve(definedIn)) : directory,
      allow,
    });
  };
}
