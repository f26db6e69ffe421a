/** A run that is killed in the middle, for the rows that go on from there. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './expect.ts';
import type { OtlpBackend } from './oracle/otlp.ts';
import type { RunSettings, World, Config } from './world.ts';

/** Room for a few batches only, so that there is a checkpoint after every few. */
export const narrow = { max_in_flight: '16KiB' };

/** Starts a run and kills it when the backend holds this many records. */
export async function killedAfter(
  world: World,
  backend: OtlpBackend,
  config: Config,
  settings: RunSettings & { readonly records: number; readonly flags?: readonly string[] },
): Promise<void> {
  const { records, flags = [], ...rest } = settings;
  const running = world.start(config, ['--resume', ...flags], rest);
  const stored = (): number => backend.stores.traces.distinct + backend.stores.logs.distinct;
  await running.until(() => stored() >= records);
  running.child.kill('SIGKILL');
  const { signal, stderr, exitCode } = await running.ended;
  expect(signal === 'SIGKILL', `it ended by itself, exit ${exitCode}, before it could be killed:\n${stderr}`);
  for (const store of Object.values(backend.stores)) store.run++;
}

/** All files below the folder of the checkpoint, largest first. */
export function stateFiles(world: World, folder = '.respool'): string[] {
  return readdirSync(world.path(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
