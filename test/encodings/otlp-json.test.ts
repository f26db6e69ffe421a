import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import type { DecoderOptions } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf, type Seen } from './decoding.ts';

const decodedFrom = (input: string | Buffer, options: Partial<DecoderOptions> = {}): Seen[] =>
  decodedInPieces(decoderOf(otlpJson, options), [Buffer.from(input as string)]);

const traces = (...names: string[]) => ({
  resourceSpans: names.map((name) => ({ scopeSpans: [{ spans: [{ name }] }] })),
});
const logs = (...names: string[]) => ({
  resourceLogs: names.map((eventName) => ({ scopeLogs: [{ logRecords: [{ eventName }] }] })),
});
const json = JSON.stringify;

/** The names of all spans and log records, and the regions as text. */
function summary(seen: readonly Seen[]): string[] {
  return seen.map((each) => {
    if ('reason' in each) return `${each.offset}+${each.bytes} line ${each.line}: ${each.reason}`;
    const names = [...json(each.json).matchAll(/"(?:name|eventName)":"(\w*)"/g)].map((match) => match[1]);
    return `${each.signal} ${names.join(' ')} (${each.documents} to ${each.endOffset})`;
  });
}

describe('reads', () => {
  test.each<[string, string]>([
    ['lines', `${json(traces('a'))}\n${json(traces('b'))}\n`],
    ['lines without a last line feed, and blank ones', `\n${json(traces('a'))}\r\n\n ${json(traces('b'))}`],
    ['documents run together', json(traces('a')) + json(traces('b'))],
    [
      'indented documents',
      `${JSON.stringify(traces('a'), null, 2)}\n${JSON.stringify(traces('b'), null, '\t')}\n`,
    ],
    ['an array', `[${json(traces('a'))},${json(traces('b'))}]`],
    ['an indented array', `${JSON.stringify([traces('a'), traces('b')], null, 2)}\n`],
    ['an array with a document on each line', `[\n${json(traces('a'))},\n${json(traces('b'))}\n]\n`],
    ['arrays run together', `[${json(traces('a'))}][${json(traces('b'))}]`],
    [
      'lines behind what kubectl and docker compose put there',
      `2026-11-22T10:00:00.5Z ${json(traces('a'))}\nweb-1  | ${json(traces('b'))}\n`,
    ],
    ['lines behind a level in brackets', `[INFO] [x] ${json(traces('a'))}\n[INFO] [x] ${json(traces('b'))}`],
    ['a byte order mark', `\uFEFF${json(traces('a'))}\n${json(traces('b'))}`],
    ['a sequence of JSON texts', `\u001e${json(traces('a'))}\n\u001e${json(traces('b'))}\n`],
    [
      'batches and snake_case',
      `${json(traces('a')).replace('resourceSpans', 'batches')}${json(traces('b')).replace('resourceSpans', 'resource_spans')}`,
    ],
  ])('%s', (_, input) => {
    const [batch, ...more] = decodedFrom(input);
    expect(more).toEqual([]);
    expect(batch).toMatchObject({ signal: 'traces', json: traces('a', 'b'), documents: 2 });
  });

  test('all signals in one file and in one document', () => {
    const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm' }] }] }] };
    const lines = [traces('a'), logs('b'), metrics, { ...traces('c'), x: 1, ...logs('d'), ...metrics }];
    const input = lines.map((line) => json(line)).join('\n');
    expect(summary(decodedFrom(input))).toEqual([
      'traces a c (0 to 0)',
      'logs b d (0 to 0)',
      `metrics m m (4 to ${input.length})`,
    ]);
  });

  test('nothing from what is empty', () => {
    for (const input of [
      '',
      '\n',
      '{}',
      '[]',
      '{}\n{}',
      '{"resourceSpans":[]}',
      '{"resourceLogs":null}',
      ' [ ] ',
    ]) {
      expect(decodedFrom(input)).toEqual([]);
    }
  });

  test('batches of the size asked for, cut between documents', () => {
    const line = `${json(traces('x'.repeat(100)))}\n`;
    const batches = decodedFrom(line.repeat(10), { batchBytes: 300 });
    expect(batches.map((batch) => ('documents' in batch ? [batch.documents, batch.endOffset] : []))).toEqual([
      [3, 3 * line.length - 1],
      [3, 6 * line.length - 1],
      [3, 9 * line.length - 1],
      [1, 10 * line.length],
    ]);
  });

  test('a document behind a prefix however the input is cut, unless the prefix is long', () => {
    const input = `INFO: ${json(traces('a'))} done\n${'x'.repeat(2000)}${json(traces('b'))}\n`;
    for (const sizes of [[1 << 20], [1], [1000, 30]]) {
      const seen = decodedInPieces(decoderOf(otlpJson), cut(Buffer.from(input), sizes));
      expect(seen).toMatchObject([{ reason: '2 lines that are not JSON' }, { json: traces('a') }]);
    }
    const decoder = decoderOf(otlpJson);
    decodedInPieces(decoder, [Buffer.from(input)]);
    expect([...decoder.notices]).toEqual([['documents behind a prefix on their line', 1]]);
    const head = bytesOf(Buffer.from(`up\nINFO: ${json(traces('a'))}\n`));
    expect(otlpJson.detect(head, { atEnd: true })).toMatchObject({ confidence: 0.8, signals: ['traces'] });
  });

  test('ids in base64, and says how many', () => {
    const decoder = decoderOf(otlpJson);
    const document = { resourceSpans: [{ scopeSpans: [{ spans: [{ spanId: 'AAAAAAAAAKo=' }] }] }] };
    const [batch] = decodedInPieces(decoder, cut(Buffer.from(JSON.stringify(document, null, 1)), [7]));
    expect(json(batch)).toContain('"spanId":"00000000000000aa"');
    expect([...decoder.notices]).toEqual([['ids in base64', 1]]);
  });
});

