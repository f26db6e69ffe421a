/** From a config to a plan: every check that can be made before anything starts, and every problem in one go. */
import type { Problem } from '../config/problem.ts';
import { hasErrors, sortProblems } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Signal } from '../model/signal.ts';
import type { Components, AnyExporterFactory, AnyProcessorFactory, AnyReceiverFactory } from './component.ts';
import type { Plan, PlannedExporter, PlannedPipeline, PlannedProcessor, PlannedReceiver } from './plan.ts';
import {
  checkComponent,
  problemAt,
  readSections,
  sectionNames,
  type Defined,
  type LoadModule,
  type SectionReader,
  type Sections,
} from './sections.ts';
import { readService, type PipelineConfig, type Service } from './service.ts';

export interface PlannerOptions {
  readonly components: Components;
  readonly loadModule: LoadModule;
  /** The folder that relative paths in the config start from. */
  readonly directory: string;
}

export interface Planned {
  /** Undefined when some problem is an error. */
  readonly plan: Plan | undefined;
  /** In the order of their places. */
  readonly problems: readonly Problem[];
}

export async function planRun(tree: ConfigTree, options: PlannerOptions): Promise<Planned> {
  const problems: Problem[] = [];
  const { components, loadModule } = options;
  const reader: SectionReader = { tree, components, loadModule, problems };
  checkTopLevel(tree, problems);
  const sections = await readSections(reader);
  const service = readService(tree, sections, problems);
  if (service !== undefined) {
    checkUse(reader, sections, service);
    checkTimeRange(reader, sections, service);
  }
  const sortedProblems = sortProblems(problems);
  if (service === undefined || hasErrors(problems)) return { plan: undefined, problems: sortedProblems };
  return { plan: toPlan(sections, service, options.directory), problems: sortedProblems };
}

const topLevelKeys: readonly string[] = [...sectionNames, 'service'];

function checkTopLevel(tree: ConfigTree, problems: Problem[]): void {
  const value = tree.value ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.push(
      problemAt(tree, [], {
        message: 'a config must be a map of `receivers`, `processors`, `exporters` and `service`',
      }),
    );
    return;
  }
  for (const key of Object.keys(value)) {
    if (topLevelKeys.includes(key)) continue;
    const hint = didYouMean(key, topLevelKeys);
    const list = `known: ${topLevelKeys.join(', ')}`;
    problems.push(
      problemAt(
        tree,
        [key],
        { message: 'is not a section of a config', remedy: hint === undefined ? list : `${hint}\n${list}` },
        'key',
      ),
    );
  }
  for (const key of ['receivers', 'exporters', 'service']) {
    if (tree.get([key]) === undefined)
      problems.push({
        severity: 'error',
        path: [key],
        message: 'this section is missing',
        remedy: 'a config names at least one receiver, one exporter, and a pipeline under `service`',
      });
  }
}

/** What is defined and not used is a warning: it is checked, and does nothing. */
function checkUse(reader: SectionReader, sections: Sections, service: Service): void {
  const { tree, problems } = reader;
  for (const list of ['receivers', 'processors', 'exporters'] as const) {
    for (const defined of sections[list].values()) {
      const users = service.pipelines.filter((pipeline) => pipeline[list].includes(defined.id));
      const signals = [...new Set(users.map((pipeline) => pipeline.signal))];
      if (users.length > 0 || defined.factory !== undefined) checkComponent(reader, defined, { signals });
      if (users.length === 0) problems.push(unused(tree, defined));
    }
  }
  for (const defined of sections.connectors.values()) {
    const isUsed = service.pipelines.some(
      (pipeline) => pipeline.receivers.includes(defined.id) || pipeline.exporters.includes(defined.id),
    );
    if (!isUsed) problems.push(unused(tree, defined));
  }
  for (const defined of sections.extensions.values())
    if (!service.extensions.includes(defined.id)) problems.push(unused(tree, defined));
}

