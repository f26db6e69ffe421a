/** What happens to the process: rows 30, 31 and 35. */
import { spawn } from 'node:child_process';
import { otlpTo, pipeline } from '../config.ts';
import { node, program } from '../process.ts';
import { recorded } from '../recording.ts';
import { expect, matches, same } from '../expect.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends, exporterIn } from './answers.ts';

export const signals: Row = {
  row: 30,
  fault: 'SIGTERM, SIGINT, a second SIGINT; the parent closes the pipe',
  expected:
    'What was read is sent for up to `--grace`; exit 130 or 143; a second signal ends at once; the report is written each time.',
  how: 'Signals after the third request to a slow backend; a second one to a silent backend; data to a standard output that is closed.',
  async run(world) {
    const recording = recorded({ records: 5000 });
    world.write('in/a.jsonl', recording.text);
    const seen: string[] = [];
    for (const [signal, exitCode] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const backend = await world.otlp();
      backend.answer(() => ({ delayMs: 30 }));
      const running = world.start(
        pipeline({ exporters: otlpTo(backend.url), service: { max_in_flight: '32KiB' } }),
      );
      await running.until(() => backend.seen.length >= 3);
      running.child.kill(signal);
      const ended = await running.ended;
      ends(ended, exitCode);
      expect(ended.report?.interrupted === true, 'the report does not say that it was interrupted');
      const { delivered, abandoned, uncertain } = exporterIn(ended);
      same(abandoned + uncertain, 0, 'abandoned of what was read');
      expect(delivered > 0 && delivered < 5000, `${delivered} of 5000 delivered: the signal came too late`);
      seen.push(`${signal}: exit ${exitCode}, all that was read delivered`);
    }
    seen.push(await second(world), await closedPipe(world));
    return seen.join('; ');
  },
};

async function second(world: World): Promise<string> {
  const backend = await world.otlp();
  backend.answer(() => ({ silent: true }));
  const running = world.start(pipeline({ exporters: otlpTo(backend.url) }), ['--grace', '1m']);
  await running.until(() => backend.seen.length > 0);
  running.child.kill('SIGINT');
  await running.seen(/Stopping: /u);
  const startedMs = performance.now();
  running.child.kill('SIGINT');
  const ended = await running.ended;
  ends(ended, 130);
  expect(performance.now() - startedMs < 3000, 'the second signal did not end it at once');
  expect(ended.report !== undefined, 'no report');
  return 'a second SIGINT: at once, report written';
}

/** `respool ... | true` */
async function closedPipe(world: World): Promise<string> {
  const config = pipeline({ exporters: { debug: { verbosity: 'detailed' } } });
  world.write('debug.yaml', JSON.stringify(config));
  const child = spawn(node, [program, 'run', '-c', 'debug.yaml', '-q'], {
    cwd: world.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  const exitCode = await new Promise<number | null>((done) => child.once('close', done));
  expect(exitCode !== null && exitCode < 128 && !/^\s+at /mu.test(stderr), `exit ${exitCode}:\n${stderr}`);
  return `a closed pipe: exit ${exitCode}, without a stack trace`;
}

export const memory: Row = {
  row: 31,
  fault: 'A heap of 128 MB and a recording much larger than that',
  expected: 'Memory stays flat: what is under way is bounded in bytes, not in items.',
  how: '400 MB, or 5 GB with `--large`, on standard input with `--max-old-space-size=128`, into a backend that takes 20 ms for each request; the memory of the process is measured.',
  async run(world) {
    const part = recorded({ records: 1000, perLine: 50, padding: 2000 });
    const { text } = part;
    const times = Math.ceil((world.isLarge ? 5_000_000_000 : 400_000_000) / text.length);
    const backend = await world.otlp();
    backend.answer(() => ({ delayMs: 20 }));
    const running = world.start(
      pipeline({ receiver: { include: ['-'], batch_bytes: '1MiB' }, exporters: otlpTo(backend.url) }),
      [],
      {
        nodeOptions: ['--max-old-space-size=128'],
        env: { RESPOOL_TEST_STDIN: 'open' },
        limitMs: world.isLarge ? 3_600_000 : 180_000,
      },
    );
    const { stdin } = running.child;
    expect(stdin !== null, 'no standard input');
    for (let at = 0; at < times && running.child.exitCode === null; at++)
      if (!stdin.write(text))
        await Promise.race([new Promise((done) => stdin.once('drain', done)), running.ended]);
    stdin.end();
    const ended = await running.ended;
    ends(ended, 0);
    const { traces } = backend.stores;
    traces.holds(part.issued);
    same(traces.total, times * 1000, 'stored');
    const peak = Math.round(ended.peakBytes / 2 ** 20);
    expect(peak < 300, `${peak} MiB of memory`);
    return `${times} 000 of ${times} 000 records stored, memory under ${peak < 200 ? 200 : 300} MiB`;
  },
};

const throwing = `import { defineProcessor } from 'respool';
export default defineProcessor({
  create: () => ({
    span(span) {
      if (span.name === 'a span 57') throw new Error('no such customer');
    },
  }),
});
`;
const rejecting = throwing.replace(
  /span\(span\)[^]*?\n {4}\},/u,
  `async batch(batch) {
      await new Promise((done) => setTimeout(done, 5));
      if (batch.spans().some((span) => span.name === 'a span 57')) throw new Error('no such customer');
    },`,
);
const hanging = throwing.replace(
  /span\(span\)[^]*?\n {4}\},/u,
  `batch() {
      process.stderr.write('it hangs\\n');
      return new Promise(() => {});
    },`,
);

