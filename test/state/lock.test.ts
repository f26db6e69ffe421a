import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLocked, Lock } from '../../src/state/lock.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-lock-'));
  path = join(directory, 'job.lock');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function take(): Promise<{ lock: Lock; said: string[] }> {
  const said: string[] = [];
  return { lock: await Lock.take(path, (sentence) => said.push(sentence)), said };
}

function owner(facts: { pid: number; host?: string; started?: string }): void {
  writeFileSync(path, JSON.stringify({ host: hostname(), started: '', ...facts }));
}

/** The number of a process that is gone. */
async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a lock', () => {
  it('is held by one run until that gives it back', async () => {
    const { lock, said } = await take();
    expect(said).toEqual([]);
    expect(await isLocked(path)).toBe(true);
    await expect(take()).rejects.toThrow(
      `another run works on this checkpoint: process ${process.pid} (${path})`,
    );
    await lock.release();
    expect(existsSync(path)).toBe(false);
    await (await take()).lock.release();
  });

  it('is taken over from a process that is gone, and that is said', async () => {
    const pid = await pidOfTheDead();
    owner({ pid });
    expect(await isLocked(path)).toBe(false);
    expect((await take()).said).toEqual([
      `the lock ${path} was left behind (process ${pid} is gone): taken over`,
    ]);
  });

  it.runIf(process.platform === 'linux')(
    'is taken over when its number belongs to another process now',
    async () => {
      owner({ pid: process.pid, started: '1' });
      expect((await take()).said).toHaveLength(1);
    },
  );

  it('of another machine counts, since nobody can tell whether its run is alive', async () => {
    owner({ pid: 1, host: 'elsewhere' });
    await expect(take()).rejects.toThrow('process 1 on elsewhere');
  });

  it('that says nothing is taken over', async () => {
    writeFileSync(path, '');
    expect((await take()).said[0]).toMatch(/nobody can tell whose it was/u);
  });

  it('that cannot be read is told of, and not waited for', async () => {
    mkdirSync(path);
    await expect(take()).rejects.toThrow(
      `nobody can tell whose lock this is: ${path} cannot be read: EISDIR`,
    );
  });

  it('goes to one of several that want it at once', async () => {
    owner({ pid: await pidOfTheDead() });
    const results = await Promise.allSettled(Array.from({ length: 8 }, take));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