describe('names what it cannot read, and reads what stands around it', () => {
  const good = (name: string) => json(traces(name));
  const cases: [string, string, string[]][] = [
    [
      'a line cut off by a crash, at a list',
      `${good('a')}\n{"resourceSpans":[\n${good('b')}\n${good('c')}\n`,
      [
        '62+19 line 2: the line ends inside a document (cut off while it was written?)',
        'traces a b c (3 to 205)',
      ],
    ],
    [
      'a line cut off by a crash, inside a text',
      `${good('a')}\n{"resourceSpans":[{"resource\n${good('b')}`,
      [
        '62+29 line 2: the line ends inside a document (cut off while it was written?)',
        'traces a b (2 to 152)',
      ],
    ],
    [
      'a last line that is half written',
      `${good('a')}\n${good('b').slice(0, 30)}`,
      ['traces a (1 to 62)', '62+30 line 2: the file ends inside a document (cut off while it was written?)'],
    ],
    [
      'a last line that is half written, with a line feed',
      `${good('a')}\n${good('b').slice(0, 50)}\n`,
      ['traces a (1 to 62)', '62+51 line 2: the file ends inside a document (cut off while it was written?)'],
    ],
    [
      'a document with a bad value',
      `${good('a')}\n{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"X"}]}]}]}\n${good('b')}`,
      ['62+61 line 2: expected a value of kind, found "X"', 'traces a b (2 to 185)'],
    ],
    [
      'a document that swallowed the next one, and was closed by chance',
      `{"resourceSpans":\n${good('a')}\n}\n${good('b')}`,
      [
        '0+18 line 1: the line ends inside a document (cut off while it was written?)',
        '80+2 line 3: a line that is not JSON',
        'traces a b (2 to 143)',
      ],
    ],
    [
      'a bad document in an array, and documents run together',
      `[${good('a')},{"resourceSpans":1},${good('b')}]{"resourceSpans":2}${good('c')}`,
      ['63+19 line 1: expected [, found 1', '145+19 line 1: expected [, found 2', 'traces a b c (3 to 225)'],
    ],
    [
      'a document whose brackets do not match, among indented ones',
      `${JSON.stringify(traces('a'), null, 1)}\n{\n "resourceSpans": [\n  }\n ]\n}\n${JSON.stringify(traces('b'), null, 1)}`,
      ['129+31 line 16: expected {, found }', 'traces a b (2 to 288)'],
    ],
    [
      'lines of text',
      `starting\n${good('a')}\n2026-01-01 INFO [main] {x}\n  at foo\n[x]\n"y"\nnull\n${good('b')} tail\n`,
      [
        '0+9 line 1: a line that is not JSON',
        '71+49 line 3: 5 lines that are not JSON',
        '182+5 line 8: a line that is not JSON',
        'traces a b (2 to 187)',
      ],
    ],
    [
      'documents of another kind',
      `{"level":"info"}\n{"level":"info","msg":[{"x":"}"}]}\n${good('a')}\n{"trace":{"resourceSpans":[]}}`,
      [
        '0+51 line 1: 2 documents without resourceSpans, resourceLogs or resourceMetrics: not OTLP',
        '114+30 line 4: no resourceSpans, resourceLogs or resourceMetrics: not OTLP',
        'traces a (1 to 144)',
      ],
    ],
    [
      'an array that is not closed',
      `[${good('a')},`,
      [
        '63+0 line undefined: the file ends inside an array of documents (cut off while it was written?)',
        'traces a (1 to 63)',
      ],
    ],
    [
      'nesting without end',
      `{"x":${'['.repeat(5000)}\n${good('a')}`,
      [
        '0+5006 line 1: values are nested deeper than 64 (max_depth; raise it for data that you trust)',
        'traces a (1 to 5067)',
      ],
    ],
  ];

  test.each(cases)('%s', (_, input, wanted) => {
    expect(summary(decodedFrom(input))).toEqual(wanted);
  });

  test.each(cases)('%s, in any chunks', (_, input) => {
    const bytes = Buffer.from(input);
    const whole = decodedFrom(input);
    for (const size of [1, 2, 3, 7, 64]) {
      expect(decodedInPieces(decoderOf(otlpJson), cut(bytes, [size]))).toEqual(whole);
    }
  });
});

