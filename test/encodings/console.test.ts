import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consoleEncoding } from '../../src/encodings/console.ts';
import { parseInspected } from '../../src/encodings/console/inspect.ts';
import { valueOfPrinted } from '../../src/encodings/console/item.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf, type Seen } from './decoding.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/console/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, recordings), 'utf8');

const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';

const jsSpan = `{
  resource: { attributes: { 'service.name': 'shop', replicas: 2 } },
  instrumentationScope: { name: 'lib', version: '1', schemaUrl: undefined },
  traceId: '${traceId}',
  parentSpanContext: { traceId: '${traceId}', spanId: 'f00dcafef00da000', traceFlags: 1 },
  traceState: undefined,
  name: 'GET /',
  id: '${spanId}',
  kind: 2,
  timestamp: 1700000000000000.5,
  duration: 1500.25,
  attributes: { ok: true, list: [ 'a', 'b' ] },
  status: { code: 2, message: 'no' },
  events: [
    {
      name: 'e',
      attributes: { n: 0 },
      time: [ 1700000000, 5 ],
      droppedAttributesCount: 1
    }
  ],
  links: []
}`;
const pythonSpan = JSON.stringify(
  {
    name: 'charge',
    context: { trace_id: `0x${traceId}`, span_id: `0x${spanId}`, trace_state: "['{key=a, value=b}']" },
    kind: 'SpanKind.CLIENT',
    parent_id: null,
    start_time: '2026-03-14T09:26:55.144193Z',
    end_time: '2026-03-14T09:26:55.261193Z',
    status: { status_code: 'ERROR', description: 'no' },
    attributes: { n: 1, list: [1.5] },
    events: [],
    links: [{ context: { trace_id: `0x${traceId}`, span_id: `0x${spanId}` }, attributes: {} }],
    resource: { attributes: { 'service.name': 'pay' }, schema_url: 'https://schema' },
  },
  null,
  4,
);
const goLog = JSON.stringify({
  Timestamp: '2026-03-14T09:30:00.136456789Z',
  ObservedTimestamp: '2026-03-14T09:30:00.137456789Z',
  Severity: 9,
  SeverityText: 'INFO',
  Body: { Type: 'String', Value: 'hello' },
  Attributes: [{ Key: 'ms', Value: { Type: 'Float64', Value: 15 } }],
  TraceID: traceId,
  SpanID: '0000000000000000',
  TraceFlags: '01',
  Resource: null,
  Scope: { Name: 'x', Version: '', SchemaURL: '', Attributes: {} },
});

test('the laws hold for print-outs', { timeout: 60_000 }, () => {
  const texts = [
    jsSpan,
    pythonSpan,
    goLog,
    `${jsSpan}\nGET / 200\n`,
    `web-1  | ${jsSpan.replaceAll('\n', '\nweb-1  | ')}`,
  ];
  const coloured = read('js-spans-colour.txt').slice(0, 4000);
  const seeds = [...texts, coloured, read('go-logs-pretty.json').slice(0, 3000)].map((text) =>
    Buffer.from(text),
  );
  const words = [
    '\n}\n',
    '\n  at x (y.js:1:2)\n',
    "'",
    '[Object]',
    '... 3 more items',
    '\u001b[32m',
    'a\nb',
    '\\u{110000}',
    '{\n',
  ];
  holdsLaws(consoleEncoding, { seeds, words });
});

function seen(text: string, sizes = [1 << 20]): Seen[] {
  return decodedInPieces(decoderOf(consoleEncoding), cut(Buffer.from(text), sizes));
}

function spansIn(all: readonly Seen[]): { name: string; [member: string]: unknown }[] {
  return all.flatMap((each) => ('json' in each ? namedIn(each.json) : []));
}

interface Groups {
  readonly resourceSpans?: { readonly scopeSpans: { readonly spans: { name: string }[] }[] }[];
}

