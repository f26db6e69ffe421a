/** Which files a receiver reads: globs, directories and plain paths, each file once, regular files only. */
import { glob, readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Bytes } from './bytes.ts';
import type { Range, ReadFacts } from './chunks.ts';
import { codeOf, fileFailure, InputError } from './errors.ts';

/** How a file came to be an input: what a person named has to be readable, what was found may be skipped. */
export type Origin = 'named' | 'glob' | 'directory';

export interface InputFile {
  /** As a person would write it: relative to the working folder where the pattern was. */
  readonly path: string;
  readonly absolute: string;
  /** With symbolic links resolved. */
  readonly resolved: string;
  readonly origin: Origin;
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** There for what stands in an archive: path, device and inode are those of the archive, the size is its own. */
  readonly member?: Member;
}

/** A member of an archive. */
export interface Member {
  /** Its path in there; empty for what cannot be read of the archive. */
  readonly name: string;
  readonly archive: InputFile;
  /** The archive is read in one pass: its members are best read in their order. */
  readonly isForward: boolean;
  /** Throws as `chunksOf` and `decompress` do. */
  read(facts: ReadFacts, range?: Pick<Range, 'to'>): AsyncGenerator<Bytes>;
}

export interface Listing {
  /** Sorted by path. */
  readonly files: InputFile[];
  readonly stdin: boolean;
  /** Sentences about what was left out; nothing of it is lost telemetry. */
  readonly notes: string[];
}

export interface Selection {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** The folder that relative patterns start from. */
  readonly directory: string;
  /** Files last modified longer ago than this are left out. */
  readonly excludeOlderThanMs?: number | undefined;
  readonly nowMs: number;
  /** What is named need not be there yet. */
  readonly mayAppear?: boolean;
  /** More files are refused. */
  readonly maxFiles?: number | undefined;
  /** Absolute paths that this run writes, which it must not read. */
  readonly outputs?: readonly string[];
}

/** Lists the inputs. Throws an InputError that names everything that is missing. */
export async function listInputs(selection: Selection): Promise<Listing> {
  const lister = new Lister(selection);
  for (const pattern of selection.include) await lister.add(pattern);
  return lister.finish();
}

class Lister {
  private readonly selection: Selection;
  /** By device and inode: a file has many names. */
  private readonly files = new Map<string, InputFile>();
  private readonly unusable: string[] = [];
  private readonly emptyGlobs: string[] = [];
  private readonly notes: string[] = [];
  private stdin = false;

  constructor(selection: Selection) {
    this.selection = selection;
  }

  async add(pattern: string): Promise<void> {
    if (pattern === '-') {
      this.stdin = true;
      return;
    }
    const facts = await factsOf(this.absolute(pattern));
    if (facts instanceof Error && codeOf(facts) === 'ENOENT' && isGlob(pattern)) await this.addGlob(pattern);
    else if (facts instanceof Error) this.unusable.push(this.missingSentence(pattern, facts));
    else if (facts.isDirectory()) await this.addDirectory(pattern);
    else await this.addFile(pattern, facts, 'named');
  }

  async finish(): Promise<Listing> {
    const { directory, mayAppear = false } = this.selection;
    const nothing = this.files.size === 0 && !this.stdin && !mayAppear;
    if (mayAppear) this.notes.push(...this.unusable.splice(0));
    if (this.unusable.length > 0)
      throw new InputError(
        this.unusable.join('; '),
        'check the paths: those that were given, or in a config those under `include`',
      );
    for (const pattern of this.emptyGlobs) {
      const sentence = `no file matches ${pattern} (looked in ${directory})`;
      if (nothing)
        throw new InputError(
          sentence,
          'check the pattern: `*` stays within one folder, `**` goes into all of them',
        );
      this.notes.push(sentence);
    }
    await this.removeExcluded();
    this.removeOld();
    await this.removeOutputs();
    if (this.files.size === 0 && !this.stdin && !mayAppear) throw this.nothingLeft(nothing);
    const files = [...this.files.values()].sort((a, b) => compareText(a.path, b.path));
    return { files, stdin: this.stdin, notes: this.notes };
  }

  private absolute(path: string): string {
    return resolve(this.selection.directory, path);
  }

  private missingSentence(path: string, error: Error): string {
    const { directory } = this.selection;
    if (codeOf(error) !== 'ENOENT') return `${path}: ${fileFailure(error)}`;
    return `no such file: ${path}${path.startsWith(sep) ? '' : ` (looked in ${directory})`}`;
  }

  private nothingLeft(wasEmpty: boolean): InputError {
    const { include, exclude } = this.selection;
    if (wasEmpty) {
      return new InputError(
        `no files in ${include.join(', ')}`,
        'name a folder that holds recordings, or the files themselves',
      );
    }
    const filters = exclude.length > 0 ? `exclude (${exclude.join(', ')})` : 'exclude_older_than';
    return new InputError(`${filters} leaves nothing of ${include.join(', ')}`, 'loosen it, or include more');
  }

  private async addGlob(pattern: string): Promise<void> {
    let matches = 0;
    for await (const path of glob(pattern, { cwd: this.selection.directory })) {
      const facts = await factsOf(this.absolute(path));
      if (facts instanceof Error) this.notes.push(`${path} is skipped: ${fileFailure(facts)}`);
      else if (!facts.isDirectory()) await this.addFile(path, facts, 'glob');
      matches += facts instanceof Error || facts.isDirectory() ? 0 : 1;
    }
    if (matches === 0) this.emptyGlobs.push(pattern);
  }

