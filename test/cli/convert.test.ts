/** `respool convert`: recordings of any form into one file of OTLP. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { respool } from '../support/respool.ts';
import { logsLine, spansLine } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'respool-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const text = `${spansLine(['one', 'two'])}${logsLine(['three'])}`;
writeFileSync(at('in.jsonl'), text);
writeFileSync(at('spans.jsonl'), spansLine(['one', 'two']));
writeFileSync(
  at('in.tgz'),
  gzipSync(
    tarOf([
      { name: 'a', content: text },
      { name: 'b', content: text },
    ]),
  ),
);

const convert = (...args: string[]) => respool(['convert', ...args], { cwd: folder });
const namesIn = (json: string) =>
  Array.from(json.matchAll(/"(?:name|stringValue)":"(\w+)"/g), ([, name]) => name);

describe('respool convert', () => {
  it.each([
    ['out.jsonl', (bytes: Buffer) => bytes],
    ['out.json', (bytes: Buffer) => bytes],
    ['out.JSONL.gz', (bytes: Buffer) => gunzipSync(bytes)],
    ['with.dots.ndjson.zst', undefined],
  ])('writes %s in the form that its name says', async (name, unpack) => {
    const { exitCode, stderr } = await convert('in.jsonl', '-o', name);
    expect(exitCode, stderr).toBe(0);
    // Of several frames of zstd, Node's function for it reads the first.
    const written = unpack?.(readFileSync(at(name))).toString() ?? (await convert(name, '-o', '-')).stdout;
    const names = namesIn(written).map(String);
    expect(names.toSorted()).toEqual(['one', 'shop', 'shop', 'three', 'two']);
    expect(stderr).toContain(
      'The ledger balances: 2 spans read, 2 delivered; 1 log record read, 1 delivered',
    );
  });

  it('writes standard output, with nothing else in it', async () => {
    const { stdout, exitCode } = await convert('in.jsonl', '-o', '-');
    expect(exitCode).toBe(0);
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    expect(namesIn(stdout)).toContain('three');
    expect(existsSync(at('-'))).toBe(false);
  });

  it('reads standard input, archives, and drops what they have in common', async () => {
    const piped = await respool(['convert', '-', '-o', '-'], { cwd: folder, input: text });
    expect(namesIn(piped.stdout)).toContain('one');
    const all = await convert('in.tgz', '-o', '-');
    expect(namesIn(all.stdout).filter((name) => name === 'one')).toHaveLength(2);
    const once = await convert('in.tgz', '-o', '-', '--deduplicate');
    expect(namesIn(once.stdout).filter((name) => name === 'one')).toHaveLength(1);
    expect(once.stderr).toContain('dropped 2 spans: duplicate');
  });

  it('gives the same from protobuf and back', async () => {
    expect((await convert('spans.jsonl', '-o', 'there.pb.zst')).exitCode).toBe(0);
    expect((await convert('there.pb.zst', '-o', 'back.jsonl')).exitCode).toBe(0);
    expect((await convert('spans.jsonl', '-o', 'once.jsonl')).exitCode).toBe(0);
    expect(readFileSync(at('back.jsonl'), 'utf8')).toBe(readFileSync(at('once.jsonl'), 'utf8'));
  });

  it('writes one signal to protobuf, which does not say which it holds', async () => {
    const both = await convert('in.jsonl', '-o', 'both.pb');
    expect(both.exitCode).toBe(1);
    expect(both.stderr).toContain('both.pb can hold one signal, and there are traces and logs');
    expect(existsSync(at('both.pb'))).toBe(false);
    const piped = await respool(['convert', '-', '-o', 'x.pb'], { cwd: folder, input: text });
    expect(piped.stderr).toContain('standard input is read only once');
    const named = await convert('in.jsonl', '-o', 'named.pb', '--signal', 'logs');
    expect(named.exitCode).toBe(0);
    expect(named.stderr).toContain('delivered 1 log record');
  });

  it.each(['out', 'out.txt', 'out.gz', '.jsonl/out', 'constructor', 'x.constructor.gz'])(
    'refuses %s, which says no form',
    async (name) => {
      const { exitCode, stderr } = await convert('in.jsonl', '-o', name);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('--output must end in .jsonl');
    },
  );

  it('prints the config that it stands for, which validates', async () => {
    const { stdout } = await convert('a$b', '-o', 'out.jsonl.gz', '--print-config', '--signal', 'traces');
    expect(stdout).toContain('- a$$b');
    expect(stdout).toContain('compression: gzip');
    writeFileSync(at('printed.yaml'), stdout);
    const { exitCode, stderr } = await respool(['validate', '-c', at('printed.yaml')]);
    expect(exitCode, stderr).toBe(0);
  });

  it('ends with 3 when something could not be read, and writes the rest', async () => {
    writeFileSync(at('bad.jsonl'), `${spansLine(['good'])}{"resourceSpans":[{]}\n`);
    const { exitCode, stdout } = await convert('bad.jsonl', '-o', '-');
    expect(exitCode).toBe(3);
    expect(namesIn(stdout)).toContain('good');
  });
});

const recordings = resolve(import.meta.dirname, '../../../shared/samples/recordings');

describe.runIf(existsSync(recordings))('a folder of recordings of other programs', () => {
  it('converted twice is the same as converted once, item by item', async () => {
    const first = await convert(recordings, '-o', 'first.jsonl');
    expect(first.stderr).toContain('The ledger balances');
    // What a producer wrote that says nothing, such as empty ids, is gone after the first time it is read as JSON.
    expect((await convert('first.jsonl', '-o', 'second.jsonl')).exitCode).toBe(0);
    expect((await convert('second.jsonl', '-o', 'third.jsonl')).exitCode).toBe(0);
    const [one, two, three] = ['first', 'second', 'third'].map((name) =>
      itemsIn(readFileSync(at(`${name}.jsonl`), 'utf8')),
    );
    expect(two?.length).toBe(one?.length);
    expect(three).toEqual(two);
  });
});

/** A digest of each item, since batches may be cut otherwise. */
function itemsIn(json: string): string[] {
  return json.trimEnd().split('\n').flatMap(itemsOf).toSorted();
}

type Part = Readonly<Record<string, unknown>>;

function itemsOf(line: string): string[] {
  const document = JSON.parse(line) as Part;
  const scopes = [
    ...scopesIn(document['resourceSpans'], 'scopeSpans'),
    ...scopesIn(document['resourceLogs'], 'scopeLogs'),
  ];
  return scopes.flatMap(({ resource, scope }) => {
    const items = (scope['spans'] ?? scope['logRecords'] ?? []) as Part[];
    return items.map((item) => digestOf([resource, scope['scope'] ?? {}, item]));
  });
}

function scopesIn(resources: unknown, list: string): { resource: unknown; scope: Part }[] {
  return ((resources ?? []) as Part[]).flatMap((each) =>
    ((each[list] ?? []) as Part[]).map((scope) => ({ resource: each['resource'] ?? {}, scope })),
  );
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
