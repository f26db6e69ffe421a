/** What the network does: rows 11 to 15. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { otlpTo, pipeline, quickRetry } from '../config.ts';
import { partialSuccess } from '../oracle/otlp.ts';
import { root } from '../process.ts';
import { recorded } from '../recording.ts';
import { expect, matches, same } from '../expect.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends, exporterIn } from './answers.ts';

export const resets: Row = {
  row: 11,
  fault: 'TCP reset: in the body, after it, in the answer',
  expected:
    'Sent again until it is acknowledged; nothing lost; copies only of what was stored without an answer.',
  how: 'A backend resets connections before it reads, in the middle of a body, after a whole body (stored or not) and in the middle of its answer.',
  async run(world) {
    const recording = recorded({ records: 200 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    let unanswered = 0;
    backend.answerEarly((number) => {
      if (number % 7 === 1) return { reset: 'at once' };
      return number % 7 === 2 ? { reset: 'in the body' } : undefined;
    });
    backend.answer(({ number, records }) => {
      if (number % 7 === 3) return { reset: 'before storing' };
      if (number % 7 !== 4 && number % 7 !== 5) return undefined;
      unanswered += records.length;
      return { reset: number % 7 === 4 ? 'after storing' : 'in the answer' };
    });
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
    ends(ended, 0);
    const { traces } = backend.stores;
    traces.holds(recording.issued);
    same(traces.duplicates, unanswered, 'copies');
    const { retries } = exporterIn(ended);
    expect(unanswered > 0 && retries > 4, 'too few faults happened');
    return `200 of 200 stored after ${retries} retries; ${traces.duplicates} copies, all of them records that were stored before the reset, each byte for byte the same`;
  },
};

export const silent: Row = {
  row: 12,
  fault: 'A half-open connection; a server that never answers',
  expected: 'Each attempt ends at `timeout` and is made again; nothing is stuck.',
  how: 'A backend that leaves every third request without an answer; `timeout: 400ms`.',
  async run(world) {
    const recording = recorded({ records: 150 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    let silences = 0;
    backend.answer(({ number }) => {
      if (number % 3 !== 1 || silences >= 6) return undefined;
      silences++;
      return { silent: true };
    });
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url, { timeout: '400ms' }) }));
    ends(ended, 0);
    backend.stores.traces.holds(recording.issued);
    same(backend.stores.traces.duplicates, 0, 'duplicates');
    expect(ended.elapsedMs < 15_000, `it took ${ended.elapsedMs} ms`);
    return `${silences} requests without an answer were made again; 150 of 150 stored once`;
  },
};

export const slow: Row = {
  row: 13,
  fault: 'A slow server, whose answers come byte by byte',
  expected:
    'Everything arrives, memory stays flat, and no more requests are under way than configured; fewer where the server says that it is too much, and more again when it does not.',
  how: 'Each answer of 22 bytes takes 0.4 s; 16 MB of recording against `max_in_flight: 1MiB`; the memory of the process is measured. Then a server that answers 429 and 503 in turn to all above two at once, for a while, and counts how many requests are under way.',
  async run(world) {
    const recording = recorded({ records: 4000, perLine: 100, padding: 4000 });
    world.write('in/a.jsonl', recording.text);
    const backend = await world.otlp();
    const body = partialSuccess(0, 'slow, but all there');
    backend.answer(() => ({ body, dripMs: 18 }));
    const ended = await world.run(
      pipeline({
        receiver: { batch_bytes: '256KiB' },
        exporters: otlpTo(backend.url),
        service: { max_in_flight: '1MiB' },
      }),
    );
    ends(ended, 0);
    backend.stores.traces.holds(recording.issued);
    const { mostAtOnce } = backend.http;
    expect(mostAtOnce <= 4, `${mostAtOnce} requests at once`);
    const peak = Math.round(ended.peakBytes / 2 ** 20);
    expect(peak < 200, `${peak} MiB of memory`);
    return `4000 of 4000 stored, at most ${mostAtOnce} requests at once, ${peak < 150 ? 'under 150' : 'under 200'} MiB of memory; ${await adapts(world)}`;
  },
};

/** How many requests are under way before, while and after a server takes two at once and no more. */
async function adapts(world: World): Promise<string> {
  const recording = recorded({ name: 'pace', records: 3000, padding: 200 });
  world.write('pace/a.jsonl', recording.text);
  const backend = await world.otlp();
  const narrowFrom = 40;
  const atOnce = { before: 0, narrow: 0, after: 0 };
  let taken = 0;
  let refused = 0;
  backend.answer(() => {
    const now = backend.http.atOnce;
    const isNarrow = taken >= narrowFrom && taken < 2 * narrowFrom;
    if (taken < narrowFrom) atOnce.before = Math.max(atOnce.before, now);
    // The last half: until then it finds its pace.
    else if (isNarrow && taken >= 1.5 * narrowFrom) atOnce.narrow = Math.max(atOnce.narrow, now);
    else if (!isNarrow) atOnce.after = Math.max(atOnce.after, now);
    if (isNarrow && now > 2) return { status: refused++ % 2 === 0 ? 429 : 503, delayMs: 5 };
    taken++;
    return { delayMs: 25 };
  });
  const exporters = otlpTo(backend.url, { sending_queue: { num_consumers: 10 } });
  const ended = await world.run(pipeline({ receiver: { include: ['pace'] }, exporters }));
  ends(ended, 0);
  backend.stores.traces.holds(recording.issued);
  same(exporterIn(ended).retries, refused, 'retries');
  const { before, narrow, after } = atOnce;
  const seen = `${before} requests at once, then ${narrow} at most while two were taken (${refused} answers of 429 and 503), then ${after}`;
  expect(before >= 8 && after >= 6, `it does not grow: ${seen}`);
  expect(narrow <= 4 && refused < narrowFrom, `it does not shrink: ${seen}`);
  return seen;
}

