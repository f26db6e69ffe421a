/** Runs that end early and go on: what a person is told, and what the backend gets. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool, startRespool, type Ended } from '../support/respool.ts';
import { golden, spansLine, steady, tracesTo } from './scenario.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startOtlpServer();
});
afterEach(() => server.close());

const lines = 60;

/** 60 lines of 50 spans, each line a batch, one request at a time. */
function recording(processors = ''): string {
  const line = spansLine(Array.from({ length: 50 }, (_, at) => `span ${at}`));
  return folderWith({
    'traces.jsonl': line.repeat(lines),
    'pipeline.yaml': pipeline(processors),
  });
}

function pipeline(processors = ''): string {
  return tracesTo(
    `otlp_http: {endpoint: "${server.url}", compression: none, sending_queue: {num_consumers: 1}}`,
    processors,
  )
    .replace('[traces.jsonl]', '[traces.jsonl], batch_bytes: 1KiB')
    .replace('service:', 'service:\n  max_in_flight: 8KiB');
}

function run(cwd: string, ...args: string[]): Promise<Ended> {
  return respool(['run', '-c', 'pipeline.yaml', ...args], { cwd });
}

/** Runs until the backend took some requests, and stops it. */
async function interrupted(cwd: string, signal: NodeJS.Signals, ...args: string[]): Promise<Ended> {
  server.answer(() => ({ delayMs: 15 }));
  const running = startRespool(['run', '-c', 'pipeline.yaml', ...args], { cwd });
  const before = server.requests.length;
  while (server.requests.length < before + 15) await new Promise((done) => setTimeout(done, 5));
  running.child.kill(signal);
  return await running.ended;
}

const stateOf = (cwd: string): string[] => readdirSync(join(cwd, '.respool')).toSorted();

describe('a run that is interrupted', () => {
  it('says what a state of an author has to be, and not that there is no room for it', async () => {
    const cwd = recording('  count: {module: ./count.ts}');
    writeFileSync(
      join(cwd, 'count.ts'),
      `import { defineProcessor } from 'respool';
import { z } from 'zod';
export default defineProcessor({
  state: z.object({ seen: z.int().default(0) }),
  create: (_, { state }) => ({ span() { (state as { seen: unknown }).seen = 1n; } }),
});
`,
    );
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toMatch(/the state of count\.ts cannot be saved as JSON: .+\n {2}keep text, numbers, /u);
    expect(stderr).not.toContain('make room');
  });

  it('can be resumed although nobody thought of it before, and then leaves nothing twice', async () => {
    const cwd = recording();
    const first = await interrupted(cwd, 'SIGINT');
    expect(first.exitCode).toBe(130);
    expect(first.stderr).toMatch(
      /\nTo go on from here: the same command with --resume \(\.respool\/pipeline-[0-9a-f]{8}\.checkpoint\.json\)\n$/u,
    );
    const second = await run(cwd, '--resume', '--report', 'report.json');
    expect(second.exitCode).toBe(0);
    expect(second.stderr).toMatch(/^info {3}goes on from the checkpoint of \d{4}-\d\d-\d\dT[\d:]+Z/u);
    expect(second.stderr).toContain('The ledger balances: 3 000 spans read, 3 000 delivered');
    expect(server.requests).toHaveLength(lines);
    const again = await run(cwd, '--resume');
    expect(again).toMatchObject({ exitCode: 0, stdout: '' });
    expect(server.requests).toHaveLength(lines);
  });

  it('is mentioned by a run that begins anew, which leaves nothing behind when it is complete', async () => {
    const cwd = recording();
    await interrupted(cwd, 'SIGKILL');
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^info {3}a run of this job was not complete at .+: --resume goes on from there/u);
    expect(existsSync(join(cwd, '.respool'))).toBe(false);
  });

  it('loses nothing when it is killed', async () => {
    const cwd = recording();
    await interrupted(cwd, 'SIGKILL', '--resume');
    expect(stateOf(cwd).some((name) => name.endsWith('.lock'))).toBe(true);
    const { exitCode, stderr } = await run(cwd, '--resume');
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warn {3}the lock .+ was left behind \(process \d+ is gone\): taken over$/mu);
    expect(stderr).toContain('The ledger balances: 3 000 spans read, 3 000 delivered');
    expect(server.requests.length).toBeGreaterThanOrEqual(lines);
  });

  it('goes on with another config only when told to, and says what changed', async () => {
    const cwd = recording();
    await interrupted(cwd, 'SIGINT');
    writeFileSync(
      join(cwd, 'pipeline.yaml'),
      pipeline('  attributes: {actions: [{key: a, action: delete}]}'),
    );
    const refused = await run(cwd, '--resume');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toBe(golden('resume-config-change.txt', refused.stderr));
    expect((await run(cwd, '--resume', '--accept-config-change')).exitCode).toBe(0);
    expect(server.requests).toHaveLength(lines);
  });

  it('is shown and removed by `respool checkpoint`', async () => {
    const cwd = recording();
    const empty = await respool(['checkpoint', 'show'], { cwd });
    expect(empty).toMatchObject({ exitCode: 0, stdout: 'There is no checkpoint in .respool.\n' });
    await interrupted(cwd, 'SIGINT');
    const { stdout } = await respool(['checkpoint', 'show'], { cwd });
    expect(stdout).toMatch(/^pipeline-[0-9a-f]{8}\n {2}respool run --config pipeline\.yaml\n {2}saved /u);
    expect(stdout).toMatch(/\n {2}otlp_http {2}delivered [\d ]+ spans\n/u);
    expect(stdout).toMatch(/\n {2}file {2}0 files read; traces\.jsonl up to byte \d+ of /u);
    const removed = await respool(['checkpoint', 'reset'], { cwd });
    expect(steady(removed.stdout)).toMatch(/^Removed the checkpoint pipeline-[0-9a-f]{8}\.\n$/u);
    expect(existsSync(join(cwd, '.respool'))).toBe(false);
    const unknown = await respool(['checkpoint', 'reset', 'x'], { cwd });
    expect(unknown).toMatchObject({ exitCode: 1, stderr: 'respool: there is no checkpoint x in .respool\n' });
  });
});

