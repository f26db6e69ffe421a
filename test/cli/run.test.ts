import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partialSuccess, startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool, root } from '../support/respool.ts';
import { golden, logsLine, spansLine, steady, tracesTo } from './scenario.ts';

const drops = `  filter:
    trace_conditions: ['span.name == "GET /health"']`;

async function withServer<T>(use: (server: ScriptedServer) => Promise<T>): Promise<T> {
  const server = await startOtlpServer();
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

function otlpTo(url: string): string {
  return `otlp_http: {endpoint: "${url}", compression: none}`;
}

const names = ['GET /', 'GET /health', 'GET /books', 'GET /health'];

describe('a run', () => {
  it('ends 0 with what was read, dropped and delivered', async () => {
    await withServer(async (server) => {
      const cwd = folderWith({
        'traces.jsonl': spansLine(names),
        'pipeline.yaml': tracesTo(otlpTo(server.url), drops),
      });
      const { exitCode, stdout, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
      expect({ exitCode, stdout, requests: server.requests.length }).toEqual({
        exitCode: 0,
        stdout: '',
        requests: 1,
      });
      expect(steady(stderr)).toBe(golden('delivered.txt', steady(stderr)));
    });
  });

  it('sends nothing with --dry-run, and says what it would send', async () => {
    await withServer(async (server) => {
      const cwd = folderWith({
        'traces.jsonl': spansLine(names),
        'pipeline.yaml': tracesTo(otlpTo(server.url), drops),
      });
      const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml', '--dry-run'], { cwd });
      expect({ exitCode, requests: server.requests.length }).toEqual({ exitCode: 0, requests: 0 });
      expect(steady(stderr)).toBe(golden('dry-run.txt', steady(stderr)));
    });
  });

  it('finds with --dry-run what would stop it at the start, and what an exporter says of the data', async () => {
    const line = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'without a time' } }] }] }],
    });
    const cwd = folderWith({
      'traces.jsonl': `${spansLine(names)}${line}\n`,
      'exporter.ts': 'export class Own { export() { throw new Error(); } async shutdown() {} }',
    });
    const dryRun = async (exporter: string, signal = 'traces') => {
      const yaml = tracesTo(exporter).replace('traces: {receivers', `${signal}: {receivers`);
      writeFileSync(join(cwd, 'pipeline.yaml'), yaml);
      return await respool(['run', '-c', 'pipeline.yaml', '--dry-run'], { cwd });
    };
    const own = await dryRun('sdk: {module: ./exporter.ts}');
    expect(own.stderr).toContain(`would send ${names.length} spans`);
    expect(own.exitCode).toBe(0);
    const loki = await dryRun('loki: {endpoint: "http://127.0.0.1:1"}', 'logs');
    expect(loki.stderr).toContain('without a time');
    const failing: [exporter: string, reason: string][] = [
      ['otlp_http: {endpoint: "https://127.0.0.1:1", tls: {ca_file: none.pem}}', 'tls.ca_file: '],
      ['sdk: {module: ./none.ts}', 'none.ts'],
      ['file: {path: none/out.jsonl}', 'does not exist'],
    ];
    for (const [exporter, reason] of failing) {
      const { exitCode, stderr } = await dryRun(exporter);
      expect(stderr).toContain(reason);
      expect(exitCode).toBe(2);
    }
  });

  it('keeps its notices to itself with --quiet, and not its warnings', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(names),
      'pipeline.yaml': tracesTo('nop:')
        .replace('{include: [traces.jsonl]}', '{include: [traces.jsonl], poll_interval: 1s}')
        .replace('  nop:', '  nop:\n  debug:'),
    });
    const loud = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    const quiet = await respool(['run', '-c', 'pipeline.yaml', '--quiet'], { cwd });
    expect(loud.stderr).toMatch(/notice: receivers\.file\.poll_interval: has no effect here/u);
    expect(quiet.exitCode).toBe(0);
    expect(steady(quiet.stderr)).toBe(golden('quiet.txt', steady(quiet.stderr)));
  });

  it('writes data to standard output and nothing else', async () => {
    const cwd = folderWith({ 'traces.jsonl': spansLine(names), 'pipeline.yaml': tracesTo('debug:') });
    const { exitCode, stdout, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^trace 5b8efff798038103d269b633813fc60c {2}4 spans/u);
    expect(stdout).not.toContain('ledger');
    expect(stderr).not.toContain('trace 5b8');
  });

  it('ends quietly when the reader of standard output goes away', () => {
    const lines = Array.from({ length: 3000 }, (_, at) => spansLine([`${at} ${'x'.repeat(200)}`])).join('');
    const cwd = folderWith({
      'traces.jsonl': lines,
      'pipeline.yaml': tracesTo('debug: {verbosity: detailed, sampling_initial: 1000000}'),
    });
    const command = `${join(root, 'node_modules/.bin/node')} ${join(root, 'src/cli/main.ts')} run -c pipeline.yaml`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${command} | head -n 2; echo "\${PIPESTATUS[0]}"`], {
      cwd,
      encoding: 'utf8',
    });
    const shown = stdout.trimEnd().split('\n');
    expect(shown).toHaveLength(3);
    expect(shown[2]).toBe('2');
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(stderr).toMatch(/^Stopped: debug \(standard output\): its reader closed it$/mu);
  });

  it('writes the ledger as JSON with --report', async () => {
    await withServer(async (server) => {
      server.answer({ body: partialSuccess(1, 'span too old') });
      const cwd = folderWith({
        'traces.jsonl': spansLine(names),
        'pipeline.yaml': tracesTo(otlpTo(server.url), drops),
      });
      const { exitCode } = await respool(['run', '-c', 'pipeline.yaml', '--report', 'report.json'], { cwd });
      const report = steady(readFileSync(join(cwd, 'report.json'), 'utf8'));
      expect(exitCode).toBe(3);
      expect(report).toBe(golden('report.json', report));
    });
  });

  it('counts what failed on records: for each statement and condition, with one example', async () => {
    const failing = `  filter:
    trace_conditions: ['ParseJSON(span.name)["health"] == true']
  transform:
    trace_statements:
      - context: span
        error_mode: silent
        statements:
          - |-
            set(attributes["method"],
                ParseJSON(name)["method"]) where name != "GET /"
      - context: resource
        statements: ['set(attributes["n"], ParseJSON(attributes["service.name"]))']
  mask: {module: ./mask.mjs}`;
    const mask = `export default { create: (_, { counts }) => ({ span: ({ name }) => {
      if (name.includes('health')) counts.fail('find the user', () => 'no user in ' + name);
    } }) };`;
    const cwd = folderWith({
      'traces.jsonl': spansLine([...names, '\u001b[31m{']),
      'mask.mjs': mask,
      'pipeline.yaml': tracesTo('nop:', failing),
    });
    const args = ['run', '-c', 'pipeline.yaml', '--report', 'report.json'];
    const { exitCode, stderr } = await respool(args, { cwd });
    expect(exitCode).toBe(0);
    expect(steady(stderr)).toBe(golden('failures.txt', steady(stderr)));
    const report = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as Record<string, unknown>;
    const processors = `${JSON.stringify(report['processors'], null, 2)}\n`;
    expect(processors).toBe(golden('failures-report.json', processors));
  });

  it('says that the report cannot be written before it sends anything', async () => {
    const cwd = folderWith({ 'traces.jsonl': spansLine(names), 'pipeline.yaml': tracesTo('nop:') });
    const args = ['run', '-c', 'pipeline.yaml', '--report', 'nowhere/report.json'];
    const { exitCode, stderr } = await respool(args, { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^respool: the report cannot be written: .*nowhere\/report\.json/mu);
    expect(stderr).not.toContain('delivered');
  });

  it('ends 3 when a backend refused items', async () => {
    await withServer(async (server) => {
      server.answer({ body: partialSuccess(2, 'span too old') });
      const cwd = folderWith({
        'traces.jsonl': spansLine(names),
        'pipeline.yaml': tracesTo(otlpTo(server.url)),
      });
      const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
      expect(exitCode).toBe(3);
      expect(steady(stderr)).toBe(golden('refused.txt', steady(stderr)));
    });
  });

  it('ends 3 when something could not be read, and names the line', async () => {
    const broken = `${spansLine(['a'])}{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]}\n${spansLine(['b'])}{"resourceSp`;
    const cwd = folderWith({ 'traces.jsonl': broken, 'pipeline.yaml': tracesTo('nop:') });
    const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    expect(exitCode).toBe(3);
    expect(steady(stderr)).toBe(golden('unreadable.txt', steady(stderr)));
  });

  it('counts a signal without a pipeline as dropped', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['a']) + logsLine(['one', 'two']),
      'pipeline.yaml': tracesTo('nop:'),
    });
    const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    expect(exitCode).toBe(0);
    expect(steady(stderr)).toBe(golden('no-pipeline.txt', steady(stderr)));
  });

  it.each([
    ['missing-file', 'nowhere.jsonl', {}],
    ['empty-glob', '"*.otlp"', {}],
    [
      'binary-file',
      'picture.bin',
      { 'picture.bin': Uint8Array.from({ length: 4096 }, (_, at) => (at * 7919) & 255) },
    ],
    ['plain-text', 'notes.txt', { 'notes.txt': 'what I did\nwhat I will do\n' }],
    ['empty-file', 'empty.jsonl', { 'empty.jsonl': '' }],
  ])('%s has a sentence of its own', async (name, include, files) => {
    const cwd = folderWith({
      ...files,
      'pipeline.yaml': tracesTo('nop:').replace('traces.jsonl', include),
    });
    const { exitCode, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    const text = `${steady(stderr, cwd)}exit ${exitCode}\n`;
    expect(text).toBe(golden(`${name}.txt`, text));
  });

  it('ends 78 with a config that is wrong, and sends nothing', async () => {
    const cwd = folderWith({ 'pipeline.yaml': tracesTo('otlp: {endpoint: "tempo:4317"}') });
    const { exitCode, stdout, stderr } = await respool(['run', '-c', 'pipeline.yaml'], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' });
    expect(stderr).toMatch(/pipeline\.yaml:4:3 {2}exporters\.otlp: .*gRPC is not built in/u);
    expect(stderr).toMatch(/The config has 1 error; nothing was run\.\n$/u);
  });
});