function unused(tree: ConfigTree, defined: Defined<unknown>): Problem {
  const where = defined.kind === 'extension' ? '`service.extensions`' : 'no pipeline';
  const message =
    defined.kind === 'extension'
      ? `is defined and not listed under ${where}`
      : `is defined, and ${where} uses it`;
  return problemAt(tree, defined.path, { severity: 'warning', message }, 'key');
}

/** A processor that needs the time range of all inputs cannot have it from an input that can be read only once. */
function checkTimeRange(reader: SectionReader, sections: Sections, service: Service): void {
  const needy = [...sections.processors.values()].find(
    (defined) => isUsed(service, defined.id) && needsTimeRange(defined),
  );
  if (needy === undefined) return;
  for (const receiver of sections.receivers.values()) {
    const { factory, config } = receiver;
    if (factory === undefined || config === undefined || factory.canScan?.(config as never) !== false)
      continue;
    reader.problems.push(
      problemAt(
        reader.tree,
        needy.path,
        {
          message: `needs the time range of all inputs before the first item, and the receiver ${receiver.id} reads an input that can be read only once`,
          remedy: 'give a fixed shift instead: `offset: 3d`',
        },
        'key',
      ),
    );
  }
}

function isUsed(service: Service, processor: string): boolean {
  return service.pipelines.some((pipeline) => pipeline.processors.includes(processor));
}

function needsTimeRange(defined: Defined<AnyProcessorFactory> | undefined): boolean {
  return defined?.config !== undefined && defined.factory?.needsTimeRange?.(defined.config as never) === true;
}

function toPlan(sections: Sections, service: Service, directory: string): Plan {
  const { pipelines, maxInFlightBytes, logLevel } = service;
  return {
    directory,
    maxInFlightBytes,
    logLevel,
    needsTimeRange: [...sections.processors.values()].some(
      (defined) => isUsed(service, defined.id) && needsTimeRange(defined),
    ),
    receivers: used(sections.receivers, pipelines, 'receivers').map(plannedReceiver),
    pipelines: pipelines.map((pipeline) => plannedPipeline(pipeline, sections)),
    exporters: used(sections.exporters, pipelines, 'exporters').map((defined) =>
      plannedExporter(defined, pipelines),
    ),
  };
}

function used<F>(
  section: ReadonlyMap<string, Defined<F>>,
  pipelines: readonly PipelineConfig[],
  list: 'receivers' | 'exporters',
): Defined<F>[] {
  return [...section.values()].filter(({ id }) => pipelines.some((pipeline) => pipeline[list].includes(id)));
}

function plannedReceiver({ id, factory, config }: Defined<AnyReceiverFactory>): PlannedReceiver {
  return { id, create: (context) => existing(factory).create(config as never, context) };
}

function plannedExporter(
  { id, factory, config }: Defined<AnyExporterFactory>,
  pipelines: readonly PipelineConfig[],
): PlannedExporter {
  const signals: Signal[] = [
    ...new Set(pipelines.filter((pipeline) => pipeline.exporters.includes(id)).map(({ signal }) => signal)),
  ];
  return {
    id,
    signals,
    policy: existing(factory).policy(config as never),
    create: (context) => existing(factory).create(config as never, context),
  };
}

function plannedPipeline(pipeline: PipelineConfig, sections: Sections): PlannedPipeline {
  const processors = pipeline.processors
    .flatMap((id) => sections.processors.get(id) ?? [])
    .map(plannedProcessor);
  return {
    id: pipeline.id,
    signal: pipeline.signal,
    inputs: pipeline.receivers,
    processors,
    outputs: pipeline.exporters,
  };
}

function plannedProcessor({ id, factory, config }: Defined<AnyProcessorFactory>): PlannedProcessor {
  return { id, create: (context) => existing(factory).create(config as never, context) };
}

function existing<F>(factory: F | undefined): F {
  if (factory === undefined) throw new Error('a plan is made of valid components only');
  return factory;
}
