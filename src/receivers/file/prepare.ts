/** Lists the inputs, looks into each, and puts them in order: all that can be wrong with them shows before anything is sent. */
import { Archives } from './archives.ts';
import { InputError } from './errors.ts';
import { listInputs, type InputFile, type Selection } from './inputs.ts';
import { inOrder, peek, type PeekedFile } from './order.ts';
import type { FileSettings } from './settings.ts';

export interface Prepared {
  /** In the order in which they are read. */
  readonly files: readonly PeekedFile[];
  readonly stdin: boolean;
  /** Sentences about what is left out. */
  readonly notes: readonly string[];
  /** To be closed when everything is read. */
  readonly archives: Archives;
}

/** Throws an InputError for what a person named and cannot be read. */
export async function prepare(settings: FileSettings, selection: Selection): Promise<Prepared> {
  const { files, stdin, notes } = await listInputs(selection);
  const peeked: PeekedFile[] = [];
  const archives = new Archives(settings);
  for (const file of files) peeked.push(...(await peekInto(file, settings, archives, files.length === 1)));
  refuseNamed(peeked);
  const strange = peeked.filter(isStrange);
  const kept = peeked.filter((each) => !strange.includes(each));
  const [first] = strange;
  if (first !== undefined && kept.length === 0 && !stdin && selection.mayAppear !== true)
    throw noRecordings(strange, selection.include);
  if (peeked.length === 0 && files.length > 0)
    throw new InputError(archives.notes.join('; '), 'name an archive that holds recordings');
  return {
    files: inOrder(kept),
    stdin,
    notes: [...notes, ...archives.notes, ...(first === undefined ? [] : [skippedNote(strange)])],
    archives,
  };
}

/** A file, or what stands in it where it is an archive. */
async function peekInto(
  file: InputFile,
  settings: FileSettings,
  archives: Archives,
  alone: boolean,
): Promise<PeekedFile[]> {
  const peeked = await peek(file, settings, alone);
  if (peeked.recognised.kind !== 'archive') return [peeked];
  // Of members of one name the last one stays, as when they are unpacked.
  const members = new Map<string, PeekedFile>();
  for await (const member of archives.members(file, peeked.recognised.archive)) {
    if (members.delete(member.path))
      archives.notes.push(`${member.path} is there more than once: the last one is read`);
    members.set(member.path, await peek(member, settings));
  }
  if (members.size === 0) archives.notes.push(`${file.path} is an archive without files`);
  return [...members.values()];
}

function refuseNamed(files: readonly PeekedFile[]): void {
  const sentences: string[] = [];
  let remedy: string | undefined;
  for (const { file, recognised } of files) {
    if (file.origin !== 'named' || recognised.kind === 'readable' || recognised.kind === 'empty') continue;
    sentences.push(`${file.path}: ${recognised.reason}`);
    remedy ??=
      recognised.kind === 'failed' ? 'make it readable for this user, or leave it out' : recognised.remedy;
  }
  if (sentences.length > 0) throw new InputError(sentences.join('; '), remedy);
}

/** A file that a folder happens to hold beside its recordings. */
function isStrange({ file, recognised }: PeekedFile): boolean {
  return file.origin === 'directory' && recognised.kind === 'unknown';
}

function noRecordings(files: readonly PeekedFile[], include: readonly string[]): InputError {
  const count = files.length === 1 ? '1 file, and it is none' : `${files.length} files, none of which is one`;
  const example = files.map(reasonOf)[0] ?? '';
  return new InputError(
    `no recordings in ${include.join(', ')}: ${count} (${example})`,
    'name the folder that holds the recordings; if these are recordings, name their encoding with `format:`',
  );
}

function skippedNote(files: readonly PeekedFile[]): string {
  const shown = files.slice(0, 3).map(({ file }) => file.path);
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : '';
  const are = files.length === 1 ? 'is no recording and is' : 'are no recordings and are';
  return `${shown.join(', ')}${more} ${are} skipped`;
}

function reasonOf({ file, recognised }: PeekedFile): string {
  return 'reason' in recognised ? `${file.path}: ${recognised.reason}` : file.path;
}
