/** Reads the section `service`: the pipelines, what they refer to, and the settings of the run. */
import { z } from 'zod';
import { byteSize, moot } from '../config/fields.ts';
import type { Path } from '../config/place.ts';
import { hasErrors, type Problem } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import { validate } from '../config/validate.ts';
import { signals } from '../model/signal.ts';
import type { PipelineConfig } from './connectors.ts';
import type { LogLevel } from './logger.ts';
import { checkConnectors, sourceToSink } from './connectors.ts';
import { checkMakers, makersIn } from './makers.ts';
import { problemAt } from './problem-at.ts';
import { isMap, type SectionReader, type Sections } from './sections.ts';

const idList = z.array(z.string()).nullable().default([]);

/** More threads than a machine has cores make nothing faster. */
const mostWorkers = 256;

const telemetryOfItself = 'the run tells about itself by its progress, its summary and `--report`';

const pipelineSchema = z.strictObject({
  receivers: idList.describe(
    'Ids of receivers, of connectors that another pipeline feeds, or of processors that make this signal out of another.',
  ),
  processors: idList.describe('Ids of processors, in the order in which the data passes them.'),
  exporters: idList.describe('Ids of exporters, or of connectors that feed another pipeline.'),
});

export const serviceSchema = z.strictObject({
  pipelines: z
    .record(z.string(), pipelineSchema)
    .default({})
    .describe('`traces`, `logs` or `metrics`, each with `/name` where there are several.'),
  extensions: idList.describe('Ids of extensions.'),
  telemetry: z
    .strictObject({
      logs: z
        .strictObject({
          level: z
            .string()
            .toLowerCase()
            .pipe(z.enum(['debug', 'info', 'warn', 'error']))
            .default('info')
            .describe('The least severe message that is printed.'),
          encoding: moot('messages are plain lines on standard error'),
          development: moot('there is one form of message'),
          disable_caller: moot('messages name their component'),
          disable_stacktrace: moot('messages carry no stack trace'),
          sampling: moot('a message that repeats is printed once'),
          output_paths: moot('messages go to standard error'),
          error_output_paths: moot('messages go to standard error'),
          initial_fields: moot('messages are plain lines'),
          processors: moot(telemetryOfItself),
        })
        .prefault({})
        .describe('The messages of the run.'),
      metrics: moot(telemetryOfItself),
      traces: moot(telemetryOfItself),
      resource: moot(telemetryOfItself),
    })
    .prefault({})
    .describe('What the run tells about itself.'),
  max_in_flight: byteSize()
    .default(16 * 1024 * 1024)
    .describe(
      'Bytes that are read and not settled, at the most. More helps only a backend that is far away.',
    ),
  workers: z
    .union([z.literal('auto'), z.int().min(1).max(mostWorkers)], {
      error: `must be auto or a whole number from 1 to ${mostWorkers}`,
    })
    .default('auto')
    .describe(
      'Threads that each take whole pipelines through a part of the input. `auto`: one less than there are cores, where there is enough to read. What keeps an order or a state has one.',
    ),
});

export interface Service {
  /** From source to sink. */
  readonly pipelines: readonly PipelineConfig[];
  readonly maxInFlightBytes: number;
  readonly workers: 'auto' | number;
  readonly logLevel: LogLevel;
  /** Whether nothing in this section is wrong. */
  readonly isSound: boolean;
}

/** Undefined when the section is not there or its form is wrong; what is wrong with it is reported. */
export function readService(reader: SectionReader, sections: Sections): Service | undefined {
  const { tree } = reader;
  if (tree.get(['service']) === undefined) return undefined;
  const { value: whole, problems } = validate(tree, ['service'], serviceSchema);
  // A mistake in a setting does not hide those of the pipelines, and one in a pipeline not those of the others.
  const value = whole ?? soundPipelines(tree);
  if (value === undefined) {
    reader.problems.push(...problems);
    return undefined;
  }
  const pipelines: PipelineConfig[] = [];
  for (const [id, lists] of Object.entries(value.pipelines)) {
    const path = [...pipelinesPath, id];
    const signal = signals.find((known) => known === id.split('/', 1)[0]);
    if (signal === undefined) problems.push(problemAt(tree, path, unknownSignal(id), 'key'));
    else pipelines.push({ id, signal, path, ...withoutNulls(lists ?? {}) });
  }
  const written = writtenPipelines(tree).length;
  if (written === 0) problems.push(noPipeline(tree));
  for (const pipeline of pipelines) {
    problems.push(...emptyLists(reader, sections, pipeline));
    problems.push(...referenceProblems(reader, sections, pipeline));
    problems.push(...signalProblems(reader, sections, pipeline));
  }
  problems.push(...extensionProblems(reader, sections, value.extensions ?? []));
  const { ordered, problems: cycles } = sourceToSink(tree, sections, pipelines);
  // A pipeline that is left out may be the one that another needs.
  if (pipelines.length === written) {
    problems.push(...checkConnectors(tree, sections, pipelines));
    problems.push(...checkMakers(tree, sections, pipelines));
    problems.push(...cycles);
  }
  reader.problems.push(...problems);
  return {
    pipelines: ordered,
    maxInFlightBytes: value.max_in_flight,
    workers: value.workers,
    logLevel: value.telemetry.logs.level,
    isSound: whole !== undefined && !hasErrors(problems),
  };
}

