/** What people read when a test fails, or is none: each `golden/NAME.yaml` and beside it what `respool test` prints. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, respool } from '../support/respool.ts';

const folder = join(import.meta.dirname, 'golden');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

function golden(name: string, text: string): string | undefined {
  const path = join(folder, name);
  if (process.env['RESPOOL_UPDATE_GOLDENS'] === '1') writeFileSync(path, text);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

it.each([
  ['failing', 3],
  ['invalid', 78],
])('%s.yaml', async (name, code) => {
  const cwd = folderWith({ [`${name}.yaml`]: read(`${name}.yaml`) });
  const { stdout, exitCode } = await respool(['test', `${name}.yaml`], { cwd });
  const text = `${stdout.replace(/ \(\d[^)]*\)\n$/, '\n')}exit ${exitCode}\n`;
  expect(golden(`${name}.txt`, text)).toBe(text);
  expect(exitCode).toBe(code);
});

const snapshots = `processors:
  filter: {traces: {span: ['name == "noise"']}}
tests:
  - name: What stays
    input: {spans: [{name: a, duration: 1ms, children: [{name: b}]}, {name: noise}]}
    expect: {snapshot: true}
`;

it('a snapshot is written when it is asked for, and shows the line that differs', async () => {
  const cwd = folderWith({ 'x.yaml': snapshots });
  const missing = await respool(['test', 'x.yaml'], { cwd });
  expect(missing.exitCode).toBe(3);
  expect(missing.stdout).toContain('there is no snapshots/x.what-stays.yaml yet');
  expect((await respool(['test', 'x.yaml', '--update'], { cwd })).exitCode).toBe(0);
  expect((await respool(['test', 'x.yaml'], { cwd })).exitCode).toBe(0);
  writeFileSync(join(cwd, 'x.yaml'), snapshots.replace('duration: 1ms', 'duration: 2ms'));
  const { stdout, exitCode } = await respool(['test', 'x.yaml'], { cwd });
  expect(exitCode).toBe(3);
  expect(stdout).toContain('snapshots/x.what-stays.yaml:5:1  expect.snapshot: is not what came out');
  expect(stdout).toMatch(/^ +start: 0s\n {2}- {6,}duration: 1ms\n {2}\+ {6,}duration: 2ms$/m);
  expect(stdout).toContain('run again with `--update`');
});

it('a file of tests names its config, and a filter its tests', async () => {
  const config = `receivers: {file: {include: [in]}}
processors: {filter: {traces: {span: ['name == "\${env:NOISE}"']}}}
exporters: {nop: }
service: {pipelines: {traces: {receivers: [file], processors: [filter], exporters: [nop]}}}
tests:
  - {name: in the config itself, input: {spans: [{name: x}]}, expect: {output: []}}
`;
  const tests = `config: pipeline.yaml
env: {NOISE: noise}
tests:
  - {name: one, input: {spans: [{name: noise}]}, expect: {output: []}}
  - {name: two, input: {spans: [{name: noise}]}, expect: {output: {spans: [{name: noise}]}}}
`;
  const cwd = folderWith({ 'pipeline.yaml': config, 'a.test.yaml': tests });
  const one = await respool(['test', 'a.test.yaml', '--filter', 'one'], { cwd });
  expect(one).toMatchObject({ exitCode: 0, stderr: '' });
  expect(one.stdout).toContain('1 test: 1 passed, 1 left out');
  const own = await respool(['test', 'pipeline.yaml'], { cwd, env: { NOISE: 'x' } });
  expect(own.exitCode, own.stdout).toBe(0);
  expect((await respool(['validate', 'pipeline.yaml'], { cwd, env: { NOISE: 'x' } })).exitCode).toBe(0);
  expect((await respool(['test', 'a.test.yaml', '--filter', 'three'], { cwd })).exitCode).toBe(1);
  expect((await respool(['test', 'nowhere.yaml'], { cwd })).exitCode).toBe(78);
});
