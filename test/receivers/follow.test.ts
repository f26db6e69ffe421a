/** Files that grow and are rotated while they are followed: nothing twice, nothing missed. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import { systemClock } from '../../src/pipeline/clock.ts';
import { InterruptedError } from '../../src/pipeline/errors.ts';
import { folderWith, logLine, receiverIn, spanLine, type Files, type ReadOptions } from './support.ts';

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => spanLine(`s${from + i}`, 100 + from + i)).join('');
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `s${from + i}`);

interface Following {
  readonly folder: string;
  readonly path: string;
  readonly items: string[];
  readonly log: string[];
  readonly regions: string[];
  /** Waits for so many items, and then a little longer for what should not come. */
  until(count: number): Promise<void>;
  /** Stops, and answers the last position. */
  stop(): Promise<JsonValue | undefined>;
}

interface FollowOptions extends ReadOptions {
  readonly folder?: string;
  readonly more?: object;
}

async function follow(files: Files, options: FollowOptions = {}): Promise<Following> {
  const folder = options.folder ?? folderWith(files);
  const stop = new AbortController();
  const items: string[] = [];
  const config = { include: ['*.jsonl*'], poll_interval: '10ms', ...options.more };
  const { receiver, counts, log } = await receiverIn(folder, config, {
    clock: systemClock,
    signal: stop.signal,
    follow: true,
    ...options,
  });
  let latest: JsonValue | undefined;
  const ended = receiver.start({
    emit: async (batch, position) => {
      if (stop.signal.aborted) throw new InterruptedError();
      if (batch.signal === 'traces') items.push(...batch.spans().map(({ name }) => name));
      else if (batch.signal === 'logs')
        items.push(...batch.logRecords().map(({ body }) => (typeof body === 'string' ? body : '')));
      latest = position;
      counts.commit();
      batch.release();
    },
    advance: (position) => {
      latest = position;
      counts.commit();
    },
  });
  ended.catch(() => undefined);
  await Promise.race([ended, systemClock.sleep(30)]);
  return {
    folder,
    path: join(folder, 'a.jsonl'),
    items,
    log,
    get regions() {
      return counts.unreadable.kept.map(({ input, offset, bytes }) => `${input} ${offset}+${bytes}`);
    },
    until: async (count) => {
      await vi.waitFor(() => expect(items.length).toBeGreaterThanOrEqual(count), {
        timeout: 8000,
        interval: 5,
      });
      await systemClock.sleep(40);
    },
    stop: async () => {
      stop.abort();
      // As a run does: what is handed over while it stops is refused, and read again.
      await ended.catch((error: unknown) => {
        if (!(error instanceof InterruptedError)) throw error;
      });
      return latest === undefined ? undefined : (JSON.parse(JSON.stringify(latest)) as JsonValue);
    },
  };
}

describe('a file that grows', () => {
  it('line by line, halves of lines, several at once', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 2) });
    await f.until(2);
    appendFileSync(f.path, lines(2, 3));
    await f.until(3);
    const line = lines(3, 4);
    for (const at of [0, 1, 2, 3]) {
      appendFileSync(f.path, line.slice(at * 60, at === 3 ? undefined : (at + 1) * 60));
      await systemClock.sleep(25);
      if (at < 3) expect(f.items).toHaveLength(3);
    }
    await f.until(4);
    appendFileSync(f.path, lines(4, 60));
    await f.until(60);
    await f.stop();
    expect(f.items).toEqual(names(0, 60));
    expect(f.regions).toEqual([]);
  });

  it('indented documents, other signals and text between', async () => {
    const f = await follow({ 'a.jsonl': '' });
    const pretty = JSON.stringify(JSON.parse(lines(0, 1)), null, 2);
    appendFileSync(f.path, pretty.slice(0, 200));
    await systemClock.sleep(30);
    appendFileSync(f.path, `${pretty.slice(200)}\nsome `);
    await f.until(1);
    appendFileSync(f.path, `text\n${logLine('l')}${lines(1, 2)}`);
    await f.until(3);
    await f.stop();
    expect(f.items).toEqual(['s0', 's1', 'l']);
    expect(f.regions).toEqual([`a.jsonl ${pretty.length + 1}+10`]);
  });

  it('is stopped in the middle of a line, which a later run reads', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 3) + lines(3, 4).slice(0, 90) });
    await f.until(3);
    const position = await f.stop();
    expect(f.regions).toEqual([]);
    appendFileSync(f.path, lines(3, 4).slice(90) + lines(4, 6));
    const g = await follow({}, { folder: f.folder, position });
    await g.until(3);
    await g.stop();
    expect([...f.items, ...g.items]).toEqual(names(0, 6));
  });

  it('was rotated between two runs', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 30), 'b.jsonl': lines(100, 101) });
    await f.until(31);
    const position = await f.stop();
    appendFileSync(f.path, lines(30, 32));
    writeFileSync(join(f.folder, 'a.jsonl.1.gz'), gzipSync(readFileSync(f.path)));
    writeFileSync(f.path, lines(32, 33));
    rmSync(join(f.folder, 'b.jsonl'));
    const g = await follow({}, { folder: f.folder, position });
    await g.until(3);
    appendFileSync(f.path, lines(33, 34));
    await g.until(4);
    await g.stop();
    expect(g.items.toSorted()).toEqual(names(30, 34));
  });

  it('from the end of one that was long', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 12_000) }, { more: { start_at: 'end' } });
    await systemClock.sleep(60);
    appendFileSync(f.path, lines(12_000, 12_002));
    await f.until(2);
    await f.stop();
    expect(f.items).toEqual(names(12_000, 12_002));
  });

  it('from its end', async () => {
    const half = lines(3, 4);
    const f = await follow(
      { 'a.jsonl': `text\n${lines(0, 3)}${half.slice(0, 50)}`, 'old.jsonl.gz': gzipSync(lines(50, 60)) },
      { more: { start_at: 'end' } },
    );
    await systemClock.sleep(60);
    appendFileSync(f.path, half.slice(50) + lines(4, 6));
    await f.until(3);
    writeFileSync(join(f.folder, 'b.jsonl'), lines(6, 8));
    await f.until(5);
    const position = await f.stop();
    expect(f.items).toEqual(names(3, 8));
    expect(f.regions).toEqual([]);
    const g = await follow({}, { folder: f.folder, position, more: { start_at: 'end' } });
    appendFileSync(f.path, lines(8, 9));
    await g.until(1);
    await g.stop();
    expect(g.items).toEqual(['s8']);
  });
});

