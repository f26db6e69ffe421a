/** A run that goes on where another one was. */
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareText } from '../../src/receivers/file/inputs.ts';
import { folderWith, logLine, spanLine, type Files } from './support.ts';
import { stepsOf, sumOf, type Step, type StepOptions } from './steps.ts';

const samples = join(import.meta.dirname, '../../../shared/samples/codemachine/traces');
const config = { include: ['.'], batch_bytes: 1024 };
/** Three of a line's spans fill a batch. */
const service = 'x'.repeat(300);
const numbered = (from: number, to: number, line = spanLine) =>
  Array.from({ length: to - from }, (_, i) => line(`s${from + i}`, 100 + from + i, service)).join('');
const positionAt = (steps: readonly Step[], at: number) => steps[at]?.position;

/** From every step on, another run has the rest and nothing else. */
async function expectResumes(folder: string, options: StepOptions = {}, more: object = {}): Promise<void> {
  const whole = await stepsOf(folder, { ...config, ...more }, options);
  expect(whole.steps.length).toBeGreaterThan(0);
  for (const [at, { position }] of whole.steps.entries()) {
    expect(position).toBeDefined();
    const rest = await stepsOf(folder, { ...config, ...more }, { ...options, position });
    expect(sumOf(rest.steps)).toEqual(sumOf(whole.steps.slice(at + 1)));
    expect(rest.counts.progress.readBytes).toBe(whole.counts.progress.readBytes);
  }
}

