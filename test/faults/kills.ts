/**
 * The kill test: SIGKILL at random points of a replay into a backend that fails at random, resumed until it is done.
 * Nothing may be lost; what is sent twice is at most what was in flight at a kill, byte for byte what it was; and the
 * ledger of the last run says what the backend holds.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { otlpTo, pipeline } from './config.ts';
import { expect, same } from './expect.ts';
import type { OtlpAnswer, OtlpBackend } from './oracle/otlp.ts';
import type { Ended, Running } from './process.ts';
import { Random } from './random.ts';
import { recorded, type Recording } from './recording.ts';
import { World } from './world.ts';

export interface KillTotals {
  /** Processes that were killed before they came to their end. */
  kills: number;
  /** Replays that came to their end. */
  replays: number;
  records: number;
  /** Copies of what an earlier run had brought already. */
  repeatedBytes: number;
  /** Bytes of them after the one kill that made the most. */
  mostRepeatedBytes: number;
}

const maxInFlight = 64 * 1024;
/** After so many kills a replay is left in peace. */
const mostKillsOfReplay = 60;

export interface KillOptions {
  readonly wanted: number;
  readonly seed: number;
  /** How many threads each run has; each replay then is of plain files that are large enough to be shared. */
  readonly workers: number;
}

/** Kills until `wanted` kills are used. @param tell gets a line after each replay */
export async function killTest(
  { wanted, seed, workers }: KillOptions,
  tell: (line: string) => void,
): Promise<KillTotals> {
  const random = new Random(seed);
  const totals: KillTotals = { kills: 0, replays: 0, records: 0, repeatedBytes: 0, mostRepeatedBytes: 0 };
  while (totals.kills < wanted) {
    const world = new World();
    try {
      await killReplay(world, random, { totals, wanted, workers });
    } finally {
      await world.close();
    }
    totals.replays++;
    tell(
      `${totals.kills} of ${wanted} kills, ${totals.replays} replays, ${totals.records} records, nothing lost, ` +
        `at most ${totals.mostRepeatedBytes} bytes twice after a kill`,
    );
  }
  return totals;
}

async function killReplay(
  world: World,
  random: Random,
  { totals, wanted, workers }: { totals: KillTotals; wanted: number; workers: number },
): Promise<void> {
  const number = random.below(1_000_000);
  const recordings = workers > 1 ? writeLarge(world, number) : writeRecordings(world, number);
  const backend = await world.otlp();
  failAtRandom(backend, random.below(2 ** 31));
  for (let kills = 0; ;) {
    const isLast = kills >= mostKillsOfReplay || totals.kills >= wanted;
    for (const store of Object.values(backend.stores)) store.run++;
    const before = backend.http.requests;
    const running = world.start(killConfig(backend, workers), ['--resume', '--quiet'], { limitMs: 120_000 });
    const ended = isLast ? await running.ended : await killAtRandom(running, { backend, before, random });
    if (ended.signal !== 'SIGKILL') {
      checkEnd(ended, backend, recordings);
      break;
    }
    expect(!isLast, 'a run that nobody killed did not end within two minutes');
    kills++;
    totals.kills++;
  }
  world.checkLedgers();
  totals.records += recordings.reduce((sum, { records }) => sum + records.length, 0);
  countRepeated(backend, totals);
}

function killConfig(backend: OtlpBackend, workers: number): Record<string, unknown> {
  const retry_on_failure = { initial_interval: '10ms', max_interval: '100ms' };
  return pipeline({
    signals: ['traces', 'logs'],
    exporters: otlpTo(backend.url, { retry_on_failure, timeout: '1s', compression: 'gzip' }),
    service: { max_in_flight: maxInFlight, workers },
  });
}

/** Plain and compressed files, of both signals. */
function writeRecordings(world: World, number: number): Recording[] {
  const name = (kind: string): string => `${kind} ${number}`;
  const plain = recorded({ name: name('plain'), records: 600, padding: 200 });
  const gzip = recorded({ name: name('gzip'), records: 600, padding: 200 });
  const zstd = recorded({ name: name('zstd'), signal: 'logs', records: 600, padding: 200 });
  const members = recorded({ name: name('members'), signal: 'logs', records: 300, padding: 200 });
  const small = recorded({ name: name('small'), records: 5 });
  world.write('in/plain.jsonl', plain.text);
  world.write('in/traces.jsonl.gz', gzipSync(gzip.text));
  world.write('in/logs.jsonl.zst', zstdCompressSync(Buffer.from(zstd.text)));
  world.write('in/members.jsonl.gz', Buffer.concat(members.lines.map((line) => gzipSync(`${line}\n`))));
  world.write('in/small.jsonl', small.text.trimEnd());
  return [plain, gzip, zstd, members, small];
}

