/** The command that sends the dead letters of a run to where they were to go. */
import { join } from 'node:path';
import { signals, type Signal } from '../model/signal.ts';
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
  const entries = [...failedExporters(ledger), ...failedProcessors(plan, ledger)];
  for (const { id, setting, ...lists } of [...waysIn(entries), ...waysOn(plan, entries)]) {
    if (setting !== undefined) settings.push(setting);
    for (const [name, ids] of Object.entries(lists))
      if (ids.length > 0) settings.push(`service.pipelines.${id}.${name}=[${ids.join(', ')}]`);
  }
  const command = `respool ${job.title} --state ${quoted(join(state, 'again'))}`;
  const sets = settings.map((text) => ` --set ${quoted(text)}`).join('');
  return `${command}${sets}${job.isSet ? ', and the --set of this run before these' : ''}`;
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

/** What could not go on with its letters, and what is before them. */
interface Entry {
  readonly signal: Signal;
  /** By which its letters are told from others. */
  readonly name: string;
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

function failedExporters(ledger: Ledger): Entry[] {
  return ledger.exporters
    .filter(({ deadLettered }) => total(deadLettered) > 0)
    .map(({ id, signal }) => ({ signal, name: id, processors: [], exporters: [id] }));
}

function failedProcessors({ pipelines }: Plan, ledger: Ledger): Entry[] {
  return pipelines.flatMap(({ id: pipeline, signal, processors, outputs }) => {
    const all = processors.map(({ id }) => id);
    const failed = ledger.processors.filter(
      (flow) => flow.pipeline === pipeline && (flow.deadLettered ?? 0) > 0,
    );
    return failed.map(({ id }) => ({
      signal,
      name: `${pipeline}/${id}`,
      processors: all.slice(all.indexOf(id)),
      exporters: outputs,
    }));
  });
}

/** Of several ways for a signal each gets its own letters alone: the others have those items, or have to see them first. */
function waysIn(entries: readonly Entry[]): Way[] {
  return signals.flatMap((signal) => {
    const ofSignal = entries.filter((entry) => entry.signal === signal);
    return ofSignal.map(({ name, processors, exporters }, at): Way => {
      const receivers = [receiver];
      if (ofSignal.length === 1) return { id: `${signal}/dead_letters`, receivers, processors, exporters };
      const way = `dead_letters_${at + 1}`;
      const filter = `filter/${signal}_${way}`;
      const others = `${attributesOf[signal]}[${JSON.stringify(deadLetterAttributes.exporter)}] != ${JSON.stringify(name)}`;
      return {
        id: `${signal}/${way}`,
        receivers,
        processors: [filter, ...processors],
        exporters,
        setting: `processors.${filter}.${conditionsOf[signal]}=[${JSON.stringify(others)}]`,
      };
    });
  });
}

const attributesOf = { traces: 'span.attributes', logs: 'log.attributes', metrics: 'datapoint.attributes' };
const conditionsOf = { traces: 'trace_conditions', logs: 'log_conditions', metrics: 'metric_conditions' };

/** The pipelines that failed processors lead to, over connectors and what makes other signals. */
function waysOn(plan: Plan, entries: readonly Entry[]): Way[] {
  const ways: Way[] = [];
  // An exporter may have the id of a receiver, and leads nowhere; a receiver that has the id of a processor is what is meant.
  const sources = new Set(plan.receivers.map(({ id }) => id));
  const sinks = new Set(plan.exporters.map(({ id }) => id));
  const leading = (names: readonly string[]): string[] => names.filter((name) => !sinks.has(name));
  const reached = new Set(
    entries.flatMap(({ processors, exporters }) => [...processors, ...leading(exporters)]),
  );
  // From source to sink.
  for (const { id, inputs, processors, outputs } of plan.pipelines) {
    const receivers = inputs.filter((input) => reached.has(input) && !sources.has(input));
    if (receivers.length === 0) continue;
    const all = processors.map((processor) => processor.id);
    ways.push({ id, receivers, processors: all, exporters: outputs });
    for (const name of [...all, ...leading(outputs)]) reached.add(name);
  }
  return ways;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
