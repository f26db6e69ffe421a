/** What recordings look like on a bad day: rows 19 to 23, 27 and 28. */
import { execFileSync } from 'node:child_process';
import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { otlpTo, pipeline } from '../config.ts';
import type { Ended } from '../process.ts';
import { recorded, type Recording } from '../recording.ts';
import { expect, matches, same } from '../expect.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends } from './answers.ts';

interface Unreadable {
  readonly regions: number;
  readonly bytes: number;
  readonly kept: readonly { readonly offset: number; readonly line?: number; readonly reason: string }[];
}

function unreadableIn(ended: Ended): Unreadable {
  const unreadable = ended.report?.receivers[0]?.unreadable;
  expect(unreadable !== undefined, `no report:\n${ended.stderr}`);
  return unreadable;
}

/** Runs what is in `in`; exactly these recordings have to arrive, each record once. */
async function arrives(
  world: World,
  recordings: readonly Recording[],
  exitCode: number,
  receiver: Readonly<Record<string, unknown>> = {},
): Promise<Ended> {
  const backend = await world.otlp();
  const ended = await world.run(pipeline({ receiver, exporters: otlpTo(backend.url) }));
  ends(ended, exitCode);
  backend.stores.traces.holds(issuedBy(recordings));
  same(backend.stores.traces.duplicates, 0, 'duplicates');
  return ended;
}

function issuedBy(recordings: readonly Recording[]): Map<string, string> {
  return new Map(recordings.flatMap((recording) => [...recording.issued]));
}

export const lastLine: Row = {
  row: 19,
  fault: 'A last line without its end, or cut in the middle',
  expected:
    'Complete JSON is read without a line end; a cut line is named with its offset and counted; exit 3.',
  how: 'Two files: one whose last newline is missing, one that stops in the middle of its last line.',
  async run(world) {
    const whole = recorded({ name: 'whole', records: 30 });
    world.write('in/whole.jsonl', whole.text.trimEnd());
    await arrives(world, [whole], 0);
    const cut = recorded({ name: 'cut', records: 30 });
    const [first = '', second = '', third = ''] = cut.lines;
    const before = `${first}\n${second}\n`;
    world.write('in/cut.jsonl', before + third.slice(0, third.length >> 1));
    const kept = recorded({ name: 'cut', records: 20 });
    const unreadable = unreadableIn(await arrives(world, [whole, kept], 3));
    const [region] = unreadable.kept;
    expect(unreadable.regions > 0 && region !== undefined, 'the cut line is not reported');
    const offset = Buffer.byteLength(before);
    expect(region.offset >= offset, `the region is at ${region.offset}, the cut line at ${offset}`);
    return `the line without an end was read; the cut one is reported at byte ${region.offset} (line ${region.line}): ${region.reason}; exit 3`;
  },
};

export const garbage: Row = {
  row: 20,
  fault: 'Garbage lines, BOM, CRLF, NUL bytes, pretty-printed JSON between JSON lines',
  expected:
    'All that is whole is read; each bad region is skipped up to the next safe place and named with its offset; exit 3.',
  how: 'Files with each of them between recordings that must arrive whole.',
  async run(world) {
    const names = ['bom', 'crlf', 'pretty', 'after garbage', 'after nul', 'after binary', 'joined'];
    const parts = names.map((name) => recorded({ name, records: 20 }));
    const [bom, crlf, pretty, afterGarbage, afterNul, afterBinary, joined] = parts.map(({ text }) => text);
    const prettyText = (pretty ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.stringify(JSON.parse(line), null, 2))
      .join('\n');
    world.write('in/1.jsonl', `\uFEFF${bom ?? ''}`);
    world.write('in/2.jsonl', (crlf ?? '').replaceAll('\n', '\r\n'));
    const binary = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 7 + 128) & 255));
    world.write(
      'in/3.jsonl',
      Buffer.concat([
        Buffer.from(`${prettyText}\nthis is no JSON {"at": [\n${afterGarbage ?? ''}`),
        Buffer.from(`\0\0\0\0\n${afterNul ?? ''}`),
        binary,
        Buffer.from(`\n${afterBinary ?? ''}`),
        Buffer.from((joined ?? '').replaceAll('\n', '')),
      ]),
    );
    const { regions, kept } = unreadableIn(await arrives(world, parts, 3));
    expect(regions >= 2, `${regions} bad regions were reported`);
    expect(
      kept.every(({ offset, reason }) => offset > 0 && reason !== ''),
      'a region without its place',
    );
    return `all ${parts.length * 20} records of ${parts.length} recordings stored once; ${regions} bad regions named with line and byte; exit 3`;
  },
};

