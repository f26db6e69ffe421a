import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadPort } from '../support/dead-port.ts';
import { startOtlpServer, type Script, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool, startRespool } from '../support/respool.ts';
import { golden, spansLine, steady, tracesTo } from './scenario.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startOtlpServer();
});
afterAll(() => server.close());

const html = '<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in</body></html>';

const answers: readonly (readonly [name: string, script: Script])[] = [
  ['answer-404', { status: 404, body: '404 page not found\n', headers: { 'content-type': 'text/plain' } }],
  ['answer-401', { status: 401, body: 'no org id', headers: { 'content-type': 'text/plain' } }],
  ['answer-html', { status: 200, body: html, headers: { 'content-type': 'text/html' } }],
  ['answer-redirect', { status: 302, headers: { location: 'https://login.example.com/' } }],
  ['answer-405', { status: 405, body: 'method not allowed', headers: { 'content-type': 'text/plain' } }],
];

describe('an answer that stops the run', () => {
  it.each(answers)('%s', async (name, script) => {
    server.answer(() => script);
    const cwd = folderWith({
      'traces.jsonl': spansLine(['a', 'b']),
      'pipeline.yaml': tracesTo(`otlp_http: {endpoint: "${server.url}"}`),
    });
    const { exitCode, stdout, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).not.toMatch(/<html>|^\s+at /mu);
    expect(steady(stderr)).toBe(golden(`${name}.txt`, steady(stderr)));
  });
});

describe('a backend that is not there', () => {
  it('is named at once in a pipe, with the number of the attempt, and the data waits for it', async () => {
    const port = await deadPort();
    const cwd = folderWith({
      'traces.jsonl': spansLine(['a', 'b']),
      'pipeline.yaml': tracesTo(
        `otlp_http: {endpoint: "http://127.0.0.1:${port}", retry_on_failure: {initial_interval: 4s}}`,
      ),
    });
    const startedMs = performance.now();
    const running = startRespool(['run', '-c', 'pipeline.yaml'], { cwd });
    await running.seen(
      /waiting for http:\/\/127\.0\.0\.1:\d+\/: nothing listens there \(ECONNREFUSED\), attempt 2/u,
    );
    expect(performance.now() - startedMs).toBeLessThan(50_000);
    running.child.kill('SIGINT');
    await running.seen(/Stopping: /u);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ exitCode: 130, stdout: '' });
  });

  it('ends 2 once max_elapsed_time is over', async () => {
    const port = await deadPort();
    const cwd = folderWith({
      'traces.jsonl': spansLine(['a', 'b']),
      'pipeline.yaml': tracesTo(
        `otlp_http: {endpoint: "http://127.0.0.1:${port}", retry_on_failure: {initial_interval: 50ms, max_interval: 100ms, max_elapsed_time: 500ms}}`,
      ),
    });
    const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml', '--quiet'], { cwd });
    expect(exitCode).toBe(2);
    const text = steady(stderr)
      .replaceAll(/\(\d+ requests?, \d+ retr(?:y|ies), [^)]+\)/gu, '(REQUESTS)')
      .replaceAll(/after \d+ attempts/gu, 'after N attempts')
      .replaceAll(/^.*waiting for .*\n/gmu, '');
    expect(text).toBe(golden('dead-backend.txt', text));
  });

  it('gets everything when it comes back', async () => {
    const scripts: Script[] = [{ status: 503 }, { status: 429, headers: { 'retry-after': '0' } }, {}];
    server.answer(...scripts);
    const before = server.requests.length;
    const cwd = folderWith({
      'traces.jsonl': spansLine(['a', 'b']),
      'pipeline.yaml': tracesTo(
        `otlp_http: {endpoint: "${server.url}", retry_on_failure: {initial_interval: 50ms}}`,
      ),
    });
    const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml', '--quiet'], { cwd });
    expect({ exitCode, requests: server.requests.length - before }).toEqual({ exitCode: 0, requests: 3 });
    expect(stderr).toMatch(/delivered 2 spans \(3 requests, 2 retries, /u);
  });
});
