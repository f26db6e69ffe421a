import { appendFileSync, chmodSync, linkSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckFacts } from '../../src/pipeline/component.ts';
import { file } from '../../src/receivers/file.ts';
import { folderWith, logLine, read, receiverIn, spanLine, type Files } from './support.ts';

const command = (name: string, args: string[]) => execFileSync(name, args);
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => spanLine(`s${from + i}`, 100 + from + i)).join('');
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `s${from + i}`);

describe('which files are read', () => {
  const files: Files = {
    'a.jsonl': spanLine('a', 1),
    'b.jsonl': spanLine('b', 2),
    'sub/c.jsonl': spanLine('c', 3),
    'sub/deep/d.jsonl': spanLine('d', 4),
    'sub/.hidden/e.jsonl': spanLine('e', 5),
    'odd[1].jsonl': spanLine('odd', 6),
  };
  const cases: [include: string[], more: object, items: string[]][] = [
    [['a.jsonl'], {}, ['a']],
    [['*.jsonl'], {}, ['a', 'b', 'odd']],
    [['**/*.jsonl'], { exclude: ['**/.hidden/**'] }, ['a', 'b', 'c', 'd', 'odd']],
    [['sub'], {}, ['c', 'd']],
    [['sub', 'sub/c.jsonl', './sub/../sub/c.jsonl'], {}, ['c', 'd']],
    [['{a,b}.jsonl'], {}, ['a', 'b']],
    [['[ab].jsonl', 'sub/*'], {}, ['a', 'b', 'c']],
    [['odd[1].jsonl'], {}, ['odd']],
    [['.'], { exclude: ['sub', '[ab].*'] }, ['odd']],
    [['b.jsonl', 'a.jsonl'], { exclude: ['nothing/*'] }, ['a', 'b']],
    [['none/*', 'a.jsonl'], {}, ['a']],
  ];
  it.each(cases)('%j %j', async (include, more, expected) => {
    expect((await read(folderWith(files), { include, ...more })).items).toEqual(expected);
  });

  it('says which pattern excludes nothing', async () => {
    const exclude = ['*.tmp', 'sub/*.tmp', 'none', 'sub', 'sub/c.jsonl', 'sub/deep'];
    const { items, log } = await read(folderWith(files), { include: ['.'], exclude });
    expect(items).toEqual(['a', 'b', 'odd']);
    expect(log).toEqual([
      'warn *.tmp in `exclude` leaves nothing out: write **/*.tmp for the files in all folders',
      'warn sub/*.tmp in `exclude` leaves nothing out',
      'warn none in `exclude` leaves nothing out',
    ]);
  });

  it('is each file once, whatever its names', async () => {
    const folder = folderWith(files);
    symlinkSync('a.jsonl', join(folder, 'link.jsonl'));
    linkSync(join(folder, 'b.jsonl'), join(folder, 'hard.jsonl'));
    symlinkSync('..', join(folder, 'sub/up'));
    const { items, log } = await read(folder, { include: ['.'] });
    expect(items).toEqual(['a', 'b', 'c', 'd', 'odd']);
    expect(log).toContain('warn link.jsonl is the same file as a.jsonl: it is read once');
  });

  it('leaves out what is old', async () => {
    const folder = folderWith(files);
    command('touch', ['-d', '2001-01-01', join(folder, 'a.jsonl')]);
    command('touch', ['-d', '2027-01-14', join(folder, 'b.jsonl')]);
    const { items } = await read(folder, { include: ['[ab].jsonl'], exclude_older_than: '48h' });
    expect(items).toEqual(['b']);
  });

  it('leaves out what the run itself writes, and refuses to overwrite what was named', async () => {
    const directory = folderWith({
      'a.jsonl': spanLine('a'),
      'out.jsonl': spanLine('old'),
      'out.jsonl.partial': '{',
    });
    const outputs = [join(directory, 'out.jsonl')];
    const { items, log } = await read(directory, { include: ['.'] }, { outputs });
    expect(items).toEqual(['a']);
    expect(log.filter((line) => line.includes('this run writes it'))).toHaveLength(2);
    await expect(read(directory, { include: ['out.jsonl'] }, { outputs })).rejects.toThrow(
      'out.jsonl is read and written by this run',
    );
  });

  it('takes a folder of links', async () => {
    const folder = folderWith({ ...files, 'links/readme.txt': '' });
    symlinkSync('../sub', join(folder, 'links/sub'));
    expect((await read(folder, { include: ['links'] })).items).toEqual(['c', 'd']);
  });
});