export const hugeLine: Row = {
  row: 21,
  fault: 'One line of 1 GB, and JSON that is one large message',
  expected:
    'Bounded memory: it is read in parts, or refused with the name of the limit; the rest of the file is read.',
  how: 'A span whose name is 300 MB, or 1 GB with `--large`, between two recordings (`max_document_size` is 256MiB); one line of 40 MB with 10 000 spans.',
  async run(world) {
    const before = recorded({ name: 'before', records: 50 });
    const after = recorded({ name: 'after', records: 50 });
    const message = recorded({ name: 'message', records: 10_000, perLine: 10_000, padding: 3500 });
    mkdirSync(world.path('in'));
    const megabytes = world.isLarge ? 1000 : 300;
    const file = openSync(world.path('in/a.jsonl'), 'w');
    writeSync(file, before.text);
    writeSync(file, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"');
    for (let mega = 0; mega < megabytes; mega++) writeSync(file, Buffer.alloc(1_000_000, 'a'));
    writeSync(file, `"}]}]}]}\n${after.text}`);
    closeSync(file);
    world.write('in/b.jsonl', message.text);
    const ended = await arrives(world, [before, after, message], 3, { batch_bytes: '256KiB' });
    const { kept } = unreadableIn(ended);
    matches(kept.map(({ reason }) => reason).join(' '), /max_document_size/u, 'the name of the limit');
    const peak = ended.peakBytes / 2 ** 20;
    expect(peak < 700, `${Math.round(peak)} MiB of memory`);
    return `10 100 of 10 100 records stored; the line of ${megabytes} MB refused: ${kept[0]?.reason}; memory under 700 MiB`;
  },
};

/** Zeros, compressed in parts so that they never exist in memory. */
function gzipZeros(megabytes: number): Buffer {
  const one = gzipSync(Buffer.alloc(64 << 20), { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil(megabytes / 64) }, () => one));
}

export const bombs: Row = {
  row: 22,
  fault: 'A gzip bomb, a zstd bomb, a zstd window that is too large, archives in archives',
  expected: 'Reading stops at a named limit with flat memory; the other files are read; exit 3.',
  how: '8 GiB of zeros as gzip (8 MB) and 2 GiB as zstd (a few KB), a zstd frame with a window of 2 GiB, gzip in gzip in gzip.',
  async run(world) {
    const good = recorded({ name: 'good', records: 50 });
    world.write('in/good.jsonl', good.text);
    world.write('in/bomb.jsonl.gz', Buffer.concat([gzipSync(good.lines[0] ?? ''), gzipZeros(8192)]));
    const frame = zstdCompressSync(Buffer.alloc(256 << 20));
    world.write('in/bomb.jsonl.zst', Buffer.concat(Array.from({ length: 8 }, () => frame)));
    const frameOfText = zstdCompressSync(Buffer.from(recorded({ name: 'window', records: 50 }).text));
    world.write('in/window.jsonl.zst', withWindow(frameOfText, 31));
    world.write('in/nested.jsonl.gz', gzipSync(gzipSync(gzipSync(recorded({ name: 'nested' }).text))));
    const backend = await world.otlp();
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }), [], { limitMs: 120_000 });
    const peak = Math.round(ended.peakBytes / 2 ** 20);
    expect(peak < 400, `${peak} MiB of memory`);
    expect([2, 3].includes(ended.exitCode ?? 0), `exit ${ended.exitCode}:\n${ended.stderr}`);
    ends(ended, 3);
    const issued = good.issued;
    backend.stores.traces.holds(issued);
    const reasons = unreadableIn(ended).kept.map(({ reason }) => reason);
    matches(reasons.join('\n'), /max_decompress/u, 'the name of the limit');
    matches(ended.stderr, /nested\.jsonl\.gz/u, 'what is said of the archive in archives');
    matches(reasons.join('\n'), /window/u, 'what is said of the window');
    return `50 of 50 good records stored, memory under 400 MiB; ${[...new Set(reasons)].join('; ')}`;
  },
};

