import { describe, expect, it } from 'vitest';
import { folderWith, respool } from '../support/respool.ts';
import { golden, tracesTo } from './scenario.ts';

const config = `receivers:
  file: {include: [traces.jsonl]}
exporters:
  otlp_http:
    endpoint: http://me:hunter2@tempo:4318
    headers:
      Authorization: Bearer hunter2
      X-From-Env: \${env:RESPOOL_TEST_TOKEN}
    timeout: \${env:RESPOOL_TEST_TIMEOUT:-5s}
service:
  pipelines:
    traces: {receivers: [file], exporters: [otlp_http]}
`;

describe('print-config', () => {
  it('prints what is merged, without secrets, on standard output', async () => {
    const cwd = folderWith({ 'base.yaml': config, 'more.yaml': 'exporters: {debug: {verbosity: basic}}\n' });
    const args = [
      'print-config',
      '-c',
      'base.yaml',
      '-c',
      'more.yaml',
      '--set',
      'exporters.debug.verbosity=detailed',
    ];
    const { exitCode, stdout, stderr } = await respool(args, { cwd, env: { RESPOOL_TEST_TOKEN: 'hunter2' } });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(golden('print-config.yaml', stdout));
    expect(stdout + stderr).not.toContain('hunter2');
    expect(stderr).toMatch(/warning: exporters\.debug: is defined, and no pipeline uses it/u);
  });

  it('prints as much as there is of a config that is wrong, and ends 78', async () => {
    const cwd = folderWith({ 'wrong.yaml': tracesTo('otlp_http: {endpont: "http://tempo:4318"}') });
    const { exitCode, stdout, stderr } = await respool(['print-config', '-c', 'wrong.yaml'], { cwd });
    expect(exitCode).toBe(78);
    expect(stdout).toContain('endpont: http://tempo:4318');
    expect(stderr).toMatch(/did you mean endpoint\?/u);
  });
});

describe('validate', () => {
  it('says on standard error that a config is valid', async () => {
    const cwd = folderWith({ 'pipeline.yaml': tracesTo('debug:') });
    expect(await respool(['validate', '-c', 'pipeline.yaml'], { cwd })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'The config is valid: 1 receiver, 1 pipeline, 1 exporter.\n',
    });
  });

  it.each([
    [['-c', 'nowhere.yaml'], /^nowhere\.yaml {2}there is no such file\n/u],
    [['-c', '.'], /^\. {2}is a directory, not a file\n/u],
    [['-c', 'https://example.com/pipeline.yaml'], /never fetched from the network/u],
    [['-c', 'env:RESPOOL_TEST_NOT_SET'], /the environment variable RESPOOL_TEST_NOT_SET is not set/u],
    [['-c', 'yaml:receivers: {file: {include: [a]}}'], /exporters: this section is missing/u],
  ])('%j ends 78', async (args, message) => {
    const { exitCode, stdout, stderr } = await respool(['validate', ...args], { cwd: folderWith({}) });
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
