/**
 * What people read when their config is wrong, with the real components: each `golden/NAME.yaml` and beside it
 * `NAME.txt`, the text that `respool validate` prints and its exit code. Comments in a YAML may say `# env: A=1`,
 * `# set: a.b=c`, `# and: parts/other.yaml`, `# modules: no`. Modules lie in `parts` as `.ts.txt`, since what is wrong
 * with them would stop every checker of this repository. RESPOOL_UPDATE_GOLDENS=1 writes the texts anew.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(import.meta.dirname, 'golden');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

let printed: Record<string, string> = {};

beforeAll(() => {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'respool-golden-')));
  try {
    cpSync(folder, copy, { recursive: true });
    const parts = join(copy, 'parts');
    for (const name of readdirSync(parts).filter((part) => part.endsWith('.ts.txt')))
      renameSync(join(parts, name), join(parts, name.slice(0, -'.txt'.length)));
    const node = join(root, 'node_modules/.bin/node');
    const program = join(import.meta.dirname, 'validate-goldens.ts');
    const output = execFileSync(node, [program, copy], { encoding: 'utf8', maxBuffer: 1 << 26 });
    printed = JSON.parse(output.replaceAll(copy, 'FOLDER')) as Record<string, string>;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}, 60_000);

describe('what validate says', () => {
  test.each(names)('%s', (name) => {
    const path = join(folder, `${name}.txt`);
    const text = printed[name];
    if (process.env['RESPOOL_UPDATE_GOLDENS'] === '1') writeFileSync(path, text ?? '');
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(text);
    expect(text).not.toMatch(/hunter2/u);
  });

  test('there are many', () => {
    expect(names.length).toBeGreaterThanOrEqual(40);
  });
});