describe('a file that is rotated', () => {
  it('by a new name, and written on under it for a while', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 30) });
    await f.until(30);
    appendFileSync(f.path, lines(30, 32));
    renameSync(f.path, `${f.path}.1`);
    writeFileSync(f.path, lines(40, 41));
    appendFileSync(`${f.path}.1`, lines(32, 34));
    await f.until(35);
    appendFileSync(`${f.path}.1`, lines(34, 35));
    appendFileSync(f.path, lines(41, 42));
    await f.until(37);
    await f.stop();
    expect(f.items.toSorted()).toEqual([...names(0, 35), 's40', 's41'].toSorted());
    expect(f.regions).toEqual([]);
  });

  it('by a name that is not followed', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 30) });
    await f.until(30);
    const away = join(f.folder, 'old');
    renameSync(f.path, away);
    appendFileSync(away, lines(30, 32));
    writeFileSync(f.path, lines(40, 41));
    await f.until(33);
    appendFileSync(away, lines(32, 33));
    await f.until(34);
    await f.stop();
    expect(f.items.toSorted()).toEqual([...names(0, 33), 's40'].toSorted());
  });

  it('by a copy, and cut', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 30) });
    await f.until(30);
    appendFileSync(f.path, lines(30, 31));
    copyFileSync(f.path, `${f.path}.1`);
    truncateSync(f.path, 0);
    appendFileSync(f.path, lines(40, 41));
    await f.until(32);
    appendFileSync(f.path, lines(41, 42));
    await f.until(33);
    await f.stop();
    expect(f.items.toSorted()).toEqual([...names(0, 31), 's40', 's41'].toSorted());
    expect(f.regions).toEqual([]);
  });

  it.each([true, false])('by a copy that stays beside it for a while, seen as it was: %s', async (isSeen) => {
    const f = await follow({ 'a.jsonl': lines(0, 30) });
    await f.until(30);
    copyFileSync(f.path, `${f.path}.1`);
    if (isSeen) await systemClock.sleep(60);
    expect(f.items).toHaveLength(30);
    appendFileSync(f.path, lines(30, 32));
    await f.until(32);
    truncateSync(f.path, 0);
    appendFileSync(f.path, lines(40, 80));
    await f.until(72);
    await f.stop();
    expect(f.items).toEqual([...names(0, 32), ...names(40, 80)]);
  });

  it('by content that grew beyond the old one before anybody looked', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 3) });
    await f.until(3);
    truncateSync(f.path, 0);
    writeFileSync(f.path, lines(40, 60));
    await f.until(23);
    await f.stop();
    expect(f.items).toEqual([...names(0, 3), ...names(40, 60)]);
  });

  it('by content of the same size', async () => {
    const f = await follow({ 'a.jsonl': lines(10, 13) });
    await f.until(3);
    writeFileSync(f.path, lines(40, 43));
    await f.until(6);
    await f.stop();
    expect(f.items).toEqual([...names(10, 13), ...names(40, 43)]);
  });

  it('by a new name, and compressed', async () => {
    const f = await follow({ 'a.jsonl': lines(0, 30) });
    await f.until(30);
    appendFileSync(f.path, lines(30, 32));
    renameSync(f.path, `${f.path}.1`);
    writeFileSync(f.path, lines(40, 41));
    await f.until(33);
    const compressed = gzipSync(readFileSync(`${f.path}.1`));
    writeFileSync(`${f.path}.1.gz`, compressed.subarray(0, 100));
    await systemClock.sleep(40);
    appendFileSync(`${f.path}.1.gz`, compressed.subarray(100));
    rmSync(`${f.path}.1`);
    appendFileSync(f.path, lines(41, 42));
    await f.until(34);
    await systemClock.sleep(2300);
    const position = await f.stop();
    expect(f.items.toSorted()).toEqual([...names(0, 32), 's40', 's41'].toSorted());
    expect(f.regions).toEqual([]);
    const g = await follow({}, { folder: f.folder, position });
    appendFileSync(f.path, lines(42, 43));
    await g.until(1);
    await g.stop();
    expect(g.items).toEqual(['s42']);
  });

  it('by a link that points to another one', async () => {
    const folder = folderWith({ 'logs/1': lines(0, 20), 'logs/2': lines(20, 22) });
    symlinkSync('logs/1', join(folder, 'a.jsonl'));
    const f = await follow({}, { folder });
    await f.until(20);
    rmSync(f.path);
    symlinkSync('logs/2', f.path);
    await f.until(22);
    appendFileSync(join(folder, 'logs/1'), lines(40, 41));
    appendFileSync(join(folder, 'logs/2'), lines(22, 23));
    await f.until(24);
    await f.stop();
    expect(f.items.toSorted()).toEqual([...names(0, 23), 's40'].toSorted());
  });

  it('and is deleted before its last line is complete', async () => {
    const f = await follow({
      'a.jsonl': lines(0, 2) + lines(2, 3).trimEnd(),
      'b.jsonl': lines(5, 6) + '{"resource',
    });
    await f.until(3);
    rmSync(f.path);
    rmSync(join(f.folder, 'b.jsonl'));
    await f.until(4);
    await vi.waitFor(() => expect(f.regions).toHaveLength(1), { timeout: 5000 });
    await f.stop();
    expect(f.items.toSorted()).toEqual(['s0', 's1', 's2', 's5']);
    expect(f.regions).toEqual([`b.jsonl ${lines(5, 6).length}+10`]);
  });
});

