/** Reads the section `service`: the pipelines, what they refer to, and the settings of the run. */
import { z } from 'zod';
import { byteSize, moot } from '../config/fields.ts';
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ConfigTree } from '../config/tree.ts';
import { validate } from '../config/validate.ts';
import { signals, type Signal } from '../model/signal.ts';
import type { LogLevel } from './logger.ts';
import { problemAt, type Sections } from './sections.ts';

const idList = z.array(z.string()).nullable().default([]);

const telemetryOfItself = 'the run tells about itself by its progress, its summary and `--report`';

export const serviceSchema = z.strictObject({
  pipelines: z
    .record(
      z.string(),
      z.strictObject({
        receivers: idList.describe('Ids of receivers, or of connectors that another pipeline feeds.'),
        processors: idList.describe('Ids of processors, in the order in which the data passes them.'),
        exporters: idList.describe('Ids of exporters, or of connectors that feed another pipeline.'),
      }),
    )
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
});

export interface PipelineConfig {
  readonly id: string;
  readonly signal: Signal;
  readonly path: Path;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

export interface Service {
  /** From source to sink. */
  readonly pipelines: readonly PipelineConfig[];
  readonly extensions: readonly string[];
  readonly maxInFlightBytes: number;
  readonly logLevel: LogLevel;
}

export function readService(tree: ConfigTree, sections: Sections, problems: Problem[]): Service | undefined {
  const { value, problems: found } = validate(tree, ['service'], serviceSchema);
  problems.push(...found);
  if (value === undefined) return undefined;
  const pipelines: PipelineConfig[] = [];
  for (const [id, { receivers, processors, exporters }] of Object.entries(value.pipelines)) {
    const path = ['service', 'pipelines', id];
    const signal = signals.find((known) => known === id.split('/', 1)[0]);
    if (signal === undefined) problems.push(problemAt(tree, path, unknownSignal(id), 'key'));
    else
      pipelines.push({
        id,
        signal,
        path,
        receivers: receivers ?? [],
        processors: processors ?? [],
        exporters: exporters ?? [],
      });
  }
  if (Object.keys(value.pipelines).length === 0) {
    problems.push(
      problemAt(tree, ['service'], {
        message: 'there must be at least one pipeline',
        remedy: 'write `service: {pipelines: {traces: {receivers: [...], exporters: [...]}}}`',
      }),
    );
  }
  for (const pipeline of pipelines) checkPipeline(tree, sections, pipeline, problems);
  checkConnectors(tree, sections, pipelines, problems);
  const extensions = value.extensions ?? [];
  for (const [at, id] of extensions.entries()) {
    if (!sections.extensions.has(id))
      problems.push(
        dangling(tree, ['service', 'extensions', at], 'extension', [...sections.extensions.keys()]),
      );
  }
  return {
    pipelines: sorted(tree, sections, pipelines, problems),
    extensions,
    maxInFlightBytes: value.max_in_flight,
    logLevel: value.telemetry.logs.level,
  };
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

function checkPipeline(
  tree: ConfigTree,
  sections: Sections,
  pipeline: PipelineConfig,
  problems: Problem[],
): void {
  const { path } = pipeline;
  const connectors = [...sections.connectors.keys()];
  if (pipeline.receivers.length === 0)
    problems.push(problemAt(tree, path, { message: 'must have at least one receiver' }, 'key'));
  if (pipeline.exporters.length === 0)
    problems.push(problemAt(tree, path, { message: 'must have at least one exporter' }, 'key'));
  const lists = [
    ['receivers', 'receiver', [...sections.receivers.keys(), ...connectors]],
    ['processors', 'processor', [...sections.processors.keys()]],
    ['exporters', 'exporter', [...sections.exporters.keys(), ...connectors]],
  ] as const;
  for (const [list, noun, known] of lists) {
    for (const [at, id] of pipeline[list].entries()) {
      const place = [...path, list, at];
      if (!known.includes(id)) problems.push(dangling(tree, place, noun, known));
      else if (pipeline[list].indexOf(id) < at)
        problems.push(
          problemAt(tree, place, {
            message: `names the ${noun} ${id} twice`,
            remedy: `give the second one an id of its own, as in \`${id.split('/', 1)[0] ?? id}/second\``,
          }),
        );
    }
  }
  checkSignals(tree, sections, pipeline, problems);
}

function checkSignals(
  tree: ConfigTree,
  sections: Sections,
  pipeline: PipelineConfig,
  problems: Problem[],
): void {
  for (const list of ['receivers', 'processors', 'exporters'] as const) {
    for (const [at, id] of pipeline[list].entries()) {
      const factory = sections[list].get(id)?.factory;
      if (factory === undefined || factory.signals.includes(pipeline.signal)) continue;
      problems.push(
        problemAt(tree, [...pipeline.path, list, at], {
          message: `${factory.type} takes ${factory.signals.join(' and ')}, not ${pipeline.signal}`,
        }),
      );
    }
  }
}

/** A reference to a component that the config does not define. */
function dangling(tree: ConfigTree, path: Path, noun: string, known: readonly string[]): Problem {
  const id = String(tree.get(path));
  const hint = didYouMean(id, known);
  const list = known.length === 0 ? `no ${noun} is defined` : `defined: ${known.join(', ')}`;
  return problemAt(tree, path, {
    message: `names the ${noun} ${JSON.stringify(id)}, which is not defined under \`${noun}s\``,
    remedy: hint === undefined ? list : `${hint}\n${list}`,
  });
}

function checkConnectors(
  tree: ConfigTree,
  sections: Sections,
  pipelines: readonly PipelineConfig[],
  problems: Problem[],
): void {
  for (const { id, path } of sections.connectors.values()) {
    if (sections.receivers.has(id) || sections.exporters.has(id)) {
      problems.push(
        problemAt(
          tree,
          path,
          {
            message: `the id ${id} is that of a receiver or an exporter too`,
            remedy: 'rename one of them: a pipeline could mean either',
          },
          'key',
        ),
      );
    }
    for (const signal of signals) {
      const ofSignal = pipelines.filter((pipeline) => pipeline.signal === signal);
      const feeding = ofSignal.filter((pipeline) => pipeline.exporters.includes(id));
      const fed = ofSignal.filter((pipeline) => pipeline.receivers.includes(id));
      if (feeding.length > 0 && fed.length === 0)
        problems.push(
          problemAt(
            tree,
            path,
            {
              message: `is an exporter of ${feeding.map((pipeline) => pipeline.id).join(', ')}, and no ${signal} pipeline receives from it`,
            },
            'key',
          ),
        );
      if (fed.length > 0 && feeding.length === 0)
        problems.push(
          problemAt(
            tree,
            path,
            {
              message: `is a receiver of ${fed.map((pipeline) => pipeline.id).join(', ')}, and no ${signal} pipeline exports to it`,
            },
            'key',
          ),
        );
    }
  }
}

/** The pipelines from source to sink; a cycle is a problem that shows its whole way. */
function sorted(
  tree: ConfigTree,
  sections: Sections,
  pipelines: readonly PipelineConfig[],
  problems: Problem[],
): PipelineConfig[] {
  const done: PipelineConfig[] = [];
  const visit = (pipeline: PipelineConfig, way: readonly PipelineConfig[]): void => {
    if (done.includes(pipeline)) return;
    const begin = way.indexOf(pipeline);
    if (begin >= 0) {
      const cycle = [...way.slice(begin), pipeline].map(({ id }) => id).join(' -> ');
      problems.push(
        problemAt(tree, pipeline.path, { message: `connectors lead in a circle: ${cycle}` }, 'key'),
      );
      return;
    }
    const connectors = pipeline.receivers.filter((id) => sections.connectors.has(id));
    for (const other of pipelines) {
      const feeds = other.signal === pipeline.signal && other.exporters.some((id) => connectors.includes(id));
      if (feeds) visit(other, [...way, pipeline]);
    }
    if (!done.includes(pipeline)) done.push(pipeline);
  };
  for (const pipeline of pipelines) visit(pipeline, []);
  return done;
}
