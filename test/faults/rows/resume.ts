/** A replay that is interrupted and goes on: rows 1 to 4, 24, 29 and 38. */
import { cpSync, rmSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { otlpTo, pipeline, type PipelineOptions } from '../config.ts';
import { expect, lacks, matches, same } from '../expect.ts';
import { killedAfter, narrow, stateFiles } from '../interrupted.ts';
import { killTest } from '../kills.ts';
import type { OtlpBackend } from '../oracle/otlp.ts';
import { recorded, type Recording } from '../recording.ts';
import type { Row } from '../row.ts';
import type { Config, World } from '../world.ts';
import { ends } from './answers.ts';

/** A backend that takes a few milliseconds for each request, and the config of a replay to it. */
async function replay(
  world: World,
  more: Partial<PipelineOptions> = {},
): Promise<{ backend: OtlpBackend; config: Config }> {
  const backend = await world.otlp();
  backend.answer(() => ({ delayMs: 4 }));
  const config = pipeline({ exporters: otlpTo(backend.url), service: narrow, ...more });
  return { backend, config };
}

/** Resumes to the end; everything has to be there, and the ledger has to say so. */
async function finishes(
  world: World,
  { backend, config }: { backend: OtlpBackend; config: Config },
  recording: Recording,
  flags: readonly string[] = [],
): Promise<string> {
  const ended = await world.run(config, ['--resume', ...flags]);
  ends(ended, 0);
  backend.stores.traces.holds(recording.issued);
  const [exporter] = ended.report?.exporters ?? [];
  same(exporter?.delivered, recording.records.length, 'delivered by the ledger of the last run');
  return ended.stderr;
}

const many = (name: string): Recording => recorded({ name, records: 1500, padding: 100 });

export const killed: Row = {
  row: 1,
  fault: '`kill -9` at random points of a replay, then resumed',
  expected:
    'Nothing lost; twice at most what was in flight at a kill, each copy byte for byte the same; the ledger of the last run says what the backend holds.',
  how: '20 kills here, and 1000 with `npm run faults -- --kills 1000`: five files, plain, gzip and zstd, of spans and log records, into a backend that fails a third of the requests (503, 429, resets before and after it stored, slow).',
  async run() {
    const totals = await killTest({ wanted: 20, seed: 1, workers: 1 }, () => {});
    return `${totals.kills} kills in ${totals.replays} replays: ${totals.records} of ${totals.records} records stored, at most ${Math.ceil(totals.mostRepeatedBytes / 1024)} KiB twice after a kill (64 KiB in flight)`;
  },
};

export const torn: Row = {
  row: 2,
  fault: 'Killed while the checkpoint is written; a checkpoint that is torn, empty or garbage',
  expected:
    'The checkpoint is the old one or the new one, never half of one. A damaged one is named, and the one before it is taken; where none is whole, the run refuses and says what to do.',
  how: 'Ten kills, each upon a change in the folder of the checkpoint; then the newest checkpoint is cut in half, emptied, and filled with garbage, and at last all of them.',
  async run(world) {
    const recording = many('torn');
    world.write('in/a.jsonl', recording.text);
    const replayed = await replay(world);
    const { backend, config } = replayed;
    await killedAfter(world, backend, config, { records: 50 });
    for (let kills = 0; kills < 10 && backend.stores.traces.distinct < 1300; kills++) {
      const running = world.start(config, ['--resume']);
      const watcher = watch(world.path('.respool'), { recursive: true });
      let events = 0;
      const wanted = 3 + kills * 2;
      const isThere = new Promise<void>((done) => watcher.on('change', () => ++events >= wanted && done()));
      await Promise.race([isThere, running.ended]);
      running.child.kill('SIGKILL');
      const { stderr } = await running.ended;
      watcher.close();
      lacks(stderr, /checkpoint .*(?:damaged|cannot be read|torn)/iu, 'the word on the checkpoint');
      backend.stores.traces.run++;
    }
    return `ten kills at its writing: always readable; ${await damages(world, replayed, recording)}`;
  },
};

/** The newest checkpoint damaged in three ways, which falls back to the one before it; then all of them, which is refused. */
async function damages(
  world: World,
  replayed: { backend: OtlpBackend; config: Config },
  recording: Recording,
): Promise<string> {
  const kept = world.path('kept');
  cpSync(world.path('.respool'), kept, { recursive: true });
  const restore = (): void => {
    rmSync(world.path('.respool'), { recursive: true });
    cpSync(kept, world.path('.respool'), { recursive: true });
  };
  const newest = (): string => stateFiles(world).find((path) => path.endsWith('.checkpoint.json')) ?? '';
  for (const damage of [
    (path: string) => truncateSync(path, statSync(path).size >> 1),
    (path: string) => truncateSync(path, 0),
    (path: string) => writeFileSync(path, '\0\u0001 garbage {'),
  ]) {
    // The copies share no inode, as the newest and the one before it may after a kill.
    restore();
    damage(newest());
    matches(await finishes(world, replayed, recording), /checkpoint.*damaged/u, 'the warning');
  }
  for (const path of stateFiles(world)) writeFileSync(path, '{');
  const refused = await world.run(replayed.config, ['--resume']);
  expect(refused.exitCode !== 0, `damaged checkpoints were taken:\n${refused.stderr}`);
  matches(refused.stderr, /checkpoint reset/u, 'what to do');
  ends(await world.command(['checkpoint', 'reset']).ended, 0);
  await finishes(world, replayed, recording);
  return 'cut, emptied or garbage: a warning, the checkpoint before it, and 1500 of 1500 stored; all of them damaged: refused, with the way out';
}

export const replaced: Row = {
  row: 3,
  fault: 'The file was replaced by another of the same name',
  expected:
    'Told by its content: the run refuses and names the file; with `--accept-file-change` it begins the new file.',
  how: 'A replay is killed, its file is replaced by one of the same size with other records, and the replay is resumed.',
  async run(world) {
    const first = many('first');
    const second = many('other');
    world.write('in/a.jsonl', first.text);
    const { backend, config } = await replay(world);
    await killedAfter(world, backend, config, { records: 300 });
    const before = backend.stores.traces.distinct;
    // What was in flight at the kill is of a file that is gone.
    world.uncounted = 60;
    world.write('in/a.jsonl', second.text);
    const refused = await world.run(config, ['--resume']);
    expect(refused.exitCode !== 0, `it went on with another file:\n${refused.stderr}`);
    matches(refused.stderr, /a\.jsonl/u, 'the name of the file');
    matches(refused.stderr, /--accept-file-change/u, 'the way out');
    same(backend.stores.traces.distinct, before, 'stored meanwhile');
    const ended = await world.run(config, ['--resume', '--accept-file-change']);
    ends(ended, 0);
    const issued = new Map([...first.issued, ...second.issued]);
    const absent = new Set([...first.issued.keys()].filter((id) => !backend.stores.traces.first.has(id)));
    backend.stores.traces.holds(issued, absent);
    return 'refused with its name; with the flag, 1500 of 1500 records of the new file stored';
  },
};

export const reconfigured: Row = {
  row: 4,
  fault: 'The config changed between a run and its resumption',
  expected: 'Told, with the names of what changed; goes on with `--accept-config-change` only.',
  how: 'A replay is killed, a processor is added, and the replay is resumed without and with the flag.',
  async run(world) {
    const recording = many('config');
    world.write('in/a.jsonl', recording.text);
    const { backend, config } = await replay(world);
    await killedAfter(world, backend, config, { records: 300 });
    const attributes = { actions: [{ key: 'added', action: 'upsert', value: 'later' }] };
    const changed = pipeline({ exporters: otlpTo(backend.url), service: narrow, processors: { attributes } });
    const refused = await world.run(changed, ['--resume']);
    expect(refused.exitCode !== 0, `it went on with another config:\n${refused.stderr}`);
    matches(refused.stderr, /attributes/u, 'the name of what changed');
    matches(refused.stderr, /--accept-config-change/u, 'the way out');
    const ended = await world.run(changed, ['--resume', '--accept-config-change']);
    ends(ended, 0);
    // The ledger of another config begins where that config does.
    world.uncounted = 1500;
    const { first } = backend.stores.traces;
    same(first.size, 1500, 'stored');
    const added = [...first.values()].filter(({ content }) => content.includes('"added"')).length;
    expect(added > 0 && added < 1500, `${added} of 1500 records have the attribute of the new config`);
    return 'refused with the name of the processor; with the flag, 1500 of 1500 stored, the later ones by the new config';
  },
};

export const compressed: Row = {
  row: 24,
  fault: 'Interrupted inside a compressed file',
  expected: 'Goes on at the same record, by decompressing up to it; nothing lost.',
  how: 'Replays of one gzip file, of one gzip file with many members, and of one zstd file, each killed three times on the way.',
  async run(world) {
    const seen: string[] = [];
    for (const [name, compress] of [
      ['gzip', (recording: Recording) => gzipSync(recording.text)],
      ['members', ({ lines }: Recording) => Buffer.concat(lines.map((line) => gzipSync(`${line}\n`)))],
      ['zstd', (recording: Recording) => zstdCompressSync(Buffer.from(recording.text))],
    ] as const) {
      const recording = many(name);
      world.write(`in-${name}/a.jsonl`, compress(recording));
      const replayed = await replay(world, { receiver: { include: [`in-${name}`] } });
      const flags = ['--state', `state-${name}`];
      const { backend, config } = replayed;
      for (const records of [300, 700, 1100]) await killedAfter(world, backend, config, { records, flags });
      await finishes(world, replayed, recording, flags);
      const repeated = Math.max(0, ...backend.stores.traces.repeated.values());
      expect(
        repeated <= 16 * 1024,
        `${repeated} bytes were sent twice after one kill, with 16 KiB in flight`,
      );
      seen.push(`${name}: 1500 of 1500 after three kills`);
    }
    return `${seen.join('; ')}; twice at most what was in flight`;
  },
};

/** Preloaded into the process: the wall clock jumps. */
const jumpingClock = `const real = Date.now;
const day = 86_400_000;
let jumps = 0;
Date.now = () => real() + (process.env.FAULT_CLOCK === 'ahead' ? day : (jumps++ % 2 === 0 ? day : -day));
`;

export const clock: Row = {
  row: 29,
  fault: 'The clock jumps by a day, back and forth; a run is resumed a day later',
  expected:
    'Waits go by a clock that does not jump; all records are shifted by the same amount, also after a resumption.',
  how: 'A clock under the control of the test; `time_shift: {align: end_to_now}`, killed half-way and resumed with the clock a day ahead.',
  async run(world) {
    const recording = many('clock');
    world.write('in/a.jsonl', recording.text);
    const preload = pathToFileURL(world.write('clock.mjs', jumpingClock)).href;
    const settings = (mode: string) => ({
      nodeOptions: ['--import', preload],
      env: { FAULT_CLOCK: mode },
    });
    const processors = { time_shift: { align: 'end_to_now' } };
    const { backend, config } = await replay(world, { processors });
    await killedAfter(world, backend, config, { records: 500 });
    const resumed = await world.run(config, ['--resume'], settings('ahead'));
    ends(resumed, 0);
    const shifts = new Set<bigint>();
    for (const [id, content] of recording.issued)
      shifts.add(shiftOf(content, backend.stores.traces.first.get(id)?.content));
    same(shifts.size, 1, 'different shifts');
    same(backend.stores.traces.altered.length, 0, 'copies that were shifted differently');
    const jumping = await world.otlp();
    let failures = 0;
    jumping.answer(() => (failures++ < 12 ? { status: 503 } : undefined));
    const ended = await world.run(
      pipeline({ exporters: otlpTo(jumping.url) }),
      ['--state', 'other'],
      settings('jumping'),
    );
    ends(ended, 0);
    jumping.stores.traces.holds(recording.issued);
    expect(ended.elapsedMs < 30_000, `it took ${ended.elapsedMs} ms`);
    return `1500 of 1500 shifted by one amount over a kill and a day; with a jumping clock, ${failures} requests and no long wait`;
  },
};

function shiftOf(issued: string, stored: string | undefined): bigint {
  const start = (text: string): bigint => BigInt(/"startUnixNano":"int (\d+)"/u.exec(text)?.[1] ?? 0);
  expect(stored !== undefined, `a record is missing: ${issued}`);
  return start(stored) - start(issued);
}

export const two: Row = {
  row: 38,
  fault: 'Two replays are started on one checkpoint; a lock that a killed run left behind',
  expected:
    'The second ends at once and names the process that has it; the lock of a dead process is taken over.',
  how: 'A second run while the first is sending; then the first is killed and the replay resumed.',
  async run(world) {
    const recording = many('two');
    world.write('in/a.jsonl', recording.text);
    const replayed = await replay(world);
    const { backend, config } = replayed;
    // The first one is not to be done before the second one is there.
    backend.answer(() => ({ delayMs: 200 }));
    const first = world.start(config, ['--resume']);
    await first.until(() => backend.stores.traces.distinct >= 100);
    const second = await world.run(config, ['--resume']);
    expect(second.exitCode !== 0, `a second run went on:\n${second.stderr}`);
    matches(second.stderr, new RegExp(String(first.child.pid), 'u'), 'the process that has it');
    expect(first.child.exitCode === null, 'the first run ended too early to tell');
    first.child.kill('SIGKILL');
    await first.ended;
    backend.answer(() => undefined);
    await finishes(world, replayed, recording);
    return `the second: exit ${second.exitCode}, with the number of the process; after a kill, 1500 of 1500 stored`;
  },
};
