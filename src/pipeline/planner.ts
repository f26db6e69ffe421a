/** From a config to a plan: every check that can be made before anything starts, and every problem in one go. */
import type { Problem } from '../config/problem.ts';
import { hasErrors, sortProblems } from '../config/problem.ts';
import { nearest } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Signal } from '../model/signal.ts';
import type { Components, AnyExporterFactory, AnyProcessorFactory, AnyReceiverFactory } from './component.ts';
import { whyAlone } from './alone.ts';
import type { PipelineConfig } from './connectors.ts';
import { makes } from './makers.ts';
import { outputsOf, sharedOutputs } from './outputs.ts';
import type { Plan, PlannedExporter, PlannedPipeline, PlannedProcessor, PlannedReceiver } from './plan.ts';
import { problemAt } from './problem-at.ts';
import {
  checkComponent,
  readSections,
  sectionNames,
  type Defined,
  type LoadModule,
  type SectionReader,
  type Sections,
} from './sections.ts';
import { readService, type Service } from './service.ts';

export interface PlannerOptions {
  readonly components: Components;
  readonly loadModule: LoadModule;
  /** The folder that relative paths in the config start from. */
  readonly directory: string;
  /** Whether the run goes on reading what its inputs get. */
  readonly follow?: boolean;
  /** Keys beside the sections that somebody else reads. */
  readonly otherKeys?: readonly string[];
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
  const reader: SectionReader = { tree, components, loadModule, problems, unread: new Set() };
  checkTopLevel(reader, options.otherKeys ?? []);
  const sections = await readSections(reader);
  const service = readService(reader, sections);
  const follow = options.follow ?? false;
  checkComponents(reader, sections, { pipelines: service?.pipelines ?? [], follow });
  if (service !== undefined) {
    warnOfUnused(reader, sections, service);
    checkTimeRange(reader, sections, { ...service, follow });
    checkStdin(reader, sections, service);
    const exporters = used(sections.exporters, service.pipelines, 'exporters');
    problems.push(...sharedOutputs(reader, exporters, options.directory));
  }
  const sortedProblems = sortProblems(problems);
  if (service?.isSound !== true || hasErrors(problems) || !isSound(sections, service))
    return { plan: undefined, problems: sortedProblems };
  return {
    plan: toPlan(sections, service, { directory: options.directory, follow }),
    problems: sortedProblems,
  };
}

const topLevelKeys: readonly string[] = [...sectionNames, 'service'];

/** What `respool test` reads of a config, and a run leaves alone. */
const testsKey = 'tests';

function checkTopLevel(reader: SectionReader, others: readonly string[]): void {
  const { tree, problems, unread } = reader;
  const keys = Object.keys(tree.value ?? {});
  for (const key of keys) {
    if (topLevelKeys.includes(key) || key === testsKey || others.includes(key)) continue;
    const near = nearest(
      key,
      topLevelKeys.filter((known) => !keys.includes(known)),
    );
    if (near !== undefined) unread.add(near);
    const list = `known: ${topLevelKeys.join(', ')}`;
    const remedy = near === undefined ? list : `did you mean ${near}?\n${list}`;
    problems.push(problemAt(tree, [key], { message: 'is not a section of a config', remedy }, 'key'));
  }
  for (const [key, remedy] of neededSections)
    if (!keys.includes(key) && !unread.has(key)) problems.push(missingSection(tree, key, remedy));
}

const neededSections = [
  ['receivers', 'name what to read: `receivers: {file: {include: [traces]}}`'],
  ['exporters', 'name where it goes: `exporters: {otlp_http: {endpoint: "http://localhost:4318"}}`'],
  ['service', 'join them: `service: {pipelines: {traces: {receivers: [file], exporters: [otlp_http]}}}`'],
] as const;

function missingSection(tree: ConfigTree, key: string, remedy: string): Problem {
  const [file, ...others] = tree.files;
  const problem: Problem = { severity: 'error', path: [key], message: 'this section is missing', remedy };
  if (file === undefined || others.length > 0) return problem;
  return { ...problem, place: { file, line: 0, column: 0, text: '' } };
}

/** The checks of the components beyond their schemas, with the signals of the pipelines that use them. */
function checkComponents(
  reader: SectionReader,
  sections: Sections,
  { pipelines, follow }: { pipelines: readonly PipelineConfig[]; follow: boolean },
): void {
  const { added: extensions } = sections;
  for (const list of ['receivers', 'processors', 'exporters'] as const) {
    for (const defined of sections[list].values()) {
      const users = pipelines.filter((pipeline) => pipeline[list].includes(defined.id));
      const signals = [...new Set(users.map(({ signal }) => signal))];
      checkComponent(reader, defined, { signals, follow, extensions });
    }
  }
}

/** What is defined and not used is a warning: it is checked, and does nothing. */
function warnOfUnused({ tree, problems }: SectionReader, sections: Sections, service: Service): void {
  // A pipeline that is wrong could be the one that was to use it.
  if (!service.isSound) return;
  const used = service.pipelines.flatMap(({ receivers, processors, exporters }) => [
    ...[...receivers, ...exporters].map((id) => `connector ${id}`),
    ...receivers.map((id) => `receiver ${id}`),
    ...processors.map((id) => `processor ${id}`),
    ...exporters.map((id) => `exporter ${id}`),
  ]);
  const { receivers, processors, exporters, connectors } = sections;
  for (const defined of [receivers, processors, exporters, connectors].flatMap((all) => [...all.values()])) {
    const isKnown = defined.factory !== undefined || defined.writtenType === 'forward';
    if (isKnown && !used.includes(`${defined.kind} ${defined.id}`)) problems.push(unused(tree, defined));
  }
}

