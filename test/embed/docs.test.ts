/** The programs in docs/embedding.md and docs/sdk.md print what they say. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../support/respool.ts';

// Within the repository, so that packages are found.
const folder = mkdtempSync(join(root, 'node_modules/.cache-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = ['docs/embedding.md', 'docs/sdk.md'].flatMap((page) => {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, source = '']): [string, string] => [
    page,
    source,
  ]);
});

describe('a program', () => {
  it.each(programs)('of %s prints what it says', async (_, source) => {
    const index = pathToFileURL(join(root, 'src/index.ts')).href;
    const file = join(folder, 'program.mjs');
    // Under node_modules no types are stripped: the little there is of them goes.
    const plain = source
      .replaceAll(/(const \w+): [\w[\]]+ =/g, '$1 =')
      .replace("from 'respool'", `from '${index}'`);
    writeFileSync(file, plain);
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/node'), [file], { cwd: root });
    const said = [...source.matchAll(/^\/\/ (.*)$/gm)].map(([, line = '']) => line);
    expect(stdout.trim().split('\n')).toEqual(said);
  });
});
