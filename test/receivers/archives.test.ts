/** Archives among the inputs: what stands in them is read as if it lay in a folder, and nothing in them can do harm. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/pipeline/checkpoint.ts';
import { paxMember, tarOf, zipOf, type TarMember } from '../support/archives.ts';
import { folderWith, read, receiverIn, spanLine, type ReadResult } from './support.ts';

const samples = join(import.meta.dirname, '../../../shared/samples');
const isThere = existsSync(join(samples, 'recordings/manifest.json'));

const story = {
  'a.jsonl': spanLine('one', 3),
  'deep/b.jsonl': spanLine('two', 1),
  'deep/c.jsonl': spanLine('three', 2),
};
const members: TarMember[] = Object.entries(story).map(([name, content]) => ({ name, content }));

/** The forms in which the same members may be packed. */
const forms: [string, (members: readonly TarMember[]) => Uint8Array][] = [
  ['tar', (list) => tarOf(list)],
  ['tgz', (list) => gzipSync(tarOf(list))],
  ['tar.zst', (list) => zstdCompressSync(tarOf(list))],
  ['zip', (list) => zipOf(list.map(({ name, content = '' }) => ({ name, content })))],
];

const sortedItems = (items: readonly unknown[]) => items.map(String).toSorted();

const errors = ({ log }: ReadResult) => log.filter((line) => line.startsWith('error'));

