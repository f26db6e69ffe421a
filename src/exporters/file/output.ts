/**
 * A file being written. It has a name of its own, `PATH.partial`, until it is complete; then it takes the place of PATH
 * in one step. With `append`, and for what is not a regular file (a pipe, /dev/stdout), PATH itself is written.
 */
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { messageOf } from '../../pipeline/errors.ts';

export interface OutputOptions {
  readonly path: string;
  readonly append: boolean;
  /** Mode of directories to make; undefined makes none. */
  readonly directoryMode: number | undefined;
  /** Whether a file without a line break at its end gets one before anything is appended. */
  readonly lines: boolean;
}

/** A file in the middle of being written, for a later run that goes on with it. */
export interface OutputState {
  readonly writtenPath: string;
  /** How much of the file counts: what is behind will be written again. */
  readonly size: number;
  /** Device and inode of the file, under whatever name. */
  readonly identity: string;
  /** Which file stood at PATH when this one was begun. */
  readonly replaced: string | null;
}

/** An error that names its remedy. */
class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

export class Output {
  /** Where the data ends up. */
  readonly path: string;
  /** Where it is written. */
  readonly writtenPath: string;
  /** Bytes written by this run. */
  bytes = 0;
  private readonly handle: FileHandle;
  /** Which file stood at `path` when this one was begun: another one there is not ours to replace. */
  private readonly replaced: string | undefined;

  private constructor(
    handle: FileHandle,
    paths: { path: string; writtenPath: string },
    replaced: string | undefined,
  ) {
    this.handle = handle;
    this.path = paths.path;
    this.writtenPath = paths.writtenPath;
    this.replaced = replaced;
  }

  /** @throws OutputError when nothing can be written there */
  static async open(options: OutputOptions): Promise<Output> {
    if (options.directoryMode !== undefined) await makeDirectory(options.path, options.directoryMode);
    const path = await realPathOf(options.path);
    const identity = await identityOf(path);
    try {
      if (options.append || identity === 'special') {
        const output = new Output(await open(path, 'a'), { path, writtenPath: path }, undefined);
        if (options.lines && identity !== 'special') await output.endLine();
        return output;
      }
      const writtenPath = await freeName(path);
      return new Output(await open(writtenPath, 'wx'), { path, writtenPath }, identity);
    } catch (error) {
      throw openError(options.path, error);
    }
  }

  /**
   * Opens the file of an earlier run and cuts off what that wrote after it was saved. One that has its name by now keeps
   * it: a copy is written on. @throws OutputError
   */
  static async resume(options: OutputOptions, state: OutputState): Promise<Output> {
    const path = await realPathOf(options.path);
    const found = await recovered(path, state);
    // An empty file is taken away at the end of a run.
    if (found === undefined && state.size === 0) return await Output.open(options);
    if (found === undefined) throw gone(path, state, 'is not there any more');
    const { writtenPath, replaced } = found;
    const handle = await open(writtenPath, 'a');
    const size = (await handle.stat()).size;
    if (size < state.size) {
      await handle.close();
      throw gone(path, state, `holds ${size} bytes`);
    }
    const output = new Output(handle, { path, writtenPath }, replaced);
    // To a file that is appended to, somebody else may have written since.
    if (!options.append) await handle.truncate(state.size);
    else if (options.lines) await output.endLine();
    output.bytes = state.size;
    return output;
  }

  /** What is written by now, and on the disk; nothing of a pipe, which no later run can write on. */
  async state(): Promise<OutputState | undefined> {
    const facts = await this.handle.stat();
    if (!facts.isFile()) return undefined;
    await this.handle.datasync();
    const { dev, ino, size } = facts;
    const { writtenPath, replaced = null } = this;
    return { writtenPath, size, identity: `${dev}:${ino}`, replaced };
  }

  /** Whether the file had its name from the beginning. */
  get inPlace(): boolean {
    return this.writtenPath === this.path;
  }

  /** Whether a file stood at `path` when this one was begun, which `complete` will replace. */
  get replaces(): boolean {
    return this.replaced !== undefined;
  }

  /** Writes all of `bytes` or nothing: what was written of a failed write is cut off again. */
  async write(bytes: Uint8Array): Promise<void> {
    const before = await this.size();
    try {
      await this.handle.writeFile(bytes);
    } catch (error) {
      // Where this fails too (a pipe, a dead disk), the first error is the one to report.
      await this.handle.truncate(before).catch(() => {});
      throw error;
    }
    this.bytes += bytes.length;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.size()) === 0;
  }

  /** Leaves the data under the name under which it was written, if there is any; answers whether there is. */
  async abandon(): Promise<boolean> {
    const isEmpty = !this.inPlace && (await this.isEmpty());
    await this.close();
    if (isEmpty) await unlink(this.writtenPath);
    return !isEmpty;
  }

  /** Closes the file and gives it its name. @throws OutputError when another file has come there since */
  async complete(): Promise<void> {
    await this.close();
    if (this.inPlace) return;
    if ((await identityOf(this.path)) !== this.replaced) {
      throw new OutputError(
        `${this.path} was written by something else in the meantime; the data is in ${this.writtenPath}`,
      );
    }
    await rename(this.writtenPath, this.path);
  }

  /** Closes the file and gives it the first of these names that is free; answers it. */
  async completeAs(name: (attempt: number) => string): Promise<string> {
    await this.close();
    for (let attempt = 0; ; attempt++) {
      const path = name(attempt);
      if (await exists(path)) continue;
      await rename(this.writtenPath, path);
      return path;
    }
  }

  private async close(): Promise<void> {
    // A pipe cannot be synced, and need not be.
    await this.handle.sync().catch(() => {});
    await this.handle.close();
  }

  private async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  /** Ends a line that an earlier run left in the middle. */
  private async endLine(): Promise<void> {
    const size = await this.size();
    if (size === 0) return;
    const reader = await open(this.path, 'r');
    try {
      const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
      if (buffer[0] !== 0x0a) await this.handle.writeFile('\n');
    } finally {
      await reader.close();
    }
  }
}

