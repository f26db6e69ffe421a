import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { readIncluded, readSources } from '../../src/config/read.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'respool-config-'));
  writeFileSync(join(folder, 'good.yaml'), 'a: 1\n');
  writeFileSync(join(folder, 'empty.yaml'), ' \n');
  writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0x1f, 0x8b, 0, 1]));
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
  writeFileSync(join(folder, 'wide.yaml'), Buffer.from('\ufeffa: 1', 'utf16le'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const env = { CONFIG: 'b: 2', EMPTY: '' };

test.each([
  ['good.yaml', 'a: 1\n'],
  ['file:good.yaml', 'a: 1\n'],
  ['yaml:c::d: 3', 'c::d: 3'],
  ['env:CONFIG', 'b: 2'],
])('%s is read', async (uri, text) => {
  const named = uri.replace('good.yaml', join(folder, 'good.yaml'));
  const { sources, problems } = readSources([named], { env });
  expect(problems).toStrictEqual([]);
  expect(sources.map((source) => source.text)).toStrictEqual([text]);
});

test.each([
  ['gone.yaml', 'gone.yaml  there is no such file'],
  ['', 'is a directory, not a file'],
  ['empty.yaml', 'empty.yaml  is empty'],
  ['binary.yaml', 'binary.yaml  is a binary file, not a YAML text'],
  ['latin.yaml', 'latin.yaml  is not UTF-8'],
  ['wide.yaml', 'wide.yaml  is UTF-16, not UTF-8'],
  ['good.yaml/x', 'x  a part of its path is a file, not a directory'],
])('the file %j has its own sentence', async (name, sentence) => {
  const { sources, problems } = readSources([join(folder, name)], { env });
  expect(sources).toStrictEqual([]);
  expect(problems.map(formatProblem).join('\n')).toContain(sentence);
});

test.each([
  ['https://x/y.yaml', 'https://x/y.yaml  a configuration is never fetched from the network'],
  ['http://x', 'a configuration is never fetched from the network'],
  ['vault:x', 'vault:x  the scheme "vault:" is unknown'],
  ['env:CONFIGS', 'env:CONFIGS  the environment variable CONFIGS is not set\n  did you mean env:CONFIG?'],
  ['env:EMPTY', 'env:EMPTY  is empty'],
  ['yaml:', '--config yaml:  is empty'],
  ['C:\\x.yaml', 'C:\\x.yaml  there is no such file'],
])('%s is refused', async (uri, sentence) => {
  const { problems } = readSources([uri], { env });
  expect(problems.map(formatProblem).join('\n')).toContain(sentence);
});

test('all of them are reported', async () => {
  const { sources, problems } = readSources(['gone.yaml', 'yaml:a: 1', 'also-gone.yaml'], { env });
  expect([sources.length, problems.length]).toStrictEqual([1, 2]);
});

test('an included file', () => {
  expect(readIncluded(join(folder, 'good.yaml'))).toBe('a: 1\n');
  expect(() => readIncluded(join(folder, 'gone'))).toThrow('there is no such file');
  expect(() => readIncluded(join(folder, 'binary.yaml'))).toThrow('is a binary file');
  expect(() => readIncluded(folder)).toThrow('is a directory');
});
