/** One run at a time works on a checkpoint: a file that names the process that does. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { messageOf } from '../pipeline/errors.ts';
import { codeOf, hasNoSecondNames, StateError } from './error.ts';

const ownerSchema = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process began, as the system counts it: another process may have the same number later. */
  started: z.string(),
});

type Owner = z.output<typeof ownerSchema>;

export class Lock {
  private readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes the lock, also from a process that ended without giving it back: then `onTakenOver` is told of it.
   * @throws StateError when a run that is alive has it
   */
  static async take(path: string, onTakenOver: (sentence: string) => void): Promise<Lock> {
    for (;;) {
      if (await create(path)) return new Lock(path);
      const text = await textOf(path);
      if (text === undefined) continue;
      const owner = ownerOf(text);
      if (owner !== undefined && isAlive(owner)) throw held(path, owner);
      if (!(await moveAway(path, text))) continue;
      const who = owner === undefined ? 'nobody can tell whose it was' : `process ${owner.pid} is gone`;
      onTakenOver(`the lock ${path} was left behind (${who}): taken over`);
    }
  }

  async release(): Promise<void> {
    await unlink(this.path).catch(() => {});
  }
}

/** Whether a run that is alive works on the checkpoint of this lock. */
export async function isLocked(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const owner = text === undefined ? undefined : ownerOf(text);
  return owner !== undefined && isAlive(owner);
}

/** With its content from the beginning: a lock that is empty as yet would look like one that was left behind. */
async function create(path: string): Promise<boolean> {
  const owner: Owner = { pid: process.pid, host: hostname(), started: startOf(process.pid) ?? '' };
  const text = `${JSON.stringify(owner)}\n`;
  const written = `${path}.${randomUUID()}`;
  try {
    await writeNew(written, text);
    await link(written, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!hasNoSecondNames(error)) throw error;
    return await createInPlace(path, text);
  } finally {
    await unlink(written).catch(() => {});
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

/** Takes a stale lock away and no other one: between reading and moving it, somebody else may have done the same. */
async function moveAway(path: string, text: string): Promise<boolean> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved === text) {
    await unlink(aside);
    return true;
  }
  await rename(aside, path);
  return false;
}

/** Undefined for a lock that was given back meanwhile. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StateError(
      `nobody can tell whose lock this is: ${path} cannot be read: ${messageOf(error)}`,
      'if no other run is under way, delete it; a run of its own gets its own state with `--state DIR`',
    );
  }
}

function ownerOf(text: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function held(path: string, { pid, host }: Owner): StateError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new StateError(
    `another run works on this checkpoint: process ${pid}${where} (${path})`,
    where === ''
      ? 'wait for its end or stop it; a run of its own gets its own state with `--state DIR`'
      : 'wait for its end or stop it; if that machine or container is gone, delete the lock',
  );
}

/** A process of another machine counts as alive: nobody here can tell. */
function isAlive({ pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const now = startOf(pid);
  return now === undefined || started === '' || now === started;
}

/** When a process began, where the system tells (Linux): field 22 of its stat, behind a name that may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