/** The file of an earlier run that has its name. It is left as it is until there is something to add. */
export class StandingOutput {
  readonly path: string;
  private readonly options: OutputOptions;
  private readonly saved: OutputState;

  private constructor(path: string, options: OutputOptions, saved: OutputState) {
    this.path = path;
    this.options = options;
    this.saved = saved;
  }

  /** Undefined where the file of the earlier run is to be resumed otherwise. @throws OutputError */
  static async find(options: OutputOptions, saved: OutputState): Promise<StandingOutput | undefined> {
    const path = await realPathOf(options.path);
    if (saved.writtenPath === path || (await identityOf(path)) !== saved.identity) return undefined;
    const { size } = await stat(path);
    if (size < saved.size) throw gone(path, saved, `holds ${size} bytes`);
    return new StandingOutput(path, options, saved);
  }

  get writtenPath(): string {
    return this.path;
  }

  state(): Promise<OutputState> {
    return Promise.resolve(this.saved);
  }

  /** It is. */
  complete(): Promise<void> {
    return Promise.resolve();
  }

  /** A copy to write on, which is to take its place. @throws OutputError when the file is not there any more */
  async copy(): Promise<Output> {
    return await Output.resume(this.options, this.saved);
  }
}

/** Finds what `Output.open` would fail of, and makes nothing. @throws OutputError */
export async function checkOutput(options: OutputOptions): Promise<void> {
  const path = await realPathOf(options.path);
  const identity = await identityOf(path);
  try {
    if (identity === 'special' || (options.append && identity !== undefined)) {
      await access(path, constants.W_OK);
      return;
    }
    const folder = dirname(path);
    const written = options.directoryMode === undefined ? folder : await nearestExisting(folder);
    // With the dot, what is no folder fails.
    await access(`${written}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw openError(options.path, error);
  }
}

/** Where the file of an earlier run can be written on, and which file it is to replace then. */
async function recovered(
  path: string,
  state: OutputState,
): Promise<{ writtenPath: string; replaced: string | undefined } | undefined> {
  const { identity, writtenPath } = state;
  const replaced = state.replaced ?? undefined;
  if ((await identityOf(writtenPath)) === identity) return { writtenPath, replaced };
  const current = await findByIdentity(dirname(writtenPath), identity);
  if (current === undefined) return undefined;
  const next = await freeName(path);
  if (current !== path) {
    await rename(current, next);
    return { writtenPath: next, replaced };
  }
  // A file that got its name at the end of a run keeps it, and its content, until this run is complete.
  await copyFile(current, next, constants.COPYFILE_FICLONE);
  return { writtenPath: next, replaced: identity };
}

async function findByIdentity(folder: string, identity: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile() === true && `${facts.dev}:${facts.ino}` === identity) return path;
  }
  return undefined;
}

function gone(path: string, { writtenPath, size }: OutputState, what: string): OutputError {
  const name = writtenPath === path ? path : `${writtenPath} (or ${path}, if it was complete)`;
  return new OutputError(
    `${name}, of which ${size} bytes are counted, ${what}`,
    'bring the file back, or begin anew with `respool checkpoint reset`',
  );
}

async function nearestExisting(folder: string): Promise<string> {
  let existing = folder;
  while (!(await exists(existing)) && dirname(existing) !== existing) existing = dirname(existing);
  return existing;
}

async function makeDirectory(path: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode });
  } catch (error) {
    throw new OutputError(`cannot make the directory of ${path}: ${messageOf(error)}`);
  }
}

/** A link stays a link: its target is what is replaced. */
async function realPathOf(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

/** Which file stands there: device and inode; undefined for none. */
async function identityOf(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (facts.isDirectory()) throw new OutputError(`${path} is a directory`, 'give the path of a file');
  return facts.isFile() ? `${facts.dev}:${facts.ino}` : 'special';
}

/** What an interrupted run left is kept: the next name is taken. */
async function freeName(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${path}.partial` : `${path}.partial-${number}`;
    if (!(await exists(name))) return name;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

function openError(path: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT')
    return new OutputError(
      `the directory of ${path} does not exist`,
      'make it, or set `create_directory: true`',
    );
  return new OutputError(`cannot write ${path}: ${messageOf(error)}`);
}

/** `data.json` rotated at a time is `data-2022-09-14T05-02-14.173.json`, as the Collector names it. */
export function rotatedName(path: string, unixMs: number): string {
  const time = new Date(unixMs).toISOString().slice(0, -1).replaceAll(':', '-');
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${time}${extension}`;
}
