/** What only Ctrl-C ends, in the real command: everything that was acknowledged or read is delivered, and complete. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startOtlpServer } from '../support/otlp-server.ts';
import { folderWith, respool, startRespool, type Running } from '../support/respool.ts';
import { spansLine } from './scenario.ts';

function configFor(endpoint: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'respool-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'live.yaml');
  const written = {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    exporters: { otlp_http: { endpoint } },
    service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } } },
  };
  writeFileSync(file, JSON.stringify(written));
  return file;
}

it('stands between a client and its backend until Ctrl-C', async () => {
  const backend = await startOtlpServer();
  onTestFinished(() => backend.close());
  const running = startRespool(['run', '--config', configFor(backend.url)]);
  const [, url = ''] = await running.seen(/listens on (http:\S+),/);
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
  const send = () =>
    fetch(`${url}/v1/traces`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  for (let sent = 0; sent < 3; sent++) expect((await send()).status).toBe(200);
  expect(backend.requests).toHaveLength(3);
  running.child.kill('SIGINT');
  const { exitCode, stderr } = await running.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toContain('The ledger balances: 3 spans read, 3 delivered');
  expect(stderr).toContain('Interrupted when everything was delivered.');
});

it.each([
  ['--dry-run', 'would acknowledge what is sent to otlp'],
  ['--resume', 'has nothing to go on from'],
])('refuses %s', async (flag, reason) => {
  const { exitCode, stderr } = await respool(['run', '--config', configFor('http://127.0.0.1:1'), flag]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(reason);
});

describe('the exporter file, in a run that only a signal ends', () => {
  const span = (name: string): string => spansLine([name]);
  const namesIn = (text: string): string[] =>
    [...text.matchAll(/"name":"(\w+)"/gu)].map(([, name = '']) => name);
  const outputs = (cwd: string): Record<string, string[]> => {
    const names = readdirSync(cwd).filter((name) => name.startsWith('out.jsonl'));
    return Object.fromEntries(
      names.toSorted().map((name) => [name, namesIn(readFileSync(join(cwd, name), 'utf8'))]),
    );
  };

  const toFile = (receivers: object, others: object = {}): string => {
    const exporters = { file: { path: 'out.jsonl' }, ...others };
    const traces = { receivers: Object.keys(receivers), exporters: Object.keys(exporters) };
    return JSON.stringify({ receivers, exporters, service: { pipelines: { traces } } });
  };
  const otlp = { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } };
  const followed = { file: { include: ['in.jsonl'] } };

  const run = (cwd: string, ...args: string[]): Running =>
    startRespool(['run', '-c', 'run.yaml', ...args], { cwd });
  const send = async (running: Running, name: string): Promise<number> => {
    const [, url = ''] = await running.seen(/listens on (http:\S+),/u);
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/v1/traces`, { method: 'POST', body: span(name), headers })).status;
  };
  /** Waits until the file that is written has this span. */
  const written = async (cwd: string, name: string): Promise<void> => {
    await expect
      .poll(() => Object.values(outputs(cwd)).some((names) => names.includes(name)), { timeout: 10_000 })
      .toBe(true);
  };

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('gives the file its name at %s', async (signal, exitCode) => {
    const cwd = folderWith({ 'run.yaml': toFile(otlp), 'out.jsonl': span('before') });
    const running = run(cwd);
    for (const name of ['a', 'b']) expect(await send(running, name)).toBe(200);
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['before'], 'out.jsonl.partial': ['a', 'b'] });
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended).toMatchObject({ exitCode });
    expect(ended.stderr).not.toContain('not complete');
    expect(ended.stderr).toContain(`Where to look:\n  ${join(realpathSync(cwd), 'out.jsonl')}\n`);
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['a', 'b'] });
  });

  it('replaces nothing when nothing came', async () => {
    const cwd = folderWith({ 'run.yaml': toFile(otlp), 'out.jsonl': span('before') });
    const running = run(cwd);
    await running.seen(/listens on/u);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ exitCode: 130 });
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['before'] });
  });

  it('keeps the partial file when what was read is not all delivered', async () => {
    const backend = await startOtlpServer();
    onTestFinished(() => backend.close());
    backend.answer(() => ({ silent: true }));
    const cwd = folderWith({ 'run.yaml': toFile(otlp, { otlp_http: { endpoint: backend.url } }) });
    const running = run(cwd, '--grace', '300ms');
    const answer = send(running, 'a').catch(() => 0);
    await written(cwd, 'a');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('the run is not complete: what was written is in') as string,
    });
    expect(await answer).not.toBe(200);
    expect(outputs(cwd)).toEqual({ 'out.jsonl.partial': ['a'] });
  });

  it.each([
    ['is all there is', {}],
    ['stands beside what has no end', otlp],
  ])('keeps the partial file when a recording that %s is not read to its end', async (_, beside) => {
    const backend = await startOtlpServer();
    onTestFinished(() => backend.close());
    backend.answer(() => ({ delayMs: 30 }));
    const config = toFile(
      { ...beside, file: { include: ['in.jsonl'], batch_bytes: '1KiB' } },
      { otlp_http: { endpoint: backend.url, sending_queue: { num_consumers: 1 } } },
    ).replace('"service":{', '"service":{"max_in_flight":"8KiB",');
    const cwd = folderWith({ 'run.yaml': config, 'in.jsonl': span('a').repeat(400) });
    const running = run(cwd);
    await written(cwd, 'a');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ exitCode: 130 });
    expect(Object.keys(outputs(cwd))).toEqual(['out.jsonl.partial']);
  });

  it('writes a followed file on with --resume, each record once, whatever ended the run before', async () => {
    const cwd = folderWith({ 'run.yaml': toFile(followed), 'in.jsonl': span('a') });
    const follow = async (name: string, signal: NodeJS.Signals, ...args: string[]): Promise<void> => {
      const running = run(cwd, '--follow', ...args);
      appendFileSync(join(cwd, 'in.jsonl'), span(name));
      await written(cwd, name);
      running.child.kill(signal);
      await running.ended;
    };
    await follow('b', 'SIGINT');
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['a', 'b'] });

    await follow('c', 'SIGTERM', '--resume');
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['a', 'b', 'c'] });

    const idle = run(cwd, '--follow', '--resume');
    await idle.seen(/goes on from the checkpoint/u);
    idle.child.kill('SIGINT');
    await idle.ended;
    expect(outputs(cwd)).toEqual({ 'out.jsonl': ['a', 'b', 'c'] });

    await follow('d', 'SIGKILL', '--resume');
    expect(outputs(cwd)['out.jsonl']).toEqual(['a', 'b', 'c']);
    await follow('e', 'SIGINT', '--resume');
    expect(outputs(cwd)['out.jsonl']).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