export const ownProcessor: Row = {
  row: 35,
  fault: 'A custom processor throws, rejects, or never resolves',
  expected:
    'The run stops with exit 2 and names the processor; nothing of the batch is counted as delivered; one that hangs can be interrupted, and what is inside is counted as abandoned.',
  how: "A processor of the user's own that throws on one span, one whose promise rejects, one whose promise never ends: Ctrl-C, once and twice.",
  notBuilt:
    'a policy per record, a time limit, file and line in the message, a warning when the event loop is blocked, what is changed after the return: with the later work on custom processors',
  async run(world) {
    const recording = recorded({ records: 100 });
    world.write('in/a.jsonl', recording.text);
    for (const [name, source] of [
      ['throws', throwing],
      ['rejects', rejecting],
    ] as const) {
      world.write(`${name}.ts`, source);
      const backend = await world.otlp();
      const ended = await world.run(
        pipeline({ processors: { [name]: { module: `./${name}.ts` } }, exporters: otlpTo(backend.url) }),
      );
      ends(ended, 2);
      matches(ended.stderr, new RegExp(`${name}[^\\n]*no such customer`, 'u'), 'the name and the message');
      expect(!backend.stores.traces.first.has([...recording.issued.keys()][57] ?? ''), 'the span arrived');
    }
    world.write('hangs.ts', hanging);
    for (const times of [1, 2]) await interruptsHanging(world, times);
    return 'throws and rejects: exit 2 with the name of the processor and its words; hangs: ended by Ctrl-C once or twice, exit 130, all that was inside abandoned, the ledger balances';
  },
};

/** Ends by the grace after one signal, and at once after two. */
async function interruptsHanging(world: World, times: number): Promise<void> {
  const backend = await world.otlp();
  const running = world.start(
    pipeline({ processors: { hangs: { module: './hangs.ts' } }, exporters: otlpTo(backend.url) }),
    ['--grace', times === 1 ? '200ms' : '1m'],
  );
  await running.seen(/it hangs/u);
  running.child.kill('SIGINT');
  if (times === 2) {
    await running.seen(/Stopping: /u);
    running.child.kill('SIGINT');
  }
  const ended = await running.ended;
  ends(ended, 130);
  same(backend.stores.traces.total, 0, 'stored');
  const [inside] = ended.report?.processors ?? [];
  expect(inside !== undefined && inside.in > 0, 'the report does not tell of the processor');
  same(inside.abandoned, inside.in, 'abandoned of what is inside');
}