describe('a document that is too large to be held', () => {
  const small = { maxDocumentBytes: 120, batchBytes: 1 };
  const inPieces = (input: string, chosen: Partial<DecoderOptions> = small) =>
    summary(decodedInPieces(decoderOf(otlpJson, chosen), cut(Buffer.from(input), [50])));

  test('is cut at its elements, and ends where it ends', () => {
    const input = `${json(traces('a'))}\n${json({ x: ['y'.repeat(200)], ...traces('b', 'c', 'd'), ...logs('e') })}\n${json(traces('f'))}`;
    const before = json(traces('a')).length;
    expect(inPieces(input)).toEqual([
      `traces a (1 to ${before})`,
      `traces b (0 to ${before})`,
      `traces c (0 to ${before})`,
      `traces d (0 to ${before})`,
      `logs e (0 to ${before})`,
      `traces f (2 to ${input.length})`,
    ]);
  });

  test('loses only the elements that cannot be read', () => {
    const large = json({ scopeSpans: [{ spans: [{ name: 'x'.repeat(200) }] }] });
    const [good] = traces('a').resourceSpans;
    const input = `{"resourceSpans":[${json(good)},{"resource":5},${json(good)},${large},7,${json(good)}],"z":{}}`;
    const seen = inPieces(input, { ...small, batchBytes: 1000 });
    expect(seen.map((each) => each.replace(/^\d+\+\d+ /, ''))).toEqual([
      'line 1: expected {, found 5',
      'line 1: an element of more than 120 bytes (max_document_size; raise it for data that you trust)',
      'line 1: expected {, found 7',
      `traces a a a (1 to ${input.length})`,
    ]);
  });

  test('that is cut off keeps what came before', () => {
    const input = json(traces('a', 'b', 'c', 'd', 'e')).slice(0, -30);
    const seen = inPieces(input, { ...small, batchBytes: 1000 });
    expect(seen[0]).toContain('line 1: the file ends inside a document (cut off while it was written?)');
    expect(seen[1]).toContain('traces a b c d (0 to ');
  });
});

/** A file of all that may lie in one. */
const name = fc.constantFrom('a', 'b"\\\n', 'é😀', 'x'.repeat(90));
const document = fc.oneof(
  fc.array(name, { maxLength: 4 }).map((names) => traces(...names)),
  fc.array(name, { maxLength: 4 }).map((names) => logs(...names)),
  fc.tuple(name, name).map(([one, other]) => ({ unknown: [{ '{': '[}' }], ...traces(one), ...logs(other) })),
  fc.constantFrom(
    {},
    { level: 'info' },
    { resourceSpans: 1 },
    { resourceSpans: [{ resource: 5 }, {}] },
    { resourceLogs: null },
  ),
);
const written = fc
  .tuple(document, fc.constantFrom(undefined, 1, '\t'))
  .map(([each, indent]) => JSON.stringify(each, null, indent));
