/** The examples of docs/testing.md run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, respool, root } from '../support/respool.ts';

const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

const [whole = '', ...others] = blocks('yaml');
const [withConfig = '', real = ''] = blocks('yml');

/** The config that the page speaks of. */
const pipeline = `receivers: {file: {include: [x]}}
exporters: {nop: }
service: {pipelines: {traces: {receivers: [file], exporters: [nop]}, logs: {receivers: [file], exporters: [nop]}}}
`;

function folder(): string {
  const cwd = folderWith({
    'pipeline.yaml': pipeline,
    'mask.ts': readFileSync(join(root, 'config/own-processor/mask.ts')),
  });
  mkdirSync(join(cwd, 'recordings'));
  writeFileSync(
    join(cwd, 'recordings/one.jsonl'),
    readFileSync(join(root, 'config/recordings/bookshop.jsonl')),
  );
  return cwd;
}

it.each([whole, ...others, withConfig, real])('a file of tests passes', async (text) => {
  const cwd = folder();
  writeFileSync(join(cwd, 'it.test.yaml'), text);
  const { exitCode, stdout } = await respool(['test', 'it.test.yaml'], { cwd });
  expect(exitCode, stdout).toBe(0);
});

it('prints what the page says', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'pipeline.yaml'), whole);
  const passed = await respool(['test', 'pipeline.yaml'], { cwd });
  const steady = (text: string): string => text.replaceAll(/\(\d+ ms\)/g, '(TIME)');
  expect(steady(page)).toContain(steady(`$ respool test pipeline.yaml\n${passed.stdout}`));
  const expected = whole.lastIndexOf('charge card');
  writeFileSync(
    join(cwd, 'pipeline.yaml'),
    `${whole.slice(0, expected)}charge cart${whole.slice(expected + 'charge card'.length)}`,
  );
  const failed = await respool(['test', 'pipeline.yaml'], { cwd });
  const shown = /^pipeline\.yaml:\d+:[\s\S]*?\n\n/m.exec(failed.stdout)?.[0].trimEnd() ?? 'nothing';
  expect(page).toContain(shown);
});

it('the tests in TypeScript pass', () => {
  const cwd = folder();
  const resolution = `import { registerResolution } from 'file://${root}/src/modules/resolve.ts'; registerResolution();`;
  for (const [at, text] of blocks('ts').entries()) {
    const file = join(cwd, `example-${at}.test.mts`);
    writeFileSync(file, text);
    const args = ['--import', `data:text/javascript,${encodeURIComponent(resolution)}`, file];
    const env = { PATH: process.env['PATH'] ?? '' };
    const output = execFileSync(join(root, 'node_modules/.bin/node'), args, { cwd, env, encoding: 'utf8' });
    expect(output).toMatch(/^(?:# |ℹ )pass [1-9]/m);
    expect(output).toMatch(/^(?:# |ℹ )fail 0/m);
  }
});
