/** The command that sends the dead letters of a run to where they were to go. */
import { join } from 'node:path';
import { total } from '../pipeline/counts.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import type { Plan } from '../pipeline/plan.ts';
import { defaultStateDirectory } from '../state/job-state.ts';
import type { Job } from './job.ts';

/**
 * The same config with the file as its input: without processors, which the letters are behind, and to the exporters that
 * could not deliver them alone. Its state is kept apart from that of the run, which may have to go on from its checkpoint.
 */
export function sendAgain(
  { job, plan }: { job: Job; plan: Plan },
  ledger: Ledger,
  { path, state = defaultStateDirectory }: { path: string; state: string | undefined },
): string {
  if (job.command === 'import') return `respool import ${quoted(path)}, with the same options`;
  const failed = ledger.exporters.filter(({ deadLettered }) => total(deadLettered) > 0);
  const settings = plan.receivers.map(({ id }) => `receivers.${id}.include=["${path}"]`);
  for (const { id, signal, processors, outputs } of plan.pipelines) {
    const exporters = outputs.filter((output) =>
      failed.some((counts) => counts.id === output && counts.signal === signal),
    );
    if (exporters.length === 0) continue;
    if (processors.length > 0) settings.push(`service.pipelines.${id}.processors=[]`);
    if (exporters.length < outputs.length)
      settings.push(`service.pipelines.${id}.exporters=[${exporters.join(', ')}]`);
  }
  const command = `respool ${job.title} --state ${quoted(join(state, 'again'))}`;
  const sets = settings.map((text) => ` --set ${quoted(text)}`).join('');
  return `${command}${sets}${job.isSet ? ', and the --set of this run' : ''}`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