describe('files that appear', () => {
  it('later, in folders that were not there, and named ones', async () => {
    const f = await follow({}, { more: { include: ['later', 'named.jsonl', '*/*.jsonl'] } });
    expect(f.log.filter((line) => line.includes('no such file: named.jsonl'))).toHaveLength(1);
    mkdirSync(join(f.folder, 'later'));
    writeFileSync(join(f.folder, 'later/x'), lines(0, 1));
    writeFileSync(join(f.folder, 'named.jsonl'), lines(1, 2));
    await f.until(2);
    writeFileSync(join(f.folder, 'later/readme'), 'no recording\n'.repeat(6000));
    writeFileSync(join(f.folder, 'later/y.gz'), gzipSync(lines(2, 4)));
    await f.until(4);
    await f.stop();
    expect(f.items.toSorted()).toEqual(names(0, 4));
    expect(f.regions).toEqual([]);
  });

  it('many, with few that may be open', async () => {
    const f = await follow(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.jsonl`, lines(i * 10, i * 10 + 5)])),
      { more: { max_concurrent_files: 3 } },
    );
    await f.until(100);
    for (let i = 0; i < 20; i++) appendFileSync(join(f.folder, `${i}.jsonl`), lines(i * 10 + 5, i * 10 + 10));
    await f.until(200);
    await f.stop();
    expect(new Set(f.items)).toEqual(new Set(names(0, 200)));
    expect(f.items).toHaveLength(200);
  });
});

it('again and again, while a writer writes and rotates, everything is read once', async () => {
  const folder = folderWith({ 'a.jsonl': '' });
  const path = join(folder, 'a.jsonl');
  let next = 0;
  let position: JsonValue | undefined;
  const items: string[] = [];
  for (let round = 0; round < 8; round++) {
    const f = await follow({}, { folder, position });
    for (let turn = 0; turn < 12; turn++) {
      const text = lines(next, (next += 7));
      appendFileSync(path, text.slice(0, 500));
      await systemClock.sleep(3);
      appendFileSync(path, text.slice(500));
      if (turn % 4 === 3) renameSync(path, join(folder, `a.jsonl.${next}`));
      if (turn % 3 === 0) await systemClock.sleep(15);
    }
    if (round === 7) await f.until(next - items.length);
    position = await f.stop();
    items.push(...f.items);
  }
  expect(items).toHaveLength(next);
  expect(new Set(items)).toEqual(new Set(names(0, next)));
}, 20_000);