const piece = fc.oneof(
  { weight: 4, arbitrary: written },
  written.chain((whole) => fc.nat(whole.length).map((end) => whole.slice(0, end))),
  fc.array(written, { maxLength: 3 }).map((several) => `[${several.join(',\n')}]`),
  fc.constantFrom('text', '\n', '}', ']', ',', '[', '{', '"', '\\', '{"a":', '{{', '[[', '\uFEFF', '  at x'),
);
const file = fc
  .array(fc.tuple(piece, fc.constantFrom('\n', '\n', '\n', '', ' ', ',', '\r\n')), { maxLength: 8 })
  .map((pieces) => pieces.flat().join(''));
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })), {
  minLength: 1,
  maxLength: 5,
});
const options = fc.record({
  batchBytes: fc.constantFrom(1, 100, 1 << 20),
  maxDocumentBytes: fc.constantFrom(20, 60, 150, 1 << 20),
});

test('what comes out does not depend on how the input is cut', () => {
  fc.assert(
    fc.property(file, sizes, options, (input, pieces, chosen) => {
      const bytes = Buffer.from(input);
      const whole = decodedInPieces(decoderOf(otlpJson, chosen), [bytes]);
      expect(decodedInPieces(decoderOf(otlpJson, chosen), cut(bytes, pieces))).toEqual(whole);
    }),
    { numRuns: 1500 },
  );
});

test('every document on a line of its own is read, whatever stands on the other lines', () => {
  const line = fc.oneof(
    name.map((each) => ({ text: json(traces(each)), name: each as string | undefined })),
    // Without what would make the following lines a part of it, as valid JSON of another kind.
    piece.map((text) => ({ text: text.replaceAll(/[\n[\],]|: *$/g, ''), name: undefined })),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), sizes, (lines, pieces) => {
      const wanted = lines.flatMap((each) => each.name ?? []);
      const input = lines.map(({ text }) => `${text}\n`).join('');
      const seen = decodedInPieces(decoderOf(otlpJson), cut(Buffer.from(input), pieces));
      const found = seen.flatMap((each) =>
        'json' in each && each.signal === 'traces' ? namesIn(each.json) : [],
      );
      const extra = found.filter((each) => !wanted.includes(each));
      for (const each of wanted) expect(found).toContain(each);
      expect(found.length).toBeGreaterThanOrEqual(wanted.length);
      expect(extra.length).toBeLessThanOrEqual(lines.length * 4);
    }),
    { numRuns: 300 },
  );
});

function namesIn(tree: unknown): string[] {
  const names: string[] = [];
  JSON.stringify(tree, (key, value: unknown) => {
    if (key === 'name') names.push(value as string);
    return value;
  });
  return names;
}

test('regions and documents cover the file: what is not read is named', () => {
  fc.assert(
    fc.property(file, (input) => {
      const seen = decodedFrom(input);
      let end = 0;
      for (const each of seen) {
        if (!('reason' in each)) continue;
        expect(each.offset).toBeGreaterThanOrEqual(end);
        expect(each.bytes).toBeGreaterThanOrEqual(0);
        end = each.offset + each.bytes;
        const before = Buffer.from(input).subarray(0, each.offset);
        if (each.line !== undefined) expect(each.line).toBe(before.filter((byte) => byte === 10).length + 1);
      }
      expect(end).toBeLessThanOrEqual(Buffer.byteLength(input));
    }),
    { numRuns: 500 },
  );
});

test('a decoder that begins where a batch ends goes on as the first one did', () => {
  const good = fc.oneof(
    written,
    fc.array(written, { maxLength: 4 }).map((several) => `[${several.join(',\n')}]`),
  );
  fc.assert(
    fc.property(fc.array(good, { maxLength: 8 }), (documents) => {
      const bytes = Buffer.from(documents.join('\n'));
      const jsonOf = (seen: Seen[]) => seen.flatMap((each) => ('json' in each ? [each.json] : []));
      const batches = decodedFrom(bytes, { batchBytes: 60 }).filter((each) => 'json' in each);
      for (const { endOffset } of batches) {
        const first = batches.findIndex((each) => each.endOffset === endOffset);
        if (endOffset === 0) continue;
        const rest = decodedFrom(bytes.subarray(endOffset), { batchBytes: 60 });
        expect(jsonOf(rest)).toEqual(jsonOf(batches.slice(first + 1)));
      }
    }),
    { numRuns: 200 },
  );
});
