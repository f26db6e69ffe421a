import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Checkpoint } from '../../src/pipeline/checkpoint.ts';
import type { UnreadableRegion } from '../../src/pipeline/counts.ts';
import { wholeState } from '../../src/pipeline/ledger-state.ts';
import { folderWith } from '../receivers/support.ts';
import { files, written, type Chunk } from './sharing/recordings.ts';
import { sharedRun, type SharedRunResult } from './sharing/runs.ts';

/** Writes the files into a folder, which is gone afterwards. */
async function within(
  contents: readonly (readonly Chunk[])[],
  body: (directory: string, names: readonly string[]) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'respool-shares-'));
  try {
    const names = contents.flatMap((chunks, at) => {
      const { text, names: own } = written(chunks, at);
      writeFileSync(join(directory, `${at}.jsonl`), text);
      return own;
    });
    await body(directory, names);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The ledger but for how many requests it took, and the words for what cannot be read where a share ends. */
function ledgerOf({ ledger }: SharedRunResult): object {
  const { receivers, exporters } = wholeState(ledger);
  return {
    receivers: receivers.map(({ unreadable, ...rest }) => ({
      ...rest,
      unreadable: { ...unreadable, kept: unreadable.kept.map(placeOf).toSorted() },
      bytes: ledger.receivers.map(({ progress }) => progress.readBytes),
    })),
    exporters: exporters.map(({ requests: _, bytes: __, ...counts }) => counts),
  };
}

function placeOf({
  input,
  line,
  offset,
  bytes,
}: Omit<UnreadableRegion, 'line'> & { line?: number | undefined }): string {
  return `${input}:${line ?? ''} ${offset}+${bytes}`;
}

const seldom = { numRuns: Number(process.env['RUNS'] ?? 25) };

it('several threads deliver what one delivers, and their ledger is its ledger', async () => {
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.integer({ min: 600, max: 20_000 }),
      fc.boolean(),
      async (contents, room, batches) => {
        await within(contents, async (directory, names) => {
          const options = { directory, maxInFlightBytes: room, batches };
          const alone = await sharedRun({ ...options, workers: 1 });
          expect(alone.taken.toSorted()).toEqual(names.toSorted());
          for (const workers of [2, 3]) {
            const together = await sharedRun({ ...options, workers });
            shared += Math.min(together.workers - 1, 1);
            expect(together.failures).toEqual([]);
            expect(together.ledger.imbalances()).toEqual([]);
            expect(together.taken.toSorted()).toEqual(names.toSorted());
            expect(ledgerOf(together)).toEqual(ledgerOf(alone));
          }
        });
      },
    ),
    seldom,
  );
  expect(shared).toBeGreaterThan(10);
});

it('killed at any request and resumed by any number of threads, nothing is lost and each counts once', async () => {
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.integer({ min: 2000, max: 8000 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 25 })), { maxLength: 4 }),
      async (contents, room, kills) => {
        await within(contents, async (directory, names) => {
          const seen = new Map<string, number>();
          let from: Checkpoint | undefined;
          for (const [workers, requests] of kills) {
            const kill = new AbortController();
            let left = requests;
            const life = await sharedRun({
              directory,
              workers,
              maxInFlightBytes: room,
              from,
              kill: kill.signal,
              answer: () => {
                if (--left <= 0) kill.abort();
                return { verdict: 'delivered' };
              },
            });
            lives++;
            for (const name of life.taken) seen.set(name, (seen.get(name) ?? 0) + 1);
            from = life.saved ?? from;
          }
          const last = await sharedRun({ directory, workers: 2, maxInFlightBytes: room, from });
          for (const name of last.taken) seen.set(name, (seen.get(name) ?? 0) + 1);
          expect(last.failures).toEqual([]);
          expect(last.ledger.imbalances()).toEqual([]);
          expect([...seen.keys()].toSorted()).toEqual(names.toSorted());
          const [delivered = 0] = last.ledger.exporters.map((counts) => counts.delivered);
          expect(delivered).toBe(names.length);
        });
      },
    ),
    seldom,
  );
  expect(lives).toBeGreaterThan(10);
});

