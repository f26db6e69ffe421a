/**
 * Files that repeat a session, such as CodeMachine's `latest.json`: skipped whole when the session is an input that was
 * read without loss, else read for what no other input has.
 */
import { dirname, join, posix } from 'node:path';
import type { AnyBatch } from '../../model/batches.ts';
import { Repetitions } from './duplicates.ts';
import type { PeekedFile } from './order.ts';

/** Reads a file for its batches, which the callback takes over. */
export type ReadBatches = (file: PeekedFile, take: (batch: AnyBatch) => void) => Promise<void>;

/** The session among the inputs that a copy names: its path ends as the copy says, below the folder of the copy. */
export function sessionOf(copy: PeekedFile, files: readonly PeekedFile[]): PeekedFile | undefined {
  const parts = posix.normalize(copy.copy?.sessionFile ?? '').split('/');
  const { member } = copy.file;
  const folder = dirname(member?.name ?? copy.file.resolved);
  // At least day and time: the time alone may belong to another day.
  for (let from = 0; from <= parts.length - 2; from++) {
    const path = join(folder, ...parts.slice(from));
    // What an archive holds says nothing of files outside, or in another one.
    const session = files.find(({ file }) =>
      member === undefined
        ? file.member === undefined && (file.resolved === path || file.absolute === path)
        : file.member?.archive === member.archive && file.member.name === path,
    );
    if (session !== undefined && session !== copy) return session;
  }
  return undefined;
}

/**
 * What a copy repeats of other files of its kind; undefined when there are none. Of two copies, the one read first keeps
 * what both have.
 */
export async function repetitionsOf(
  copy: PeekedFile,
  files: readonly PeekedFile[],
  read: ReadBatches,
): Promise<Repetitions | undefined> {
  const others = files.filter(
    (file, at) => isCompared(file, copy) && (file.copy === undefined || at < files.indexOf(copy)),
  );
  if (others.length === 0) return undefined;
  const repetitions = new Repetitions();
  await read(copy, (batch) => {
    repetitions.addOwn(batch);
    batch.release();
  });
  for (const other of others) {
    await read(other, (batch) => {
      repetitions.addOther(batch);
      batch.release();
    });
  }
  return repetitions;
}

function isCompared(file: PeekedFile, copy: PeekedFile): boolean {
  return file !== copy && encodingName(file) === encodingName(copy);
}

function encodingName({ recognised }: PeekedFile): string | undefined {
  return recognised.kind === 'readable' ? recognised.encoding.name : undefined;
}