/** The same frame, but its header asks for a window of two to this power, and no longer says its size. */
function withWindow(frame: Buffer, powerOfTwo: number): Buffer {
  const descriptor = frame[4] ?? 0;
  const sizeBytes = [descriptor & 32 ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const isSingle = (descriptor & 32) !== 0;
  const headerEnd = 5 + (isSingle ? 0 : 1) + sizeBytes;
  return Buffer.concat([
    frame.subarray(0, 4),
    Buffer.from([descriptor & 0b0000_0100, (powerOfTwo - 10) << 3]),
    frame.subarray(headerEnd),
  ]);
}

export const members: Row = {
  row: 23,
  fault: 'Multi-member gzip, multi-frame zstd, a truncated stream, garbage behind it',
  expected:
    'All members are read; of a truncated stream what decodes is delivered and the rest is counted; exit 3.',
  how: 'Each of them as a file, cut in the middle of its last line where it is cut.',
  async run(world) {
    const names = ['gzip members', 'zstd frames', 'trailing'];
    const [gzip, zstd, trailing] = names.map((name) => recorded({ name, records: 100 }));
    if (gzip === undefined || zstd === undefined || trailing === undefined) throw new Error('no recordings');
    const members = gzip.lines.map((line) => gzipSync(`${line}\n`));
    world.write('in/a.jsonl.gz', Buffer.concat(members));
    world.write(
      'in/b.jsonl.zst',
      Buffer.concat(zstd.lines.map((line) => zstdCompressSync(Buffer.from(`${line}\n`)))),
    );
    await arrives(world, [gzip, zstd], 0);
    world.write('in/c.jsonl.gz', Buffer.concat([gzipSync(trailing.text), Buffer.from('this is no gzip')]));
    const cut = recorded({ name: 'cut', records: 2000 });
    const bytes = gzipSync(cut.text);
    world.write('in/d.jsonl.gz', bytes.subarray(0, bytes.length >> 1));
    const backend = await world.otlp();
    const ended = await world.run(pipeline({ exporters: otlpTo(backend.url) }));
    ends(ended, 3);
    const { first } = backend.stores.traces;
    const missing = [...cut.issued.keys()].filter((id) => !first.has(id));
    backend.stores.traces.holds(issuedBy([gzip, zstd, trailing, cut]), new Set(missing));
    const kept = 2000 - missing.length;
    expect(kept >= 600 && kept < 2000, `${kept} of 2000 records of the truncated file`);
    const reasons = unreadableIn(ended).kept.map(({ reason }) => reason);
    expect(reasons.length >= 2, `reported: ${reasons.join('; ')}`);
    return `10 members and 10 frames read whole; of half a file ${Math.floor(kept / 100)}00 or more of 2000 records; reported: ${[...new Set(reasons)].join('; ')}; exit 3`;
  },
};

export const links: Row = {
  row: 27,
  fault: 'A loop of symbolic links, a file by two paths, a FIFO, /dev/zero, a directory named x.json',
  expected: 'Regular files only, each once; the rest is left out with a word, and nothing hangs.',
  how: 'A folder with all of them, and the FIFO and the device also named directly.',
  async run(world) {
    const real = recorded({ name: 'real', records: 40 });
    const inner = recorded({ name: 'inner', records: 40 });
    const path = world.write('in/real.jsonl', real.text);
    world.write('in/folder.json/inner.jsonl', inner.text);
    symlinkSync(path, world.path('in/link.jsonl'));
    linkSync(path, world.path('in/hard.jsonl'));
    symlinkSync('..', world.path('in/loop'));
    symlinkSync('self', world.path('in/self'));
    symlinkSync('/dev/zero', world.path('in/zero.jsonl'));
    execFileSync('mkfifo', [world.path('in/pipe.jsonl')]);
    const include = ['in', 'in/real.jsonl', './in/../in/link.jsonl'];
    await arrives(world, [real, inner], 0, { include });
    const said: string[] = [];
    for (const named of ['in/pipe.jsonl', '/dev/zero']) {
      const backend = await world.otlp();
      const ended = await world.run(
        pipeline({ receiver: { include: [named] }, exporters: otlpTo(backend.url) }),
        [],
        { limitMs: 15_000 },
      );
      expect(
        ended.exitCode !== null && ended.exitCode !== 0,
        `${named}: exit ${ended.exitCode}\n${ended.stderr}`,
      );
      matches(ended.stderr, /regular file|no file|device|pipe|FIFO/iu, `what is said of ${named}`);
      said.push(`${named} by name: exit ${ended.exitCode}`);
    }
    return `80 of 80 records stored once; ${said.join(', ')}`;
  },
};

export const twice: Row = {
  row: 28,
  fault: 'Inputs that are there twice',
  expected:
    "A file is read once however many names it has; CodeMachine's `latest` copies give only what no other input has.",
  how: 'The same file by folder, glob, link and name; two files of the same content, which are both delivered: nothing is left out by guess.',
  notBuilt: 'an option that leaves out the same content in different files',
  async run(world) {
    const recording = recorded({ records: 60 });
    const path = world.write('in/a.jsonl', recording.text);
    symlinkSync(path, world.path('again.jsonl'));
    const include = ['in', 'in/*.jsonl', 'again.jsonl', path];
    await arrives(world, [recording], 0, { include });
    world.write('in/copy.jsonl', recording.text);
    const backend = await world.otlp();
    ends(await world.run(pipeline({ exporters: otlpTo(backend.url) })), 0);
    backend.stores.traces.holds(recording.issued);
    same(backend.stores.traces.duplicates, 60, 'copies of a real copy');
    return `one file by four names: 60 stored once; a real copy: 60 stored twice, counted as 120; ${await sessions(world)}`;
  },
};

/** Two recordings of CodeMachine, one of them also as `latest`. */
async function sessions(world: World): Promise<string> {
  const trace = (id: string, at: number): object => ({
    name: `step ${at}`,
    traceId: id.repeat(32),
    spanId: `${id.repeat(15)}${at}`,
    startTime: 1_700_000_000_000 + at,
    endTime: 1_700_000_000_500 + at,
    duration: 500,
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
  });
  const session = (id: string, more: object = {}): string =>
    JSON.stringify({
      version: 1,
      service: 'codemachine',
      exportedAt: '2026-01-01T00:00:00.000Z',
      spanCount: 3,
      ...more,
      spans: [1, 2, 3].map((at) => trace(id, at)),
    });
  world.write('cm/2026-01-01/a.json', session('a'));
  world.write('cm/2026-01-01/b.json', session('b'));
  world.write('cm/latest.json', session('b', { sessionFile: 'traces/2026-01-01/b.json' }));
  const backend = await world.otlp();
  const ended = await world.run(pipeline({ receiver: { include: ['cm'] }, exporters: otlpTo(backend.url) }));
  ends(ended, 0);
  same(backend.stores.traces.distinct, 6, 'spans of two sessions');
  same(backend.stores.traces.duplicates, 0, 'duplicates of `latest`');
  return 'a `latest` copy: 6 spans of two sessions stored once';
}
