/** What a backend answers: rows 5, 6, 7, 9, 10 and 40. */
import { lokiTo, otlpTo, pipeline, quickRetry } from '../config.ts';
import { idOf } from '../oracle/records.ts';
import { partialSuccess, rpcStatus, type OtlpAnswer, type OtlpBackend } from '../oracle/otlp.ts';
import type { Ended, ExporterReport } from '../process.ts';
import { recorded } from '../recording.ts';
import { expect, matches, same } from '../expect.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

export function exporterIn(ended: Ended, at = 0): ExporterReport {
  const exporter = ended.report?.exporters[at];
  expect(exporter !== undefined, `no report of an exporter; it ended ${ended.exitCode}:\n${ended.stderr}`);
  return exporter;
}

export function total(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((sum, count) => sum + count, 0);
}

export function ends(ended: Ended, exitCode: number): void {
  expect(ended.exitCode === exitCode, `exit ${exitCode} expected, ${ended.exitCode} seen:\n${ended.stderr}`);
}

/** For each attempt after an answer with this status: how long after it the same records came again. */
function waitsAfter(backend: OtlpBackend, status: number): number[] {
  return backend.seen.flatMap((seen, at) => {
    if (seen.status !== status) return [];
    const next = backend.seen.slice(at + 1).find(({ first }) => first === seen.first);
    return next === undefined ? [] : [next.arrivedMs - seen.arrivedMs];
  });
}

export const throttled: Row = {
  row: 5,
  fault: 'HTTP 429 with Retry-After, in seconds and as a date',
  expected: 'Waits as long as it is told, counts retries and no failure, delivers everything once.',
  how: 'A backend answers every 4th request with 429 and `Retry-After: 1`, or a date 2 s ahead, and measures when the same records come again. That five minutes are the most is held by test/pipeline/retry.test.ts.',
  async run(world) {
    const recording = recorded({ records: 150 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    const told = new Map<string, number>();
    let asDate = false;
    backend.answer(({ number, records: [first] }) => {
      const id = first === undefined ? '' : idOf(first);
      if (number % 4 !== 1 || told.has(id) || told.size >= 4) return undefined;
      asDate = !asDate;
      const date = new Date(Math.ceil(Date.now() / 1000 + 1) * 1000);
      told.set(id, asDate ? date.getTime() - Date.now() : 1000);
      return { status: 429, headers: { 'retry-after': asDate ? date.toUTCString() : '1' } };
    });
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
    ends(ended, 0);
    backend.stores.traces.holds(recording.issued);
    same(backend.stores.traces.duplicates, 0, 'duplicates');
    const waits = waitsAfter(backend, 429);
    const wanted = [...told.values()];
    for (const [at, wait] of waits.entries())
      expect(wait >= (wanted[at] ?? 0) - 20, `told to wait ${wanted[at]} ms, waited ${wait} ms`);
    const { retries, failed } = exporterIn(ended);
    same(retries, wanted.length, 'retries');
    same(failed, 0, 'failed');
    return `waited ${waits.map((ms) => `${Math.round(ms)} ms`).join(', ')} when told ${wanted.map((ms) => `${Math.round(ms)} ms`).join(', ')}; 150 of 150 stored once, 0 failed`;
  },
};

export const storms: Row = {
  row: 6,
  fault: 'Storms of 503, 502, 504 and 408',
  expected:
    'Waits longer each time, with jitter, and gives up only where `max_elapsed_time` is set; then exit 2.',
  how: 'A backend fails the first six attempts of each request in turn with these statuses; then one that never recovers, with and without `max_elapsed_time`.',
  async run(world) {
    const recording = recorded({ records: 60 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    const attempts = new Map<string, number>();
    const statuses = [503, 502, 504, 408];
    backend.answer(({ records: [first] }) => {
      const id = first === undefined ? '' : idOf(first);
      const attempt = attempts.get(id) ?? 0;
      attempts.set(id, attempt + 1);
      return attempt < 6 ? { status: statuses[attempt % 4] ?? 503 } : undefined;
    });
    const retry = { initial_interval: '100ms', max_interval: '1s', multiplier: 1.5 };
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url, { retry_on_failure: retry }) }));
    ends(ended, 0);
    backend.stores.traces.holds(recording.issued);
    const waits = attemptGaps(backend);
    const mean = (at: number): number =>
      waits.reduce((sum, gaps) => sum + (gaps[at] ?? 0), 0) / Math.max(waits.length, 1);
    expect(mean(5) > mean(0), `the sixth wait (${mean(5)} ms) is not longer than the first (${mean(0)} ms)`);
    const lasts = new Set(waits.map((gaps) => Math.round(gaps[5] ?? 0)));
    expect(lasts.size > 1, 'all waits are equal: there is no jitter');
    return `6 failures each, then ${backend.stores.traces.distinct} of 60 stored, mean waits ${Math.round(mean(0))} ms to ${Math.round(mean(5))} ms; ${await givesUp(world)}`;
  },
};

