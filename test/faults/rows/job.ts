/** What happens to the process: rows 30 and 31. */
import { spawn } from 'node:child_process';
import { otlpTo, pipeline } from '../config.ts';
import { node, program } from '../process.ts';
import { recorded } from '../recording.ts';
import { expect, same } from '../expect.ts';
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
