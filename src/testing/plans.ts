/** Plans for tests: of whole configs, and of one component between ends that a test takes the place of. */
import { components } from '../components.ts';
import { loadTree, type ConfigSource } from '../config/load.ts';
import { ConfigError, hasErrors, type Problem } from '../config/problem.ts';
import { readIncluded } from '../config/read.ts';
import { signals as allSignals, type Signal } from '../model/signal.ts';
import type { Plan } from '../pipeline/plan.ts';
import { planRun } from '../pipeline/planner.ts';
import type { LoadModule, ModuleFactories } from '../pipeline/sections.ts';

export interface PlanFacts {
  readonly env: Readonly<Record<string, string>>;
  /** What was wrong before. */
  readonly problems: readonly Problem[];
  readonly loadModule: LoadModule;
  /** Where relative paths in the config start; here unless given. */
  readonly directory?: string;
}

/** Throws a ConfigError with everything that is wrong. */
export async function planOf(sources: readonly ConfigSource[], facts: PlanFacts): Promise<Plan> {
  const { env, problems, loadModule, directory = '.' } = facts;
  const loaded = loadTree(sources, { env, readFile: readIncluded });
  const planned = await planRun(loaded.tree, { components, loadModule, directory });
  const all = [...problems, ...loaded.problems, ...planned.problems];
  if (planned.plan === undefined || hasErrors(all))
    throw new ConfigError(all.filter(({ severity }) => severity === 'error'));
  return planned.plan;
}

/** A component under test: what `defineProcessor` and its like answered, or a built-in one by its type. */
export interface UnderTest {
  readonly component: object | string;
  /** What stands under `config:`, or under the name of a built-in one. */
  readonly config?: unknown;
  /** Those to try it with: all that it takes, unless given. */
  readonly signals?: readonly Signal[];
  /** Where relative paths in its config start. */
  readonly directory?: string;
}

type Kind = 'receiver' | 'processor' | 'exporter';

const ownId = 'under_test';

/** The component in a pipeline of each signal that it takes. */
export async function planOfOne(kind: Kind, of: UnderTest): Promise<Plan> {
  const { component, config, directory } = of;
  const isOwn = typeof component !== 'string';
  const id = isOwn ? ownId : component;
  const ownConfig = config === undefined ? {} : { config };
  const written = isOwn ? { module: './component.ts', ...ownConfig } : (config ?? {});
  const section = `${kind}s` as const;
  const listed = isOwn ? undefined : components[section].find(({ type }) => type === component);
  const signals = of.signals ?? listed?.signals ?? ownSignals(component) ?? allSignals;
  const ends = { receiver: 'otlp_json_file', exporter: 'nop' };
  const ids = { processor: [], receiver: [ends.receiver], exporter: [ends.exporter], [kind]: [id] };
  const pipeline = { receivers: ids.receiver, processors: ids.processor, exporters: ids.exporter };
  const sections: Record<string, Record<string, unknown>> = {
    receivers: { [ends.receiver]: { include: ['none'], start_at: 'beginning' } },
    exporters: { [ends.exporter]: {} },
  };
  sections[section] = { ...sections[section], [id]: written };
  const service = { pipelines: Object.fromEntries(signals.map((signal) => [signal, pipeline])) };
  const text = JSON.stringify({ ...sections, service }, exactNumbers).replaceAll('$', '$$$$');
  const loadModule = isOwn ? loaderOf(component) : moduleOf;
  const facts = { env: {}, problems: [], loadModule };
  return await planOf([{ name: 'test', text }], directory === undefined ? facts : { ...facts, directory });
}

/** Those that a definition says. */
function ownSignals(component: object | string): readonly Signal[] | undefined {
  if (typeof component === 'string' || !('signals' in component)) return undefined;
  return component.signals as readonly Signal[] | undefined;
}

function exactNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** The factory of a definition, whatever path a config names. */
function loaderOf(definition: object): LoadModule {
  const file = { name: 'the component', path: '', directory: '' };
  const load = async (_module: string, _from: string | undefined, kind: keyof ModuleFactories) => {
    const { factoryOf } = await import('../modules/load.ts');
    return factoryOf(kind, definition, file);
  };
  return load as LoadModule;
}

/** As a config names it: relative to the file of the config. */
export const moduleOf: LoadModule = async (module, definedIn, kind) => {
  const { loadModule } = await import('../modules/load.ts');
  return await loadModule(kind, { module, directory: folderOf(definedIn), allow: true });
};

function folderOf(file: string | undefined): string {
  return file === undefined || !file.includes('/') ? '.' : file.slice(0, file.lastIndexOf('/') + 1);
}
