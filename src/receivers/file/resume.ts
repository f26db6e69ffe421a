/** Finds the files that an earlier run read, or partly read, among those that are there now: by content, not by name. */
import type { DecompressLimits } from '../../encodings/decompress.ts';
import { InputError } from './errors.ts';
import { contentHolds } from './content.ts';
import { beginsWith, fileHolds, printOf, type Look } from './identity.ts';
import { lookAtInput } from './input-bytes.ts';
import type { InputFile } from './inputs.ts';
import type { SavedFile } from './position.ts';

export interface Resumed {
  /** What is known of a listed file. */
  readonly known: ReadonlyMap<InputFile, SavedFile>;
  /** Files that are done and gone. */
  readonly gone: readonly SavedFile[];
  /** Sentences about what is read anew or given up, because a person said so. */
  readonly notes: readonly string[];
}

export interface ResumeOptions {
  readonly acceptChange: boolean;
  readonly follow: boolean;
  readonly limits: DecompressLimits;
}

/**
 * Throws an InputError when a file has other content than it had, or when a partly read one is gone; with
 * `acceptChange` the one is read from its beginning and the other is given up.
 */
export async function resumeFiles(
  saved: readonly SavedFile[],
  files: readonly InputFile[],
  { acceptChange, follow, limits }: ResumeOptions,
): Promise<Resumed> {
  const matching = new Matching(files, limits);
  const known = new Map<InputFile, SavedFile>();
  let missing = saved;
  for (const candidates of [
    matching.byPath,
    matching.byInode,
    matching.byMember,
    matching.byHead,
    matching.byContent,
  ]) {
    const rest: SavedFile[] = [];
    for (const one of missing) {
      const file = await matching.find(one, candidates);
      if (file === undefined) rest.push(one);
      else known.set(file, one);
    }
    missing = rest;
  }
  const { problems, notes } = changes(missing, matching, { acceptChange, follow });
  if (problems.length > 0) throw new InputError(problems.join('; '), remedy);
  const gone = missing.filter((one) => one.isDone && !matching.isThere(one.path));
  return { known, gone, notes };
}

const remedy =
  '`--accept-file-change` reads changed files from their beginning and gives up what is gone; ' +
  '`respool checkpoint reset` forgets where the run was, so that everything is read again';

function changes(
  missing: readonly SavedFile[],
  matching: Matching,
  { acceptChange, follow }: Pick<ResumeOptions, 'acceptChange' | 'follow'>,
) {
  const problems: string[] = [];
  const notes: string[] = [];
  for (const { path, isDone } of missing) {
    const isThere = matching.isThere(path);
    if (!isThere && isDone) continue;
    const sentence = isThere
      ? `${path} is not the file that was read: its content changed`
      : `${path} was read in part and is not there any more`;
    // Files that are followed are rotated: what was read to its end has made room for another.
    if (!acceptChange && !(follow && isDone)) problems.push(sentence);
    else
      notes.push(`${sentence}: ${isThere ? 'it is read from its beginning' : 'the rest of it is given up'}`);
  }
  return { problems, notes };
}

type Candidates = (saved: SavedFile) => Promise<readonly InputFile[]> | readonly InputFile[];

class Matching {
  /** Files that no saved one was found to be. */
  readonly free: Set<InputFile>;
  private readonly limits: DecompressLimits;
  /** What stands in an archive is told by the archive. */
  private readonly looks = new Map<InputFile, Promise<Look | undefined>>();
  /** Files by the hash of their first so many bytes. */
  private readonly heads = new Map<number, Map<string, InputFile[]>>();

  private readonly paths: Map<string, InputFile>;
  private readonly inodes: Map<string, InputFile>;
  /** Members of archives, by their path in there. */
  private readonly members = new Map<string, InputFile[]>();

