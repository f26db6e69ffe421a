/** Writes files that were not there: what a person wrote is never replaced. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../exit.ts';

/** All of them or none. */
export async function writeNewFiles(files: ReadonlyMap<string, string>): Promise<void> {
  const there = [...files.keys()].filter((path) => existsSync(path));
  if (there.length > 0)
    throw new UsageError(
      `${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already: nothing was written`,
    );
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
}