describe('in which order', () => {
  it('is that of the first timestamp, then of the path', async () => {
    const folder = folderWith({
      'a.jsonl': spanLine('late', 9),
      'b.jsonl': spanLine('early', 2) + spanLine('after', 99),
      'c.jsonl.gz': gzipSync(spanLine('middle', 5)),
      'd.jsonl': spanLine('timeless', 0).replaceAll('0000000000', '0'),
      'e.jsonl': spanLine('same', 9),
    });
    const { items } = await read(folder, { include: ['*'] });
    expect(items).toEqual(['early', 'after', 'middle', 'late', 'same', 'timeless']);
  });

  it('says once that logs of a service overlap, and what to do', async () => {
    const folder = folderWith({
      'a.jsonl': logLine('1', 100) + logLine('2', 200),
      'b.jsonl': logLine('3', 150) + logLine('4', 160),
      'c.jsonl': logLine('5', 170),
      'd.jsonl': logLine('other', 120, 'other'),
    });
    const { log } = await read(folder, { include: ['*'] });
    expect(log).toEqual([
      expect.stringMatching(
        /^warn logs of service shop overlap in time by 50 s between a.jsonl and b.jsonl: .*Loki.*include_file_name: true/,
      ),
    ]);
  });

  it('says nothing of files that follow each other', async () => {
    const folder = folderWith({
      'a.jsonl': logLine('1', 100),
      'b.jsonl': logLine('2', 100) + logLine('3', 300),
    });
    expect((await read(folder, { include: ['*'] })).log).toEqual([]);
  });
});

describe('what is in the files', () => {
  const text = numbered(0, 50);
  it.each([
    ['plain', Buffer.from(text)],
    ['gzip of two members', Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))])],
    [
      'zstd of two frames',
      Buffer.concat([zstdCompressSync(text.slice(0, 5000)), zstdCompressSync(text.slice(5000))]),
    ],
  ])('%s', async (_, bytes) => {
    const result = await read(folderWith({ f: bytes }), { include: ['f'], batch_bytes: 1024 });
    expect(result.items).toEqual(names(0, 50));
    expect(result.batches.length).toBeGreaterThan(3);
    expect(result.counts.progress).toEqual({ readBytes: bytes.length, totalBytes: bytes.length, inputs: 1 });
  });

  it('comes from standard input, however it is cut', async () => {
    const chunk = fc.integer({ min: 1, max: 700 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 30 }), async (sizes) => {
        const chunks: string[] = [];
        let at = 0;
        for (const size of sizes) chunks.push(text.slice(at, (at += size)));
        chunks.push(text.slice(at));
        const { items, counts } = await read('/', { include: ['-'] }, { stdin: chunks });
        expect(items).toEqual(names(0, 50));
        expect(counts.progress).toEqual({ readBytes: text.length, totalBytes: undefined, inputs: 1 });
      }),
      { numRuns: 30 },
    );
  });

  it('is read in pieces larger than a chunk, while batches wait', async () => {
    const lines = numbered(0, 4000);
    const waits: number[] = [];
    const { items } = await read(
      folderWith({ f: lines }),
      { include: ['f'], batch_bytes: 65_536 },
      {
        onBatch: async (batch) => {
          waits.push(batch.itemCount);
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
    );
    expect(items).toEqual(names(0, 4000));
    expect(waits.length).toBeGreaterThan(5);
  });

  it('is a format by name', async () => {
    expect(
      (await read(folderWith({ f: numbered(0, 2) }), { include: ['f'], format: 'otlp_json' })).items,
    ).toEqual(names(0, 2));
  });

  it('has in a scan the times of what is delivered only', async () => {
    const directory = folderWith({ 'a.jsonl': `${spanLine('a', 5)}${logLine('b', 9)}` });
    const { receiver } = await receiverIn(directory, { include: ['.'] }, { signals: ['traces'] });
    const { receiver: both } = await receiverIn(directory, { include: ['.'] });
    const [traces, all] = [await receiver.scan?.(), await both.scan?.()];
    expect((traces?.endUnixNano ?? 0n) < (all?.endUnixNano ?? 0n)).toBe(true);
  });

  it('has its times in a scan', async () => {
    const folder = folderWith({ a: spanLine('a', 7) + spanLine('b', 3), b: logLine('c', 9) });
    const { receiver, counts } = await receiverIn(folder, { include: ['*'] });
    expect(await receiver.scan?.()).toEqual({ startUnixNano: 3_000_000_000n, endUnixNano: 9_000_000_000n });
    expect(counts.progress.readBytes).toBe(0);
    expect(counts.unreadable.regions).toBe(0);
  });
});

