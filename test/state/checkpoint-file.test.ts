import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointFile, type SavedRun } from '../../src/state/checkpoint-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-state-'));
  path = join(directory, 'job.checkpoint.json');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(name: string): SavedRun {
  return {
    job: name,
    version: '1.2.3',
    savedAt: '2026-01-01T00:00:00Z',
    config: { 'receivers.file': 'abc' },
    checkpoint: {
      startedAtUnixNano: 1_800_000_000_000_000_001n,
      timeRange: { startUnixNano: 1n, endUnixNano: 2n ** 64n - 1n },
      positions: { file: { offset: 7, name: 'é\n' } },
      states: {},
      ledger: { receivers: [], processors: [], exporters: [], forcedFlushes: 3 },
    },
  };
}

async function readBack(): Promise<{ saved: SavedRun | undefined; damages: string[] }> {
  const damages: string[] = [];
  const saved = await new CheckpointFile(path).read((sentence) => damages.push(sentence));
  return { saved, damages };
}

describe('a checkpoint file', () => {
  it('gives back what was written last, for its owner only', async () => {
    const file = new CheckpointFile(path);
    expect(await readBack()).toEqual({ saved: undefined, damages: [] });
    await file.write(run('first'));
    await file.write(run('second'));
    expect(await readBack()).toEqual({ saved: run('second'), damages: [] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await file.remove();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('has one before it at every moment of a write, whatever a kill left behind', async () => {
    const file = new CheckpointFile(path);
    await file.write(run('1'));
    await file.write(run('2'));
    // Killed before the new one came to its place: both names are of one file, and the name on its way is there.
    rmSync(`${path}.previous`);
    linkSync(path, `${path}.previous`);
    linkSync(path, `${path}.second`);
    let isWriting = true;
    const missing: string[] = [];
    const watching = (async () => {
      while (isWriting) {
        for (const name of [path, `${path}.previous`]) await access(name).catch(() => missing.push(name));
      }
    })();
    for (let count = 3; count < 60; count++) await file.write(run(String(count)));
    isWriting = false;
    await watching;
    expect(missing).toEqual([]);
    expect(readdirSync(directory).toSorted()).toEqual([
      'job.checkpoint.json',
      'job.checkpoint.json.previous',
    ]);
    writeFileSync(path, '');
    expect((await readBack()).saved).toEqual(run('58'));
  });

  it.each<[string, (text: string) => string]>([
    ['has a torn tail', (text) => text.slice(0, -20)],
    ['is empty', () => ''],
    ['has one byte changed', (text) => text.replace('1.2.3', '1.2.4')],
    ['is something else', () => '{"a":1}\n'],
    ['has lost its first line', (text) => text.slice(text.indexOf('\n') + 1)],
  ])('falls back to the one before when it %s, and says so', async (_what, damage) => {
    const file = new CheckpointFile(path);
    await file.write(run('first'));
    await file.write(run('second'));
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const { saved, damages } = await readBack();
    expect(saved?.job).toBe('first');
    expect(damages).toEqual([
      expect.stringMatching(/job\.checkpoint\.json is damaged: .*going on from the checkpoint before it/u),
    ]);
  });

  it('says so, and what to do, when both are damaged', async () => {
    writeFileSync(path, 'x');
    writeFileSync(`${path}.previous`, 'y');
    await expect(readBack()).rejects.toMatchObject({
      message: expect.stringMatching(/is damaged.*; .*previous is damaged/u) as string,
      remedy: 'begin anew with `respool checkpoint reset`',
    });
  });

  it('does not take one of another format for damage', async () => {
    const file = new CheckpointFile(path);
    await file.write(run('first'));
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"respool_checkpoint":1', '"respool_checkpoint":9'),
    );
    await expect(readBack()).rejects.toThrow('was written by another version of Respool (format 9)');
  });
});
