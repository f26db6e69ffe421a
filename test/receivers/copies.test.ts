import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, read, type Files } from './support.ts';

const samples = join(import.meta.dirname, '../../../shared/samples/codemachine/traces');
const sample = (path: string) => readFileSync(join(samples, path), 'utf8');
const day = '2026-11-22';
const all: Files = Object.fromEntries(
  [
    `${day}/10-22-01.json`,
    `${day}/10-22-01-logs.json`,
    `${day}/10-22-04.json`,
    `${day}/10-22-04-logs.json`,
    'latest.json',
    'latest-logs.json',
  ].map((path) => [path, sample(path)]),
);

function without(...paths: string[]): Files {
  return Object.fromEntries(Object.entries(all).filter(([path]) => !paths.includes(path)));
}

it('a latest file whose session is among the inputs is skipped whole', async () => {
  const { items, log, counts, dropped } = await read(folderWith(all), { include: ['.'] });
  expect(items).toHaveLength(28 + 40 + 21 + 30);
  expect(dropped).toEqual({});
  expect(log.toSorted()).toEqual([
    `info latest-logs.json is skipped: it is a copy of ${day}/10-22-04-logs.json, which is among the inputs`,
    `info latest.json is skipped: it is a copy of ${day}/10-22-04.json, which is among the inputs`,
  ]);
  expect(counts.progress.readBytes).toBe(counts.progress.totalBytes);
});

it('also below a folder of another name', async () => {
  const renamed = Object.fromEntries(Object.entries(all).map(([path, text]) => [`bug 17/${path}`, text]));
  expect((await read(folderWith(renamed), { include: ['.'] })).items).toHaveLength(119);
});

it('a latest file without its session is read', async () => {
  const files = without(`${day}/10-22-04.json`, `${day}/10-22-04-logs.json`);
  const { items, dropped } = await read(folderWith(files), { include: ['.'] });
  expect(items).toHaveLength(119);
  expect(dropped).toEqual({});
  expect(
    (await read(folderWith({ 'latest.json': sample('latest.json') }), { include: ['.'] })).items,
  ).toHaveLength(40);
});

it('what a latest file repeats is told by content, whatever the names', async () => {
  const session = JSON.parse(sample(`${day}/10-22-04.json`)) as { spans: { name: string }[] };
  const logs = JSON.parse(sample(`${day}/10-22-04-logs.json`)) as { logs: unknown[] };
  const files = {
    'x.json': JSON.stringify({ ...session, spans: session.spans.slice(0, 25) }),
    'y.json': JSON.stringify({ ...logs, logs: logs.logs.slice(10) }, null, 4),
    'latest.json': sample('latest.json'),
    'latest-logs.json': sample('latest-logs.json'),
  };
  const { items, dropped, counts } = await read(folderWith(files), { include: ['.'], batch_bytes: 4096 });
  expect(items).toHaveLength(70);
  expect(dropped).toEqual({ traces: 25, logs: 20 });
  expect(counts.flow('traces').in).toBe(25);
  expect([...counts.flow('logs').dropped]).toEqual([['duplicate', 20]]);
});

it('one span more in the latest file is kept, and so is what it has twice itself', async () => {
  const latest = JSON.parse(sample('latest.json')) as { spans: { name: string }[] };
  const [first] = latest.spans;
  const more = { ...latest, spans: [...latest.spans, { ...first, name: 'new' }, first, first] };
  const files = {
    ...without('latest.json', `${day}/10-22-04.json`),
    [`${day}/other.json`]: sample(`${day}/10-22-04.json`),
    'latest.json': JSON.stringify(more),
  };
  const { items, dropped } = await read(folderWith(files), { include: ['.'] });
  expect(items.filter((name) => name === 'new')).toHaveLength(1);
  expect(dropped).toEqual({ traces: 40 });
  expect(items).toHaveLength(119 + 3);
});

it('a session that cannot be read whole does not hide its copy', async () => {
  const files = { ...all, [`${day}/10-22-04.json`]: sample(`${day}/10-22-04.json`).slice(0, 9000) };
  const { items, counts } = await read(folderWith(files), { include: ['.'] });
  expect(items).toHaveLength(119);
  expect(counts.unreadable.regions).toBe(1);
});

it('two copies of one session give it once', async () => {
  const files = { 'a/latest.json': sample('latest.json'), 'b/latest.json': sample('latest.json') };
  const { items, dropped } = await read(folderWith(files), { include: ['.'] });
  expect(items).toHaveLength(40);
  expect(dropped).toEqual({ traces: 40 });
});

it('other files may repeat each other', async () => {
  const files = { 'a/s.json': sample(`${day}/10-22-04.json`), 'b/s.json': sample(`${day}/10-22-04.json`) };
  expect((await read(folderWith(files), { include: ['.'] })).items).toHaveLength(80);
});