/** The times between the attempts of each request. */
function attemptGaps(backend: OtlpBackend): number[][] {
  const byFirst = Map.groupBy(backend.seen, ({ first }) => first);
  return [...byFirst.values()].map((seen) =>
    seen.slice(1).map(({ arrivedMs }, at) => arrivedMs - (seen[at]?.arrivedMs ?? 0)),
  );
}

async function givesUp(world: World): Promise<string> {
  const backend = await world.otlp();
  backend.answer(() => ({ status: 503 }));
  const bounded = { ...quickRetry, max_elapsed_time: '700ms' };
  const ended = await world.run(pipeline({ exporters: otlpTo(backend.url, { retry_on_failure: bounded }) }));
  ends(ended, 2);
  matches(ended.stderr, /gave up after \d+ attempts/u, 'the reason');
  same(backend.stores.traces.total, 0, 'stored');
  const endless = world.start(pipeline({ exporters: otlpTo(backend.url) }));
  await endless.seen(/waiting for /u);
  await endless.until(() => backend.seen.length >= 40);
  expect(endless.child.exitCode === null, 'it gave up without max_elapsed_time');
  endless.child.kill('SIGINT');
  await new Promise((done) => setTimeout(done, 100));
  endless.child.kill('SIGINT');
  ends(await endless.ended, 130);
  return 'with max_elapsed_time exit 2, without it still waiting after 20 attempts';
}

export const refusals: Row = {
  row: 7,
  fault: 'HTTP 400, 401, 403, 404, 413',
  expected:
    '401, 403 and 404 stop at once with a hint. 413 is sent again in halves. A 400 is bisected down to the record that causes it, which goes to the dead-letter file; all others arrive.',
  how: 'A backend that answers with each of them; one that takes at most 2000 bytes; one that answers 400 to every request with two poisoned records in it.',
  async run(world) {
    const recording = recorded({ records: 120 });
    world.write('in/a.jsonl', recording.text);
    for (const status of [401, 403, 404]) await stopsAt(world, status);
    return [`401, 403, 404: exit 2 at once`, await halves(world), await bisects(world)].join('; ');
  },
};

async function stopsAt(world: World, status: number): Promise<void> {
  const backend = await world.otlp();
  backend.answer(() => ({ status, body: rpcStatus(16, 'not you') }));
  const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
  ends(ended, 2);
  matches(ended.stderr, new RegExp(`Stopped: .*${status}[^]*\\n {2}\\S`, 'u'), `the hint for ${status}`);
  expect(backend.seen.length <= 4, `${backend.seen.length} requests after a ${status}`);
  same(backend.stores.traces.total, 0, 'stored');
}

async function halves(world: World): Promise<string> {
  const backend = await world.otlp();
  backend.answer(({ payload }) => (payload.length > 2000 ? { status: 413 } : undefined));
  const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
  ends(ended, 0);
  backend.stores.traces.holds(recorded({ records: 120 }).issued);
  same(backend.stores.traces.duplicates, 0, 'duplicates');
  return '413: all 120 in smaller requests';
}

async function bisects(world: World): Promise<string> {
  const recording = recorded({ records: 120 });
  const poisoned = new Set([...recording.issued.keys()].filter((_, at) => at === 17 || at === 64));
  const backend = await world.otlp();
  backend.answer(({ records }) =>
    records.some((record) => poisoned.has(idOf(record)))
      ? { status: 400, body: rpcStatus(3, 'a value that this backend does not take') }
      : undefined,
  );
  const ended = await world.run(pipeline({ exporters: otlpTo(backend.url, { on_error: 'dead_letter' }) }));
  ends(ended, 3);
  backend.stores.traces.holds(recording.issued, poisoned);
  same(backend.stores.traces.duplicates, 0, 'duplicates');
  const { delivered, deadLettered, refused } = exporterIn(ended);
  same(delivered, 118, 'delivered');
  same(total(deadLettered), 2, `dead-lettered (refused: ${JSON.stringify(refused)})`);
  return '400: 118 of 120 stored, the 2 poisoned in the dead-letter file';
}

