import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chromeTrace } from '../../src/encodings/chrome-trace.ts';
import type { DecoderOptions } from '../../src/encodings/encoding.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { cut, decodedInPieces, decoderOf, type Seen } from './decoding.ts';
import { holdsLaws } from './laws.ts';

const recording = readFileSync(
  new URL('../../../shared/samples/recordings/chrome/node_trace.1.log', import.meta.url),
);

const x = (name: string, ts: number, dur: number, more: object = {}) => ({
  ph: 'X',
  name,
  ts,
  dur,
  pid: 1,
  tid: 1,
  ...more,
});
const at = (ph: string, name: string, ts: number, more: object = {}) => ({
  ph,
  name,
  ts,
  pid: 1,
  tid: 1,
  ...more,
});

const events = [
  at('M', 'process_name', 0, { args: { name: 'shop' } }),
  x('a', 100, 50.125),
  x('b', 110, 10),
  at('i', 'mark', 112, { args: { n: 1 } }),
  at('B', 'c', 130, { args: { x: 1 } }),
  at('E', 'c', 140, { args: { y: 2 } }),
  at('b', 'op', 105, { cat: 'net', id: '0x1' }),
  at('b', 'inner', 106, { cat: 'net', id: '0x1' }),
  at('e', 'inner', 107, { cat: 'net', id: '0x1' }),
  at('e', 'op', 108, { cat: 'net', id: '0x1' }),
  at('C', 'counter', 109),
  x('other thread', 101, 1, { tid: 2 }),
];
const document = (of: readonly object[], more: object = {}) => JSON.stringify({ traceEvents: of, ...more });

test('the laws hold for trace events', () => {
  const seeds = [
    recording.subarray(0, 3000),
    Buffer.from(document(events)),
    Buffer.from(JSON.stringify(events)),
  ];
  const words = ['"ts":1e99,', '"ph":"B",', '"ph":"E",', '"dur":-5,', '{"ph":"X"},', '"id":7,', 'null'];
  const options = { baseTimeUnixNano: 1_700_000_000_000_000_000n };
  holdsLaws(chromeTrace, { seeds, words });
  holdsLaws(chromeTrace, { seeds, words, options });
});

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: { readonly key: string; readonly value: object }[];
  readonly events?: { readonly name: string }[];
}
interface Traces {
  readonly resourceSpans: {
    readonly resource: object;
    readonly scopeSpans: { readonly spans: Span[] }[];
  }[];
}

function seen(text: string, options: Partial<DecoderOptions> = {}): Seen[] {
  return decodedInPieces(decoderOf(chromeTrace, options), cut(Buffer.from(text), [33]));
}

function spans(text: string, options: Partial<DecoderOptions> = {}): Span[] {
  return seen(text, options).flatMap((each) => {
    if ('reason' in each) throw new Error(each.reason);
    return (each.json as Traces).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    );
  });
}

/** Each span with the names of those around it. */
function tree(text: string): string[] {
  const all = spans(text);
  const path = (span: Span): string => {
    const parent = all.find(({ spanId }) => spanId === span.parentSpanId);
    return parent === undefined ? span.name : `${path(parent)} > ${span.name}`;
  };
  return all.map(path).sort();
}

describe('parents', () => {
  const cases: [what: string, of: readonly object[], paths: string[]][] = [
    ['of all kinds', events, ['a', 'a > b', 'a > c', 'op', 'op > inner', 'other thread']],
    ['that stand behind their children', [x('b', 2, 1), x('a', 1, 5)], ['a', 'a > b']],
    ['that begin together', [x('b', 1, 1), x('a', 1, 5)], ['a', 'a > b']],
    ['that end together', [x('a', 1, 5), x('b', 3, 3)], ['a', 'a > b']],
    ['none where spans only overlap', [x('a', 1, 5), x('b', 3, 9)], ['a', 'b']],
    [
      'none on other threads and processes',
      [x('a', 1, 9), x('b', 2, 1, { tid: 2 }), x('c', 2, 1, { pid: 2 })],
      ['a', 'b', 'c'],
    ],
    [
      'of spans that never end',
      [at('B', 'a', 1), x('b', 2, 1), at('B', 'c', 3), x('d', 4, 1)],
      ['a', 'a > b', 'a > c', 'a > c > d'],
    ],
    ['ends without a begin', [at('E', 'a', 1), x('b', 2, 1)], ['b']],
  ];
  test.each(cases)('%s', (_, of, paths) => {
    expect(tree(document(of))).toEqual(paths);
  });
});

