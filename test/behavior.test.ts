/** Runs the behaviour files as a person would: `respool test test/behavior/*.yaml`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { respool, root } from './support/respool.ts';

const files = readdirSync(join(root, 'test/behavior')).filter((name) => name.endsWith('.yaml'));

it('every component behaves as its file says', async () => {
  const { exitCode, stdout, stderr } = await respool([
    'test',
    ...files.map((name) => `test/behavior/${name}`),
  ]);
  expect({ exitCode, failed: /FAIL|cannot/.test(stdout), stderr }, stdout).toEqual({
    exitCode: 0,
    failed: false,
    stderr: '',
  });
});