function namedIn(json: unknown): { name: string }[] {
  const { resourceSpans = [] } = json as Groups;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

const prefixed = (prefix: string | ((line: number) => string), text: string): string =>
  text
    .split('\n')
    .map((line, index) => (typeof prefix === 'string' ? prefix : prefix(index)) + line)
    .join('\n');

describe('where print-outs stand', () => {
  const cases: [place: string, text: string, names: string[]][] = [
    ['alone', jsSpan, ['GET /']],
    ['two after another', `${jsSpan}\n${pythonSpan}\n`, ['GET /', 'charge']],
    ['lines that end in CR LF', `${jsSpan}\n${pythonSpan}\n`.replaceAll('\n', '\r\n'), ['GET /', 'charge']],
    [
      'between other lines',
      `listening\n${jsSpan}\nGET / 200\n{"level":30}\n${pythonSpan}\nbye`,
      ['GET /', 'charge'],
    ],
    ['with another line in the middle', jsSpan.replace('\n  name:', '\nGET / 200\n  name:'), ['GET /']],
    [
      'with a stack trace in the middle',
      jsSpan.replace('\n  name:', '\nError: x\n    at f (a.js:1:2)\n  name:'),
      ['GET /'],
    ],
    [
      'JSON with another line in the middle',
      pythonSpan.replace('\n    "kind"', '\nWARNING: x\n    "kind"'),
      ['charge'],
    ],
    ['behind what docker compose writes', prefixed('web-1  | ', `up\n${jsSpan}\ndone`), ['GET /']],
    [
      'behind the times of kubectl',
      prefixed((line) => `2026-03-14T09:26:53.${'123456789'.slice(0, 9 - (line % 3))}Z `, pythonSpan),
      ['charge'],
    ],
    [
      'in two streams at once',
      interleaved(prefixed('a | ', jsSpan), prefixed('b | ', pythonSpan)),
      ['charge', 'GET /'],
    ],
    ['on one line behind a prefix', `INFO [1] ${JSON.stringify(JSON.parse(pythonSpan))}`, ['charge']],
    ['coloured', inspectColoured(), ['GET /']],
    [
      'in the notation of Bun',
      jsSpan.replaceAll("'", '"').replaceAll(/([^{[,])\n(?= *[}\]])/g, '$1,\n'),
      ['GET /'],
    ],
  ];
  test.each(cases)('%s', (_, text, names) => {
    for (const sizes of [[1 << 20], [1], [7, 100]]) {
      const all = seen(text, sizes);
      expect(all.filter((each) => 'reason' in each)).toEqual([]);
      expect(
        spansIn(all)
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...names].sort());
    }
  });
});

function interleaved(one: string, other: string): string {
  const [lines, others] = [one.split('\n'), other.split('\n')];
  const longer = Math.max(lines.length, others.length);
  return Array.from({ length: longer }, (_, at) =>
    [lines[at], others[at]].filter((line) => line !== undefined),
  )
    .flat()
    .join('\n');
}

function inspectColoured(): string {
  return jsSpan
    .replaceAll(/'[^']*'/g, (text) => `\u001b[32m${text}\u001b[39m`)
    .replaceAll('undefined', '\u001b[90mundefined\u001b[39m');
}

test('a span of JavaScript, member by member', () => {
  expect(seen(jsSpan)).toMatchInlineSnapshot(`
    [
      {
        "documents": 1,
        "endOffset": 677,
        "json": {
          "resourceSpans": [
            {
              "resource": {
                "attributes": [
                  {
                    "key": "service.name",
                    "value": {
                      "stringValue": "shop",
                    },
                  },
                  {
                    "key": "replicas",
                    "value": {
                      "intValue": "2",
                    },
                  },
                ],
              },
              "scopeSpans": [
                {
                  "scope": {
                    "name": "lib",
                    "version": "1",
                  },
                  "spans": [
                    {
                      "attributes": [
                        {
                          "key": "ok",
                          "value": {
                            "boolValue": true,
                          },
                        },
                        {
                          "key": "list",
                          "value": {
                            "arrayValue": {
                              "values": [
                                {
                                  "stringValue": "a",
                                },
                                {
                                  "stringValue": "b",
                                },
                              ],
                            },
                          },
                        },
                      ],
                      "endTimeUnixNano": "1700000000001500750",
                      "events": [
                        {
                          "attributes": [
                            {
                              "key": "n",
                              "value": {
                                "intValue": "0",
                              },
                            },
                          ],
                          "droppedAttributesCount": 1,
                          "name": "e",
                          "timeUnixNano": "1700000000000000005",
                        },
                      ],
                      "kind": 3,
                      "name": "GET /",
                      "parentSpanId": "f00dcafef00da000",
                      "spanId": "eee19b7ec3c1b174",
                      "startTimeUnixNano": "1700000000000000500",
                      "status": {
                        "code": 2,
                        "message": "no",
                      },
                      "traceId": "5b8efff798038103d269b633813fc60c",
                    },
                  ],
                },
              ],
            },
          ],
        },
        "signal": "traces",
      },
    ]
  `);
});

test('a span of Python, member by member', () => {
  expect(seen(pythonSpan)).toMatchInlineSnapshot(`
    [
      {
        "documents": 1,
        "endOffset": 889,
        "json": {
          "resourceSpans": [
            {
              "resource": {
                "attributes": [
                  {
                    "key": "service.name",
                    "value": {
                      "stringValue": "pay",
                    },
                  },
                ],
              },
              "schemaUrl": "https://schema",
              "scopeSpans": [
                {
                  "spans": [
                    {
                      "attributes": [
                        {
                          "key": "n",
                          "value": {
                            "intValue": "1",
                          },
                        },
                        {
                          "key": "list",
                          "value": {
                            "arrayValue": {
                              "values": [
                                {
                                  "doubleValue": 1.5,
                                },
                              ],
                            },
                          },
                        },
                      ],
                      "endTimeUnixNano": "1773480415261193000",
                      "kind": 3,
                      "links": [
                        {
                          "spanId": "eee19b7ec3c1b174",
                          "traceId": "5b8efff798038103d269b633813fc60c",
                        },
                      ],
                      "name": "charge",
                      "spanId": "eee19b7ec3c1b174",
                      "startTimeUnixNano": "1773480415144193000",
                      "status": {
                        "code": 2,
                        "message": "no",
                      },
                      "traceId": "5b8efff798038103d269b633813fc60c",
                      "traceState": "a=b",
                    },
                  ],
                },
              ],
            },
          ],
        },
        "signal": "traces",
      },
    ]
  `);
});

