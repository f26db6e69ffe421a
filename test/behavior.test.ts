/** Runs the behaviour files as a person would: `respool test test/behavior/*.yaml`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { components } from '../src/components.ts';
import { respool, root } from './support/respool.ts';

const folder = join(root, 'test/behavior');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** Components that no file can try, and what does. */
const triedElsewhere = new Map([
  ['receivers otlp', 'a client has to send to it: test/receivers/otlp.test.ts'],
]);

it('every component behaves as its file says', async () => {
  const { exitCode, stdout, stderr } = await respool([
    'test',
    ...files.map((name) => `test/behavior/${name}`),
  ]);
  expect({ exitCode, failed: /^ {2}(?:FAIL|cannot be run)/m.test(stdout), stderr }, stdout).toEqual({
    exitCode: 0,
    failed: false,
    stderr: '',
  });
});

it('every component has a file', () => {
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const missing = (['receivers', 'processors', 'exporters'] as const).flatMap((section) =>
    components[section]
      .map(({ type }) => type)
      .filter((type) => {
        const defined = new RegExp(`^${section}:\\n(?:(?: .*|#.*)?\\n)*? {2}${type}(?:/\\w+)?:`, 'm');
        return !texts.some((text) => defined.test(text)) && !triedElsewhere.has(`${section} ${type}`);
      })
      .map((type) => `${section} ${type}`),
  );
  expect(missing).toEqual([]);
});
