/** Exporters and disks that give way: rows 16 to 18. */
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { otlpTo, pipeline } from '../config.ts';
import { expect, lacks, matches, same } from '../expect.ts';
import { narrow, pause } from '../interrupted.ts';
import { recorded } from '../recording.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends } from './answers.ts';

export const oneDown: Row = {
  row: 16,
  fault: 'Two exporters, and one of them is down',
  expected:
    'The other goes on up to a bound, and the checkpoint follows the slowest; with `on_error: drop` or `dead_letter` the job is done without it.',
  how: 'One backend answers 503 until the run is killed, and takes everything after that; then one that answers 401, with `on_error`.',
  async run(world) {
    const recording = recorded({ name: 'two', records: 1500, padding: 100 });
    world.write('in/a.jsonl', recording.text);
    const up = await world.otlp();
    const down = await world.otlp();
    down.answer(() => ({ status: 503 }));
    const config = pipeline({
      exporters: { 'otlp_http/up': otlpTo(up.url).otlp_http, 'otlp_http/down': otlpTo(down.url).otlp_http },
      service: { max_in_flight: '64KiB' },
    });
    const running = world.start(config, ['--resume']);
    await running.until(() => up.stores.traces.distinct > 0);
    let before = -1;
    while (up.stores.traces.distinct !== before) {
      before = up.stores.traces.distinct;
      await pause(500);
    }
    running.child.kill('SIGKILL');
    await running.ended;
    expect(before < 1500, 'the one that is up got everything: there is no bound');
    down.answer(() => undefined);
    ends(await world.run(config, ['--resume']), 0);
    up.stores.traces.holds(recording.issued);
    down.stores.traces.holds(recording.issued);
    const skew = Math.ceil((before * 700) / 1024);
    return `the other took ${before} records (about ${skew} KiB) and waited; resumed, 1500 of 1500 in both; ${await without(world)}`;
  },
};

/** An exporter that will never take anything does not stop the others, if the config says so. */
async function without(world: World): Promise<string> {
  for (const on_error of ['drop', 'dead_letter']) {
    const up = await world.otlp();
    const shut = await world.otlp();
    shut.answer(() => ({ status: 401 }));
    const ended = await world.run(
      pipeline({
        exporters: {
          'otlp_http/up': otlpTo(up.url).otlp_http,
          'otlp_http/shut': otlpTo(shut.url, { on_error }).otlp_http,
        },
      }),
      ['--state', `state-${on_error}`],
    );
    ends(ended, 3);
    same(up.stores.traces.distinct, 1500, `stored beside one with on_error: ${on_error}`);
  }
  return 'on_error: drop and dead_letter: 1500 in the other, exit 3';
}

/** Preloaded into the process: once a file says so, no byte can be written below a folder. */
const fullDisk = `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const isFull = (path) => fs.existsSync(process.env.FAULT_FULL) && String(path).includes(process.env.FAULT_BELOW);
const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
const open = fs.promises.open;
fs.promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  for (const name of ['write', 'writev', 'writeFile', 'appendFile']) {
    const real = handle[name].bind(handle);
    handle[name] = async (...args) => {
      if (isFull(path)) throw full();
      return await real(...args);
    };
  }
  return handle;
};
const writeFile = fs.promises.writeFile;
fs.promises.writeFile = async (path, ...rest) => {
  if (isFull(path)) throw full();
  return await writeFile(path, ...rest);
};
const paths = new Map();
const openSync = fs.openSync;
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  paths.set(descriptor, path);
  return descriptor;
};
for (const name of ['writeSync', 'writeFileSync', 'appendFileSync']) {
  const real = fs[name];
  fs[name] = (target, ...rest) => {
    if (isFull(typeof target === 'number' ? (paths.get(target) ?? '') : target)) throw full();
    return real(target, ...rest);
  };
}
syncBuiltinESMExports();
`;

export const diskFull: Row = {
  row: 17,
  fault: 'The disk is full: for the checkpoint, for an output file',
  expected:
    'The run stops with a clear message and never claims success; it can be resumed when there is room.',
  how: 'ENOSPC for every write below the folder of the checkpoint from some moment on, then room again; `/dev/full` as the output of the exporter `file`.',
  async run(world) {
    const recording = recorded({ name: 'full', records: 1500, padding: 100 });
    world.write('in/a.jsonl', recording.text);
    const preload = pathToFileURL(world.write('full.mjs', fullDisk)).href;
    const backend = await world.otlp();
    backend.answer(() => ({ delayMs: 4 }));
    const config = pipeline({ exporters: otlpTo(backend.url), service: narrow });
    const full = world.path('full');
    const running = world.start(config, ['--resume', '--state', 'saved'], {
      nodeOptions: ['--import', preload],
      env: { FAULT_FULL: full, FAULT_BELOW: 'saved' },
    });
    await running.until(() => backend.stores.traces.distinct >= 300);
    world.write('full', '');
    const stopped = await running.ended;
    ends(stopped, 2);
    matches(stopped.stderr, /no space left|ENOSPC|full/iu, 'the reason');
    lacks(stopped.stderr, /1 500 delivered/u, 'a claim of success');
    rmSync(full);
    backend.stores.traces.run++;
    ends(await world.run(config, ['--resume', '--state', 'saved']), 0);
    backend.stores.traces.holds(recording.issued);
    const output = await world.run(pipeline({ exporters: { file: { path: '/dev/full', append: true } } }), [
      '--state',
      'other',
    ]);
    expect(output.exitCode === 2 || output.exitCode === 78, `exit ${output.exitCode}:\n${output.stderr}`);
    matches(output.stderr, /no space left|ENOSPC|regular file|\/dev\/full/iu, 'the reason');
    return `checkpoint: exit 2 with the reason, resumed: 1500 of 1500 stored; output: exit ${output.exitCode} with the reason`;
  },
};

export const noState: Row = {
  row: 18,
  fault: 'The folder of the state is missing, or cannot be written',
  expected: 'Said before anything is sent.',
  how: '`--state` below a file, and in a file system where nothing can be made; a folder that is missing is made.',
  async run(world) {
    const recording = recorded({ records: 50 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    const config = pipeline({ exporters: otlpTo(backend.url) });
    const codes: (number | null)[] = [];
    for (const state of ['in/a.jsonl/state', '/sys/respool']) {
      const ended = await world.run(config, ['--resume', '--state', state]);
      expect(ended.exitCode !== 0, `it ran with --state ${state}:\n${ended.stderr}`);
      matches(ended.stderr, /state|checkpoint/iu, 'the word on it');
      codes.push(ended.exitCode);
    }
    same(backend.seen.length, 0, 'requests before it was said');
    ends(await world.run(config, ['--resume', '--state', 'deep/er/state']), 0);
    backend.stores.traces.holds(recording.issued);
    return `exit ${codes.join(' and ')} before any request; a missing folder is made`;
  },
};