describe.each(forms)('a %s', (form, pack) => {
  const name = `bundle.${form}`;

  it('gives what its files give, in the order of time, each named in it', async () => {
    const folder = folderWith({ [name]: pack(members) });
    const { items, batches, log } = await read(folder, { include: [name] });
    expect(items).toEqual(['two', 'three', 'one']);
    expect(batches.map(({ origin }) => origin)).toEqual([
      `${name}!deep/b.jsonl`,
      `${name}!deep/c.jsonl`,
      `${name}!a.jsonl`,
    ]);
    expect(log).toEqual([]);
  });

  it('gives the same whatever it is called, and with files compressed in it', async () => {
    const packed = members.map((one) => ({ ...one, content: gzipSync(one.content ?? '') }));
    const folder = folderWith({ recording: pack(packed) });
    expect((await read(folder, { include: ['.'] })).items).toEqual(['two', 'three', 'one']);
  });

  it('adds the names of its files', async () => {
    const folder = folderWith({ [name]: pack([{ name: 'a.jsonl', content: spanLine('one') }]) });
    const { batches } = await read(folder, {
      include: [name],
      include_file_name: true,
      include_file_path: true,
    });
    const [span] = batches.flatMap((batch) => (batch.signal === 'traces' ? batch.spans() : []));
    expect(span?.attributes.get('log.file.name')).toBe('a.jsonl');
    expect(span?.attributes.get('log.file.path')).toBe(`${name}!a.jsonl`);
  });

  it('skips what is no recording and says so, and names what cannot be read in it', async () => {
    const broken = { name: 'broken.jsonl', content: `${spanLine('four')}{"resourceSpans":[{]}\n` };
    const strange = { name: 'picture.png', content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]) };
    const folder = folderWith({ [name]: pack([...members, broken, strange]) });
    const result = await read(folder, { include: [name] });
    expect(sortedItems(result.items)).toEqual(['four', 'one', 'three', 'two']);
    expect(result.counts.unreadable.kept).toMatchObject([{ input: `${name}!broken.jsonl`, line: 2 }]);
    expect(result.log.join('\n')).toContain(`${name}!picture.png is no recording and is skipped`);
  });

  it('is not looked into when it stands in another one, which is counted', async () => {
    const inner = { name: `inner.${form}`, content: pack(members) };
    const folder = folderWith({ 'outer.tar': tarOf([members[0] as TarMember, inner]) });
    const result = await read(folder, { include: ['outer.tar'] });
    expect(result.items).toEqual(['one']);
    expect(errors(result).join('\n')).toMatch(
      new RegExp(`outer.tar!inner.${form}: it is a (?:tar|zip) archive`),
    );
    expect(result.counts.unreadable.regions).toBe(1);
  });

  it('leaves hidden files out, as in a folder, and reads the last of two with one name', async () => {
    const hidden = [
      { name: '.secret/x.jsonl', content: spanLine('hidden') },
      { name: '__MACOSX/._a.jsonl', content: 'x' },
    ];
    const again = { name: 'a.jsonl', content: spanLine('newer', 3) };
    const folder = folderWith({ [name]: pack([...members, ...hidden, again]) });
    const { items, log } = await read(folder, { include: [name] });
    expect(items).toEqual(['two', 'three', 'newer']);
    expect(log.join('\n')).toContain(`${name}!a.jsonl is there more than once: the last one is read`);
  });

  it('that is cut off gives what stands before, and says where it ends', async () => {
    const whole = Buffer.from(pack(members));
    const folder = folderWith({ [name]: whole.subarray(0, whole.length - (form === 'tar' ? 700 : 12)) });
    if (form === 'tar') {
      const result = await read(folder, { include: [name] });
      expect(result.items.length).toBeGreaterThan(0);
      return;
    }
    const outcome = await read(folder, { include: ['.'] }).catch((error: unknown) => String(error));
    const text = typeof outcome === 'string' ? outcome : errors(outcome).join('\n');
    expect(text).toMatch(/bundle\.\S+: (?:the (?:gzip|zstd) data|the zip archive|it is)/);
  });

  it('goes on after an interruption, at the exact record', async () => {
    const lines = ['x', 'y', 'z'].map((own) => ({
      name: `${own}.jsonl`,
      content: [1, 2, 3].map((at) => spanLine(`${own}${at}`, at)).join(''),
    }));
    const expected = lines.flatMap(({ name: own }) => [1, 2, 3].map((at) => `${own[0]}${at}`));
    const folder = folderWith({ [name]: pack(lines) });
    for (let stop = 0; stop <= 9; stop++) {
      const first = await readUntil(folder, name, stop);
      const second = await read(folder, { include: [name], batch_bytes: 1024 }, { position: first.position });
      expect(sortedItems([...first.items, ...second.items]), `stopped after ${stop}`).toEqual(
        expected.toSorted(),
      );
      renameSync(join(folder, name), join(folder, `renamed.${form}`));
      const third = await read(
        folder,
        { include: [`renamed.${form}`], batch_bytes: 1024 },
        { position: first.position },
      );
      expect(third.items, `renamed, stopped after ${stop}`).toEqual(second.items);
      renameSync(join(folder, `renamed.${form}`), join(folder, name));
    }
  });

  it('that is another one than it was is refused', async () => {
    const folder = folderWith({ [name]: pack(members) });
    const { position } = await readUntil(folder, name, 1);
    writeFileSync(join(folder, name), pack([...members].toReversed()));
    await expect(read(folder, { include: [name] }, { position })).rejects.toThrow(/its content changed/);
  });

  it('from standard input is read in its order, or refused by name', async () => {
    const strange = { name: 'README.bin', content: Buffer.from([0, 1, 2, 3]) };
    const bytes = pack([...members, strange]);
    const stdin = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, at) =>
      bytes.subarray(at * 100, at * 100 + 100),
    );
    const result = await read(folderWith(), { include: ['-'] }, { stdin });
    if (form === 'zip') {
      expect(errors(result)[0]).toContain('standard input: it is a zip archive');
      return;
    }
    expect(result.items).toEqual(['one', 'two', 'three']);
    expect(result.batches[0]?.origin).toBe('standard input!a.jsonl');
    expect(errors(result)).toEqual([]);
    expect(result.log.join('\n')).toContain('standard input!README.bin');
  });

  it('may hold any files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.tuple(fc.stringMatching(/^[a-z]{1,8}(?:\/[a-z]{1,8}){0,2}$/), fc.integer({ min: 1, max: 99 })),
          {
            selector: ([path]) => path,
            minLength: 1,
            maxLength: 8,
          },
        ),
        async (files) => {
          const list = files.map(([path, at]) => ({ name: `${path}.x`, content: spanLine(path, at) }));
          const folder = folderWith({ [name]: pack(list) });
          const { items } = await read(folder, { include: [name] });
          expect(sortedItems(items)).toEqual(files.map(([path]) => path).toSorted());
          rmSync(folder, { recursive: true });
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** Reads with one batch a record, and stops after so many. */
async function readUntil(folder: string, name: string, stop: number) {
  const stopping = new AbortController();
  if (stop === 0) stopping.abort();
  const { receiver } = await receiverIn(
    folder,
    { include: [name], batch_bytes: 1024 },
    { signal: stopping.signal },
  );
  const items: string[] = [];
  let position: JsonValue | undefined;
  await receiver.start({
    emit: (batch, at) => {
      if (batch.signal === 'traces') items.push(...batch.spans().map((span) => span.name));
      position = at;
      if (items.length >= stop) stopping.abort();
      return Promise.resolve();
    },
    advance: (at) => {
      position = at;
    },
  });
  return { items, position };
}

describe.runIf(isThere)('the recordings of other programs, packed', () => {
  const fingerprint = ({ batches }: ReadResult) =>
    batches.map((batch) => createHash('sha256').update(batch.encode()).digest('hex')).toSorted();

  it.each([
    ['tar', ['-cf']],
    ['tgz', ['-czf']],
  ])('by tar as %s give the same as the folder, byte for byte, in the same order', async (form, flags) => {
    const folder = folderWith();
    execFileSync('tar', [...flags, join(folder, `all.${form}`), '-C', samples, 'recordings']);
    const expected = await read(samples, { include: ['recordings'] });
    const found = await read(folder, { include: [`all.${form}`] });
    expect(found.items).toEqual(expected.items);
    expect(fingerprint(found)).toEqual(fingerprint(expected));
    expect(found.counts.unreadable.regions).toBe(expected.counts.unreadable.regions);
    expect(found.batches.map(({ origin }) => origin?.replace(/^.*!/, ''))).toEqual(
      expected.batches.map(({ origin }) => origin),
    );
  });

  it.each([
    ['tar.zst', (bytes: Buffer) => zstdCompressSync(bytes)],
    ['tar.gz that is too large to be kept', (bytes: Buffer) => gzipSync(bytes)],
  ])('as %s too', async (form, pack) => {
    const folder = folderWith();
    execFileSync('tar', ['-cf', join(folder, 'all.tar'), '-C', samples, 'recordings']);
    writeFileSync(join(folder, 'packed'), pack(readTar(folder)));
    const expected = await read(samples, { include: ['recordings'] });
    const keeps = form === 'tar.zst' ? {} : { max_archive_memory: 0 };
    const found = await read(folder, { include: ['packed'], ...keeps });
    expect(fingerprint(found)).toEqual(fingerprint(expected));
  });

  it('as zip too, as zip writes it', async (context) => {
    const folder = folderWith();
    try {
      execFileSync('zip', ['-qr', join(folder, 'all.zip'), 'recordings'], { cwd: samples });
    } catch {
      context.skip('there is no zip on this machine');
    }
    const expected = await read(samples, { include: ['recordings'] });
    const found = await read(folder, { include: ['all.zip'] });
    expect(found.items).toEqual(expected.items);
    expect(fingerprint(found)).toEqual(fingerprint(expected));
  });

  it('of CodeMachine, with the copies of the last session, are counted once', async () => {
    const folder = folderWith();
    execFileSync('tar', ['-czf', join(folder, 'traces.tgz'), '-C', join(samples, 'codemachine'), 'traces']);
    for (const max_archive_memory of [0, 16 << 20]) {
      const { items } = await read(folder, { include: ['traces.tgz'], max_archive_memory });
      expect(items).toHaveLength(68 + 51);
    }
  });
});

function readTar(folder: string): Buffer {
  return execFileSync('cat', [join(folder, 'all.tar')], { maxBuffer: 64 << 20 });
}

describe('a tar archive', () => {
  it('that is larger than what is kept is read in its order, and stands where its first file belongs', async () => {
    const folder = folderWith({
      'a.jsonl': spanLine('before', 1),
      'b.tgz': gzipSync(
        tarOf([
          { name: 'x', content: spanLine('late', 9) },
          { name: 'y', content: spanLine('early', 2) },
        ]),
      ),
      'c.jsonl': spanLine('between', 5),
    });
    const { items } = await read(folder, { include: ['.'], max_archive_memory: 0 });
    expect(items).toEqual(['before', 'late', 'early', 'between']);
    const kept = await read(folder, { include: ['.'] });
    expect(kept.items).toEqual(['before', 'early', 'between', 'late']);
  });

  it.each(['1', '2', '3', '4', '6'])('names a member of kind %s, and follows no link', async (type) => {
    const link = { name: 'link.jsonl', type, linkName: '/etc/passwd' };
    const folder = folderWith({ 'b.tar': tarOf([members[0] as TarMember, link]) });
    const { items, log } = await read(folder, { include: ['b.tar'] });
    expect(items).toEqual(['one']);
    expect(log.join('\n')).toMatch(/b\.tar!link\.jsonl is a .*: only regular files are read/);
  });

  it.each([
    ['a path upwards', '../../../../etc/cron.d/evil'],
    ['an absolute path', '/etc/passwd'],
    ['control characters', 'a\u001b[2Jb'],
  ])('may name %s: a name is a label', async (_, name) => {
    const folder = folderWith({ 'b.tar': tarOf([{ name, content: spanLine('one') }]) });
    const before = readdirSync(folder);
    const { items, batches } = await read(folder, { include: ['b.tar'] });
    expect(items).toEqual(['one']);
    expect(batches[0]?.origin).toBe(`b.tar!${name}`);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('has long names, in POSIX and in GNU form, and sizes in either', async () => {
    const long = `${'deep/'.repeat(40)}a.jsonl`;
    const content = spanLine('one');
    for (const list of [
      [paxMember({ path: long, size: String(content.length) }), { name: 'x', content, size: 0 }],
      [
        { name: '././@LongLink', type: 'L', content: `${long}\0` },
        { name: 'x', content },
      ],
    ]) {
      const folder = folderWith({ 'b.tar': tarOf(list) });
      const { items, batches } = await read(folder, { include: ['b.tar'] });
      expect(items).toEqual(['one']);
      expect(batches[0]?.origin).toBe(`b.tar!${long}`);
    }
  });

  it.each([
    ['a name without end', [paxMember({ path: 'x'.repeat(5000) })], 'its name has more than 1024 characters'],
    [
      'a header without end',
      [{ name: 'x', type: 'L', content: 'y'.repeat(2 << 20) }],
      'more than 1048576 bytes',
    ],
    ['a sparse file', [paxMember({ 'GNU.sparse.major': '1' })], 'sparse'],
  ] as [string, TarMember[], string][])('refuses %s by name', async (_, list, reason) => {
    const first = { name: 'first.jsonl', content: spanLine('first') };
    const folder = folderWith({
      'b.tar': tarOf([first, ...list, { name: 'x.jsonl', content: spanLine('one') }]),
    });
    const result = await read(folder, { include: ['b.tar'] });
    expect(result.items).toEqual(['first']);
    expect(errors(result).join('\n')).toContain(reason);
  });

  it('that is damaged in the middle gives what stands before', async () => {
    const bytes = tarOf([...members, { name: 'd.jsonl', content: spanLine('four') }]);
    bytes.fill(0x41, 2048, 2048 + 200);
    const folder = folderWith({ 'b.tar': bytes });
    const result = await read(folder, { include: ['b.tar'] });
    expect(result.items).toEqual(['two', 'one']);
    expect(errors(result)).toHaveLength(1);
    expect(errors(result)[0]).toContain('b.tar: the tar archive is damaged');
    const again = await read(
      folder,
      { include: ['b.tar'] },
      { position: (await readUntil(folder, 'b.tar', 99)).position },
    );
    expect({ items: again.items, regions: again.counts.unreadable.regions }).toEqual({
      items: [],
      regions: 0,
    });
  });

  it('without its end mark is read, with a word', async () => {
    const folder = folderWith({ 'b.tar': tarOf(members, { hasEnd: false }) });
    const { items, log } = await read(folder, { include: ['b.tar'] });
    expect(items).toHaveLength(3);
    expect(log.join('\n')).toContain('b.tar has no end mark');
  });

  it('whose last file is cut off gives what is there of it', async () => {
    const bytes = tarOf([{ name: 'a.jsonl', content: spanLine('one') + spanLine('two').repeat(9) }]);
    const folder = folderWith({ 'b.tar': bytes.subarray(0, 1000) });
    const result = await read(folder, { include: ['b.tar'] });
    expect(result.items[0]).toBe('one');
    expect(errors(result).join('\n')).toContain('b.tar!a.jsonl: the archive ends within it');
  });

  it('with more members than files are allowed is read up to there', async () => {
    const many = Array.from({ length: 20 }, (_, at) => ({
      name: `${at}.jsonl`,
      content: spanLine(`${at}`, at + 1),
    }));
    const folder = folderWith({ 'b.tar': tarOf(many) });
    const result = await read(folder, { include: ['b.tar'], max_files: 10 });
    expect(result.items).toHaveLength(10);
    expect(errors(result)[0]).toContain('(max_files; raise it');
  });

  it('that grows without bound when it is decompressed is read up to the limit', async () => {
    const bomb = gzipSync(
      tarOf([members[0] as TarMember, { name: 'zeros', content: Buffer.alloc(90 << 20) }]),
      { level: 9 },
    );
    const folder = folderWith({ 'b.tgz': bomb });
    const result = await read(folder, { include: ['b.tgz'], max_decompression_ratio: 100 });
    expect(result.items).toEqual(['one']);
    expect(errors(result).join('\n')).toContain('max_decompression_ratio');
  });

  it('without files is refused by name', async () => {
    const folder = folderWith({ 'b.tar': tarOf([{ name: 'folder/', type: '5' }]) });
    await expect(read(folder, { include: ['b.tar'] })).rejects.toThrow('b.tar is an archive without files');
  });

  it('that changed since it was listed is not taken for what it was', async () => {
    const folder = folderWith({ 'b.tgz': gzipSync(tarOf(members)), 'a.jsonl': spanLine('first', 1) });
    const result = await read(
      folder,
      { include: ['.'], max_archive_memory: 0 },
      {
        onBatch: () => {
          writeFileSync(
            join(folder, 'b.tgz'),
            gzipSync(tarOf([{ name: 'other', content: 'x'.repeat(99999) }])),
          );
        },
      },
    );
    expect(result.items[0]).toBe('first');
    expect(errors(result).join('\n')).toContain('the archive changed while it was read');
  });
});

describe('a zip archive', () => {
  it('may have zip64 fields, a comment, data descriptors, stored members and those in zstd', async () => {
    const content = spanLine('one');
    for (const bytes of [
      zipOf([{ name: 'a', content }], { isLong: true }),
      zipOf([{ name: 'a', content }], { comment: 'PK\u0005\u0006 of a comment' }),
      zipOf([{ name: 'a', content, flags: 8 }]),
      zipOf([{ name: 'a', content, method: 0 }]),
      zipOf([{ name: 'a', content: zstdCompressSync(content), method: 0 }]),
    ]) {
      const folder = folderWith({ 'b.zip': bytes });
      expect((await read(folder, { include: ['b.zip'] })).items).toEqual(['one']);
    }
  });

  const good = { name: 'good.jsonl', content: spanLine('good') };
  const bad = { name: 'bad.jsonl', content: spanLine('bad').repeat(20) };

  it.each([
    ['an encrypted member', { ...bad, flags: 1 }, 'it is encrypted'],
    ['a member in LZMA', { ...bad, method: 14 }, 'compressed with LZMA'],
    ['a member with another checksum', { ...bad, checksum: 1 }, 'the checksum does not match'],
    ['a member longer than it says', { ...bad, size: 10 }, 'longer than it says'],
    ['a member shorter than it says', { ...bad, size: 1e6 }, 'it ends early'],
  ])('reads the others, and names %s', async (_, member, reason) => {
    const folder = folderWith({ 'b.zip': zipOf([good, member]) });
    const result = await read(folder, { include: ['b.zip'] });
    expect(result.items).toContain('good');
    expect(errors(result).join('\n')).toContain('b.zip!bad.jsonl: ');
    expect(errors(result).join('\n')).toContain(reason);
  });

  it('follows no link', async () => {
    const link = { name: 'link', content: '/etc/passwd', mode: 0o120777 };
    const folder = folderWith({ 'b.zip': zipOf([good, link]) });
    const { log, items } = await read(folder, { include: ['b.zip'] });
    expect(items).toEqual(['good']);
    expect(log.join('\n')).toContain('b.zip!link is a symbolic link');
  });

  it.each([
    [
      'whose members overlap',
      zipOf([good, { ...bad, offset: 0 }, { ...bad, name: 'c', offset: 0 }]),
      'overlap',
    ],
    ['with more bytes than it may have', zipOf([{ ...good, size: 2 ** 31 }]), 'max_decompressed_size'],
    ['that is cut off', zipOf([good, bad]).subarray(0, 200), 'no list of members'],
    ['in gzip', gzipSync(zipOf([good])), 'compressed as a whole'],
  ])('%s is refused by name', async (_, bytes, reason) => {
    const folder = folderWith({ 'b.zip': bytes });
    await expect(read(folder, { include: ['b.zip'], max_decompressed_size: '1GiB' })).rejects.toThrow(reason);
    cpSync(join(folder, 'b.zip'), join(folder, 'sub/b.zip'));
    writeFileSync(join(folder, 'sub/a.jsonl'), spanLine('one'));
    const result = await read(folder, { include: ['sub'], max_decompressed_size: '1GiB' });
    expect(result.items).toEqual(['one']);
    expect(errors(result).join('\n')).toContain(reason);
  });

  it('that is a hostile mixture of bytes never crashes', async () => {
    const seed = zipOf([good, bad, { name: 'x', content: 'y' }], { isLong: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        async (edits) => {
          const bytes = Buffer.from(seed);
          for (const [at, byte] of edits) bytes[at] = byte;
          const folder = folderWith({ 'b.zip': bytes, 'a.jsonl': spanLine('one') });
          const { items } = await read(folder, { include: ['.'] });
          expect(items).toContain('one');
          rmSync(folder, { recursive: true });
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('a tar archive that is a hostile mixture of bytes never crashes', async () => {
  const seed = tarOf([paxMember({ path: 'long' }), ...members]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (edits, isPacked) => {
        const bytes = Buffer.from(seed);
        for (const [at, byte] of edits) bytes[at] = byte;
        const folder = folderWith({ b: isPacked ? gzipSync(bytes) : bytes, 'a.jsonl': spanLine('own') });
        const { items } = await read(folder, { include: ['.'] });
        expect(items).toContain('own');
        rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: 60 },
  );
});
