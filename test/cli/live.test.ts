/** The receiver `otlp` in the real command: it ends with Ctrl-C, and everything that was acknowledged is delivered. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startOtlpServer } from '../support/otlp-server.ts';
import { respool, startRespool } from '../support/respool.ts';

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
