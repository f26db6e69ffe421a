/** What one job keeps between its runs: a checkpoint, a lock and, where something was refused, a dead-letter file. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../pipeline/errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { StateError } from './error.ts';
import { isLocked, Lock } from './lock.ts';

/** Where state is kept unless `--state` says otherwise; relative to the working folder. */
export const defaultStateDirectory = '.respool';

const checkpointSuffix = '.checkpoint.json';

export class JobState {
  readonly directory: string;
  /** The beginning of the names of its files. */
  readonly name: string;
  readonly file: CheckpointFile;

  constructor(directory: string, name: string) {
    this.directory = directory;
    this.name = name;
    this.file = new CheckpointFile(join(directory, `${name}${checkpointSuffix}`));
  }

  /** `key` tells jobs apart, `label` makes their files recognisable. */
  static of(directory: string, key: string, label: string): JobState {
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
    const words = basename(label)
      .replace(/\.ya?ml$/, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .slice(0, 40);
    return new JobState(directory, `${words}-${hash}`);
  }

  /** All jobs that have a checkpoint there. */
  static async list(directory: string): Promise<JobState[]> {
    const names = await readdir(directory).catch(() => []);
    return names
      .filter((name) => name.endsWith(checkpointSuffix))
      .toSorted()
      .map((name) => new JobState(directory, name.slice(0, -checkpointSuffix.length)));
  }

  /** Each run has a file of its own; one that goes on with another goes on with its file. */
  async deadLetterPath(goesOn: boolean): Promise<string> {
    const names = new Set(await readdir(this.directory).catch(() => []));
    const nameOf = (number: number): string =>
      `${this.name}.dead-letters${number === 1 ? '' : `-${number}`}.jsonl`;
    let number = 1;
    while (names.has(nameOf(number))) number++;
    return join(this.directory, nameOf(goesOn && number > 1 ? number - 1 : number));
  }

  /** @throws StateError when nothing can be written there */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await access(this.directory, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw this.unusable(error);
    }
  }

  /** @throws StateError when a run that is alive has it, or nothing can be written there */
  async lock(onTakenOver: (sentence: string) => void): Promise<Lock> {
    try {
      return await Lock.take(this.lockPath, onTakenOver);
    } catch (error) {
      throw error instanceof StateError ? error : this.unusable(error);
    }
  }

  private unusable(error: unknown): StateError {
    return new StateError(
      `the state cannot be kept in ${this.directory}: ${messageOf(error)}`,
      'name another folder with `--state DIR`',
    );
  }

  async isInUse(): Promise<boolean> {
    return await isLocked(this.lockPath);
  }

  /** Takes the checkpoint away, and the folder when nothing else is in it. */
  async clear(): Promise<void> {
    await this.file.remove();
  }

  /** Removes the folder if it is empty: a run that came to its end leaves nothing behind. */
  async tidy(): Promise<void> {
    await rmdir(this.directory).catch(() => {});
  }

  private get lockPath(): string {
    return join(this.directory, `${this.name}.lock`);
  }
}
