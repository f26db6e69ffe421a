/** Ctrl-C in the middle of a run, against a server that is slow by script. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, startRespool, type Running } from '../support/respool.ts';
import { spansLine, tracesTo } from './scenario.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.close());

/** 200 lines of 50 spans, a batch for every few lines, one request at a time. */
function start(...args: string[]): { running: Running; cwd: string } {
  const line = spansLine(Array.from({ length: 50 }, (_, at) => `span ${at}`));
  const cwd = folderWith({
    'traces.jsonl': line.repeat(200),
    'pipeline.yaml': tracesTo(
      `otlp_http: {endpoint: "${server.url}", compression: none, sending_queue: {num_consumers: 1}}`,
    ).replace('[traces.jsonl]', '[traces.jsonl], batch_bytes: 8KiB'),
  });
  const running = startRespool(['run', '-c', 'pipeline.yaml', '--report', 'report.json', ...args], { cwd });
  return { running, cwd };
}

interface Report {
  readonly exitCode: number;
  readonly balanced: boolean;
  readonly interrupted: boolean;
  readonly failures: unknown[];
  readonly exporters: readonly {
    handed: number;
    delivered: number;
    abandoned: number;
    uncertain: number;
    requests: number;
  }[];
  readonly receivers: readonly { signals: readonly { in: number; out: number; abandoned: number }[] }[];
}

function reportIn(cwd: string): Report {
  return JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as Report;
}

async function requestsOf(count: number): Promise<void> {
  while (server.requests.length < count) await new Promise((done) => setTimeout(done, 10));
}

describe('Ctrl-C', () => {
  it('ends 130 with a balanced ledger: what was read is sent, the rest is not read', async () => {
    server.answer(() => ({ delayMs: 40 }));
    const { running, cwd } = start();
    await requestsOf(3);
    running.child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toContain('Stopping: sending what was read, for up to 10.0 s. Once more ends at once.');
    expect(stderr).toMatch(/^The ledger balances: /mu);
    expect(stderr).toMatch(
      /^Interrupted (?:after .+ of .+: what is counted as delivered is delivered, the rest is not|when everything was delivered)\./mu,
    );
    const report = reportIn(cwd);
    expect(report).toMatchObject({ exitCode: 130, balanced: true, interrupted: true, failures: [] });
    const [exporter] = report.exporters;
    expect(exporter?.abandoned).toBe(0);
    expect(server.requests).toHaveLength(exporter?.requests ?? 0);
    expect(exporter?.delivered).toBe(report.receivers[0]?.signals[0]?.in);
    expect(exporter?.delivered).toBeLessThanOrEqual(10_000);
  });

  it('gives up when --grace is over, and counts what it abandons', async () => {
    server.answer({}, () => ({ silent: true }));
    const { running, cwd } = start('--grace', '500ms');
    await requestsOf(2);
    running.child.kill('SIGINT');
    const stoppedMs = performance.now();
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(performance.now() - stoppedMs).toBeLessThan(30_000);
    expect(stderr).toMatch(/abandoned [\d ]+ spans: the run ended before they were sent/u);
    const report = reportIn(cwd);
    expect(report).toMatchObject({ balanced: true, interrupted: true });
    const [exporter] = report.exporters;
    expect(exporter?.delivered).toBeGreaterThan(0);
    expect(exporter?.abandoned).toBeGreaterThan(0);
  });

  it('ends at once when it comes twice', async () => {
    server.answer(() => ({ silent: true }));
    const { running, cwd } = start('--grace', '1m');
    await requestsOf(1);
    running.child.kill('SIGINT');
    await running.seen(/Stopping/u);
    const stoppedMs = performance.now();
    running.child.kill('SIGINT');
    const { exitCode } = await running.ended;
    expect(exitCode).toBe(130);
    expect(performance.now() - stoppedMs).toBeLessThan(30_000);
    expect(reportIn(cwd)).toMatchObject({ balanced: true, interrupted: true });
  });

  it('SIGTERM ends 143', async () => {
    server.answer(() => ({ delayMs: 20 }));
    const { running, cwd } = start();
    await requestsOf(2);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 143 });
    expect(reportIn(cwd)).toMatchObject({ exitCode: 143, balanced: true, interrupted: true });
  });
});