export const partial: Row = {
  row: 9,
  fault: 'OTLP partial_success that rejects records',
  expected: 'Nothing is sent again; what was rejected is counted with the words of the server; exit 3.',
  how: 'A backend rejects every record whose number is divisible by five, and says how many.',
  async run(world) {
    const recording = recorded({ records: 100 });
    world.write('in/a.jsonl', recording.text);
    const rejected = new Set([...recording.issued.keys()].filter((_, at) => at % 5 === 0));
    const backend = await world.otlp();
    backend.answer(({ records }): OtlpAnswer => {
      const count = records.filter((record) => rejected.has(idOf(record))).length;
      const body = partialSuccess(count, 'span too old for this tenant');
      return { body, keeps: (record) => !rejected.has(idOf(record)) };
    });
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
    ends(ended, 3);
    backend.stores.traces.holds(recording.issued, rejected);
    same(backend.stores.traces.duplicates, 0, 'duplicates');
    const { refused, retries } = exporterIn(ended);
    same(total(refused), 20, 'refused');
    same(retries, 0, 'retries');
    matches(ended.stderr, /refused 20 spans: .*span too old for this tenant/u, 'the words of the server');
    return '80 stored, 20 refused with the words of the server, 0 sent again, exit 3';
  },
};

export const lokiSome: Row = {
  row: 10,
  fault: 'Loki answers 400 and has stored some of the lines',
  expected: 'What Loki says is parsed and counted per reason, and nothing is sent blindly again; exit 3.',
  how: "A Loki that takes no line older than a week, answers in Loki's words and keeps the others.",
  async run(world) {
    const weeks = BigInt(21 * 86_400) * 1_000_000_000n;
    const now = BigInt(Date.now()) * 1_000_000n;
    const old = recorded({ signal: 'logs', name: 'old', records: 30, startUnixNano: now - weeks });
    const fresh = recorded({ signal: 'logs', name: 'new', records: 90 });
    world.write('in/a.jsonl', old.text + fresh.text);
    const backend = await world.loki();
    backend.answer((entries) => {
      const tooOld = entries.filter(({ timeUnixNano }) => timeUnixNano < now - weeks / 3n);
      if (tooOld.length === 0) return undefined;
      const stream = tooOld[0]?.stream ?? '';
      const one = `entry for stream '${stream}' has timestamp too old: 2026-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-02-01T00:00:00Z`;
      const body = tooOld.length === 1 ? one : `${tooOld.length} errors like: ${one}`;
      return { status: 400, body, stores: true, keeps: (entry) => !tooOld.includes(entry) };
    });
    const ended = await world.run(pipeline({ signals: ['logs'], exporters: lokiTo(backend.url) }));
    ends(ended, 3);
    backend.store.holds(fresh.issuedLines);
    same(backend.store.duplicates, 0, 'duplicates');
    const { delivered, refused, deadLettered, retries } = exporterIn(ended);
    same(delivered, 90, 'delivered');
    same(retries, 0, 'retries');
    const reasons = { ...refused, ...deadLettered };
    same(total(refused) + total(deadLettered), 30, 'refused, in the dead-letter file or not');
    matches(Object.keys(reasons).join(' '), /older than Loki takes/u, 'the reason');
    const kept =
      total(deadLettered) > 0 ? ', where their requests were refused whole in the dead-letter file' : '';
    return `90 stored, 30 not (${Object.keys(reasons).join('; ')})${kept}, 0 sent again, exit 3`;
  },
};

const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>';

export const proxyPage: Row = {
  row: 40,
  fault: 'The exporter gets 200, and the body is the HTML page of a proxy',
  expected: 'That is a failure: exit 2, nothing is counted as delivered.',
  how: 'A server answers 200 with a sign-in page as text/html, to OTLP and to a Loki push.',
  async run(world) {
    world.write('in/a.jsonl', recorded({ records: 20 }).text);
    world.write('in/b.jsonl', recorded({ signal: 'logs', records: 20 }).text);
    const html = { status: 200, stores: false, headers: { 'content-type': 'text/html' }, body: page };
    const backend = await world.otlp();
    backend.answer(() => html);
    const loki = await world.loki();
    loki.answer(() => html);
    for (const [signal, exporters] of [
      ['traces', otlpTo(backend.url)],
      ['logs', lokiTo(loki.url)],
    ] as const) {
      const ended = await world.run(pipeline({ signals: [signal], exporters }));
      ends(ended, 2);
      same(exporterIn(ended).delivered, 0, 'delivered');
      matches(ended.stderr, /page|HTML/iu, 'the reason');
    }
    return 'exit 2 for both, 0 counted as delivered';
  },
};