function unused(tree: ConfigTree, { kind, path }: Defined<unknown>): Problem {
  const list =
    kind === 'connector'
      ? '`exporters` of one pipeline and the `receivers` of another'
      : `\`${kind}s\` of a pipeline`;
  return problemAt(
    tree,
    path,
    {
      severity: 'warning',
      message: 'is defined, and no pipeline uses it',
      remedy: `name it in the ${list}, or remove it`,
    },
    'key',
  );
}

/** A processor that needs the time range of all inputs cannot have it from an input that can be read only once. */
function checkTimeRange(
  reader: SectionReader,
  sections: Sections,
  service: Service & { readonly follow: boolean },
): void {
  const once = used(sections.receivers, service.pipelines, 'receivers').find(
    ({ factory, config }) => config !== undefined && factory?.canScan?.(config as never) === false,
  );
  if (once === undefined && !service.follow) return;
  const reads =
    once?.factory?.listens === true
      ? 'takes what is still to be sent'
      : 'reads an input that can be read only once';
  const why = service.follow
    ? 'with --follow nobody knows what is still to come'
    : `the receiver ${once?.id ?? ''} ${reads}`;
  const message = `needs the time range of all inputs before the first item, and ${why}`;
  const remedy = 'give a fixed shift instead: `offset: 3d`';
  for (const { path } of needy(sections, service))
    reader.problems.push(problemAt(reader.tree, path, { message, remedy }, 'key'));
}

/** Of two that read standard input, each would get some of it. */
function checkStdin({ tree, problems }: SectionReader, sections: Sections, service: Service): void {
  const [first, ...others] = used(sections.receivers, service.pipelines, 'receivers').filter(
    ({ factory, config }) => config !== undefined && factory?.readsStdin?.(config as never) === true,
  );
  for (const { path } of others) {
    const message = `reads standard input, and so does the receiver ${first?.id ?? ''}`;
    const remedy = 'name one receiver in both pipelines';
    problems.push(problemAt(tree, path, { message, remedy }, 'key'));
  }
}

function needy(sections: Sections, { pipelines }: Service): Defined<AnyProcessorFactory>[] {
  return [...sections.processors.values()].filter(
    ({ id, factory, config }) =>
      config !== undefined &&
      factory?.needsTimeRange?.(config as never) === true &&
      pipelines.some(({ processors }) => processors.includes(id)),
  );
}

/** A component can be invalid without a problem here: what could not be read was reported when the text was loaded. */
function isSound(sections: Sections, { pipelines }: Service): boolean {
  const lists = ['receivers', 'processors', 'exporters'] as const;
  return pipelines.every((pipeline) =>
    lists.every((list) =>
      pipeline[list].every(
        (id) =>
          sections.connectors.has(id) ||
          sections[list].get(id)?.config !== undefined ||
          (list === 'receivers' && makes(sections, id, pipeline)),
      ),
    ),
  );
}

function toPlan(
  sections: Sections,
  service: Service,
  { directory, follow }: { directory: string; follow: boolean },
): Plan {
  const { pipelines, maxInFlightBytes, logLevel, workers } = service;
  const receivers = used(sections.receivers, pipelines, 'receivers');
  const exporters = used(sections.exporters, pipelines, 'exporters');
  return {
    directory,
    extensions: sections.added,
    outputs: outputsOf(exporters, directory),
    maxInFlightBytes,
    workers,
    alone: whyAlone(sections, service, follow),
    logLevel,
    needsTimeRange: needy(sections, service).length > 0,
    readsStdin: receivers.some(
      ({ factory, config }) => config !== undefined && factory?.readsStdin?.(config as never) === true,
    ),
    listening: receivers.filter(({ factory }) => factory?.listens === true).map(({ id }) => id),
    receivers: receivers.map((defined) => plannedReceiver(defined, follow)),
    pipelines: pipelines.map((pipeline) => plannedPipeline(pipeline, sections)),
    exporters: exporters.map((defined) => plannedExporter(defined, pipelines)),
  };
}

function used<F>(
  section: ReadonlyMap<string, Defined<F>>,
  pipelines: readonly PipelineConfig[],
  list: 'receivers' | 'exporters',
): Defined<F>[] {
  return [...section.values()].filter(({ id }) => pipelines.some((pipeline) => pipeline[list].includes(id)));
}

function plannedReceiver(
  { id, factory, config }: Defined<AnyReceiverFactory>,
  follow: boolean,
): PlannedReceiver {
  return {
    id,
    isEndless: follow || factory?.listens === true,
    create: (context) => existing(factory).create(config as never, context),
  };
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
  return {
    id,
    creates: factory?.creates ?? [],
    create: (context) => existing(factory).create(config as never, context),
  };
}

function existing<F>(factory: F | undefined): F {
  if (factory === undefined) throw new Error('a plan is made of valid components only');
  return factory;
}