test('a log record of Go, member by member', () => {
  expect(seen(goLog)).toMatchInlineSnapshot(`
    [
      {
        "documents": 1,
        "endOffset": 413,
        "json": {
          "resourceLogs": [
            {
              "resource": {},
              "scopeLogs": [
                {
                  "logRecords": [
                    {
                      "attributes": [
                        {
                          "key": "ms",
                          "value": {
                            "doubleValue": 15,
                          },
                        },
                      ],
                      "body": {
                        "stringValue": "hello",
                      },
                      "flags": 1,
                      "observedTimeUnixNano": "1773480600137456789",
                      "severityNumber": 9,
                      "severityText": "INFO",
                      "timeUnixNano": "1773480600136456789",
                      "traceId": "5b8efff798038103d269b633813fc60c",
                    },
                  ],
                  "scope": {
                    "name": "x",
                  },
                },
              ],
            },
          ],
        },
        "signal": "logs",
      },
    ]
  `);
});

describe('what cannot be read', () => {
  const cases: [what: string, text: string, reasons: string[]][] = [
    [
      'one that is cut off',
      jsSpan.slice(0, 300),
      ['the file ends inside a print-out (cut off while it was written?)'],
    ],
    ['one that does not end', `${jsSpan.slice(0, 300)}\n${pythonSpan}`, ['a print-out that does not end']],
    [
      'a time that is none',
      jsSpan.replace('1700000000000000.5', "'now'"),
      ['timestamp must be a number of microseconds, found "now"'],
    ],
    [
      'a notation that is none',
      jsSpan.replace('duration: 1500.25', 'duration: 1500.25 ms'),
      ['expected , or }, found "ms,"'],
    ],
    ['text', 'one\n{\n two\n}\nthree {\n four\n}', []],
  ];
  test.each(cases)('%s', (_, text, reasons) => {
    expect(seen(text).flatMap((each) => ('reason' in each ? [each.reason] : []))).toEqual(reasons);
  });
});

test('metrics and lines of others are counted', () => {
  const decoder = decoderOf(consoleEncoding);
  const metrics = "{\n  descriptor: { name: 'm' },\n  dataPointType: 0,\n  dataPoints: []\n}";
  const text = `up\n${metrics}\n{"resource_metrics":[]}\n{"Resource":[],"ScopeMetrics":[]}\n{"level":30}\n`;
  expect(decodedInPieces(decoder, [Buffer.from(text)])).toEqual([]);
  expect(Object.fromEntries(decoder.notices)).toEqual({
    'print-outs of metrics are not read': 3,
    'lines that are no print-out of an exporter are passed': 2,
  });
});

test('it is told by its SDK, and other texts are not taken for it', () => {
  const told = (text: string) => consoleEncoding.detect(bytesOf(Buffer.from(text)), { atEnd: true })?.detail;
  expect(told(jsSpan)).toBe('of the SDK for JavaScript');
  expect(told(`x\n${pythonSpan}`)).toBe('of the SDK for Python');
  expect(told(goLog)).toBe('of the SDK for Go');
  for (const text of [
    '{"resourceSpans":[]}',
    '{ resource: {} }',
    '{"level":30,"trace_id":"x"}',
    'const a = {\n  resource: {}\n};',
  ])
    expect(told(text)).toBeUndefined();
});

describe('what util.inspect prints', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ minLength: 1 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), tie('object')),
    object: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  }));

  test.each([false, true])('is read as it was, colours %s', (colors) => {
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: 20, max: 200 }),
        fc.constantFrom(true, false, 1, 3),
        (one, breakLength, compact) => {
          const limits = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity };
          const printed = inspect(one, { ...limits, breakLength, compact, colors });
          const text = printed.replaceAll(/\u001B\[\d+m/g, '');
          const leftOut: string[] = [];
          const read = parseInspected(text, { maxDepth: 64, leftOut: (what) => leftOut.push(what) });
          expect(leftOut).toEqual([]);
          expect(valueOfPrinted(read)).toEqual(asPrinted(one));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Integral numbers are int64, as JavaScript's SDK has them; objects are maps. */
function asPrinted(value: unknown): unknown {
  if (typeof value === 'number') {
    const isInt = Number.isInteger(value) && !Object.is(value, -0) && /^-?\d+$/.test(String(value));
    return isInt && Math.abs(value) < 2 ** 63 ? BigInt(String(value)) : value;
  }
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(asPrinted);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, asPrinted(member)]));
}
