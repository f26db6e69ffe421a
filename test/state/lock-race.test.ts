/** Several processes that take and give back one lock all the time: never do two of them hold it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, root } from '../support/respool.ts';

const worker = `
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { Lock } from ${JSON.stringify(join(root, 'src/state/lock.ts'))};
const folder = process.argv[1];
for (let round = 0; round < 400; round++) {
  let lock;
  try { lock = await Lock.take(folder + '/job.lock', (said) => { console.log(said); }); } catch { continue; }
  closeSync(openSync(folder + '/held', 'wx'));
  await new Promise((done) => setTimeout(done, 1));
  unlinkSync(folder + '/held');
  await lock.release();
}`;

it('is never held by two processes, and never taken from one that just got it', async () => {
  const folder = folderWith({});
  const node = join(root, 'node_modules/.bin/node');
  const ends = Array.from({ length: 3 }, async () => {
    const child = spawn(node, ['--input-type=module', '--eval', worker, folder]);
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    await once(child, 'close');
    return { code: child.exitCode, said };
  });
  expect(await Promise.all(ends)).toEqual(ends.map(() => ({ code: 0, said: '' })));
}, 30_000);
