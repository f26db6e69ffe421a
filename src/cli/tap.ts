/** `respool run --tap PROCESSOR`: what a processor does to each record of a run, which goes on as without it. */
import { nearest } from '../config/suggest.ts';
import type { Plan, PlannedProcessor } from '../pipeline/plan.ts';
import { UsageError } from './exit.ts';
import { programsOf } from './ottl/program.ts';
import { Onlooker, type TapFacts } from './tap/onlooker.ts';
import { tapping } from './tap/tapping.ts';
import { printOut, visible } from './terminal.ts';

export interface TapFlags {
  /** The id of a processor, or of a pipeline and a processor: `traces/filter`. */
  readonly tap: string;
  /** Records that are shown. */
  readonly limit: number;
  /** Only records for which this condition of OTTL holds before the processor. */
  readonly where?: string;
}

/** The plan with the processor observed. Throws UsageError for one that no pipeline has. */
export function withTap(plan: Plan, { tap, limit, where }: TapFlags): Plan {
  const known = plan.pipelines.flatMap(({ id, processors }) =>
    processors.map((processor) => ({ pipeline: id, id: processor.id })),
  );
  const isMeant = (pipeline: string, id: string): boolean => id === tap || `${pipeline}/${id}` === tap;
  if (!known.some(({ pipeline, id }) => isMeant(pipeline, id))) throw noProcessor(tap, known);
  const facts: TapFacts = {
    limit,
    programs: where === undefined ? undefined : programsOf([where], undefined),
    print: (text) => printOut(visible(text)),
    say: (text) => void process.stderr.write(`${visible(text)}\n`),
  };
  // A part of the run in another thread would not be seen.
  return Object.assign({}, plan, {
    alone: 'a tap shows the records in one order',
    pipelines: plan.pipelines.map((pipeline) => ({
      ...pipeline,
      processors: pipeline.processors.map((planned) =>
        isMeant(pipeline.id, planned.id)
          ? observed(planned, new Onlooker(`${pipeline.id}/${planned.id}`, pipeline.signal, facts))
          : planned,
      ),
    })),
  });
}

function observed(planned: PlannedProcessor, onlooker: Onlooker): PlannedProcessor {
  return { ...planned, create: async (context) => tapping(await planned.create(context), onlooker) };
}

function noProcessor(tap: string, known: readonly { pipeline: string; id: string }[]): UsageError {
  const ids = [...new Set(known.map(({ id }) => id))];
  const near = nearest(tap, ids);
  const hint = near === undefined ? `there are: ${ids.join(', ') || 'none'}` : `did you mean ${near}?`;
  return new UsageError(`--tap: no pipeline has a processor ${JSON.stringify(tap)}; ${hint}`);
}
