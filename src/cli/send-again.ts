/** The command that sends the dead letters of a run to where they were to go. */
import { join } from 'node:path';
import { signals } from '../model/signal.ts';
import { total } from '../pipeline/counts.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import { defaultStateDirectory } from '../state/job-state.ts';
import type { Job } from './job.ts';

/**
 * The same config with other pipelines: from the letters straight to the exporters that could not deliver them, whatever the
 * pipelines of the run are, whose processors the letters are behind and whose other exporters have them. A receiver of its own
 * reads them: those of the config may be told to expect something else. The state is kept apart from that of the run, which may
 * have to go on from its checkpoint.
 */
export function sendAgain(
  job: Job,
  ledger: Ledger,
  { path, state = defaultStateDirectory }: { path: string; state: string | undefined },
): string {
  if (job.command === 'import') return `respool import ${quoted(path)}, with the same options`;
  const failed = ledger.exporters.filter(({ deadLettered }) => total(deadLettered) > 0);
  const settings = [`receivers.${receiver}.include=[${JSON.stringify(path)}]`, 'service.pipelines=null'];
  for (const signal of signals) {
    const exporters = failed.filter((counts) => counts.signal === signal).map(({ id }) => id);
    if (exporters.length === 0) continue;
    settings.push(`service.pipelines.${signal}.receivers=[${receiver}]`);
    settings.push(`service.pipelines.${signal}.exporters=[${exporters.join(', ')}]`);
  }
  const command = `respool ${job.title} --state ${quoted(join(state, 'again'))}`;
  const sets = settings.map((text) => ` --set ${quoted(text)}`).join('');
  return `${command}${sets}${job.isSet ? ', and the --set of this run' : ''}`;
}

const receiver = 'file/dead_letters';

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
