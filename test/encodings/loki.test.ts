import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loki } from '../../src/encodings/loki.ts';
import { labelsAt } from '../../src/encodings/loki/selector.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { decodedInPieces, decoderOf, type Seen } from './decoding.ts';
import { holdsLaws } from './laws.ts';

const recordings = new URL('../../../shared/samples/recordings/loki/', import.meta.url);
const traceId = '5b8efff798038103d269b633813fc60c';

const push = (stream: object, ...values: unknown[]) => JSON.stringify({ streams: [{ stream, values }] });
const answer = (resultType: string, result: unknown[], flags: string[] = []) =>
  JSON.stringify({ status: 'success', data: { resultType, encodingFlags: flags, result, stats: {} } });

test('the laws hold for Loki', () => {
  const pino = readFileSync(new URL('pino-push.json', recordings));
  const metadata = { trace_id: traceId, severity_number: '9', service_version: '1', x: 'y' };
  const texts = [
    push({ job: 'a', level: 'info' }, ['1700000000000000001', 'one', metadata], ['2', 'two']),
    answer(
      'streams',
      [{ stream: { app: 'a' }, values: [['1', 'x', { structuredMetadata: metadata, parsed: { a: 'b' } }]] }],
      ['categorize-labels'],
    ),
    answer('matrix', [{ metric: {}, values: [[1, '3']] }]),
    '{"streams":[{"labels":"{a=\\"b\\"}","entries":[{"ts":"2018-12-18T08:28:06.801064-04:00","line":"x"}]}]}',
  ];
  const words = ['"values":[', '["1","x"],', '{"stream":', '"1e400"', '"\\ud800"', '"resultType":"vector",'];
  holdsLaws(loki, { seeds: [pino, ...texts.map((text) => Buffer.from(text))], words });
});

interface Logs {
  readonly resourceLogs: {
    readonly resource: { attributes?: Pair[] };
    readonly scopeLogs: {
      scope?: object;
      logRecords: { attributes?: Pair[]; [member: string]: unknown }[];
    }[];
  }[];
}
interface Pair {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

const flat = (pairs: readonly Pair[] = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue]));

/** Each record with its resource and scope. */
function records(text: string): object[] {
  return seen(text).flatMap((each) => {
    if ('reason' in each) throw new Error(each.reason);
    return (each.json as Logs).resourceLogs.flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ scope, logRecords }) =>
        logRecords.map((record) => ({
          resource: flat(resource.attributes),
          scope,
          ...record,
          attributes: flat(record.attributes),
        })),
      ),
    );
  });
}

function seen(text: string): Seen[] {
  return decodedInPieces(decoderOf(loki), [Buffer.from(text)]);
}

test('labels are of the resource, metadata is where OTLP has it', () => {
  const metadata = {
    trace_id: traceId,
    span_id: 'eee19b7ec3c1b174',
    severity_number: '13',
    severity_text: 'WARN',
    observed_timestamp: '1700000000000000002',
    flags: '1',
    scope_name: 'lib',
    scope_version: '2',
    service_version: '1.0',
    http_route: '/x',
  };
  expect(
    records(
      push({ service_name: 'shop', env: 'prod', level: 'warn' }, ['1700000000000000001', 'hello', metadata]),
    ),
  ).toEqual([
    {
      resource: { 'service.name': 'shop', env: 'prod', 'service.version': '1.0' },
      scope: { name: 'lib', version: '2' },
      timeUnixNano: '1700000000000000001',
      observedTimeUnixNano: '1700000000000000002',
      severityNumber: 13,
      severityText: 'WARN',
      body: { stringValue: 'hello' },
      attributes: { level: 'warn', http_route: '/x' },
      flags: 1,
      traceId,
      spanId: 'eee19b7ec3c1b174',
    },
  ]);
});

