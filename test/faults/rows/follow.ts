/** Files that change while they are read: rows 25 and 26. */
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  rmSync,
  readFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { otlpTo, pipeline } from '../config.ts';
import { expect, same } from '../expect.ts';
import { pause } from '../interrupted.ts';
import type { OtlpBackend } from '../oracle/otlp.ts';
import { recorded, type Recording } from '../recording.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends } from './answers.ts';

async function holds(backend: OtlpBackend, records: number): Promise<void> {
  const limitMs = 10_000;
  const endMs = performance.now() + limitMs;
  while (backend.stores.traces.distinct < records) {
    expect(
      performance.now() < endMs,
      `${backend.stores.traces.distinct} of ${records} records after ${limitMs} ms`,
    );
    await pause(10);
  }
}

/** Runs `change` while a file is followed; every record has to be stored once. */
async function followed(
  world: World,
  name: string,
  change: (path: string, parts: readonly Recording[], backend: OtlpBackend) => Promise<void>,
): Promise<void> {
  const parts = [1, 2, 3, 4].map((at) => recorded({ name: `${name} ${at}`, records: 100 }));
  const path = world.write(`${name}/a.jsonl`, parts[0]?.text ?? '');
  const backend = await world.otlp();
  const config = pipeline({
    receiver: { include: [`${name}/*`] },
    exporters: otlpTo(backend.url),
  });
  const running = world.start(config, ['--follow', '--state', `state-${name}`]);
  await holds(backend, 100);
  await change(path, parts, backend);
  await holds(backend, 400);
  await pause(700);
  running.child.kill('SIGINT');
  ends(await running.ended, 130);
  backend.stores.traces.holds(new Map(parts.flatMap(({ issued }) => [...issued])));
  same(backend.stores.traces.duplicates, 0, `records that were read twice (${name})`);
}

export const rotated: Row = {
  row: 25,
  fault: 'A file is rotated while it is read: renamed, copied and truncated, renamed and compressed',
  expected: 'The old file is read to its end, the new one from its beginning; nothing twice, nothing missed.',
  how: '`--follow` on a folder in which a file grows and is rotated in each of these ways; what it was renamed to is in the folder too.',
  async run(world) {
    await followed(world, 'rename', async (path, [, second, third, fourth]) => {
      appendFileSync(path, second?.text ?? '');
      renameSync(path, `${path}.1`);
      writeFileSync(path, third?.text ?? '');
      await pause(300);
      appendFileSync(path, fourth?.text ?? '');
    });
    await followed(world, 'copytruncate', async (path, [, second, third, fourth], backend) => {
      appendFileSync(path, second?.text ?? '');
      await holds(backend, 200);
      copyFileSync(path, `${path}.1`);
      truncateSync(path, 0);
      appendFileSync(path, third?.text ?? '');
      await holds(backend, 300);
      appendFileSync(path, fourth?.text ?? '');
    });
    await followed(world, 'compress', async (path, [, second, third, fourth], backend) => {
      appendFileSync(path, second?.text ?? '');
      renameSync(path, `${path}.1`);
      writeFileSync(path, third?.text ?? '');
      await holds(backend, 300);
      writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
      rmSync(`${path}.1`);
      await pause(300);
      appendFileSync(path, fourth?.text ?? '');
    });
    return 'renamed, copied and truncated, renamed and compressed: 400 of 400 records each, none twice';
  },
};

export const appended: Row = {
  row: 26,
  fault: 'A file is appended to while it is replayed',
  expected:
    'A job reads what was there when it began, whole lines only; `--follow` reads on, also when a line comes in pieces.',
  how: 'Lines are appended after the first request, with and without `--follow`; the last one in two pieces.',
  async run(world) {
    const [first, later] = ['before', 'later'].map((name) => recorded({ name, records: 300 }));
    if (first === undefined || later === undefined) throw new Error('no recordings');
    const path = world.write('in/a.jsonl', first.text);
    const backend = await world.otlp();
    backend.answer(() => ({ delayMs: 20 }));
    const running = world.start(
      pipeline({ exporters: otlpTo(backend.url), service: { max_in_flight: '16KiB' } }),
    );
    await running.until(() => backend.seen.length > 0);
    appendFileSync(path, later.text.slice(0, later.text.length - 50));
    ends(await running.ended, 0);
    backend.stores.traces.holds(first.issued);
    same(backend.stores.traces.duplicates, 0, 'duplicates');
    const following = await world.otlp();
    const follower = world.start(pipeline({ exporters: otlpTo(following.url) }), [
      '--follow',
      '--state',
      'follow',
    ]);
    await holds(following, 590);
    await pause(300);
    appendFileSync(path, later.text.slice(later.text.length - 50));
    await holds(following, 600);
    follower.child.kill('SIGINT');
    ends(await follower.ended, 130);
    following.stores.traces.holds(new Map([...first.issued, ...later.issued]));
    same(following.stores.traces.duplicates, 0, 'duplicates');
    return 'a job: the 300 records that were there, exit 0; --follow: all 600, the last line in two pieces';
  },
};