/** Preloaded into the process: names under `.test` are looked up in a file, each time anew. */
const lookup = `import dns from 'node:dns';
import { existsSync, readFileSync } from 'node:fs';
const real = dns.lookup;
dns.lookup = (name, options, callback) => {
  const done = typeof options === 'function' ? options : callback;
  if (!name.endsWith('.test')) return real(name, options, callback);
  const path = process.env.FAULT_HOSTS;
  const hosts = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const address = hosts[name];
  process.nextTick(() => {
    if (address === undefined) {
      const error = new Error('getaddrinfo ENOTFOUND ' + name);
      return done(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name }));
    }
    if (options?.all) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  });
};
`;

export const dns: Row = {
  row: 14,
  fault: 'A host name that cannot be looked up and then can; one that moves to another address',
  expected: 'The name is looked up again for each attempt; everything arrives.',
  how: 'A resolver under the control of the test: first NXDOMAIN, then the address of a backend that answers 503 and goes away, then another address.',
  async run(world) {
    const recording = recorded({ records: 150 });
    world.write('in/a.jsonl', recording.text);
    const preload = pathToFileURL(world.write('lookup.mjs', lookup)).href;
    const first = await world.otlp();
    first.answer(() => ({ status: 503 }));
    const hosts = world.path('hosts.json');
    const running = world.start(
      pipeline({ exporters: otlpTo(`http://backend.test:${first.http.port}`) }),
      [],
      { nodeOptions: ['--import', preload], env: { FAULT_HOSTS: hosts } },
    );
    await running.seen(/the host name is unknown/u);
    writeFileSync(hosts, JSON.stringify({ 'backend.test': '127.0.0.1' }));
    await running.until(() => first.seen.length >= 3);
    const { port } = first.http;
    const second = await world.otlp({ host: '127.0.0.2', port });
    second.alias = `http://backend.test:${port}`;
    first.alias = 'http://gone.test';
    writeFileSync(hosts, JSON.stringify({ 'backend.test': '127.0.0.2' }));
    await first.close();
    const ended = await running.ended;
    ends(ended, 0);
    second.stores.traces.holds(recording.issued);
    same(exporterIn(ended).delivered, 150, 'delivered');
    return `NXDOMAIN, then ${first.seen.length} answers of a backend that went away, then 150 of 150 stored at its new address`;
  },
};

const certificates = join(root, 'test/support/certificates');
const expired = join(root, 'test/faults/certificates/expired.pem');

export const tls: Row = {
  row: 15,
  fault: 'A TLS certificate that is expired, or of another host',
  expected: 'Fails at once, without a retry, and says which date or host it is.',
  how: 'Two HTTPS servers, one with a certificate that ended in 2020, one with a certificate of other.example.',
  async run(world) {
    world.write('in/a.jsonl', recorded({ records: 20 }).text);
    const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
    const here = join(root, 'test/faults/certificates');
    const old = await world.otlp({
      tls: { cert: read(here, 'expired.pem'), key: read(here, 'expired-key.pem') },
    });
    const other = await world.otlp({
      tls: { cert: read(certificates, 'other.pem'), key: read(certificates, 'other-key.pem') },
    });
    const said: string[] = [];
    for (const [url, ca, words] of [
      [old.url, expired, /expired[^\n]*2020/u],
      [
        other.url,
        join(certificates, 'ca.pem'),
        /other\.example[^\n]*127\.0\.0\.1|127\.0\.0\.1[^\n]*other\.example/u,
      ],
    ] as const) {
      const ended = await world.run(
        pipeline({ exporters: otlpTo(url, { retry_on_failure: quickRetry, tls: { ca_file: ca } }) }),
      );
      ends(ended, 2);
      matches(ended.stderr, words, 'the reason');
      expect(ended.elapsedMs < 10_000, `it took ${ended.elapsedMs} ms`);
      said.push(/TLS failed: (.*)/u.exec(ended.stderr)?.[1] ?? '');
    }
    same(old.seen.length + other.seen.length, 0, 'requests');
    return `exit 2 at once: ${said.map((text) => text.replaceAll(/127\.0\.0\.1:\d+/gu, 'HOST')).join('; ')}`;
  },
};