describe('names of the files', () => {
  it('are added on request', async () => {
    const folder = folderWith({ 'sub/real.jsonl': spanLine('a') + logLine('b') });
    symlinkSync('sub/real.jsonl', join(folder, 'link.jsonl'));
    const all = {
      include_file_name: true,
      include_file_path: true,
      include_file_name_resolved: true,
      include_file_path_resolved: true,
    };
    const { batches } = await read(folder, { include: ['link.jsonl'], ...all });
    const items = batches.flatMap((batch) => {
      if (batch.signal === 'traces') return batch.spans().map(({ attributes }) => attributes);
      return batch.signal === 'logs' ? batch.logRecords().map(({ attributes }) => attributes) : [];
    });
    expect(items.map((attributes) => Object.fromEntries(attributes.entries()))).toEqual(
      [0, 1].map(() => ({
        'log.file.name': 'link.jsonl',
        'log.file.path': 'link.jsonl',
        'log.file.name_resolved': 'real.jsonl',
        'log.file.path_resolved': expect.stringMatching(/^\/.*\/sub\/real.jsonl$/) as string,
      })),
    );
  });
});

describe('what is wrong with the inputs', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const xz = Buffer.from('\xfd7zXZ\0\0\x04\xe6', 'latin1');

  const fatal: [what: string, files: Files, config: object, message: RegExp][] = [
    ['a missing file', {}, { include: ['none.jsonl'] }, /^no such file: none.jsonl \(looked in .*\)$/],
    [
      'several of them',
      {},
      { include: ['a', '/b'] },
      /^no such file: a \(looked in .*\); no such file: \/b$/,
    ],
    ['an empty glob', {}, { include: ['*.jsonl'] }, /^no file matches \*.jsonl \(looked in .*\)$/],
    ['an empty folder', { 'd/.keep': '' }, { include: ['d'] }, /^no files in d$/],
    [
      'nothing left',
      { a: spanLine('a') },
      { include: ['a'], exclude: ['*'] },
      /^exclude \(\*\) leaves nothing of a$/,
    ],
    [
      'a folder without recordings',
      { 'd/x.png': png, 'd/y.txt': 'hello\n' },
      { include: ['d'] },
      /^no recordings in d: 2 files, none of which is one \(d\/x.png: it is a PNG picture/,
    ],
    ['binary data', { 'x.png': png }, { include: ['x.png'] }, /^x.png: it is a PNG picture/],
    [
      'text',
      { 'x.txt': 'hello\n' },
      { include: ['x.txt'] },
      /^x.txt: it is no recording that is known; at most lines \(/,
    ],
    [
      'what is packed in a way that is not read',
      { 'j.xz': xz },
      { include: ['j.xz'] },
      /^j.xz: it is compressed with xz, which is not read$/,
    ],
  ];
  it.each(fatal)('%s', async (_, files, config, message) => {
    const failure = read(folderWith(files), config);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toHaveProperty('remedy', expect.stringMatching(/\w+ \w+/));
  });

  it('a pipe and a device that are named', async () => {
    const folder = folderWith();
    command('mkfifo', [join(folder, 'pipe')]);
    const failure = read(folder, { include: ['pipe', '/dev/null'] });
    await expect(failure).rejects.toThrow(
      /^pipe is a named pipe \(FIFO\), not a regular file: .*`-`; \/dev\/null is a device/,
    );
  });

  it('links in a circle, a link to a device and folders with names of files', async () => {
    const folder = folderWith({ 'a.json': spanLine('a'), 'x.json/y.json': spanLine('y', 2) });
    symlinkSync('loop.json', join(folder, 'loop.json'));
    symlinkSync('/dev/zero', join(folder, 'zero.json'));
    symlinkSync('../x.json', join(folder, 'x.json/again.json'));
    for (const include of [['.'], ['**/*.json']]) {
      const { items, log } = await read(folder, { include });
      expect(items).toEqual(['a', 'y']);
      expect(log.filter((line) => line.includes('zero.json'))).toEqual([
        'warn zero.json is a device, not a regular file: it is skipped',
      ]);
      expect(log.filter((line) => line.includes('loop.json'))).toEqual([
        'warn loop.json is skipped: its symbolic links go round in a circle',
      ]);
    }
    expect((await read(folder, { include: ['*.json'] })).items).toEqual(['a']);
    expect((await read(folder, { include: ['x.json'] })).items).toEqual(['y']);
    await expect(read(folder, { include: ['loop.json'] })).rejects.toThrow('go round in a circle');
    await expect(read(folder, { include: ['/dev/zero'] })).rejects.toThrow('a device, not a regular file');
  });

  it('a pipe that is found is skipped', async () => {
    const folder = folderWith({ a: spanLine('a') });
    command('mkfifo', [join(folder, 'pipe')]);
    const { items, log } = await read(folder, { include: ['*'] });
    expect([items, log]).toEqual([
      ['a'],
      ['warn pipe is a named pipe (FIFO), not a regular file: it is skipped'],
    ]);
  });

  const survived: [what: string, files: Files, config: object, items: unknown[], log: (string | RegExp)[]][] =
    [
      ['an empty file', { a: spanLine('a'), b: '' }, { include: ['a', 'b'] }, ['a'], ['warn b is empty']],
      [
        'a glob that matches nothing beside one that does',
        { a: spanLine('a') },
        { include: ['x*', 'a'] },
        ['a'],
        [/^warn no file matches x\*/],
      ],
      [
        'other files in a folder',
        { 'd/a': spanLine('a'), 'd/README.md': '# hi\n', 'd/x.png': png },
        { include: ['d'] },
        ['a'],
        ['warn d/README.md, d/x.png are no recordings and are skipped'],
      ],
      [
        'what is packed in a way that is not read, in a folder',
        { 'd/a': spanLine('a'), 'd/j.xz': xz },
        { include: ['d'] },
        ['a'],
        [/^error d\/j.xz: it is compressed with xz, which is not read \(9 bytes from byte 0 are left out\)$/],
      ],
      [
        'text that a glob finds',
        { a: spanLine('a'), 'b.txt': 'hello\n' },
        { include: ['*'] },
        ['a'],
        [/^error b.txt: it is no recording that is known; at most lines/],
      ],
      [
        'a bad line',
        { a: `${spanLine('a')}{"resourceSpans": oops}\n${spanLine('b')}` },
        { include: ['a'] },
        ['a', 'b'],
        [/^error a:2: .*23 bytes from byte 290/],
      ],
      [
        'a half-written last line',
        { a: numbered(0, 2) + spanLine('x').slice(0, 100) },
        { include: ['a'] },
        ['s0', 's1'],
        [/^error a:3: /],
      ],
    ];
  it.each(survived)('%s', async (...[, files, config, items, log]) => {
    const result = await read(folderWith(files), config);
    expect(result.items).toEqual(items);
    expect(result.log).toEqual(
      log.map((line) => (typeof line === 'string' ? line : (expect.stringMatching(line) as string))),
    );
    expect(result.counts.unreadable.regions).toBe(
      log.filter((line) => String(line).includes('error')).length,
    );
  });

  it('compressed data that is cut off or damaged', async () => {
    const packed = gzipSync(numbered(0, 3000));
    const half = packed.subarray(0, packed.length >> 1);
    const { items, counts, log } = await read(folderWith({ 'a.gz': half }), { include: ['a.gz'] });
    expect(items.length).toBeGreaterThan(1000);
    expect(items).toEqual(names(0, items.length));
    expect(log).toEqual([
      expect.stringMatching(/^error a.gz:\d+: .*cut off/),
      expect.stringMatching(/^error a.gz: the gzip data ends early \(cut off/),
    ]);
    expect(counts.unreadable.regions).toBe(2);
    const damaged = Buffer.concat([gzipSync(numbered(0, 3)), Buffer.from([0x1f, 0x8b, 8, 0, 9, 9, 9, 9])]);
    const again = await read(folderWith({ 'b.gz': damaged }), { include: ['b.gz'] });
    expect(again.items).toEqual(names(0, 3));
    expect(again.log).toEqual([expect.stringMatching(/^error b.gz: .*gzip/)]);
    const broken = Buffer.from([0x1f, 0x8b, 8, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
    await expect(read(folderWith({ 'c.gz': broken }), { include: ['c.gz'] })).rejects.toThrow(
      /^c.gz: the gzip data/,
    );
  });

  it('compressed data beyond its limits', async () => {
    const folder = folderWith({ 'a.gz': gzipSync(spanLine('a') + ' '.repeat(3 << 20)) });
    const { items, log } = await read(folder, { include: ['*'], max_decompressed_size: 1 << 20 });
    expect([items, log]).toEqual([['a'], [expect.stringContaining('max_decompressed_size')]]);
  });

  it('stops at the first with on_error: fail', async () => {
    const folder = folderWith({ a: `${spanLine('a')}{"resourceSpans": oops}\n${spanLine('b')}` });
    const failure = read(folder, { include: ['a'], on_error: 'fail' });
    await expect(failure).rejects.toThrow(/^a:2: /);
    await expect(failure).rejects.toHaveProperty('remedy', expect.stringContaining('on_error: drop'));
  });

  it('says the first ten and counts the rest', async () => {
    const bad = '{"resourceSpans": oops}\n'.repeat(30);
    const { log, counts } = await read(
      folderWith({ a: spanLine('a') + bad.replaceAll('\n', `\n${spanLine('b')}`) }),
      { include: ['a'] },
    );
    expect(log).toHaveLength(11);
    expect(log.at(-1)).toBe('error further unreadable regions are counted and not said');
    expect(counts.unreadable.regions).toBe(30);
  });

  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const folder = folderWith({ a: spanLine('a'), b: spanLine('b') });
    chmodSync(join(folder, 'b'), 0);
    await expect(read(folder, { include: ['b'] })).rejects.toThrow('b: permission denied');
    const { items, log } = await read(folder, { include: ['*'] });
    expect([items, log]).toEqual([['a'], [expect.stringContaining('b: permission denied')]]);
  });

  it('a file that vanishes before it is read', async () => {
    const folder = folderWith({ a: spanLine('a', 1), b: spanLine('b', 2) });
    const { items, log, counts } = await read(
      folder,
      { include: ['*'] },
      { onBatch: () => rmSync(join(folder, 'b'), { force: true }) },
    );
    expect(items).toEqual(['a']);
    expect(log).toEqual([expect.stringMatching(/^error b: there is no such file any more/)]);
    expect(counts.unreadable.kept).toMatchObject([{ input: 'b', offset: 0, bytes: spanLine('b').length }]);
  });

  it('a file that shrinks while it is read', async () => {
    const folder = folderWith({ a: numbered(0, 8000) });
    const { items, log } = await read(
      folder,
      { include: ['a'], batch_bytes: 4096 },
      { onBatch: () => truncateSync(join(folder, 'a'), 10_000) },
    );
    expect(items.length).toBeLessThan(8000);
    expect(log.at(-1)).toMatch(/^error a: the file became shorter while it was read/);
  });

  it('a file that grows while it is read', async () => {
    const folder = folderWith({ a: numbered(0, 3000) });
    let more = numbered(3000, 3010);
    const { items, log } = await read(
      folder,
      { include: ['a'], batch_bytes: 65_536 },
      {
        onBatch: () => {
          appendFileSync(join(folder, 'a'), more);
          more = '';
        },
      },
    );
    expect(items).toEqual(names(0, 3000));
    expect(log).toEqual([
      'warn a grew since the run began: what was added is left to `--follow`, or to a later run',
    ]);
  });
});

describe('a file without items', () => {
  it('is said, for nothing counts what is in it', async () => {
    const empty = '{"name":"empty","gauge":{}}';
    const folder = folderWith({
      m: `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${empty},${empty}]}]}]}\n`,
      n: '{"resourceMetrics":[{"resource":{"droppedAttributesCount":1}}]}\n',
      s: '{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"s"}}]}]}\n',
      t: '{"resourceSpans":[]}\n',
    });
    const { batches, log } = await read(folder, { include: ['*'] });
    expect(batches).toEqual([]);
    expect(log.toSorted()).toEqual([
      'warn metrics without data points are left out (2 times), in m',
      'warn resources without data points are left out, in n',
      'warn resources without spans are left out, in s',
    ]);
  });

  it('is nothing to say where there are some in the same batch: it goes with them', async () => {
    const metric = (points: string) =>
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[${points}]}}]}]}]}\n`;
    const { batches, log } = await read(folderWith({ m: metric('{"asInt":"1"}') + metric('') }), {
      include: ['m'],
    });
    expect(batches.map((batch) => (batch.signal === 'metrics' ? batch.metrics().length : 0))).toEqual([2]);
    expect(log).toEqual([]);
  });
});

describe('an end before the end', () => {
  it('comes between two chunks when the run stops', async () => {
    const stop = new AbortController();
    const folder = folderWith({ a: numbered(0, 8000), b: spanLine('b') });
    const { items, log } = await read(
      folder,
      { include: ['*'], batch_bytes: 65_536 },
      { signal: stop.signal, onBatch: () => stop.abort() },
    );
    expect(items.length).toBeLessThan(4000);
    expect(log).toEqual([]);
  });

  it('counts as read what was handed over, and not what was still in the decoder', async () => {
    const stop = new AbortController();
    const chunks = function* () {
      yield numbered(0, 100);
      stop.abort();
      yield numbered(100, 200);
    };
    const nothing = await read(folderWith(), { include: ['-'] }, { signal: stop.signal, stdin: chunks() });
    expect(nothing.items).toEqual([]);
    expect(nothing.counts.progress.readBytes).toBe(0);

    const text = numbered(0, 8000);
    for (const content of [text, gzipSync(text)]) {
      const stopped = new AbortController();
      const { items, counts } = await read(
        folderWith({ a: content }),
        { include: ['a'], batch_bytes: 65_536 },
        { signal: stopped.signal, onBatch: () => stopped.abort() },
      );
      const handed = Buffer.byteLength(numbered(0, items.length).trimEnd());
      expect(counts.progress.readBytes).toBe(content === text ? handed : content.length);
    }
  });

  it('comes with the refusal of a batch', async () => {
    const folder = folderWith({ a: numbered(0, 8000) });
    const failure = read(folder, { include: ['a'] }, { onBatch: () => Promise.reject(new Error('no more')) });
    await expect(failure).rejects.toThrow('no more');
  });
});

describe('its config', () => {
  const facts: CheckFacts = { writtenType: 'file', has: () => false, signals: ['traces'] };
  const problems = (config: object) =>
    file.check?.(file.schema.parse({ include: ['x'], ...config }), facts) ?? [];

  it.each([
    [{}, []],
    [{ start_at: 'beginning', format: 'codemachine' }, []],
    [{ start_at: 'end' }, [/start_at must be beginning/]],
    [{ format: 'yaml' }, [/format must be an encoding, found "yaml"/]],
  ])('%j', (config, expected) => {
    const found = problems(config).map(({ path, message }) => `${path.join('.')} ${message}`);
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
  });

  it('can scan files and not standard input', () => {
    const canScan = (include: string[]) => file.canScan?.(file.schema.parse({ include }));
    expect([canScan(['a', 'b']), canScan(['a', '-'])]).toEqual([true, false]);
  });
});
