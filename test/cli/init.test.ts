/** What `respool init` writes runs at once, and is quickly changed. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logsLine, spansLine } from './scenario.ts';
import { folderWith, respool, root } from '../support/respool.ts';

/** Two minutes: what a newcomer's path may take, the typing aside. */
const mostMs = 120_000;
const mostLines = 25;

function linesOfCode(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:\/\/|\/?\*)/.test(line)).length;
}

describe("a newcomer's path", () => {
  it('leads from nothing to a changed rule with a passing test in two minutes and 25 lines', async () => {
    const cwd = folderWith({});
    const startedMs = performance.now();
    const written = await respool(['init', 'processor', 'drop-fast'], { cwd });
    expect(written).toMatchObject({ exitCode: 0, stderr: '' });
    const command = /^try it: +respool (.+)$/m.exec(written.stdout)?.[1]?.split(' ') ?? [];
    expect(await respool(command, { cwd })).toMatchObject({ exitCode: 0, stderr: '' });

    // Another rule: what is shorter than a millisecond goes.
    const file = join(cwd, 'drop-fast.ts');
    const rule = "span.attributes.get('http.route') === '/health') span.drop('health check')";
    const before = readFileSync(file, 'utf8');
    expect(before).toContain(rule);
    writeFileSync(
      file,
      before.replace(rule, "span.endTimeUnixNano - span.startTimeUnixNano < 1_000_000n) span.drop('fast')"),
    );
    const failing = await respool(command, { cwd });
    expect(failing.exitCode).toBe(3);
    expect(failing.stdout).toContain(
      'drop-fast.test.yaml:16:9  expect.output.spans: 1 span was expected, and none came out',
    );

    const test = join(cwd, 'drop-fast.test.yaml');
    const text = readFileSync(test, 'utf8');
    const changed = text
      .replaceAll('- {name: GET /orders,', '- {name: GET /orders, duration: 5ms,')
      .replace('health check: 1', 'fast: 1');
    writeFileSync(test, changed);
    expect(await respool(command, { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(performance.now() - startedMs).toBeLessThan(mostMs);
    expect(linesOfCode(readFileSync(file, 'utf8'))).toBeLessThan(mostLines);
  });
});

describe('respool init processor', () => {
  it.each([
    ['maskUsers', 'mask-users'],
    ['mask_users', 'mask-users'],
    ['Mask', 'mask'],
  ])('writes %s as %s.ts', async (name, file) => {
    const cwd = folderWith({});
    expect((await respool(['init', 'processor', name], { cwd })).exitCode).toBe(0);
    expect(existsSync(join(cwd, `${file}.ts`))).toBe(true);
    expect((await respool(['test', `${file}.test.yaml`], { cwd })).exitCode).toBe(0);
  });

  it('replaces nothing', async () => {
    const cwd = folderWith({ 'x.test.yaml': 'mine' });
    const { exitCode, stderr } = await respool(['init', 'processor', 'x'], { cwd });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'respool: x.test.yaml is there already: nothing was written\n',
    });
    expect(existsSync(join(cwd, 'x.ts'))).toBe(false);
  });

  it('refuses a name that leads elsewhere', async () => {
    const { exitCode, stderr } = await respool(['init', 'processor', '../x'], { cwd: folderWith({}) });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('is no name for a processor');
  });
});

describe('respool init PATH', () => {
  const recording = `${spansLine(['a', 'b'])}${logsLine(['x'])}`;

  it('writes a config that is valid, a test that passes, and the schema', async () => {
    const cwd = folderWith({});
    mkdirSync(join(cwd, 'traces'));
    writeFileSync(join(cwd, 'traces/one.jsonl'), recording);
    const { exitCode, stdout } = await respool(['init', 'traces', '--to', 'http://localhost:4318'], { cwd });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('2 spans and 1 log record found');
    const config = readFileSync(join(cwd, 'pipeline.yaml'), 'utf8');
    expect(config).toMatch(/^# yaml-language-server: \$schema=\.\/respool\.schema\.json\n/);
    expect(config).toContain('2 spans and 1 log record of shop, from 2023-11-14T22:13:20');
    expect(config).toContain('time_shift: {align: end_to_now}');
    expect(JSON.parse(readFileSync(join(cwd, 'respool.schema.json'), 'utf8'))).toHaveProperty('$defs');
    expect((await respool(['validate', 'pipeline.yaml'], { cwd })).exitCode).toBe(0);
    expect(await respool(['test', 'pipeline.test.yaml'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await respool(['run', 'pipeline.yaml', '--dry-run'], { cwd })).exitCode).toBe(0);
  });

  it.each([
    ['what is no recording is left out', { 'README.md': 'Words.\n' }, 'the whole recording goes through'],
    ['what is cut off is not tested whole', { 'cut.jsonl': recording.slice(0, 90) }, 'a record goes through'],
  ])('of a folder %s, and the test passes', async (_, others, name) => {
    const cwd = folderWith({});
    mkdirSync(join(cwd, 'traces'));
    for (const [file, text] of Object.entries({ 'one.jsonl': recording, ...others }))
      writeFileSync(join(cwd, 'traces', file), text);
    await respool(['init', 'traces', '--to', 'http://localhost:4318'], { cwd });
    const { exitCode, stdout } = await respool(['test', 'pipeline.test.yaml'], { cwd });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain(`ok    ${name}`);
  });

  it('writes logs alone for Loki, and takes names as they are', async () => {
    const cwd = folderWith({ 'a $ ${b} "c".jsonl': recording });
    const args = ['init', 'a $ ${b} "c".jsonl', '--to', 'http://localhost:3100', '-o', 'sub/logs.yaml'];
    expect(await respool(args, { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    const config = readFileSync(join(cwd, 'sub/logs.yaml'), 'utf8');
    expect(config).toContain('logs: {receivers: [file], processors: [time_shift], exporters: [loki]}');
    expect(config).not.toContain('traces:');
    expect(await respool(['test', 'sub/logs.test.yaml'], { cwd })).toMatchObject({ exitCode: 0, stderr: '' });
    const run = await respool(['run', 'sub/logs.yaml', '--dry-run'], { cwd });
    expect(run.exitCode, run.stderr).toBe(0);
  });

  it.each([
    [['init'], 'give a recording'],
    [['init', 'x.jsonl'], 'say where it shall go'],
    [['init', 'x.jsonl', '--to', 'localhost'], 'localhost is no URL'],
    [['init', 'x.jsonl', '--to', 'http://u:hunter2@x'], 'a password does not belong into a file'],
    [['init', 'empty.txt', '--to', 'http://x'], 'nothing that can be read'],
    [['init', 'spans.jsonl', '--to', 'http://x:3100'], 'Loki takes log records, and found were 1 span'],
  ])('%j is refused', async (args, message) => {
    const cwd = folderWith({ 'x.jsonl': recording, 'spans.jsonl': spansLine(['a']), 'empty.txt': '' });
    const { exitCode, stderr } = await respool(args, { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hunter2');
    expect(existsSync(join(cwd, 'pipeline.yaml'))).toBe(false);
  });
});

it('the shipped recordings get a config that redacts', async () => {
  const cwd = folderWith({});
  cpSync(join(root, 'config/recordings'), join(cwd, 'recordings'), { recursive: true });
  const { exitCode } = await respool(['init', 'recordings', '--to', 'http://x:4318', '--redact'], { cwd });
  expect(exitCode).toBe(0);
  const { exitCode: tested, stdout } = await respool(['test', 'pipeline.test.yaml'], { cwd });
  expect({ tested, stdout }).toMatchObject({ tested: 0 });
});