  constructor(files: readonly InputFile[], limits: DecompressLimits) {
    this.free = new Set(files);
    this.limits = limits;
    this.paths = new Map(files.map((file) => [file.path, file]));
    const plain = files.filter(({ member }) => member === undefined);
    this.inodes = new Map(plain.map((file) => [inodeOf(file), file]));
    for (const file of files) {
      const { name = '' } = file.member ?? {};
      if (name !== '') this.members.set(name, [...(this.members.get(name) ?? []), file]);
    }
  }

  isThere(path: string): boolean {
    const file = this.paths.get(path);
    return file !== undefined && this.free.has(file);
  }

  readonly byPath: Candidates = ({ path }) => listOf(this.paths.get(path));

  readonly byInode: Candidates = (saved) => listOf(this.inodes.get(inodeOf(saved)));

  /** The archive may be called otherwise by now. */
  readonly byMember: Candidates = ({ path }) => {
    const found: InputFile[] = [];
    for (let at = path.indexOf('!'); at >= 0; at = path.indexOf('!', at + 1))
      found.push(...(this.members.get(path.slice(at + 1)) ?? []));
    return found;
  };

  readonly byHead: Candidates = async ({ head }) => {
    if (head.bytes === 0) return [];
    let index = this.heads.get(head.bytes);
    if (index === undefined) this.heads.set(head.bytes, (index = await this.headsOf(head.bytes)));
    return index.get(head.hash) ?? [];
  };

  /** What was read plain may be compressed by now. */
  readonly byContent: Candidates = async ({ head, isCompressed }) => {
    if (isCompressed || head.bytes === 0) return [];
    const compressed: InputFile[] = [];
    for (const file of this.plain)
      if ((await this.lookAt(file))?.isCompressed === true) compressed.push(file);
    return compressed;
  };

  async find(saved: SavedFile, candidates: Candidates): Promise<InputFile | undefined> {
    for (const file of await candidates(saved)) {
      if (!this.free.has(file) || !(await this.isSame(saved, file))) continue;
      this.free.delete(file);
      return file;
    }
    return undefined;
  }

  private async isSame(saved: SavedFile, file: InputFile): Promise<boolean> {
    const look = await this.lookAt(file);
    // Of what cannot be read nothing is known but its name.
    if (look === undefined || saved.head.bytes === 0) return saved.path === file.path;
    if (file.member !== undefined && !isMember(saved, file)) return false;
    const { head, mark, isCompressed } = saved;
    if (look.isCompressed && !isCompressed)
      return await contentHolds(file.absolute, [head, mark], this.limits);
    if (look.isCompressed !== isCompressed || !beginsWith(look.head, head)) return false;
    return mark.end <= look.size && (await fileHolds(file.absolute, mark));
  }

  private async headsOf(bytes: number): Promise<Map<string, InputFile[]>> {
    const files = new Map<string, InputFile[]>();
    for (const file of this.plain) {
      const look = await this.lookAt(file);
      if (look === undefined || look.head.length < bytes) continue;
      const { hash } = printOf(look.head.subarray(0, bytes), bytes);
      files.set(hash, [...(files.get(hash) ?? []), file]);
    }
    return files;
  }

  private get plain(): InputFile[] {
    return [...this.free].filter(({ member }) => member === undefined);
  }

  private lookAt(file: InputFile): Promise<Look | undefined> {
    const key = file.member?.archive ?? file;
    let look = this.looks.get(key);
    if (look === undefined) this.looks.set(key, (look = lookAtInput(file).catch(() => undefined)));
    return look;
  }
}

/** Whether what was saved stood in an archive under the same name; the archive is told by its content. */
function isMember(saved: SavedFile, { path, member }: InputFile): boolean {
  if (member === undefined || member.name === '') return saved.path === path;
  return saved.path.endsWith(`!${member.name}`);
}

function inodeOf({ device, inode }: { readonly device: number; readonly inode: number }): string {
  return `${device}:${inode}`;
}

function listOf(file: InputFile | undefined): InputFile[] {
  return file === undefined ? [] : [file];
}
