/** `respool checkpoint show|reset`: what runs that are not complete have left. */
import type { JsonValue } from '../pipeline/checkpoint.ts';
import { parsePosition } from '../receivers/file/position.ts';
import { bytesText, itemsText, plural } from './text.ts';
import type { SavedRun } from '../state/checkpoint-file.ts';
import { defaultStateDirectory, JobState } from '../state/job-state.ts';
import { exitCodes, UsageError } from './exit.ts';
import { visible } from './terminal.ts';

interface Where {
  readonly state?: string;
}

export async function showCheckpoints({ state = defaultStateDirectory }: Where): Promise<number> {
  const jobs = await JobState.list(state);
  if (jobs.length === 0) console.log(`There is no checkpoint in ${state}.`);
  for (const job of jobs) console.log(visible(await textOf(job)));
  return exitCodes.ok;
}

export async function resetCheckpoints(
  names: readonly string[],
  { state = defaultStateDirectory, all = false }: Where & { readonly all?: boolean },
): Promise<number> {
  const jobs = await JobState.list(state);
  const wanted = all ? jobs : wantedOf(jobs, names, state);
  for (const job of wanted) {
    if (await job.isInUse())
      throw new UsageError(`a run works on the checkpoint ${job.name}: wait for its end, or stop it`);
  }
  for (const job of wanted) {
    await job.clear();
    console.log(`Removed the checkpoint ${visible(job.name)}.`);
  }
  await wanted[0]?.tidy();
  if (wanted.length === 0) console.log(`There is no checkpoint in ${state}.`);
  return exitCodes.ok;
}

/** One that nobody named is only taken when there is no other. */
function wantedOf(jobs: readonly JobState[], names: readonly string[], state: string): readonly JobState[] {
  const known = jobs.map((job) => job.name).join(', ');
  if (names.length === 0 && jobs.length > 1)
    throw new UsageError(`there are several checkpoints in ${state}: name one of ${known}, or give --all`);
  for (const name of names) {
    if (jobs.some((job) => job.name === name)) continue;
    const others = known === '' ? '' : `; there is ${known}`;
    throw new UsageError(`there is no checkpoint ${name} in ${state}${others}`);
  }
  return names.length === 0 ? jobs : jobs.filter((job) => names.includes(job.name));
}

async function textOf(job: JobState): Promise<string> {
  const notes: string[] = [];
  let saved: SavedRun | undefined;
  try {
    saved = await job.file.read((damage) => notes.push(damage));
  } catch (error) {
    notes.push(error instanceof Error ? error.message : String(error));
  }
  if (await job.isInUse()) notes.push('a run works on it now');
  const lines = saved === undefined ? [] : linesOf(saved);
  return [job.name, ...lines, ...notes].join('\n  ');
}

function linesOf({ job, savedAt, version, checkpoint }: SavedRun): string[] {
  const { receivers, exporters } = checkpoint.ledger;
  return [
    `respool ${job}`,
    `saved ${savedAt} by respool ${version}`,
    ...receivers.flatMap(({ id, flows }) =>
      flows.map((flow) => `${id}  read ${itemsText(flow.signal, flow.in)}`),
    ),
    ...exporters
      .filter(({ handed }) => handed > 0)
      .map(({ id, signal, delivered, handed }) => {
        const others = handed === delivered ? '' : `, ${handed - delivered} were not`;
        return `${id}  delivered ${itemsText(signal, delivered)}${others}`;
      }),
    ...Object.entries(checkpoint.positions).map(([id, position]) => `${id}  ${placeText(position)}`),
  ];
}

/** How far the files are read; the positions of other receivers as they are. */
function placeText(position: JsonValue): string {
  try {
    const { files } = parsePosition(position);
    const open = files.filter(({ isDone }) => !isDone);
    const at = open.map(
      ({ path, place, size }) => `${path} up to byte ${place.offset} of ${bytesText(size)}`,
    );
    return [`${plural(files.length - open.length, 'file')} read`, ...at.slice(0, 10)].join('; ');
  } catch {
    return `at ${JSON.stringify(position)}`;
  }
}