describe('--resume', () => {
  it('is refused where it cannot hold', async () => {
    const cwd = recording();
    expect((await run(cwd, '--resume', '--dry-run')).stderr).toMatch(/--dry-run delivers nothing/u);
    expect((await run(cwd, '--accept-config-change')).stderr).toMatch(/are for --resume/u);
    const stdin = await run(cwd, '--resume', '--set', 'receivers.file.include=["-"]');
    expect(stdin.exitCode).toBe(1);
    expect(stdin.stderr).toMatch(/standard input can be read only once/u);
    writeFileSync(join(cwd, 'file'), '');
    const noFolder = await run(cwd, '--resume', '--state', 'file/state');
    expect(noFolder.exitCode).toBe(2);
    expect(noFolder.stderr).toMatch(/the state cannot be kept in file\/state: .+\n {2}name another folder/u);
    expect(server.requests).toHaveLength(0);
  });
});

describe('what a backend refuses', () => {
  it('is in a dead-letter file, which the command that the end names sends again, as it was', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'poison', 'other']),
      'pipeline.yaml': pipeline('  attributes: {actions: [{key: times, value: 1, action: insert}]}'),
    });
    const isPoisoned = (request: { payload: Buffer }): boolean => request.payload.includes('poison');
    server.answer((request) => (isPoisoned(request) ? { status: 400 } : {}));
    const first = await run(cwd);
    expect(first.exitCode).toBe(3);
    const text = steady(first.stderr).replaceAll(/pipeline-[0-9a-f]{8}/gu, 'pipeline-HASH');
    expect(text).toBe(golden('dead-letters.txt', text));
    const [name = ''] = stateOf(cwd);
    const letters = readFileSync(join(cwd, '.respool', name), 'utf8')
      .trimEnd()
      .split('\n');
    expect(letters).toHaveLength(1);
    expect(letters[0]).toContain('"poison"');
    const told = [
      ...(letters[0] ?? '').matchAll(/"respool\.dead_letter\.(\w+)","value":\{"stringValue":"([^"]+)"/gu),
    ];
    expect(told.map(([, key, value]) => [key, value])).toEqual([
      ['reason', expect.stringMatching(/answered 400/u)],
      ['exporter', 'otlp_http'],
      ['origin', 'traces.jsonl'],
    ]);
    server.answer({});
    const delivered = server.requests.length;
    const set = [...first.stderr.matchAll(/--set '([^']+)'|--set (\S+)/gu)].flatMap(([, a, b]) => [
      '--set',
      a ?? b ?? '',
    ]);
    const state = /--state (\S+)/u.exec(first.stderr)?.[1] ?? '';
    const second = await run(cwd, '--state', state, ...set);
    expect(second.exitCode).toBe(0);
    expect(server.requests.slice(delivered).map(isPoisoned)).toEqual([true]);
    expect(second.stderr).toContain('The ledger balances: 1 span read, 1 delivered');
  });

  it('goes straight to the exporter that could not deliver it, whatever the pipelines are', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'poison']),
      'pipeline.yaml': `receivers:
  file: {include: [traces.jsonl], exclude: ['**/*.dead-letters.jsonl']}
processors: {attributes: {actions: [{key: host, action: hash}]}}
connectors: {forward: {}}
exporters:
  otlp_http: {endpoint: "${server.url}"}
  file: {path: out.jsonl, append: true}
service:
  pipelines:
    traces/in: {receivers: [file], processors: [attributes], exporters: [forward, file]}
    traces/out: {receivers: [forward], exporters: [otlp_http]}
`,
    });
    server.answer((request) => (request.payload.includes('poison') ? { status: 400 } : {}));
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(3);
    const file = readFileSync(join(cwd, 'out.jsonl'), 'utf8');
    server.answer({});
    const delivered = server.requests.length;
    const words = [
      ...(/send again: respool run (.+)/u.exec(stderr)?.[1] ?? '').matchAll(/'([^']+)'|(\S+)/gu),
    ];
    const again = await respool(['run', ...words.map(([, a, b]) => a ?? b ?? '')], { cwd });
    expect(again.stderr).toContain('The ledger balances: 1 span read, 1 delivered');
    expect(server.requests.slice(delivered).map(({ payload }) => payload.includes('poison'))).toEqual([true]);
    expect(readFileSync(join(cwd, 'out.jsonl'), 'utf8')).toBe(file);
  });

  it('goes to the one of several exporters that could not deliver it', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'first', 'second']),
      'pipeline.yaml': `receivers:
  file: {include: [traces.jsonl]}
exporters:
  otlp_http/a: {traces_endpoint: "${server.url}/first"}
  otlp_http/b: {traces_endpoint: "${server.url}/second"}
service:
  pipelines:
    traces: {receivers: [file], exporters: [otlp_http/a, otlp_http/b]}
`,
    });
    server.answer(({ path, payload }) => (payload.includes(path.slice(1)) ? { status: 400 } : {}));
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(3);
    server.answer({});
    const delivered = server.requests.length;
    const command = /send again: respool run (.+)/u.exec(stderr)?.[1] ?? '';
    const words = [...command.matchAll(/'([^']+)'|(\S+)/gu)].map(([, a, b]) => a ?? b ?? '');
    const again = await respool(['run', ...words], { cwd });
    expect(again.exitCode).toBe(0);
    const sent = server.requests.slice(delivered).map(({ path, payload }) => {
      const names = ['good', 'first', 'second'].filter(
        (name) => payload.includes(`\u0005${name}`) || payload.includes(`\u0006${name}`),
      );
      return `${path} ${names.join(' ')}`;
    });
    expect(sent.toSorted()).toEqual(['/first first', '/second second']);
  });

  it('that a processor failed on goes to that processor, and on from there', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'poison']),
      'mine.js': `import { defineProcessor } from 'respool';
export default defineProcessor({ create: () => ({ span(span) { if (span.name === 'poison') throw new Error('no'); } }) });
`,
      'pipeline.yaml': `receivers:
  file: {include: [traces.jsonl]}
processors:
  attributes: {actions: [{key: host, action: hash}]}
  mine: {module: ./mine.js, on_error: dead_letter}
connectors: {forward: {}}
exporters:
  otlp_http: {endpoint: "${server.url}"}
service:
  pipelines:
    traces/in: {receivers: [file], processors: [attributes, mine], exporters: [forward]}
    traces/out: {receivers: [forward], exporters: [otlp_http]}
`,
    });
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(3);
    writeFileSync(
      join(cwd, 'mine.js'),
      `import { defineProcessor } from 'respool'; export default defineProcessor({ create: () => ({ span() {} }) });`,
    );
    const command = /send again: respool run (.+)/u.exec(stderr)?.[1] ?? '';
    expect(command).toContain("'service.pipelines.traces/dead_letters.processors=[mine]'");
    const words = [...command.matchAll(/'([^']+)'|(\S+)/gu)].map(([, a, b]) => a ?? b ?? '');
    const again = await respool(['run', ...words], { cwd });
    expect(again.stderr).toContain('The ledger balances: 1 span read, 1 delivered');
    expect(server.requests.map(({ payload }) => payload.includes('poison'))).toEqual([false, true]);
  });

  it('goes past no processor that another record failed on, and to none that it was past', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'poison', 'second', 'refused']),
      'mine.js': `import { defineProcessor } from 'respool';
export default defineProcessor({ create: (config, { id }) => ({ span(span) {
  if (span.name === (id.endsWith('2') ? 'second' : 'poison')) throw new Error('no');
} }) });
`,
      'pipeline.yaml': `receivers:
  file: {include: [traces.jsonl]}
processors:
  mine: {module: ./mine.js, on_error: dead_letter}
  mine/2: {module: ./mine.js, on_error: dead_letter}
connectors: {forward: {}}
exporters:
  otlp_http: {endpoint: "${server.url}"}
service:
  pipelines:
    traces/in: {receivers: [file], processors: [mine, mine/2], exporters: [forward]}
    traces/out: {receivers: [forward], exporters: [otlp_http]}
`,
    });
    server.answer((request) => (request.payload.includes('refused') ? { status: 400 } : {}));
    const { exitCode, stderr } = await run(cwd);
    expect(exitCode).toBe(3);
    writeFileSync(
      join(cwd, 'mine.js'),
      `import { defineProcessor } from 'respool';
export default defineProcessor({ create: (config, { id }) => ({ span(span) { span.name += id.endsWith('2') ? '_b' : '_a'; } }) });
`,
    );
    server.answer({});
    const delivered = server.requests.length;
    const command = /send again: respool run (.+)/u.exec(stderr)?.[1] ?? '';
    const words = [...command.matchAll(/'([^']+)'|(\S+)/gu)].map(([, a, b]) => a ?? b ?? '');
    const again = await respool(['run', ...words], { cwd });
    expect(again.exitCode, again.stderr).toBe(0);
    const names = server.requests
      .slice(delivered)
      .flatMap(
        ({ payload }) => payload.toString('latin1').match(/(?:poison|second|refused)(?:_a)?(?:_b)?/gu) ?? [],
      );
    expect(names.toSorted()).toEqual(['poison_a_b', 'refused', 'second_b']);
  });

  it('is sent again without touching the checkpoint of the run that wrote it', async () => {
    const cwd = folderWith({
      'traces.jsonl': spansLine(['good', 'poison']),
      'pipeline.yaml': pipeline(),
    });
    server.answer((request) => (request.payload.includes('poison') ? { status: 400 } : {}));
    const first = await run(cwd, '--resume', '--set', 'exporters.otlp_http.timeout=9s');
    const [, command = ''] =
      /send again: respool run (.+), and the --set of this run before these/u.exec(first.stderr) ?? [];
    server.answer({});
    const words = command.split(' ').map((word) => word.replaceAll("'", ''));
    expect((await respool(['run', ...words], { cwd })).exitCode).toBe(0);
    const delivered = server.requests.length;
    const last = await run(cwd, '--resume', '--set', 'exporters.otlp_http.timeout=9s');
    expect(last.stderr).toContain('goes on from the checkpoint');
    expect(server.requests).toHaveLength(delivered);
  });
});
