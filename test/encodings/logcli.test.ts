import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { logcli } from '../../src/encodings/logcli.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf, type Seen } from './decoding.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/loki/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, recordings));

const text = `2026-03-14T09:26:53Z {app="shop", level="info"}      one
2026-03-14T10:26:54+01:00 {app="shop"} two
    at f (a.js:1)

{"not":"an entry"}
2026-03-14T09:26:55Z three
`;
const json = `{"labels":{"app":"shop"},"line":"one","timestamp":"2026-03-14T09:26:53.123456789Z"}
{"line":"two","timestamp":"2026-03-14T10:26:53.123456789+01:00"}
`;
const headed = `2026/03/14 09:27:00 Common labels: {job="x"}\n${json}`;

test('the laws hold for logcli', () => {
  const words = ['{', '2026-03-14T09:26:53Z ', '{a="b"} ', 'Common labels: {z="1"}\n', '"\\ud800"', 'null'];
  const seeds = [text, json, headed].map((each) => Buffer.from(each));
  holdsLaws(logcli, { seeds: [...seeds, read('logcli-default.txt').subarray(0, 3000)], words });
});

interface Logs {
  readonly resourceLogs: {
    readonly resource: { attributes?: { key: string }[] };
    readonly scopeLogs: { logRecords: { timeUnixNano: string; body: { stringValue: string } }[] }[];
  }[];
}

function seen(of: string): Seen[] {
  return decodedInPieces(decoderOf(logcli), cut(Buffer.from(of), [9]));
}

function records(of: string): [keys: string, time: string, line: string][] {
  return seen(of).flatMap((each) => {
    if ('reason' in each) throw new Error(each.reason);
    return (each.json as Logs).resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map(({ timeUnixNano, body }): [string, string, string] => [
          (resource.attributes ?? []).map(({ key }) => key).join(),
          timeUnixNano,
          body.stringValue,
        ]),
      ),
    );
  });
}

test('text: a line without a time goes on with the entry before', () => {
  expect(records(text)).toEqual([
    ['app', '1773480413000000000', 'one'],
    ['app', '1773480414000000000', 'two\n    at f (a.js:1)\n\n{"not":"an entry"}'],
    ['', '1773480415000000000', 'three'],
  ]);
});

test('coloured text, and lines that end in CR LF', () => {
  const coloured = text.replaceAll(/^(\S+)/gm, '\u001b[34m$1\u001b[0m').replaceAll('\n', '\r\n');
  expect(records(coloured).map(([, , line]) => line.split('\n')[0])).toEqual(['one', 'two', 'three']);
});

test('JSON lines, and labels that logcli printed before', () => {
  const time = '1773480413123456789';
  expect(records(json)).toEqual([
    ['app', time, 'one'],
    ['', time, 'two'],
  ]);
  expect(records(headed)).toEqual([
    ['job,app', time, 'one'],
    ['job', time, 'two'],
  ]);
});

describe('what cannot be read', () => {
  const cases: [text: string, reasons: string[]][] = [
    ['{"line":"x"}', ['timestamp must be a time of RFC 3339, found ""']],
    ['{"line":5,"timestamp":"2026-03-14T09:26:53Z"}', ['line must be text, found 5']],
    ['one\ntwo\n', ['2 lines that are not of logcli']],
  ];
  test.each(cases)('%s', (of, reasons) => {
    expect(seen(of).map((each) => ('reason' in each ? each.reason : each.json))).toEqual(reasons);
  });
});

test('it is told from plain lines and other JSON', () => {
  const told = (of: string) => logcli.detect(bytesOf(Buffer.from(of)), { atEnd: true })?.detail;
  expect(told(json)).toBe('-o jsonl');
  expect(told(text)).toBe('-o default');
  for (const of of [
    '2026-03-14T09:26:53Z up\n',
    '{"line":"x","timestamp":5}',
    '{"line":"x","timestamp":"2026-03-14T09:26:53Z","a":1}',
    '',
  ])
    expect(told(of)).toBeUndefined();
});

test('all entries of a recording', () => {
  const found = records(read('logcli-default.txt').toString());
  expect(found.length).toBe(79);
  expect(found.reduce((sum, [, , line]) => sum + line.split('\n').length, 0)).toBe(82);
});
