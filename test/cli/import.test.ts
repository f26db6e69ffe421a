import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool } from '../support/respool.ts';
import { golden, logsLine, spansLine, steady } from './scenario.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.close());

describe('respool import', () => {
  it('sends traces to one backend and logs to another', async () => {
    server.answer(({ path }) => ({ status: path.startsWith('/loki') ? 204 : 200 }));
    const cwd = folderWith({ 'a.jsonl': spansLine(['a', 'b']), 'b.jsonl': logsLine(['one']) });
    const urls = ['--tempo-url', server.url, '--loki-url', server.url];
    const now = ['--align', 'end_to_now'];
    const { exitCode, stdout, stderr } = await respool(
      ['import', '.', ...urls, ...now, '--tenant', 'team', '--header', 'Authorization: Bearer hunter2'],
      { cwd },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(server.requests.map(({ path }) => path).sort()).toEqual(['/loki/api/v1/push', '/v1/traces']);
    for (const { headers } of server.requests)
      expect(headers).toMatchObject({ 'x-scope-orgid': 'team', authorization: 'Bearer hunter2' });
    expect(stderr).toMatch(/The ledger balances: 2 spans read, 2 delivered; 1 log record read, 1 delivered/u);
    expect(stderr).not.toContain('hunter2');
  });

  it('reads standard input', async () => {
    const args = ['import', '-', '--traces-only', '--tempo-url', server.url];
    const { exitCode, stderr } = await respool(args, { input: spansLine(['a', 'b', 'c']) });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/3 spans read, 3 delivered/u);
  });

  it.each([
    ['import-missing-glob', ['import', '*.nowhere', '--traces-only']],
    ['import-empty-folder', ['import', '.', '--traces-only']],
  ])('%s has a sentence of its own', async (name, args) => {
    const cwd = folderWith({});
    const { exitCode, stdout, stderr } = await respool(args, { cwd });
    expect(stdout).toBe('');
    const text = `${steady(stderr, cwd)}exit ${exitCode}\n`;
    expect(text).toBe(golden(`${name}.txt`, text));
  });

  it('prints the config that it stands for, without secrets, and that config is valid', async () => {
    const flags = ['--header', 'Authorization=hunter2', '--tenant', 'team-a', '--align', 'start_to_now'];
    const urls = ['--tempo-url', 'http://me:hunter2@tempo:4318/$b'];
    const { exitCode, stdout, stderr } = await respool([
      'import',
      'traces',
      ...flags,
      ...urls,
      '--print-config',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(golden('import-print-config.yaml', stdout));
    expect(stdout).not.toContain('hunter2');
    const cwd = folderWith({ 'printed.yaml': stdout });
    expect(await respool(['validate', '-c', 'printed.yaml'], { cwd })).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['--traces-only', ['exporters:\n  otlp_http/tempo:'], /loki/u],
    ['--logs-only', ['exporters:\n  loki:'], /otlp_http/u],
  ])('%s leaves the other out', async (flag, parts, other) => {
    const { stdout } = await respool(['import', 'traces', flag, '--print-config']);
    for (const part of parts) expect(stdout).toContain(part);
    expect(stdout).not.toMatch(other);
  });
});