/** Lines of two spans each. */
function chunksOf(count: number): Chunk[] {
  return Array.from({ length: count }, () => ({ kind: 'line', spans: 2, padding: 50, crlf: false }));
}

function lines(count: number, file = 0): string {
  return written(chunksOf(count), file).text;
}

it('stopped by a person, what is begun is read to its end: a resumed run sends nothing twice', async () => {
  const directory = folderWith({ 'a.jsonl': lines(2000) });
  const stop = new AbortController();
  let left = 20;
  const first = await sharedRun({
    directory,
    workers: 2,
    maxInFlightBytes: 4000,
    stop: stop.signal,
    answer: () => {
      if (--left === 0) stop.abort();
      return { verdict: 'delivered' };
    },
  });
  expect(first.interrupted).toBe(true);
  expect(first.ledger.imbalances()).toEqual([]);
  expect(first.taken.length).toBeLessThan(4000);
  const second = await sharedRun({ directory, workers: 3, maxInFlightBytes: 20_000, from: first.saved });
  const all = [...first.taken, ...second.taken];
  expect(all).toHaveLength(4000);
  expect(new Set(all).size).toBe(4000);
  expect(second.ledger.exporters[0]?.delivered).toBe(4000);
});

it('a thread that dies stops the run, which says so and can be resumed', async () => {
  const directory = folderWith({ 'a.jsonl': lines(2000) });
  const options = { directory, maxInFlightBytes: 4000, workers: 2 };
  const slow = async (): Promise<{ verdict: 'delivered' }> => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return { verdict: 'delivered' };
  };
  const first = await sharedRun({ ...options, answer: slow, dies: { thread: 1, requests: 1 } });
  expect(first.failures.map(({ message }) => message)).toEqual(['the thread is gone']);
  expect(first.ledger.imbalances()).toEqual([]);
  const second = await sharedRun({ ...options, from: first.saved });
  expect(new Set([...first.taken, ...second.taken]).size).toBe(4000);
  expect(second.ledger.exporters[0]?.delivered).toBe(4000);
});

it('a backend that takes no more stops all threads, with one failure', async () => {
  const directory = folderWith({ 'a.jsonl': lines(400) });
  const { failures, ledger } = await sharedRun({
    directory,
    maxInFlightBytes: 10_000,
    workers: 3,
    answer: () => ({ verdict: 'stop', reason: 'wrong credentials', status: 401 }),
  });
  expect(failures.map(({ message }) => message)).toEqual(['memory (memory): wrong credentials']);
  expect(ledger.imbalances()).toEqual([]);
});

it('a small input starts no thread, a thread that comes late is not waited for', async () => {
  const small = folderWith({ 'a.jsonl': lines(300) });
  const auto = await sharedRun({ directory: small, workers: 'auto', maxInFlightBytes: 1 << 20 });
  expect([auto.started, auto.workers, auto.taken.length]).toEqual([0, 1, 600]);
  const began = performance.now();
  const late = await sharedRun({ directory: small, workers: 2, maxInFlightBytes: 20_000, bootMs: 20_000 });
  expect([late.started, late.taken.length]).toEqual([1, 600]);
  expect(performance.now() - began).toBeLessThan(15_000);
});

it.each([
  ['compressed', { 'a.jsonl.gz': await gzipped(lines(300)) }, /a\.jsonl\.gz is compressed/],
  ['one document', { 'a.json': indented() }, /a\.json is no file of one document a line/],
])('%s is read by one thread, which is said when more were asked for', async (_, content, said) => {
  const directory = folderWith(content);
  const { log, started, workers, taken } = await sharedRun({ directory, workers: 4, maxInFlightBytes: 6000 });
  expect([started, workers, taken.length]).toEqual([0, 1, 600]);
  expect(log.filter((line) => line.includes('workers'))).toEqual([expect.stringMatching(said)]);
  const auto = await sharedRun({ directory, workers: 'auto', maxInFlightBytes: 6000 });
  expect(auto.log.filter((line) => line.includes('workers'))).toEqual([]);
});