/** Plain files of both signals, with so much in them that threads have the time to come up. */
function writeLarge(world: World, number: number): Recording[] {
  const traces = recorded({ name: `traces ${number}`, records: 4000, padding: 200 });
  const logs = recorded({ name: `logs ${number}`, signal: 'logs', records: 4000, padding: 200 });
  const small = recorded({ name: `small ${number}`, records: 5 });
  world.write('in/traces.jsonl', traces.text);
  world.write('in/logs.jsonl', logs.text);
  world.write('in/small.jsonl', small.text.trimEnd());
  return [traces, logs, small];
}

/** About a third of all requests meet a fault: the seed says which one, by the number of the request alone. */
function failAtRandom(backend: OtlpBackend, seed: number): void {
  backend.answerEarly((number) => {
    const chance = new Random(seed + number).next();
    if (chance < 0.04) return { reset: 'at once' };
    return chance < 0.08 ? { reset: 'in the body' } : undefined;
  });
  backend.answer(({ number }): OtlpAnswer => {
    const random = new Random(seed ^ (number * 2_654_435_761));
    const chance = random.next();
    const delayMs = random.below(8);
    if (chance < 0.06) return { status: 503 };
    if (chance < 0.1) return { status: 429, headers: { 'retry-after': '0' } };
    if (chance < 0.14) return { reset: 'before storing', delayMs };
    if (chance < 0.18) return { reset: 'after storing', delayMs };
    if (chance < 0.21) return { reset: 'in the answer', delayMs };
    return chance < 0.23 ? { delayMs: 100 + random.below(200) } : { delayMs };
  });
}

interface KillFacts {
  readonly backend: OtlpBackend;
  /** Requests that the backend had seen before this run. */
  readonly before: number;
  readonly random: Random;
}

/**
 * A quarter of the kills come a while after the start, where most of the time goes into starting; the others a moment
 * after one of the first requests.
 */
async function killAtRandom(running: Running, { backend, before, random }: KillFacts): Promise<Ended> {
  const byTime = random.next() < 0.25;
  const afterMs = byTime ? random.below(900) : random.below(12);
  const requests = byTime ? 0 : 1 + random.below(25);
  let over = false;
  const ended = running.ended.then((end) => {
    over = true;
    return end;
  });
  while (!over && backend.http.requests - before < requests) await pause(1);
  await Promise.race([pause(afterMs), ended]);
  running.child.kill('SIGKILL');
  return await ended;
}

function checkEnd(ended: Ended, backend: OtlpBackend, recordings: readonly Recording[]): void {
  expect(ended.exitCode === 0, `exit ${ended.exitCode} expected 0:\n${ended.stderr}`);
  for (const signal of ['traces', 'logs'] as const) {
    const issued = new Map(
      recordings.filter((recording) => recording.signal === signal).flatMap(({ issued }) => [...issued]),
    );
    const store = backend.stores[signal];
    store.holds(issued);
    const exporters = ended.report?.exporters.filter((exporter) => exporter.signal === signal) ?? [];
    const delivered = exporters.reduce((sum, exporter) => sum + exporter.delivered, 0);
    same(delivered, store.distinct, `${signal} delivered by the ledger of the last run`);
  }
}

function countRepeated({ stores }: OtlpBackend, totals: KillTotals): void {
  const runs = new Set([...stores.traces.repeated.keys(), ...stores.logs.repeated.keys()]);
  for (const run of runs) {
    const bytes = (stores.traces.repeated.get(run) ?? 0) + (stores.logs.repeated.get(run) ?? 0);
    expect(
      bytes <= maxInFlight,
      `${bytes} bytes were sent twice after one kill, with ${maxInFlight} in flight`,
    );
    totals.repeatedBytes += bytes;
    totals.mostRepeatedBytes = Math.max(totals.mostRepeatedBytes, bytes);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