  private async addDirectory(path: string): Promise<void> {
    const found = await walk(this.absolute(path), {
      unreadable: (folder, error) => this.notes.push(`${folder} is skipped: ${fileFailure(error)}`),
      found: (count) => this.limitFiles(count),
    });
    for (const absolute of found) {
      const facts = await factsOf(absolute);
      const shown = join(path, relative(this.absolute(path), absolute));
      if (facts instanceof Error) this.notes.push(`${shown} is skipped: ${fileFailure(facts)}`);
      else await this.addFile(shown, facts, 'directory');
    }
  }

  private async addFile(path: string, facts: Stats, origin: Origin): Promise<void> {
    if (!facts.isFile()) {
      this.refuse(path, facts, origin);
      return;
    }
    const key = `${facts.dev}:${facts.ino}`;
    const known = this.files.get(key);
    if (known !== undefined) {
      if (known.path !== path) this.notes.push(`${path} is the same file as ${known.path}: it is read once`);
      return;
    }
    this.limitFiles(this.files.size + 1);
    const absolute = this.absolute(path);
    // Renamed since it was found: a later look, if there is one, finds it under its other name.
    const resolved = await realpath(absolute).catch(() => undefined);
    if (resolved === undefined) {
      if (this.selection.mayAppear !== true) this.notes.push(`${path} is skipped: it is not there any more`);
      return;
    }
    this.files.set(key, {
      path,
      absolute,
      resolved,
      origin,
      device: facts.dev,
      inode: facts.ino,
      size: facts.size,
      modifiedMs: facts.mtimeMs,
    });
  }

  /** What a stranger sends, or `include: [/]`, may hold more names than there is memory for. */
  private limitFiles(count: number): void {
    const { maxFiles = Infinity, include } = this.selection;
    if (count <= maxFiles) return;
    throw new InputError(
      `more than ${maxFiles} files in ${include.join(', ')} (max_files)`,
      'name fewer, or leave some out with `exclude`; raise `max_files` if they are all meant',
    );
  }

  private refuse(path: string, facts: Stats, origin: Origin): void {
    const what = `${path} is ${kindOf(facts)}, not a regular file`;
    if (origin === 'named') this.unusable.push(`${what}: pipe it into standard input and name \`-\``);
    else this.notes.push(`${what}: it is skipped`);
  }

  private async removeExcluded(): Promise<void> {
    const { exclude, directory, include, nowMs } = this.selection;
    const included = new Set(this.files.keys());
    for (const pattern of exclude) {
      const unwanted = new Lister({ include: [pattern], exclude: [], directory, nowMs });
      await unwanted.add(pattern);
      const found = [...unwanted.files.keys()].filter((key) => included.has(key));
      for (const key of found) this.files.delete(key);
      if (found.length === 0) this.notes.push(noEffect(pattern));
    }
    if (exclude.length > 0 && include.includes('-') && this.files.size === 0)
      this.notes.push('only standard input is left');
  }

  /** A run that reads what it writes would overwrite its recording, or never end. */
  private async removeOutputs(): Promise<void> {
    const { outputs = [] } = this.selection;
    const written = [...outputs, ...(await Promise.all(outputs.map(resolvedPath)))];
    for (const [key, { path, absolute, resolved, origin }] of this.files) {
      const isOutput = written.some((output) =>
        [absolute, resolved].some((name) => name === output || name.startsWith(`${output}.partial`)),
      );
      if (!isOutput) continue;
      if (origin === 'named') {
        throw new InputError(`${path} is read and written by this run`, 'write to another path');
      }
      this.files.delete(key);
      this.notes.push(`${path} is skipped: this run writes it`);
    }
  }

  private removeOld(): void {
    const { excludeOlderThanMs, nowMs } = this.selection;
    if (excludeOlderThanMs === undefined) return;
    for (const [key, file] of this.files) {
      if (nowMs - file.modifiedMs > excludeOlderThanMs) this.files.delete(key);
    }
  }
}

/** Patterns stand for whole paths, in the Collector too; whoever knows .gitignore expects more of `*.tmp`. */
function noEffect(pattern: string): string {
  const sentence = `${pattern} in \`exclude\` leaves nothing out`;
  if (!isGlob(pattern) || pattern.includes('/')) return sentence;
  return `${sentence}: write **/${pattern} for the files in all folders`;
}

/** The path with the links of its folder resolved; the file itself may not be there yet. */
async function resolvedPath(path: string): Promise<string> {
  return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
}

async function factsOf(path: string): Promise<Stats | Error> {
  try {
    return await stat(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface WalkEvents {
  unreadable(folder: string, error: unknown): void;
  /** So many names are there until now. */
  found(count: number): void;
}

/** All that is not a folder under `root`, links to folders followed, each folder once. Hidden names are left out. */
async function walk(root: string, events: WalkEvents): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    let entries: Dirent[];
    try {
      const resolved = await realpath(folder);
      if (seen.has(resolved)) continue;
      seen.add(resolved);
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      events.unreadable(folder, error);
      continue;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (await isFolder(entry, path)) open.push(path);
      else found.push(path);
    }
    events.found(found.length);
  }
  return found.sort(compareText);
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const facts = await factsOf(path);
  return !(facts instanceof Error) && facts.isDirectory();
}

function kindOf(facts: Stats): string {
  if (facts.isFIFO()) return 'a named pipe (FIFO)';
  if (facts.isSocket()) return 'a socket';
  if (facts.isCharacterDevice() || facts.isBlockDevice()) return 'a device';
  return 'something special';
}

function isGlob(pattern: string): boolean {
  return /[*?[\]{}]/.test(pattern);
}

/** By code unit: the same order on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The last part of a path, in its archive where it stands in one. */
export function nameOf({ path, member }: Pick<InputFile, 'path' | 'member'>): string {
  return basename(member?.name || path);
}
