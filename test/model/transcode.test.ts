import { describe, expect, test } from 'vitest';
import { checkMessage } from '../../src/model/check.ts';
import { JsonError } from '../../src/model/json-error.ts';
import { LogsData, type MessageType, MetricsData, TracesData } from '../../src/model/schema.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { decoded, type Plain } from './decoded.ts';

const transcoder = new Transcoder();

function transcoded(json: string | Buffer, type: MessageType = TracesData): { [name: string]: Plain } {
  const text = Buffer.from(json as string) as Bytes;
  const to = new Writer(16);
  transcoder.message(text, 0, text.length, type, to);
  checkMessage(to.buf, 0, to.pos, type);
  return decoded(to.bytes(), type);
}

const wrap = (span: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
// oxlint-disable-next-line typescript/no-explicit-any -- a tree of which each test knows its own branch
const at = (tree: any, ...path: (string | number)[]) => path.reduce((node, name) => node[name], tree);
const spanOf = (json: string | Buffer) =>
  at(transcoded(Buffer.isBuffer(json) ? json : wrap(json)), 'resourceSpans', 0, 'scopeSpans', 0, 'spans', 0);
const valueOf = (json: string) =>
  at(spanOf(`{"attributes":[{"key":"k","value":${json}}]}`), 'attributes', 0).value;

function problem(json: string | Buffer, type: MessageType = TracesData): string {
  const text = Buffer.from(json as string) as Bytes;
  const to = new Writer(16);
  to.varint(7);
  try {
    transcoder.message(text, 0, text.length, type, to);
    return 'fine';
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    expect(to.pos, 'nothing is appended').toBe(1);
    expect(error.offset).toBeLessThanOrEqual(text.length);
    return error.reason;
  }
}

describe('takes', () => {
  test('names in snake_case, escaped, with white space around', () => {
    const span = spanOf(
      ' { "span_id" : "00000000000000aa" ,\n\t"start_time_unix_nano":"5", "n\\u0061me" : "x" } ',
    );
    expect(span).toEqual({ spanId: '00000000000000aa', startTimeUnixNano: 5n, name: 'x' });
  });

  test('enums as numbers, quoted numbers and names', () => {
    expect(spanOf('{"kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"}}')).toEqual({
      kind: 2,
      status: { code: 2 },
    });
    expect(spanOf('{"kind":"3","status":{"code":1}}')).toEqual({ kind: 3, status: { code: 1 } });
    expect(spanOf('{"kind":-1}').kind).toBe(-1);
  });

  test('ids in hex of any case and in base64, which is counted', () => {
    const before = transcoder.base64Ids;
    expect(spanOf('{"spanId":"00000000000000AA","parentSpanId":""}')).toEqual({ spanId: '00000000000000aa' });
    expect(transcoder.base64Ids).toBe(before);
    expect(spanOf('{"spanId":"AAAAAAAAAKo="}').spanId).toBe('00000000000000aa');
    expect(spanOf('{"traceId":"abcdabcdabcdabcdabcdaQ=="}').traceId).toHaveLength(32);
    expect(spanOf('{"traceId":"-_-_-_-_-_-_-_-_-_-_-w"}').traceId).toBe('fbffbffbffbffbffbffbffbffbffbffb');
    expect(transcoder.base64Ids).toBe(before + 3);
  });

  test('null as the default, and in a list of values as the empty value', () => {
    expect(spanOf('{"name":null,"attributes":null,"kind":null,"status":null}')).toEqual({});
    expect(valueOf('null')).toBeUndefined();
    expect(valueOf('{"arrayValue":{"values":[null,{"boolValue":false}]}}')).toEqual({
      arrayValue: { values: [{}, { boolValue: false }] },
    });
  });

  test('unknown members, whatever they hold', () => {
    expect(
      spanOf(
        '{"x":[1,{"a":"]}\\"","b":{}}],"name":"n","y":-1e5,"z":true,"f":false,"n":null,"e":[],"s":"","u":{}}',
      ),
    ).toEqual({ name: 'n' });
    expect(spanOf('{"a":NaN,"b":-Infinity,"ä":1,"name":"n","\\ud800":2}')).toEqual({ name: 'n' });
  });

  test('strings with escapes, surrogate pairs and lone surrogates', () => {
    expect(spanOf('{"name":"a\\n\\"\\\\\\/\\u00e9\\ud83d\\ude00\\b\\f\\r\\t€"}').name).toBe(
      'a\n"\\/é😀\b\f\r\t€',
    );
    expect(spanOf('{"name":"\\ud800"}').name).toBe('\ufffd');
    expect(spanOf('{"name":"\\ud800x\\udc00\\ud800\\ud83d\\ude00"}').name).toBe('\ufffdx\ufffd\ufffd😀');
    expect(spanOf('{"name":"\\u0000"}').name).toBe('\0');
  });

  test('invalid UTF-8, replaced', () => {
    const bad = (text: string) => Buffer.from(wrap(`{"name":"${text}"}`), 'latin1');
    expect(spanOf(bad('\xff\xffabcdefgh')).name).toBe('\ufffd\ufffdabcdefgh');
    expect(spanOf(bad('\xff'.repeat(5000))).name).toBe('\ufffd'.repeat(5000));
    expect(spanOf(bad('\xed\xa0\x80\\n\xc0\x80\xf5')).name).toBe('\ufffd\ufffd\ufffd\n\ufffd\ufffd\ufffd');
  });

  test('integers without loss, in every notation', () => {
    for (const text of [
      '9223372036854775807',
      '-9223372036854775808',
      '9007199254740993',
      '0',
      '-1',
      '12345678901',
    ]) {
      expect(valueOf(`{"intValue":"${text}"}`)).toEqual({ intValue: BigInt(text) });
      expect(valueOf(`{"intValue":${text}}`)).toEqual({ intValue: BigInt(text) });
    }
    for (const [text, value] of [
      ['42', 42n],
      ['1e3', 1000n],
      ['5.0', 5n],
      ['1.5E1', 15n],
      ['1.234567890123456789e18', 1234567890123456789n],
      ['"1e3"', 1000n],
      ['-0', 0n],
      ['"007"', 7n],
      ['0e999999', 0n],
      ['100e-2', 1n],
    ] as const) {
      expect(valueOf(`{"intValue":${text}}`)).toEqual({ intValue: value });
    }
    expect(spanOf('{"endTimeUnixNano":18446744073709551615}').endTimeUnixNano).toBe(18446744073709551615n);
    for (let digits = 1; digits < 20; digits++) {
      const text = '9876543210123456789'.slice(0, digits);
      expect(spanOf(`{"endTimeUnixNano":"${text}"}`).endTimeUnixNano).toBe(BigInt(text));
    }
  });

  test.each(['-0', '"-0"', '-0.0'])('%s as zero, whatever kind of integer it is', (zero) => {
    expect(
      spanOf(`{"kind":${zero},"flags":${zero},"droppedLinksCount":${zero},"endTimeUnixNano":${zero}}`),
    ).toEqual({});
    const point = `{"scale":${zero},"count":${zero},"positive":{"offset":${zero}}}`;
    const metric = `{"exponentialHistogram":{"dataPoints":[${point}]}}`;
    const data = transcoded(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric}]}]}]}`, MetricsData);
    expect(
      at(data, 'resourceMetrics', 0, 'scopeMetrics', 0, 'metrics', 0, 'exponentialHistogram', 'dataPoints'),
    ).toEqual([{ positive: {} }]);
  });

  test('values beyond int64 as doubles, as JavaScript writes large numbers', () => {
    const before = transcoder.wideIntegers;
    for (const text of [
      '1.7976931348623157e+308',
      '9223372036854775808',
      '-9223372036854775809',
      '1e20',
      '-1e20',
    ]) {
      expect(valueOf(`{"intValue":${text}}`)).toEqual({ doubleValue: Number(text) });
    }
    expect(valueOf('{"intValue":1e20,"doubleValue":2}')).toEqual({ doubleValue: 2 });
    expect(transcoder.wideIntegers).toBe(before + 6);
  });

  test('zero, false and empty where they are values', () => {
    for (const value of [{ intValue: 0n }, { boolValue: false }, { stringValue: '' }, { doubleValue: 0 }]) {
      const json = JSON.stringify(value, (_, each: unknown) =>
        typeof each === 'bigint' ? Number(each) : each,
      );
      expect(valueOf(json)).toEqual(value);
    }
    expect(valueOf('{}')).toEqual({});
  });

  test('doubles', () => {
    for (const text of [
      '1',
      '-0.0',
      '0.1',
      '0.1234567890123456789e-5',
      '1e400',
      '5e-324',
      '123456789012345.6',
      '1E+2',
    ]) {
      expect(valueOf(`{"doubleValue":${text}}`)).toEqual({ doubleValue: Number(text) });
      expect(valueOf(`{"doubleValue":"${text}"}`)).toEqual({ doubleValue: Number(text) });
    }
    for (const text of ['NaN', 'Infinity', '-Infinity']) {
      expect(valueOf(`{"doubleValue":"${text}"}`)).toEqual({ doubleValue: Number(text) });
      expect(valueOf(`{"doubleValue":${text}}`)).toEqual({ doubleValue: Number(text) });
    }
  });

  test('bytes and nested values', () => {
    expect(valueOf('{"bytesValue":"AQI="}')).toEqual({ bytesValue: 'AQI=' });
    expect(valueOf('{"bytesValue":""}')).toEqual({ bytesValue: '' });
    expect(
      valueOf(
        '{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}]}}',
      ),
    ).toEqual({
      kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: 1n }] } } }] },
    });
  });

  test('long names and long lists, whose lengths take more bytes', () => {
    const key = 'k'.repeat(300);
    const many = Array.from({ length: 3000 }, () => `{"key":"${key}","value":{"boolValue":true}}`).join(',');
    const span = spanOf(`{"attributes":[${many}],"name":"n"}`);
    expect(span.attributes).toHaveLength(3000);
    expect(span.attributes[2999]).toEqual({ key, value: { boolValue: true } });
    expect(span.name).toBe('n');
  });

  test('a singular member twice: the last counts; lists add up', () => {
    expect(spanOf('{"name":"a","kind":1,"name":"b"}')).toEqual({ kind: 1, name: 'b' });
    expect(spanOf('{"name":"a","name":"","kind":1,"kind":0}')).toEqual({ name: '', kind: 0 });
    expect(spanOf('{"name":"a","kind":1,"name":null}')).toEqual({ kind: 1 });
    expect(spanOf('{"name":"a","name":null,"name":"c","flags":1}')).toEqual({ name: 'c', flags: 1 });
    expect(spanOf('{"status":{"code":1,"message":"x"},"status":{"code":2}}')).toEqual({
      status: { code: 2 },
    });
    expect(spanOf('{"attributes":[{"key":"a"}],"attributes":[{"key":"b"}]}').attributes).toHaveLength(2);
    expect(valueOf('{"stringValue":"a","intValue":1}')).toEqual({ intValue: 1n });
    expect(valueOf('{"intValue":1,"stringValue":"a","intValue":2}')).toEqual({ intValue: 2n });
  });

  test('the names of older versions', () => {
    const old = (signal: string, records: string) =>
      `{"resource${signal}":[{"instrumentationLibrary${signal}":[{"instrumentationLibrary":{"name":"l"},"${records}":[{}]}]}]}`;
    const young = (signal: string, records: string) => ({
      [`resource${signal}`]: [{ [`scope${signal}`]: [{ scope: { name: 'l' }, [records]: [{}] }] }],
    });
    expect(transcoded(old('Spans', 'spans'))).toEqual(young('Spans', 'spans'));
    expect(transcoded(old('Logs', 'logs'), LogsData)).toEqual(young('Logs', 'logRecords'));
    expect(transcoded(old('Metrics', 'metrics'), MetricsData)).toEqual(young('Metrics', 'metrics'));
    expect(transcoded('{"batches":[{"instrumentation_library_spans":[{}]}]}')).toEqual({
      resourceSpans: [{ scopeSpans: [{}] }],
    });
  });

  test('metrics, with lists of numbers that take more room than their JSON', () => {
    const zeros = Array.from({ length: 10_000 }, () => 0);
    const points = (point: string) => `{"dataPoints":[${point}],"aggregationTemporality":2}`;
    const metrics = at(
      transcoded(
        `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
          {"histogram":${points(`{"count":"2","bucketCounts":[${zeros.join()}],"explicitBounds":[${zeros.join()}],"min":0}`)}},
          {"exponentialHistogram":${points('{"scale":-3,"positive":{"offset":-2147483648,"bucketCounts":["1",2,300]},"zeroThreshold":0.5}')}},
          {"sum":{"isMonotonic":true,"dataPoints":[{"asInt":"-5","exemplars":[{"asDouble":0,"spanId":"00000000000000aa"}]}]}},
          {"summary":{"dataPoints":[{"quantileValues":[{"quantile":0.5,"value":"NaN"}]}]}},
          {"gauge":{"dataPoints":[{"asDouble":0,"flags":1}]},"metadata":[{"key":"k"}]}]}]}]}`,
        MetricsData,
      ),
      'resourceMetrics',
      0,
      'scopeMetrics',
      0,
      'metrics',
    );
    expect(metrics[0].histogram.dataPoints[0]).toEqual({
      count: 2n,
      bucketCounts: zeros.map(BigInt),
      explicitBounds: zeros,
      min: 0,
    });
    expect(metrics.slice(1)).toEqual([
      {
        exponentialHistogram: {
          dataPoints: [
            {
              scale: -3,
              positive: { offset: -2147483648, bucketCounts: [1n, 2n, 300n] },
              zeroThreshold: 0.5,
            },
          ],
          aggregationTemporality: 2,
        },
      },
      {
        sum: {
          isMonotonic: true,
          dataPoints: [{ asInt: -5n, exemplars: [{ asDouble: 0, spanId: '00000000000000aa' }] }],
        },
      },
      { summary: { dataPoints: [{ quantileValues: [{ quantile: 0.5, value: NaN }] }] } },
      { gauge: { dataPoints: [{ asDouble: 0, flags: 1 }] }, metadata: [{ key: 'k' }] },
    ]);
  });

  test('references to entities', () => {
    const refs = [{ schemaUrl: 'u', type: 'service', idKeys: ['a', 'b', ''], descriptionKeys: ['c'] }];
    expect(transcoded(JSON.stringify({ resourceSpans: [{ resource: { entityRefs: refs } }] }))).toEqual({
      resourceSpans: [{ resource: { entityRefs: refs } }],
    });
  });
});

test.each([
  ['{"name":"a\nb"}', 'expected no control character in a string, found "\\n"'],
  ['{"name":"\\x"}', 'expected an escape that JSON knows, found \\x'],
  ['{"name":"\\u00g0"}', 'expected four hex digits after \\u, found \\u00g0'],
  ['{"name":1}', 'expected a string, found 1'],
  ['{"kind":"NOPE"}', 'expected a value of kind, found "NOPE"'],
  ['{"traceId":"xyz!"}', 'expected 32 hex digits for traceId, found "xyz!"'],
  ['{"spanId":"aa"}', 'expected 16 hex digits for spanId, found "aa"'],
  [
    '{"spanId":"00112233445566778899aabbccddeeff"}',
    'expected 16 hex digits for spanId, found "00112233445566778899aabbccddeeff"',
  ],
  ['{,}', 'expected a member name, found ,'],
  ['{"name":"x"]', 'expected , or }, found ]'],
  ['{"name":"x",}', 'expected a member name, found }'],
  ['{"name" "x"}', 'expected :, found "x"'],
  ['{"kind":01}', 'expected a value, found 01'],
  ['{"kind":"1x"}', 'expected the end of a number, found x'],
  ['{"kind":2147483648}', 'expected an integer of 32 bits'],
  ['{"flags":-1}', 'expected an integer of 32 bits'],
  ['{"startTimeUnixNano":-1}', 'expected an integer of 64 bits without a sign'],
  ['{"startTimeUnixNano":1.5}', 'expected an integer, found 1.5'],
  ['{"startTimeUnixNano":18446744073709551616}', 'expected an integer of 64 bits without a sign'],
  ['{"startTimeUnixNano":1e999999999}', 'expected an integer, found 1e999999999'],
  ['{"startTimeUnixNano":""}', 'expected a value, found "}]}]}]}'],
  ['{"startTimeUnixNano":NaN}', 'expected an integer, found NaN'],
  ['{"attributes":[{"value":{"doubleValue":1.}}]}', 'expected a digit, found }'],
  ['{"attributes":[{"value":{"doubleValue":""}}]}', 'expected a value, found "}}]}]}]}]}'],
  ['{"attributes":[{"value":{"doubleValue":"1 "}}]}', 'expected the end of a number, found " "'],
  ['{"attributes":[{"value":{"bytesValue":"A"}}]}', 'expected base64, found "A"'],
  ['{"attributes":[{"value":{"bytesValue":"AB!="}}]}', 'expected base64, found "AB!="'],
  ['{"attributes":[{"value":{"boolValue":"true"}}]}', 'expected false, found "true"'],
  ['{"attributes":{}}', 'expected [, found {'],
  ['{"attributes":[null]}', 'expected {, found null'],
  ['{"x":[1,2}', 'expected , or ], found }'],
  ['{"x":tru}', 'expected true, found tru'],
  ['{"x":undefined}', 'expected a value, found undefined'],
])('refuses %s', (span, reason) => {
  expect(problem(wrap(span))).toBe(reason);
});

test('refuses text after the document, and says when a document is cut off', () => {
  expect(problem('{}x')).toBe('expected the end of the document, found x');
  expect(problem('{} \n')).toBe('fine');
  const whole = wrap('{"name":"ab\\u00e9","x":[true,{"y":-1.5e3}],"kind":3,"endTimeUnixNano":"15"}');
  for (let end = 0; end < whole.length; end++) {
    expect(problem(whole.slice(0, end))).toBe('the text ends inside a document');
  }
  // Also when more text follows in the buffer that would go on well.
  const buffer = Buffer.from(whole + ' '.repeat(100)) as Bytes;
  for (let end = 0; end < whole.length; end++) {
    const to = new Writer();
    expect(() => transcoder.message(buffer, 0, end, TracesData, to)).toThrow(JsonError);
    expect(to.pos).toBe(0);
  }
});

test('limits the depth of values and of what is skipped', () => {
  const nested = (rounds: number) => '{"arrayValue":{"values":['.repeat(rounds) + '{}' + ']}}'.repeat(rounds);
  const span = (value: string) => wrap(`{"attributes":[{"key":"k","value":${value}}]}`);
  expect(problem(span(nested(63)))).toBe('fine');
  expect(problem(span(nested(64)))).toBe(
    'values are nested deeper than 64 (max_depth; raise it for data that you trust)',
  );
  expect(problem(span(nested(100_000)))).toBe(
    'values are nested deeper than 64 (max_depth; raise it for data that you trust)',
  );
  expect(problem(wrap(`{"x":${'['.repeat(64)}${']'.repeat(64)}}`))).toBe('fine');
  expect(problem(wrap(`{"x":${'['.repeat(65)}${']'.repeat(65)}}`))).toBe(
    'values are nested deeper than 64 (max_depth; raise it for data that you trust)',
  );
  const strict = new Transcoder({ maxDepth: 2 });
  const text = Buffer.from(span(nested(2))) as Bytes;
  expect(() => strict.message(text, 0, text.length, TracesData, new Writer())).toThrow('deeper than 2');
});

test('two transcoders do not disturb each other, nor one its earlier output', () => {
  const to = new Writer(1);
  const first = Buffer.from(wrap('{"name":"first"}')) as Bytes;
  const second = Buffer.from(wrap('{"name":"second"}')) as Bytes;
  new Transcoder().message(first, 0, first.length, TracesData, to);
  transcoder.message(second, 0, second.length, TracesData, to);
  expect(decoded(to.bytes(), TracesData).resourceSpans).toHaveLength(2);
});

test('many duplicates cost linear time', () => {
  const members = Array.from({ length: 200_000 }, (_, i) => `"name":"${i}","attributes":[{}]`).join();
  expect(spanOf(`{${members}}`).name).toBe('199999');
});
