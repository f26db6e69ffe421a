/** Lists the inputs, looks into each, and puts them in order: all that can be wrong with them shows before anything is sent. */
import { InputError } from './errors.ts';
import { listInputs, type Selection } from './inputs.ts';
import { inOrder, peek, type PeekedFile } from './order.ts';
import type { FileSettings } from './settings.ts';

export interface Prepared {
  /** In the order in which they are read. */
  readonly files: readonly PeekedFile[];
  readonly stdin: boolean;
  /** Sentences about what is left out. */
  readonly notes: readonly string[];
}

/** Throws an InputError for what a person named and cannot be read. */
export async function prepare(settings: FileSettings, selection: Selection): Promise<Prepared> {
  const { files, stdin, notes } = await listInputs(selection);
  const peeked: PeekedFile[] = [];
  for (const file of files) peeked.push(await peek(file, settings));
  refuseNamed(peeked);
  const strange = peeked.filter(isStrange);
  const kept = peeked.filter((each) => !strange.includes(each));
  const [first] = strange;
  if (first !== undefined && kept.length === 0 && !stdin && selection.mayAppear !== true)
    throw noRecordings(strange, selection.include);
  return {
    files: inOrder(kept),
    stdin,
    notes: first === undefined ? notes : [...notes, skippedNote(strange)],
  };
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
