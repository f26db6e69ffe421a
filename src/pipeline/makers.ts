/** Processors that make items of another signal, and the pipelines that name them among their receivers. */
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Signal } from '../model/signal.ts';
import { problemAt } from './problem-at.ts';
import type { Sections } from './sections.ts';

/** A pipeline as the config defines it. */
interface PipelineConfig {
  readonly signal: Signal;
  readonly path: Path;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
}

/** Ids of processors that a pipeline may have among its receivers. A receiver of the same id goes before. */
export function makersIn({ processors, receivers }: Sections): string[] {
  return [...processors.values()]
    .filter(({ id, factory }) => (factory?.creates?.length ?? 0) > 0 && !receivers.has(id))
    .map(({ id }) => id);
}

/** Whether a pipeline of some signal gets from this id what a processor in the other pipeline makes. */
export function makes(sections: Sections, id: string, { signal }: { readonly signal: Signal }): boolean {
  return (
    makersIn(sections).includes(id) &&
    sections.processors.get(id)?.factory?.creates?.includes(signal) === true
  );
}

/** What is made and taken by nobody, and the other way round. */
export function checkMakers(
  tree: ConfigTree,
  sections: Sections,
  pipelines: readonly PipelineConfig[],
): Problem[] {
  return makersIn(sections).flatMap((id) => {
    const made = sections.processors.get(id)?.factory?.creates ?? [];
    const taking = pipelines.filter(({ receivers }) => receivers.includes(id));
    const users = pipelines.filter(({ processors }) => processors.includes(id));
    return [
      ...taking.flatMap((pipeline) => takingProblem(tree, { id, made, users }, pipeline)),
      ...made
        .filter((signal) => users.some((user) => user.signal !== signal))
        .filter((signal) => !taking.some((pipeline) => pipeline.signal === signal))
        .map((signal) => untaken(tree, id, signal)),
    ];
  });
}

interface Maker {
  readonly id: string;
  readonly made: readonly Signal[];
  readonly users: readonly PipelineConfig[];
}

function takingProblem(tree: ConfigTree, { id, made, users }: Maker, pipeline: PipelineConfig): Problem[] {
  const path = [...pipeline.path, 'receivers', pipeline.receivers.indexOf(id)];
  if (!made.includes(pipeline.signal)) {
    const message = `the processor ${id} makes ${made.join(' and ')}, and this is a pipeline of ${pipeline.signal}`;
    return [problemAt(tree, path, { message, remedy: `name it in a pipeline of ${made.join(' or ')}` })];
  }
  if (users.some(({ signal }) => signal !== pipeline.signal)) return [];
  const message = `the processor ${id} makes ${pipeline.signal} out of other signals, and is in no pipeline of another signal`;
  return [problemAt(tree, path, { message, remedy: `name it in the \`processors\` of one` })];
}

function untaken(tree: ConfigTree, id: string, signal: Signal): Problem {
  return problemAt(
    tree,
    ['processors', id],
    {
      severity: 'warning',
      message: `makes ${signal}, and no pipeline takes them: they are left out`,
      remedy: `add one: \`${signal}/${id}: {receivers: [${id}], exporters: [...]}\``,
    },
    'key',
  );
}
