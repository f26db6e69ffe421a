import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodePlain } from '../support/plain-otlp.ts';
import { startOtlpServer, type ScriptedServer } from '../support/otlp-server.ts';
import { folderWith, respool } from '../support/respool.ts';

const lines = 300;

/** The run waits with its first batch until another thread is up: then both have a part of it, however slow the machine is. */
const processor = `
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
export default {
  stateless: true,
  create: (_, { logger }) => {
    if (!isMainThread) {
      writeFileSync('up', '');
      if (existsSync('dies')) process.exit(7);
    }
    logger.warn('said once');
    return {
      async batch() {
        while (!existsSync('up')) await new Promise((resolve) => setTimeout(resolve, 5));
      },
      span(span) {
        span.attributes.set('thread', threadId);
      },
    };
  },
};`;

function recording(): string {
  const line = (name: string): string =>
    JSON.stringify({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: [{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name }] },
          ],
        },
      ],
    });
  return Array.from({ length: lines }, (_, at) => `${line(`span ${at}`)}\n`).join('');
}

function folder(server: ScriptedServer): string {
  return folderWith({
    'a.jsonl': recording(),
    'mark.mjs': processor,
    'pipeline.yaml': `
receivers: {file: {include: [a.jsonl], batch_bytes: 1KiB}}
processors: {mark: {module: ./mark.mjs}}
exporters: {otlp_http: {endpoint: "${server.url}", compression: none}}
service:
  workers: 2
  max_in_flight: 12KiB
  pipelines: {traces: {receivers: [file], processors: [mark], exporters: [otlp_http]}}`,
  });
}

interface Report {
  readonly workers: number;
  readonly balanced: boolean;
  readonly exporters: readonly {
    readonly delivered: number;
    readonly deadLettered: Record<string, number>;
  }[];
  readonly receivers: readonly { readonly bytes: number }[];
}

async function run(cwd: string, ...flags: string[]) {
  const ended = await respool(['run', '-c', 'pipeline.yaml', '--report', 'report.json', ...flags], { cwd });
  const report = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as Report;
  return { ...ended, report };
}

/** The spans that the server was sent: names, each with the thread that it came through. */
function spansIn({ requests }: ScriptedServer): Map<string, string> {
  const spans = new Map<string, string>();
  for (const { payload } of requests)
    for (const [, name = '', thread = ''] of JSON.stringify(
      decodePlain('TracesData', payload),
      (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
    ).matchAll(/"name":"(span \d+)".*?"intValue":(\d+)/g))
      spans.set(name, thread);
  return spans;
}

it('threads share a file: all arrives, with one ledger, and what all of them say is said once', async () => {
  const server = await startOtlpServer();
  try {
    const cwd = folder(server);
    const { exitCode, stderr, report } = await run(cwd);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`delivered ${lines} spans`)]);
    expect(stderr).toMatch(/took .* with 2 workers\./);
    expect(report).toMatchObject({ workers: 2, balanced: true });
    expect(report.receivers[0]?.bytes).toBe(readFileSync(join(cwd, 'a.jsonl')).length);
    const spans = spansIn(server);
    expect(spans.size).toBe(lines);
    expect(new Set(spans.values()).size).toBe(2);
    expect(stderr.split('said once').length).toBe(2);
    expect(existsSync(join(cwd, '.respool'))).toBe(false);
  } finally {
    await server.close();
  }
});

it('dead letters of all threads are in one file', async () => {
  const server = await startOtlpServer();
  try {
    server.answer(() => ({ status: 400, headers: { 'content-type': 'application/x-protobuf' } }));
    const cwd = folder(server);
    const { exitCode, report } = await run(cwd);
    expect(exitCode).toBe(3);
    expect(report.balanced).toBe(true);
    const files = readdirSync(join(cwd, '.respool')).filter((name) => name.endsWith('.jsonl'));
    expect(files).toHaveLength(1);
    const letters = readFileSync(join(cwd, '.respool', files[0] ?? ''), 'utf8')
      .trimEnd()
      .split('\n');
    expect(letters).toHaveLength(lines);
    const counted = Object.values(report.exporters[0]?.deadLettered ?? {});
    expect(counted.reduce((sum, items) => sum + items, 0)).toBe(lines);
  } finally {
    await server.close();
  }
});

it('a thread that dies ends the run, which says so; resumed, everything is there', async () => {
  const server = await startOtlpServer();
  try {
    const cwd = folder(server);
    writeFileSync(join(cwd, 'dies'), '');
    server.answer(() => ({ delayMs: 20 }));
    const first = await run(cwd);
    expect(first.exitCode).toBe(2);
    expect(first.stderr).toMatch(/workers: a thread ended before its time: with code 7/);
    expect(first.report.balanced).toBe(true);
    const second = await run(cwd, '--resume', '--set', 'service.workers=1');
    expect([second.exitCode, second.stderr]).toEqual([0, expect.anything()]);
    expect(second.report.exporters[0]?.delivered).toBe(lines);
    expect(spansIn(server).size).toBe(lines);
  } finally {
    await server.close();
  }
});