describe('an answer that is not categorised', () => {
  const of = (stream: object) => records(answer('streams', [{ stream, values: [['1', 'x']] }]))[0];

  test('has attributes among its labels where there is metadata of OTLP', () => {
    const stream = { service_name: 'shop', severity_number: '9', http_route: '/x' };
    expect(of(stream)).toMatchObject({
      resource: { 'service.name': 'shop' },
      severityNumber: 9,
      attributes: { http_route: '/x' },
    });
  });

  test('has labels only where there is none', () => {
    expect(of({ job: 'a', filename: '/var/log/x' })).toMatchObject({
      resource: { job: 'a', filename: '/var/log/x' },
      attributes: {},
    });
  });
});

test('ids and numbers that are none stay attributes', () => {
  const metadata = {
    trace_id: 'none',
    span_id: '0000000000000000',
    severity_number: '99',
    flags: 'x',
    observed_timestamp: '',
  };
  expect(records(push({ a: 'b' }, ['1', 'x', metadata]))[0]).toMatchObject({ attributes: metadata });
});

test('what the query parsed is left out, and what it says of errors', () => {
  const parsed = { structuredMetadata: { a: '1', __error__: 'JSONParserErr' }, parsed: { b: '2' } };
  const decoder = decoderOf(loki);
  const text = answer('streams', [{ stream: {}, values: [['1', 'x', parsed]] }], ['categorize-labels']);
  expect(records(text)).toMatchObject([{ attributes: { a: '1' } }]);
  decodedInPieces(decoder, [Buffer.from(text)]);
  expect([...decoder.notices.keys()]).toEqual([
    'entries with fields that the query parsed from the line, which are left out',
  ]);
});

describe('what is refused', () => {
  const cases: [what: string, text: string, reasons: string[]][] = [
    [
      'a matrix',
      answer('matrix', [{ metric: {}, values: [[1, '3']] }]),
      ['it is a matrix, the answer to a metric query: numbers over time, which hold no log lines'],
    ],
    [
      'a vector',
      answer('vector', [{ metric: {}, value: [1, '3'] }]),
      ['it is a vector, the answer to a metric query: numbers over time, which hold no log lines'],
    ],
    ['a time that is none', push({}, ['now', 'x']), ['a time must be a number of nanoseconds, found "now"']],
    ['a line that is none', push({}, ['1', 5]), ['an entry must be [nanoseconds, line], found an array']],
    ['a label that is no text', push({ a: true }, ['1', 'x']), ['a must be text, found true']],
    ['something else', '{"a":1}', ['no object with streams: not of Loki']],
  ];
  test.each(cases)('%s', (_, text, reasons) => {
    expect(seen(text).map((each) => ('reason' in each ? each.reason : each.json))).toEqual(reasons);
  });

  test('a matrix, by name, when it is told', () => {
    const head = bytesOf(readFileSync(new URL('query_range-matrix.json', recordings)));
    expect(loki.detect(head, { atEnd: true })?.reason).toBe(
      'data.resultType is matrix: numbers over time, which hold no log lines',
    );
  });
});

test('answers of tail, one a line, and the first form of the push API', () => {
  const tail =
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x"]]}],"dropped_entries":[{"labels":{},"timestamp":"1"}]}';
  const legacy =
    '{"streams":[{"labels":"{a=\\"b\\"}","entries":[{"ts":"1970-01-01T00:00:00.000000001Z","line":"y"}]}]}';
  expect(records(`${tail}\n${tail}\n${legacy}\n`)).toMatchObject(
    ['x', 'x', 'y'].map((stringValue) => ({
      resource: { a: 'b' },
      timeUnixNano: '1',
      body: { stringValue },
    })),
  );
});

describe('labels as text', () => {
  const cases: [text: string, labels: [string, string][] | undefined][] = [
    ['{}', []],
    [
      '{a="b", c="d"}',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [String.raw`{a="\"\\\n\u00e4\x41\101"}`, [['a', '"\\\näAA']]],
    ['{a="b"', undefined],
    ['{a=b}', undefined],
    ['a', undefined],
  ];
  test.each(cases)('%s', (text, labels) => {
    expect(labelsAt(text, 0)?.labels).toEqual(labels);
  });
});
