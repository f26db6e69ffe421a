/**
 * A checkpoint on disk. Written beside its place, synced and renamed, so that it is there whole or not at all; the one
 * before is kept, in case the disk made something else of it. Two lines of JSON: what it is and its checksum, and itself.
 */
import { createHash } from 'node:crypto';
import { link, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { checkpointJson, checkpointSchema, type Checkpoint } from '../pipeline/checkpoint.ts';
import { messageOf } from '../pipeline/errors.ts';
import { codeOf, hasNoSecondNames, StateError } from './error.ts';

/** Raised when an older Respool could not read it. */
const formatVersion = 1;

const headerSchema = z.looseObject({ respool_checkpoint: z.int(), sha256: z.string() });

const bodySchema = z.strictObject({
  job: z.string(),
  /** Of the Respool that wrote it. */
  version: z.string(),
  savedAt: z.string(),
  /** Part of the config -> hash of what it says, secrets aside. */
  config: z.record(z.string(), z.string()),
  checkpoint: checkpointSchema,
});

export interface SavedRun {
  /** For people: `run --config pipeline.yaml`. */
  readonly job: string;
  readonly version: string;
  /** ISO time. */
  readonly savedAt: string;
  readonly config: Readonly<Record<string, string>>;
  readonly checkpoint: Checkpoint;
}

export class CheckpointFile {
  readonly path: string;
  /** Whether the last thing that happened here is that one was written: nothing is left over of a kill. */
  private isTidy = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The last checkpoint, or the one before when that is damaged, which `onDamage` is told of; undefined when there is none.
   * @throws StateError when there is something, and it cannot be used
   */
  async read(onDamage: (sentence: string) => void): Promise<SavedRun | undefined> {
    const damages: string[] = [];
    for (const path of [this.path, this.previousPath]) {
      try {
        const saved = parsed(await readFile(path, 'utf8'));
        if (damages.length > 0) onDamage(`${damages.join('; ')}: going on from the checkpoint before it`);
        return saved;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') damages.push(`${path} ${messageOf(error)}`);
      }
    }
    if (damages.length === 0) return undefined;
    throw new StateError(damages.join('; '), 'begin anew with `respool checkpoint reset`');
  }

  async write(run: SavedRun): Promise<void> {
    const { isTidy } = this;
    try {
      await this.writeOver(run, isTidy);
    } catch (error) {
      if (!isTidy || codeOf(error) !== 'EEXIST') throw error;
      await this.writeOver(run, false);
    }
  }

  async remove(): Promise<void> {
    this.isTidy = false;
    for (const path of [this.path, this.previousPath, this.secondName, `${this.path}.next`])
      await unlinkIfThere(path);
  }

  /** @param isTidy whether names on their way are not looked for before they are used, which most of the time would be in vain */
  private async writeOver({ checkpoint, ...saved }: SavedRun, isTidy: boolean): Promise<void> {
    const body = JSON.stringify({ ...saved, checkpoint: checkpointJson(checkpoint) });
    const header = JSON.stringify({ respool_checkpoint: formatVersion, sha256: checksum(body) });
    const next = `${this.path}.next`;
    this.isTidy = false;
    // Made anew: what lies there may be a link that came with a recording, to a file of somebody else.
    if (!isTidy) await unlinkIfThere(next);
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(`${header}\n${body}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await this.keepPrevious(isTidy);
    await rename(next, this.path);
    await syncDirectory(dirname(this.path));
    this.isTidy = true;
  }

  /** On its way to be the one before. */
  private get secondName(): string {
    return `${this.path}.second`;
  }

  private get previousPath(): string {
    return `${this.path}.previous`;
  }

  /** There is one at every moment: a kill in between leaves the one that was there. */
  private async keepPrevious(isTidy: boolean): Promise<void> {
    if (!isTidy) await unlinkIfThere(this.secondName);
    try {
      await link(this.path, this.secondName);
    } catch (error) {
      // There is none yet, or the file system knows no second names: then there is one checkpoint and no older one.
      if (codeOf(error) === 'ENOENT' || hasNoSecondNames(error)) return;
      throw error;
    }
    await rename(this.secondName, this.previousPath);
    // Where both are names of one file, as after a kill, a rename does nothing.
    if (!isTidy) await unlinkIfThere(this.secondName);
  }
}

function parsed(text: string): SavedRun {
  const [first = '', body = ''] = text.split('\n', 2);
  const header = headerSchema.safeParse(jsonOf(first)).data;
  if (header === undefined) throw new Error('is damaged: it does not begin as a checkpoint does');
  if (header.respool_checkpoint !== formatVersion)
    throw new Error(`was written by another version of Respool (format ${header.respool_checkpoint})`);
  if (header.sha256 !== checksum(body)) throw new Error('is damaged: its checksum is wrong');
  return bodySchema.parse(JSON.parse(body));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** After it the new name is on disk too; where a folder cannot be synced, the system does it in its own time. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync();
    await handle.close();
  } catch {
    // A checkpoint that is lost with the power costs duplicates, and nothing else.
  }
}
