/** The command that sends the dead letters of a run to where they were to go. */
import { join } from 'node:path';
import { signals } from '../model/signal.ts';
import { total } from '../pipeline/counts.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import { deadLetterAttributes } from '../state/dead-letter.ts';
import { defaultStateDirectory } from '../state/job-state.ts';
import type { Plan } from '../pipeline/plan.ts';
import type { Job } from './job.ts';

/**
 * The same config with other pipelines: from the letters straight to the exporters that could not deliver them, whatever the
 * pipelines of the run are, whose processors the letters are behind and whose other exporters have them. What a processor failed
 * on goes to that processor, and on from there. A receiver of its own reads them: those of the config may be told to expect
 * something else. The state is kept apart from that of the run, which may have to go on from its checkpoint.
 */
export function sendAgain(
  { job, plan }: { job: Job; plan: Plan },
  ledger: Ledger,
  { path, state = defaultStateDirectory }: { path: string; state: string | undefined },
): string {
  if (job.command === 'import') return `respool import ${quoted(path)}, with the same options`;
  const settings = [`receivers.${receiver}.include=[${JSON.stringify(path)}]`, 'service.pipelines=null'];
  for (const { id, setting, ...lists } of [...straightWays(ledger), ...waysOn(plan, ledger)]) {
    if (setting !== undefined) settings.push(setting);
    for (const [name, ids] of Object.entries(lists))
      if (ids.length > 0) settings.push(`service.pipelines.${id}.${name}=[${ids.join(', ')}]`);
  }
  const command = `respool ${job.title} --state ${quoted(join(state, 'again'))}`;
  const sets = settings.map((text) => ` --set ${quoted(text)}`).join('');
  return `${command}${sets}${job.isSet ? ', and the --set of this run' : ''}`;
}

const receiver = 'file/dead_letters';

interface Way {
  readonly id: string;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
  /** What its processors need besides. */
  readonly setting?: string;
}

/** Of several exporters each gets its own letters alone: the others have those items. */
function straightWays(ledger: Ledger): Way[] {
  const failed = ledger.exporters.filter(({ deadLettered }) => total(deadLettered) > 0);
  return signals.flatMap((signal) => {
    const exporters = failed.filter((counts) => counts.signal === signal).map(({ id }) => id);
    return exporters.map((exporter, at): Way => {
      const ways = { receivers: [receiver], exporters: [exporter] };
      if (exporters.length === 1) return { id: `${signal}/dead_letters`, ...ways, processors: [] };
      const name = `dead_letters_${at + 1}`;
      const others = `${attributesOf[signal]}[${JSON.stringify(deadLetterAttributes.exporter)}] != ${JSON.stringify(exporter)}`;
      return {
        id: `${signal}/${name}`,
        ...ways,
        processors: [`filter/${signal}_${name}`],
        setting: `processors.filter/${signal}_${name}.${conditionsOf[signal]}=[${JSON.stringify(others)}]`,
      };
    });
  });
}

const attributesOf = { traces: 'span.attributes', logs: 'log.attributes', metrics: 'datapoint.attributes' };
const conditionsOf = { traces: 'trace_conditions', logs: 'log_conditions', metrics: 'metric_conditions' };

/** The pipelines of the processors that failed, from these on, and those that they lead to. */
function waysOn(plan: Plan, ledger: Ledger): Way[] {
  const ways: Way[] = [];
  const reached = new Set<string>();
  // An exporter may have the id of a receiver, and leads nowhere.
  const sinks = new Set(plan.exporters.map(({ id }) => id));
  // From source to sink.
  for (const { id, inputs, processors, outputs } of plan.pipelines) {
    const all = processors.map((processor) => processor.id);
    const failed = all.findIndex((processor) =>
      ledger.processors.some(
        (flow) => flow.pipeline === id && flow.id === processor && (flow.deadLettered ?? 0) > 0,
      ),
    );
    const receivers = inputs.filter((input) => reached.has(input));
    const rest = failed < 0 || receivers.length > 0 ? all : all.slice(failed);
    if (failed >= 0) receivers.push(receiver);
    if (receivers.length === 0) continue;
    ways.push({ id, receivers, processors: rest, exporters: outputs });
    for (const name of [...rest, ...outputs.filter((output) => !sinks.has(output))]) reached.add(name);
  }
  return ways;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
