import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, respool, root } from '../support/respool.ts';
import { golden, spansLine } from './scenario.ts';

describe('the command line', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await respool(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    ['help.txt', ['--help']],
    ['help-run.txt', ['run', '--help']],
    ['help-import.txt', ['import', '--help']],
    ['help-ottl.txt', ['ottl', '--help']],
  ])('prints %s on standard output', async (name, args) => {
    const { exitCode, stdout, stderr } = await respool(args, { env: { COLUMNS: '100' } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(golden(name, stdout));
    expect(stdout).not.toMatch(/ $/mu);
    expect(stdout).toContain('Examples:');
  });

  it.each([
    [[], /^Usage: respool/u],
    [['rn'], /unknown command 'rn'\n\(Did you mean run\?\)/u],
    [['run', '--dryrun'], /unknown option '--dryrun'\n\(Did you mean --dry-run\?\)/u],
    [['run', '-c', 'x.yaml', '--watch'], /unknown option '--watch'/u],
    [['run'], /^respool: give a config, as in --config pipeline\.yaml\n$/u],
    [['validate'], /^respool: give a config, as in --config pipeline\.yaml\n$/u],
    [['run', '--config', 'x.yaml', '--grace', '5'], /must be a duration with a unit, as in 10s or 1m30s/u],
    [['import'], /missing required argument 'path'/u],
    [['import', '.', 'b'], /^respool: there is no file or folder b /u],
    [['import', '.', '--tempo-url', 'tempo:4318'], /^respool: tempo:4318 is no URL such as http:/u],
    [
      ['import', '.', '--tempo-url', 'http://u:hunter2@t:99999'],
      /^respool: http:\/\/u:\*\*\*@t:99999 is no URL/u,
    ],
    [['import', '.', '--loki-url', 'ftp://loki'], /^respool: ftp:\/\/loki is no URL/u],
    [['import', '-', '--align', 'end_to_now'], /^respool: --align looks at all times .+: give a file\n$/u],
    [['import', 'nowhere'], /^respool: there is no file or folder nowhere \(looked in .+\)\n$/u],
    [['import', '.', '--align', 'now'], /Allowed choices are end_to_now, start_to_now/u],
    [['import', '.', '--logs-only', '--traces-only'], /cannot be used with option/u],
    [['import', '.', '--header', 'secret-token'], /^respool: --header must be NAME=VALUE, and one without/u],
    [['import', '.', '--header', '=hunter2'], /^respool: --header must be NAME=VALUE, and one without/u],
    [['components', 'otlphtp'], /there is no component "otlphtp"; did you mean otlp_http\?/u],
  ])('%j is a mistake of usage', async (args, message) => {
    const { exitCode, stdout, stderr } = await respool(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/hunter2|secret-token/u);
  });

  it('lists the components, and the options of each', async () => {
    const list = await respool(['components']);
    expect(list).toMatchObject({ exitCode: 0, stderr: '' });
    expect(list.stdout).toMatch(/^receivers\n {2}file .+\n {2}otlp .+\n {2}otlp_json_file/u);
    const both = await respool(['components', 'file']);
    expect(both.stdout).toMatch(/^receiver file: traces, logs, metrics$/mu);
    expect(both.stdout).toMatch(/^exporter file: traces, logs, metrics$/mu);
    expect(both.stdout).toMatch(/^ {2}compression {2}\(.+default none\)$/mu);
    const alias = await respool(['components', 'otlphttp']);
    expect(alias.stdout).toMatch(/^exporter otlp_http \(also otlphttp\)/u);
  });

  // The shell opens the pipes and the device, which are no files that a test could hand over.
  const program = `${join(root, 'node_modules/.bin/node')} ${join(root, 'src/cli/main.ts')}`;

  it.runIf(existsSync('/dev/full')).each([
    ['components', /^respool: standard output: ENOSPC: [^\n]+\n$/u],
    ['schema', /^respool: standard output: ENOSPC: [^\n]+\n$/u],
    ['inspect *.jsonl', /^respool: standard output: ENOSPC: [^\n]+\n$/u],
    [
      'convert traces.jsonl -o -',
      /^Stopped: file \(standard output\): cannot write standard output: ENOSPC: .+\n {2}make room/mu,
    ],
  ])('%s fails with one sentence when standard output is a full disk', (command, message) => {
    const names = ['traces.jsonl', ...Array.from({ length: 12 }, (_, at) => `${at}.jsonl`)];
    const cwd = folderWith(Object.fromEntries(names.map((name) => [name, spansLine(['a'])])));
    const { status, stderr } = spawnSync('bash', ['-c', `${program} ${command} > /dev/full`], {
      cwd,
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /mu);
  });

  it.runIf(existsSync('/dev/full'))('goes on when its messages cannot be written', () => {
    const cwd = folderWith({ 'traces.jsonl': spansLine(['a']) });
    const command = `${program} convert traces.jsonl -o - 2> /dev/full`;
    const { status, stdout } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: spansLine(['a']) });
  });

  it('names standard output when its reader goes away, and tells nobody to make room', () => {
    const lines = Array.from({ length: 3000 }, (_, at) => spansLine([`${at} ${'x'.repeat(200)}`])).join('');
    const cwd = folderWith({
      'traces.jsonl': lines,
      'pipeline.yaml': `receivers: {file: {include: [traces.jsonl]}}
processors: {attributes: {actions: [{key: seen, value: 1, action: upsert}]}}
exporters: {nop: {}}
service: {pipelines: {traces: {receivers: [file], processors: [attributes], exporters: [nop]}}}
`,
    });
    for (const command of [
      'run -c pipeline.yaml --tap attributes --limit 10000',
      'convert traces.jsonl -o -',
    ]) {
      const { stderr } = spawnSync('bash', ['-c', `${program} ${command} | head -c 1`], {
        cwd,
        encoding: 'utf8',
      });
      expect(stderr).toMatch(/^Stopped: .*standard output: its reader closed it$/mu);
      expect(stderr).not.toContain('make room');
    }
  });
});