/** The pipelines that are sound, each by itself, with the defaults of the settings. */
function soundPipelines(tree: ConfigTree): z.output<typeof serviceSchema> | undefined {
  if (!isMap(tree.get(pipelinesPath))) return undefined;
  const sound = writtenPipelines(tree).flatMap((id) => {
    const { value } = validate(tree, [...pipelinesPath, id], pipelineSchema);
    return value === undefined ? [] : [[id, value] as const];
  });
  return serviceSchema.parse({ pipelines: Object.fromEntries(sound) });
}

const pipelinesPath: Path = ['service', 'pipelines'];

function writtenPipelines(tree: ConfigTree): string[] {
  const written = tree.get(pipelinesPath);
  return isMap(written) ? Object.keys(written) : [];
}

type Lists = Pick<PipelineConfig, 'receivers' | 'processors' | 'exporters'>;

function withoutNulls(lists: { [List in keyof Lists]?: readonly string[] | null }): Lists {
  const { receivers, processors, exporters } = lists;
  return { receivers: receivers ?? [], processors: processors ?? [], exporters: exporters ?? [] };
}

function noPipeline(tree: ConfigTree): Problem {
  return problemAt(
    tree,
    ['service'],
    {
      message: 'there must be at least one pipeline',
      remedy: 'write `service: {pipelines: {traces: {receivers: [...], exporters: [...]}}}`',
    },
    'key',
  );
}

function unknownSignal(id: string): { message: string; remedy?: string } {
  const written = id.split('/', 1)[0] ?? id;
  if (written === 'profiles')
    return { message: 'profiles are not built in', remedy: 'known signals: traces, logs, metrics' };
  const hint = didYouMean(written, signals);
  return {
    message: `${JSON.stringify(written)} is no signal`,
    remedy: `${hint === undefined ? '' : `${hint}\n`}known signals: traces, logs, metrics`,
  };
}

function emptyLists(
  { tree, unread }: SectionReader,
  sections: Sections,
  pipeline: PipelineConfig,
): Problem[] {
  const empty = (['receivers', 'exporters'] as const).filter((list) => pipeline[list].length === 0);
  if (empty.length === 0) return [];
  const examples = empty.flatMap((list) => {
    const [first] = sections[list].keys();
    return first === undefined || unread.has(list) ? [] : [`\`${list}: [${first}]\``];
  });
  const nouns = empty.map((list) => `one ${list.slice(0, -1)}`).join(' and ');
  const remedy = examples.length === 0 ? undefined : `write ${examples.join(' and ')}`;
  return [problemAt(tree, pipeline.path, { message: `must have at least ${nouns}`, remedy }, 'key')];
}

function referenceProblems(reader: SectionReader, sections: Sections, pipeline: PipelineConfig): Problem[] {
  const { tree, unread } = reader;
  const connectors = [...sections.connectors.keys()];
  const lists = [
    ['receivers', [...sections.receivers.keys(), ...connectors, ...makersIn(sections)]],
    ['processors', [...sections.processors.keys()]],
    ['exporters', [...sections.exporters.keys(), ...connectors]],
  ] as const;
  return lists.flatMap(([list, known]) =>
    pipeline[list].flatMap((id, at) => {
      const path = [...pipeline.path, list, at];
      if (!known.includes(id)) return unread.has(list) ? [] : [dangling(tree, { id, path, list, known })];
      return pipeline[list].indexOf(id) < at ? [twice(tree, path, list, id)] : [];
    }),
  );
}

interface Reference {
  readonly id: string;
  readonly path: Path;
  readonly list: string;
  readonly known: readonly string[];
}

/** A reference to a component that the config does not define. */
function dangling(tree: ConfigTree, { id, path, list, known }: Reference): Problem {
  const noun = list.slice(0, -1);
  const hint = didYouMean(id, known);
  const defined = known.length === 0 ? `no ${noun} is defined` : `defined: ${known.join(', ')}`;
  return problemAt(tree, path, {
    message: `names the ${noun} ${JSON.stringify(id)}, which is not defined under \`${list}\``,
    remedy: hint === undefined ? defined : `${hint}\n${defined}`,
  });
}

function twice(tree: ConfigTree, path: Path, list: string, id: string): Problem {
  const another = `, or define another, as in \`${id.split('/', 1)[0] ?? id}/second\``;
  return problemAt(tree, path, {
    message: `names the ${list.slice(0, -1)} ${id} twice`,
    remedy: `remove one of them${list === 'processors' ? another : ''}`,
  });
}

function signalProblems(
  { tree, components }: SectionReader,
  sections: Sections,
  { signal, path, ...lists }: PipelineConfig,
): Problem[] {
  return (['receivers', 'processors', 'exporters'] as const).flatMap((list) =>
    lists[list].flatMap((id, at) => {
      const factory = sections[list].get(id)?.factory;
      if (factory === undefined || factory.signals.includes(signal)) return [];
      const others = components[list].filter((other) => other.signals.includes(signal));
      return [
        problemAt(tree, [...path, list, at], {
          message: `the ${factory.kind} ${factory.type} takes ${factory.signals.join(' and ')}, and this is a pipeline of ${signal}`,
          remedy: `${list} that take ${signal}: ${others.map(({ type }) => type).join(', ')}`,
        }),
      ];
    }),
  );
}

function extensionProblems(
  { tree, unread }: SectionReader,
  sections: Sections,
  extensions: readonly string[],
): Problem[] {
  if (unread.has('extensions')) return [];
  const [list, known] = ['extensions', [...sections.extensions.keys()]];
  return extensions.flatMap((id, at) =>
    known.includes(id) ? [] : [dangling(tree, { id, path: ['service', list, at], list, known })],
  );
}