async function gzipped(text: string): Promise<Uint8Array> {
  const { gzipSync } = await import('node:zlib');
  return gzipSync(text);
}

/** All of it as one document over many lines. */
function indented(): string {
  const resourceSpans = lines(300)
    .trimEnd()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { resourceSpans: unknown[] }).resourceSpans);
  return JSON.stringify({ resourceSpans }, null, 2);
}

it('a processor or exporter that has to see everything has one thread, whatever is asked for', async () => {
  const directory = folderWith({ 'a.jsonl': lines(300) });
  const alone = 'the exporter loki keeps order';
  const { log, started } = await sharedRun({ directory, workers: 2, maxInFlightBytes: 10_000, alone });
  expect(started).toBe(0);
  expect(log.filter((line) => line.includes('workers'))).toEqual([
    'info workers: one is used, because the exporter loki keeps order',
  ]);
});

it('lines of what cannot be read are those of the file, whoever reads it', async () => {
  const text = `${lines(100)}no json here\n${lines(100, 1)}`;
  const directory = folderWith({ 'a.jsonl': text });
  const { ledger, log, workers } = await sharedRun({ directory, workers: 3, maxInFlightBytes: 10_000 });
  expect(workers).toBe(3);
  expect(ledger.receivers[0]?.unreadable.kept).toEqual([expect.objectContaining({ line: 101 })]);
  expect(log.filter((line) => line.startsWith('error'))).toEqual([expect.stringContaining('a.jsonl:101: ')]);
});

it.each(['', 'a line that is only half there'])(
  'a file that grew since its end was read and its beginning was not is read from there (%s)',
  async (half) => {
    const text = lines(200);
    const [last, before] = half === '' ? [3, 0] : [3, Math.floor(lines(1, 1).length / 2)];
    const added = lines(last, 1);
    const directory = folderWith({ 'a.jsonl': text + added.slice(0, before) });
    const size = text.length + before;
    const kill = new AbortController();
    const first = await sharedRun({
      directory,
      workers: 2,
      maxInFlightBytes: 12_000,
      kill: kill.signal,
      answer: async ({ names }) =>
        names.includes('0.0.0') ? await new Promise<never>(() => {}) : { verdict: 'delivered' },
      onSave: ({ positions }) => {
        if (new RegExp(`\\[\\d+,${size},\\d+,\\[`).test(JSON.stringify(positions))) kill.abort();
      },
    });
    expect(first.taken).not.toContain('0.0.0');
    expect(first.taken).toContain('0.199.1');
    appendFileSync(join(directory, 'a.jsonl'), added.slice(before));
    const second = await sharedRun({ directory, workers: 2, maxInFlightBytes: 12_000, from: first.saved });
    expect(second.failures).toEqual([]);
    expect(second.ledger.receivers[0]?.unreadable.regions).toBe(half === '' ? 0 : 1);
    const all = [...written(chunksOf(200), 0).names, ...written(chunksOf(last), 1).names];
    expect([...new Set([...first.taken, ...second.taken])].toSorted()).toEqual(all.toSorted());
    expect(second.ledger.exporters[0]?.delivered).toBe(all.length);
  },
);

it('a file that ended within a line and grew is read from where that line began, by one thread and by two', async () => {
  const added = lines(3, 1);
  for (const workers of [1, 2])
    for (let count = 20; count < 28; count++) {
      const directory = folderWith({ 'a.jsonl': lines(count) + added.slice(0, 200) });
      const options = { directory, workers, maxInFlightBytes: 12_000 };
      const first = await sharedRun(options);
      appendFileSync(join(directory, 'a.jsonl'), added.slice(200));
      const second = await sharedRun({ ...options, from: first.saved });
      const all = [...written(chunksOf(count), 0).names, ...written(chunksOf(3), 1).names];
      expect([...first.taken, ...second.taken].toSorted()).toEqual(all.toSorted());
      expect(second.ledger.receivers[0]?.unreadable.regions).toBe(1);
    }
});