test('one trace of a document, whose ids are the same whenever it is read', () => {
  const ids = (text: string) => spans(text).map(({ traceId, spanId }) => `${traceId} ${spanId}`);
  const [first, ...rest] = ids(document(events));
  expect(new Set([first, ...rest]).size).toBe(6);
  expect(new Set([first, ...rest].map((id) => id?.slice(0, 32))).size).toBe(1);
  expect(ids(document(events))).toEqual([first, ...rest]);
  expect(ids(document(events.slice(1)))).not.toContain(first);
});

test('arguments of begin and end are attributes, instants are events of the span around them', () => {
  const all = spans(document(events));
  const keys = all.find(({ name }) => name === 'c')?.attributes?.map(({ key }) => key);
  expect(keys).toEqual(['thread.id', 'y', 'x']);
  expect(all.find(({ name }) => name === 'b')?.events?.map(({ name }) => name)).toEqual(['mark']);
});

describe('times', () => {
  const first = (text: string, options: Partial<DecoderOptions> = {}) =>
    spans(text, options).map((span) => [span.startTimeUnixNano, span.endTimeUnixNano])[0];
  const base = { baseTimeUnixNano: 1_700_000_000_000_000_000n };

  test('the first event is at base_time, and everything else behind it', () => {
    expect(first(document([at('M', 'x', 0), x('a', 100.5, 0.25)]), base)).toEqual([
      '1700000000000000000',
      '1700000000000000250',
    ]);
  });
  test('without it, they count from 1970, which is said', () => {
    const decoder = decoderOf(chromeTrace);
    expect(first(document([x('a', 100.5, 0.25)]))).toEqual(['100500', '100750']);
    decodedInPieces(decoder, [Buffer.from(document([x('a', 100.5, 0.25)]))]);
    expect([...decoder.notices.keys()]).toEqual([
      'times that count from some start are read as if that were 1970: set base_time',
    ]);
  });
  test('a trace may say itself when it began, or have times since 1970', () => {
    expect(
      first(
        '{"baseTimeNanoseconds":1700000000000000000,"traceEvents":[{"ph":"X","name":"a","ts":1,"dur":1}]}',
      ),
    ).toEqual(['1700000000000001000', '1700000000000002000']);
    expect(first(document([x('a', 1_700_000_000_000_000, 1)]), base)).toEqual([
      '1700000000000000000',
      '1700000000000001000',
    ]);
  });
});

test('an array may lack its end', () => {
  const text = JSON.stringify(events);
  for (const end of [text, text.slice(0, -1), `${text.slice(0, -1)},\n`]) expect(spans(end).length).toBe(6);
});

describe('what cannot be read', () => {
  const cases: [text: string, reasons: string[]][] = [
    [document([x('a', 1, 1, { ts: 'now' })]), ['ts must be a number of microseconds, found "now"']],
    [`{"traceEvents":[5]}`, ['an event must be an object, found 5']],
    ['{"a":1}', ['no array of events and no object with traceEvents: no Chrome trace']],
  ];
  test.each(cases)('%s', (text, reasons) => {
    expect(seen(text).map((each) => ('reason' in each ? each.reason : each.json))).toEqual(reasons);
  });
});

test('spans that lie in each other without end take no time by their square', () => {
  const many = Array.from({ length: 30_000 }, (_, index) => x('a', index, 1e9));
  expect(spans(document(many)).length).toBe(30_000);
});

test('it is told by its events', () => {
  const told = (text: string) =>
    chromeTrace.detect(bytesOf(Buffer.from(text)), { atEnd: true })?.confidence ?? 0;
  expect(told(document(events))).toBeGreaterThan(0.9);
  expect(told(JSON.stringify(events))).toBeGreaterThan(0.8);
  for (const text of ['{"traceEvents":5}', '[{"ph":7.4}]', '[]']) expect(told(text)).toBe(0);
});
