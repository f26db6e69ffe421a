/** How connectors join pipelines: what is wrong with that, and the order from source to sink. */
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import type { ConfigTree } from '../config/tree.ts';
import type { Signal } from '../model/signal.ts';
import { makes } from './makers.ts';
import { problemAt } from './problem-at.ts';
import type { Defined, Sections } from './sections.ts';

/** A pipeline as the config defines it; what its lists name may not exist. */
export interface PipelineConfig {
  readonly id: string;
  readonly signal: Signal;
  readonly path: Path;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** A connector that only one side uses, or two sides of different signals. */
export function checkConnectors(
  tree: ConfigTree,
  sections: Sections,
  pipelines: readonly PipelineConfig[],
): Problem[] {
  return [...sections.connectors.values()].flatMap((connector) => {
    const feeding = pipelines.filter(({ exporters }) => exporters.includes(connector.id));
    const fed = pipelines.filter(({ receivers }) => receivers.includes(connector.id));
    const dead = feeding.filter(({ signal }) => !fed.some((other) => other.signal === signal));
    const dry = fed.filter(({ signal }) => !feeding.some((other) => other.signal === signal));
    const sentence = halfWired(connector, dead, dry);
    return sentence === undefined ? [] : [problemAt(tree, connector.path, sentence, 'key')];
  });
}

function halfWired(
  { id, writtenType }: Defined<unknown>,
  dead: readonly PipelineConfig[],
  dry: readonly PipelineConfig[],
): { message: string; remedy: string } | undefined {
  if (writtenType !== 'forward' || dead.length + dry.length === 0) return undefined;
  const [from, to] = [dead, dry].map((side) => side.map((pipeline) => pipeline.id).join(', '));
  if (dead.length > 0 && dry.length > 0)
    return {
      message: `leads from ${from} to ${to}, and a connector joins pipelines of the same signal`,
      remedy: 'let a pipeline of each signal begin at the receiver itself',
    };
  if (dead.length > 0)
    return {
      message: `is an exporter of ${from}, and no ${signalsOf(dead)} pipeline receives from it`,
      remedy: `name it in a second pipeline: \`receivers: [${id}]\``,
    };
  return {
    message: `is a receiver of ${to}, and no ${signalsOf(dry)} pipeline exports to it`,
    remedy: `name it in the pipeline that is to feed it: \`exporters: [${id}]\``,
  };
}

function signalsOf(pipelines: readonly PipelineConfig[]): string {
  return [...new Set(pipelines.map(({ signal }) => signal))].join(' or ');
}

/** The pipelines from source to sink; a cycle is a problem that shows its whole way. */
export function sourceToSink(
  tree: ConfigTree,
  sections: Sections,
  pipelines: readonly PipelineConfig[],
): { ordered: PipelineConfig[]; problems: Problem[] } {
  const ordered: PipelineConfig[] = [];
  const problems: Problem[] = [];
  const visit = (pipeline: PipelineConfig, way: readonly Step[]): void => {
    if (ordered.includes(pipeline)) return;
    const begin = way.findIndex((step) => step.pipeline === pipeline);
    if (begin >= 0) {
      problems.push(cycleProblem(tree, way.slice(begin)));
      return;
    }
    for (const maker of pipeline.receivers.filter((id) => makes(sections, id, pipeline))) {
      for (const other of pipelines) {
        if (other.signal !== pipeline.signal && other.processors.includes(maker))
          visit(other, [...way, { pipeline, connector: maker }]);
      }
    }
    for (const connector of pipeline.receivers.filter((id) => sections.connectors.has(id))) {
      for (const other of pipelines) {
        if (other.signal === pipeline.signal && other.exporters.includes(connector))
          visit(other, [...way, { pipeline, connector }]);
      }
    }
    if (!ordered.includes(pipeline)) ordered.push(pipeline);
  };
  for (const pipeline of pipelines) visit(pipeline, []);
  return { ordered, problems };
}

/** A pipeline, and the connector (or the processor) through which another feeds it. */
interface Step {
  readonly pipeline: PipelineConfig;
  readonly connector: string;
}

/** The way was walked against the flow of the data. */
function cycleProblem(tree: ConfigTree, against: readonly Step[]): Problem {
  const [last] = against;
  const flow = [...against].reverse();
  const way = flow.map(({ pipeline, connector }) => `${connector} -> ${pipeline.id}`).join(' -> ');
  return problemAt(
    tree,
    last?.pipeline.path ?? [],
    {
      message: `the data would go in a circle: ${last?.pipeline.id} -> ${way}`,
      remedy: 'take one of these connectors out of the `exporters` or `receivers` of its pipeline',
    },
    'key',
  );
}
