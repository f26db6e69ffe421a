import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codemachine } from '../../src/encodings/codemachine.ts';
import { encodings } from '../../src/encodings/list.ts';
import { outlineOf } from '../../src/encodings/outline.ts';
import { bytesOf } from '../../src/wire/bytes.ts';

const recordings = join(import.meta.dirname, '../../../shared/samples/recordings');
interface Recording {
  readonly file: string;
  readonly encoding: string;
  readonly compression: string;
  readonly mustYield: { spans: number; logs: number };
}
const manifest = JSON.parse(readFileSync(join(recordings, 'manifest.json'), 'utf8')) as {
  files: Recording[];
};

/** Our names for the manifest's; what is OTLP under another name is read, and not among these. */
const names: Record<string, string> = {
  'jaeger-ui': 'jaeger_ui',
  'jaeger-v3': 'jaeger_v3',
  'tempo-v1': 'tempo',
  'tempo-v2': 'tempo',
  'tempo-v2-proto': 'tempo',
  'zipkin-v2': 'zipkin',
  'loki-query': 'loki',
  'loki-push': 'loki',
  'logcli-jsonl': 'logcli',
  lines: 'lines',
  'js-console': 'console',
  'py-console': 'console',
  'go-stdout': 'console',
  'chrome-trace': 'chrome_trace',
};

/** OTLP and CodeMachine's own are looked at by themselves. */
const shapes = encodings.filter(({ name }) => !name.startsWith('otlp') && name !== 'codemachine');

function told(bytes: Uint8Array): string[] {
  const found = shapes.map((shape) => ({
    name: shape.name,
    seen: shape.detect(bytesOf(bytes), { atEnd: true }),
  }));
  const told = found.filter(({ seen }) => seen !== undefined);
  const confidence = ({ seen }: (typeof told)[number]) => seen?.confidence ?? 0;
  return told.sort((one, other) => confidence(other) - confidence(one)).map(({ name }) => name);
}

describe.each([65_536, 4096])('told by %i bytes', (length) => {
  it.each(manifest.files.filter(({ encoding }) => encoding in names))('$file is $encoding', (recording) => {
    const head = readFileSync(join(recordings, recording.file)).subarray(0, length);
    const [found, ...others] = told(head);
    expect(found).toBe(recording.file.endsWith('logcli-default.txt') ? 'logcli' : names[recording.encoding]);
    expect(others.filter((name) => name !== 'lines')).toEqual([]);
    expect(codemachine.detect(bytesOf(head), { atEnd: false })).toBeUndefined();
  });

  const plainOtlp = manifest.files.filter(
    ({ encoding, compression }) => encoding.startsWith('otlp') && compression === 'none',
  );
  it.each(plainOtlp)('$file is none of these', ({ file }) => {
    const head = readFileSync(join(recordings, file)).subarray(0, length);
    expect(told(head).filter((name) => name !== 'lines')).toEqual([]);
    expect(codemachine.detect(bytesOf(head), { atEnd: false })).toBeUndefined();
  });
});

it('does not trust a buffer that is filled anew', () => {
  const head = Buffer.alloc(64, ' ');
  head.write('{"streams":[{"stream":{},"values":[]}]}');
  expect(told(head)).toContain('loki');
  head.fill(' ').write('{"traceEvents":[]}');
  expect(told(head)).not.toContain('loki');
  expect(told(head)).toContain('chrome_trace');
});

it.each([
  ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])],
  ['nothing', Buffer.alloc(0)],
  ['blanks', Buffer.from(' \n\n')],
])('%s is nothing that we know', (_, bytes) => {
  expect(told(bytes)).toEqual([]);
});

describe('the outline of JSON', () => {
  const cases: [text: string, paths: Record<string, string> | undefined][] = [
    ['{"a":1,"b":[{"c":"x"},{"d":null}]}', { a: '1', b: '[', 'b[]': '{', 'b[].c': 'x', 'b[].d': 'null' }],
    ['[[{"a":true', { '[]': '[', '[][]': '{', '[][].a': 'true' }],
    ['{"a":{"b":"unfinish', { a: '{' }],
    ['{"a" : "x, {y} [z]" , "b\\"":2}', { a: 'x, {y} [z]', 'b\\"': '2' }],
    ['\uFEFF\n {"a":1}{"b":1}', { a: '1' }],
    ["{ resource: 'x' }", undefined],
    ['{"a":1]', undefined],
    ['text', undefined],
    ['', undefined],
  ];
  it.each(cases)('%s', (text, paths) => {
    const outline = outlineOf(text);
    expect(outline === undefined ? undefined : Object.fromEntries(outline)).toEqual(paths);
  });
});