describe('from any position the rest is read, all of it and nothing else', () => {
  const mixed = Array.from({ length: 60 }, (_, i) =>
    i % 3 === 0 ? spanLine(`s${i}`, 300 + i) : logLine(`l${i}`, 300 + i),
  ).join('');
  const garbage = `what is this\n${numbered(0, 20)}{"resourceSpans":[{\nnot json\n${numbered(20, 40)}{"cut`;
  const pretty = Array.from({ length: 12 }, (_, i) =>
    JSON.stringify(JSON.parse(spanLine(`p${i}`, 500 + i)), null, 2),
  ).join('\n');
  const contents: [name: string, files: Files][] = [
    ['plain lines', { 'a.jsonl': numbered(0, 40), 'b.jsonl': numbered(40, 60) }],
    ['several signals', { 'a.jsonl': mixed }],
    ['unreadable regions', { 'a.jsonl': garbage, 'b.jsonl': numbered(60, 70) }],
    ['indented', { 'a.json': pretty, 'b.json': `[${pretty.replaceAll('\n}\n{', '\n},\n{')}]` }],
    ['gzip', { 'a.gz': gzipSync(garbage), 'b.gz': Buffer.concat([gzipSync(mixed), gzipSync(mixed)]) }],
    ['zstd', { 'a.zst': zstdCompressSync(numbered(0, 40)), 'b.zst': zstdCompressSync(garbage) }],
    ['damaged gzip', { 'a.gz': gzipSync(numbered(0, 60)).subarray(0, -9), 'b.jsonl': numbered(60, 70) }],
    ['empty and strange files', { 'a.jsonl': '', 'b.txt': 'hello\n', 'c.jsonl': numbered(0, 20) }],
  ];
  it.each(contents)('%s', async (_, files) => {
    await expectResumes(folderWith(files));
  });

  it('generated folders', async () => {
    const line = fc.oneof(
      { weight: 5, arbitrary: fc.nat(99).map((i) => spanLine(`s${i}`, 100 + i)) },
      { weight: 3, arbitrary: fc.nat(99).map((i) => logLine(`l${i}`, 100 + i)) },
      { weight: 1, arbitrary: fc.constantFrom('text\n', '{"resourceSpans":[{\n', '{}\n', '\n', '[', ']\n') },
      {
        weight: 1,
        arbitrary: fc.nat(9).map((i) => JSON.stringify(JSON.parse(spanLine(`p${i}`, 200 + i)), null, 1)),
      },
    );
    const text = fc.array(line, { minLength: 1, maxLength: 25 }).map((lines) => lines.join(''));
    const pack = fc.constantFrom<(bytes: Buffer) => Buffer>(
      (bytes) => bytes,
      gzipSync,
      zstdCompressSync,
      (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 99)), gzipSync(bytes.subarray(99))]),
    );
    const content = fc.tuple(text, fc.nat(40), pack).map(([whole, cut, packed]) => {
      const bytes = Buffer.from(whole);
      return packed(bytes.subarray(0, Math.max(bytes.length - cut, 1)));
    });
    const folder = fc.array(content, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(folder, fc.constantFrom(1024, 3000, 1 << 20), async (contents, batch_bytes) => {
        const files = Object.fromEntries(contents.map((bytes, i) => [`f${i}.jsonl`, bytes]));
        const more = { include: ['*.jsonl'], batch_bytes };
        const directory = folderWith(files);
        const { steps } = await stepsOf(directory, { ...config, ...more });
        if (steps.length > 0) await expectResumes(directory, {}, more);
        rmSync(directory, { recursive: true });
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('copies of sessions', async () => {
    const sample = (path: string) => readFileSync(join(samples, path), 'utf8');
    const session = JSON.parse(sample('2026-11-22/10-22-04.json')) as { spans: { name: string }[] };
    const folder = folderWith({
      'other.json': JSON.stringify({ ...session, spans: session.spans.slice(0, 25) }),
      'latest.json': sample('latest.json'),
      'latest-logs.json': sample('latest-logs.json'),
    });
    expect(sumOf((await stepsOf(folder, { ...config, batch_bytes: 4096 })).steps).dropped).toBe(25);
    await expectResumes(folder, {}, { batch_bytes: 4096 });
  });
});

describe('after a stop', () => {
  it('again and again, at any batch, everything is read once', async () => {
    const folder = folderWith({
      'a.jsonl': `text\n${numbered(0, 30)}more text\n${numbered(30, 50)}`,
      'b.gz': gzipSync(`${numbered(50, 90, logLine)}text`),
    });
    const whole = sumOf((await stepsOf(folder, config)).steps);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1 }), async (stops) => {
        const all: Step[] = [];
        for (let i = 0; i < 200; i++) {
          const stopAfter = i < stops.length * 5 ? stops[i % stops.length] : Infinity;
          const position = all.at(-1)?.position;
          const { steps } = await stepsOf(folder, config, { position, stopAfter });
          all.push(...steps);
          if (stopAfter === Infinity) break;
        }
        expect(sumOf(all)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });
});

describe('files that changed between the runs', () => {
  const files = { 'a.jsonl': numbered(0, 40), 'b.jsonl': numbered(40, 80) };
  const names = (steps: readonly Step[]) =>
    [...JSON.stringify(steps.map(({ batch }) => batch)).matchAll(/"name":"(s\d+)"/g)].map(
      ([, name]) => name ?? '',
    );
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `s${from + i}`);

  async function interrupted(folder: string, stopAfter: number) {
    const { steps } = await stepsOf(folder, config, { stopAfter });
    return { read: names(steps), position: positionAt(steps, steps.length - 1) };
  }

  it('renamed ones are the same', async () => {
    const folder = folderWith(files);
    const { read, position } = await interrupted(folder, 16);
    renameSync(join(folder, 'a.jsonl'), join(folder, 'z.jsonl'));
    renameSync(join(folder, 'b.jsonl'), join(folder, 'a.jsonl'));
    const { steps } = await stepsOf(folder, config, { position });
    expect([...read, ...names(steps)]).toEqual(range(0, 80));
  });

  it('copies in the place of the originals, and what was compressed since, are the same', async () => {
    const folder = folderWith(files);
    const { read, position } = await interrupted(folder, 16);
    for (const name of ['a.jsonl', 'b.jsonl']) {
      const content = readFileSync(join(folder, name));
      rmSync(join(folder, name));
      writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
    }
    const { steps } = await stepsOf(folder, config, { position });
    expect([...read, ...names(steps)]).toEqual(range(0, 80));
  });

  it.each([0, 1, 2, 12, 13, 14, 15, 16, 25, 26, 27, 28, 29])(
    'after %i batches, those that grew are read on',
    async (stopAfter) => {
      const folder = folderWith({ 'a.jsonl': files['a.jsonl'], 'b.jsonl': files['b.jsonl'].slice(0, -20) });
      const { read, position } = await interrupted(folder, stopAfter);
      appendFileSync(join(folder, 'a.jsonl'), numbered(100, 110));
      appendFileSync(join(folder, 'b.jsonl'), files['b.jsonl'].slice(-20) + numbered(110, 120));
      appendFileSync(join(folder, 'c.jsonl'), numbered(120, 125));
      const { steps } = await stepsOf(folder, config, { position });
      const all = [...read, ...names(steps)].toSorted(compareText);
      const expected = [...range(0, 80), ...range(100, 125)].toSorted(compareText);
      expect(all).toEqual(expected);
    },
  );

  it('what has other content is refused, and read anew when a person says so', async () => {
    const folder = folderWith(files);
    const { position } = await interrupted(folder, 16);
    writeFileSync(join(folder, 'a.jsonl'), numbered(300, 310));
    await expect(stepsOf(folder, config, { position })).rejects.toMatchObject({
      message: 'a.jsonl is not the file that was read: its content changed',
      remedy: expect.stringMatching(/--accept-file-change.*respool checkpoint reset/),
    });
    const { steps, log } = await stepsOf(folder, config, { position, acceptFileChange: true });
    expect(names(steps).filter((name) => name.startsWith('s30'))).toEqual(range(300, 310));
    expect(log).toContain(
      'warn a.jsonl is not the file that was read: its content changed: it is read from its beginning',
    );
  });

  it('the same beginning is not enough', async () => {
    const folder = folderWith({ 'a.jsonl': numbered(0, 80) });
    const { position } = await interrupted(folder, 16);
    const text = readFileSync(join(folder, 'a.jsonl'), 'utf8');
    writeFileSync(join(folder, 'a.jsonl'), text.replace('"s42"', '"t42"'));
    await expect(stepsOf(folder, config, { position })).rejects.toThrow('its content changed');
    truncateSync(join(folder, 'a.jsonl'), 5000);
    await expect(stepsOf(folder, config, { position })).rejects.toThrow('its content changed');
  });

  it('what was read in part has to be there, what was read to its end has not', async () => {
    const folder = folderWith(files);
    const { read, position } = await interrupted(folder, 16);
    rmSync(join(folder, 'a.jsonl'));
    const { steps } = await stepsOf(folder, config, { position });
    expect([...read, ...names(steps)]).toEqual(range(0, 80));
    rmSync(join(folder, 'b.jsonl'));
    writeFileSync(join(folder, 'c.jsonl'), numbered(200, 202));
    await expect(stepsOf(folder, config, { position })).rejects.toThrow(
      'b.jsonl was read in part and is not there any more',
    );
    const rest = await stepsOf(folder, config, { position, acceptFileChange: true });
    expect(names(rest.steps)).toEqual(range(200, 202));
  });

  it('a file is not too old only because the run was interrupted', async () => {
    const folder = folderWith(files);
    const { position } = await interrupted(folder, 16);
    const old = { ...(position as object), listedAtMs: Date.now() };
    const { steps } = await stepsOf(
      folder,
      { ...config, exclude_older_than: '1h' },
      { position: old as never },
    );
    expect(names(steps).length).toBeGreaterThan(0);
  });

  it('with standard input there is no position', async () => {
    const { steps } = await stepsOf(
      folderWith(files),
      { ...config, include: ['.', '-'] },
      { stdin: [spanLine('x')] },
    );
    expect(steps.every(({ position }) => position === undefined)).toBe(true);
  });

  it('a position that is not ours is refused', async () => {
    await expect(stepsOf(folderWith(files), config, { position: { version: 99 } })).rejects.toThrow(
      'in a form that this version does not know',
    );
  });

  it('a position is small', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`${i}.jsonl`, spanLine(`s${i}`, i + 1)]),
    );
    const { steps } = await stepsOf(folderWith(many), config);
    expect(JSON.stringify(steps.at(-1)?.position).length).toBeLessThan(200 * 200);
  });
});

it('loses nothing when another config cuts the same content into other batches', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? spanLine(`s${i}`) : logLine(`l${i}`)));
  const folder = folderWith({ 'a.jsonl': lines.join('') });
  const { steps: whole } = await stepsOf(folder, config);
  for (const at of whole.keys()) {
    const position = positionAt(whole, at);
    const other = { ...config, batch_bytes: 1 << 20 };
    const rest = await stepsOf(folder, other, { position, configChanged: true });
    const text = JSON.stringify([...whole.slice(0, at + 1), ...rest.steps]);
    for (const i of lines.keys()) expect(text).toContain(i % 3 === 0 ? `"s${i}"` : `"l${i}"`);
  }
});
