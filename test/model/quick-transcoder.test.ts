/** The quick way from OTLP JSON to protobuf gives what the Transcoder gives, or nothing. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { quickCodeSource } from '../../scripts/build-wasm.ts';
import { JsonError } from '../../src/model/json-error.ts';
import { QuickTranscoder } from '../../src/model/quick-transcoder.ts';
import { type Field, LogsData, type MessageType, MetricsData, TracesData } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { logsBytes, metricsBytes, tracesBytes } from '../support/arbitrary-otlp.ts';

const limits = { maxDepth: 8, maxAttributes: 12 };
const transcoder = new Transcoder(limits);

function listOf(type: MessageType): Field {
  const [field] = type.fields;
  if (field === undefined) throw new Error(`${type.name} has no list`);
  return field;
}

/** Its first field is the resource, which has attributes. */
const ResourceSpansType = listOf(TracesData).type ?? TracesData;

/** What the list of a document becomes, in the quick way; undefined where it gives up. */
function quick(json: Buffer, type: MessageType): Buffer | undefined {
  const field = listOf(type);
  const open = `{"${field.name}":[`;
  const to = new Writer(16).reset();
  to.varint(7);
  const text = { json: json as Bytes, start: open.length, stop: json.length, field, isAlone: false };
  const end = new QuickTranscoder(limits).read(text, to);
  if (end < 0) {
    expect(to.pos, 'nothing is appended').toBe(1);
    return undefined;
  }
  // The rest of the document is not its business.
  return /^[ \t\r\n]*\}[ \t\r\n]*$/.test(json.toString('latin1', end))
    ? Buffer.from(to.bytes().subarray(1))
    : undefined;
}

function slow(json: Buffer, type: MessageType): Buffer | string {
  const to = new Writer(16);
  try {
    transcoder.message(json as Bytes, 0, json.length, type, to);
    return Buffer.from(to.bytes());
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.reason;
  }
}

/** Whether it was read in the quick way, to the same bytes. */
function isSame(json: Buffer, type: MessageType): boolean {
  const fast = quick(json, type);
  if (fast === undefined) return false;
  const expected = slow(json, type);
  if (typeof expected === 'string' || !expected.equals(fast)) {
    expect({ json: json.toString(), bytes: fast.toString('hex') }).toEqual({
      json: json.toString(),
      bytes: typeof expected === 'string' ? expected : expected.toString('hex'),
    });
  }
  return true;
}

const types = [
  [TracesData, tracesBytes],
  [LogsData, logsBytes],
  [MetricsData, metricsBytes],
] as const;

/** Documents with a list that is not empty, which begins as all of the ones here do. */
const documents = fc.oneof(
  ...types.map(([type, bytes]) =>
    bytes
      .map((message) => ({ type, json: toJson(message as Bytes, 0, message.length, type) }))
      .filter(({ json }) => json.startsWith(`{"${listOf(type).name}":[{`)),
  ),
);

test('gives the same bytes for random documents, nearly always', () => {
  let count = 0;
  let read = 0;
  const check = fc.property(documents, fc.boolean(), ({ type, json }, isWide) => {
    const wide = json.replaceAll(/":|",|[[\]{}]/g, (found) => `${found}${isWide ? ' \n\t' : ''}`);
    const start = `{"${listOf(type).name}":[`;
    const text = isWide ? start + wide.slice(wide.indexOf('[') + 1) : json;
    count++;
    if (isSame(Buffer.from(text), type)) read++;
  });
  fc.assert(check, { numRuns: 1500 });
  expect(read / count).toBeGreaterThan(0.9);
});

const values = String.raw`
  null true false NaN "NaN" Infinity -Infinity "" {} [] [null] 5.0 1e3 00 -0 "007" 4294967296
  "9223372036854775807" 9223372036854775808 "-9223372036854775808" 18446744073709551615 18446744073709551616
  0.1234567890123456789 5e-324 1.7976931348623157e+308 1e 1. .5 -
  "\n\/" "\u00e9" "\ud83d\ude00" "\ud83d" "\udc00x" "\u12" "\x" "öü" "AP/+AQ==" "AP-_AQ" "AP+/A" "AP/+AQ="
  "zq7wrm8Vb4QPSbPkDm8UEA==" "000102030405060A" "12" "SPAN_KIND_SERVER" "STATUS_CODE_OK" "2" "x"
  {"arrayValue":{"values":[null,{}]}} {"intValue":"5"}`
  .trim()
  .split(/\s+/);
const members = String.raw`
  "x":1, | "x":{"a":["\"",{"b":null}]}, | "x":[1,], | "schemaUrl":"u", | "na\u006de":"n", | "name" : "n",
  "name":null, | "attributes":[], | "kind":"SPAN_KIND_SERVER", | "severityNumber":"WARN", | "trace_id":"",
  "bytesValue":"AP/+AQ==", | "spanId":"AAAAAAAAAKo=", | "key":"k", | "stringValue":"s", | , | }`
  .trim()
  .split(/ \| |\n/);
const odd = Array.from('"\\{}[],: \n01-.e\u0000\u0001\u00ff\u0080\u00e2');

/** What takes the place of a value, of nothing before a member, or of any bytes. */
const changes = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  change: fc.oneof(
    fc.record({
      at: fc.constant(/"[^"\\]*"(?!:)|-?\d[\d.e+-]*|true|false/g),
      put: fc.constantFrom(...values),
    }),
    fc.record({ at: fc.constant(/(?<=\{)(?=")/g), put: fc.constantFrom(...members) }),
    fc.record({ at: fc.constant(/[^]{0,2}/g), put: fc.constantFrom(...odd, '') }),
  ),
});

type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

function changed(json: Buffer, list: readonly Change[], from: number): Buffer {
  let text = json.toString('latin1');
  for (const { place, change } of list) {
    const found = [...text.slice(from).matchAll(change.at)];
    const match = found[Math.floor(place * found.length)];
    if (match === undefined) continue;
    const at = from + match.index;
    const put = Buffer.from(change.put, change.put.length === 1 ? 'latin1' : 'utf8').toString('latin1');
    text = text.slice(0, at) + put + text.slice(at + match[0].length);
  }
  return Buffer.from(text, 'latin1');
}

test('gives the same bytes or nothing for documents that were tampered with', () => {
  let read = 0;
  const lists = fc.array(changes, { minLength: 1, maxLength: 2 });
  const check = fc.property(documents, lists, ({ type, json }, list) => {
    const from = listOf(type).name.length + 5;
    if (isSame(changed(Buffer.from(json), list, from), type)) read++;
  });
  fc.assert(check, { numRuns: 3000 });
  expect(read).toBeGreaterThan(300);
});

describe('a span with', () => {
  const document = (span: string) => Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`);

  test.each([
    ['an unknown member', '{"x":{"a":[1,"\\u0000",{"b":null}]},"name":"n"}'],
    ['names of enums', '{"kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"}}'],
    ['names in snake_case', '{"trace_id":"000102030405060708090a0b0c0d0e0F","start_time_unix_nano":7}'],
    ['an id in base64', '{"spanId":"AAAAAAAAAKo="}'],
    ['escapes', '{"name":"\\u00e9\\ud83d\\ude00\\ud83d\\n\\/"}'],
    [
      'null for members and values',
      '{"name":null,"attributes":[{"key":"k","value":{"arrayValue":{"values":[null]}}}]}',
    ],
    [
      'numbers of every kind',
      '{"attributes":[{"key":"k","value":{"doubleValue":-1.5e-3}},{"key":"l","value":{"intValue":-7}}]}',
    ],
    [
      'NaN and Infinity',
      '{"attributes":[{"key":"k","value":{"doubleValue":"NaN"}},{"key":"l","value":{"doubleValue":-Infinity}}]}',
    ],
    [
      'a text as long as a length of one byte can say, and longer ones',
      `{"name":"${'x'.repeat(127)}","traceState":"${'y'.repeat(128)}","status":{"message":"${'z'.repeat(20_000)}"}}`,
    ],
    ['bytes', '{"attributes":[{"key":"k","value":{"bytesValue":"AP/+AQ=="}}]}'],
  ])('%s is read in the quick way', (_, span) => {
    expect(isSame(document(span), TracesData)).toBe(true);
  });

  test.each([
    ['a member that comes twice', '{"name":"a","name":"b"}'],
    ['an integer with a fraction', '{"kind":2.0}'],
    ['text that is not UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex').toString('latin1')],
    [
      'values nested too deeply',
      `{"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(9)}${']}}'.repeat(9)}}]}`,
    ],
    ['too many attributes', `{"attributes":[${Array.from({ length: 13 }, () => '{"key":"k"}').join(',')}]}`],
    ['a colon apart from its name', '{"name" : "n"}'],
  ])('%s is left to the Transcoder', (_, span) => {
    const text = document('#')
      .toString()
      .replace('#', () => span);
    expect(quick(Buffer.from(text, 'latin1'), TracesData)).toBeUndefined();
  });
});

test('a text is taken over in pieces when only its utmost end is known, and read whole when it is longer', () => {
  const span = `{"name":"${'n'.repeat(1000)}"}`;
  const list = `{"resourceSpans":[{"scopeSpans":[{"spans":[${Array.from({ length: 300 }, () => span).join(',')}]}]}]}`;
  const json = Buffer.from(list + list) as Bytes;
  const field = listOf(TracesData);
  const to = new Writer(16);
  const reader = new QuickTranscoder(limits);
  const end = reader.read({ json, start: 18, stop: json.length, field, isAlone: false }, to);
  expect(end).toBe(list.length - 1);
  expect(Buffer.from(to.bytes()).equals(slow(Buffer.from(list), TracesData) as Buffer)).toBe(true);
});

test('values may be nested as deeply as the limit can be set', () => {
  const deep = { maxDepth: 1000, maxAttributes: 10 };
  const nested = (depth: number) => '{"arrayValue":{"values":['.repeat(depth) + ']}}'.repeat(depth);
  const read = (depth: number): Buffer | undefined => {
    const json = Buffer.from(`{"attributes":[{"key":"k","value":${nested(depth)}}]}`) as Bytes;
    const field = listOf(ResourceSpansType);
    const to = new Writer(16);
    const end = new QuickTranscoder(deep).read(
      { json, start: 0, stop: json.length, field, isAlone: true },
      to,
    );
    return end < 0 ? undefined : Buffer.from(to.bytes());
  };
  expect(read(1000)?.length).toBeGreaterThan(1000);
  expect(read(1001)).toBeUndefined();
  expect(read(100_000)).toBeUndefined();
});

test('it rests after what it cannot read, and reads again what it can', () => {
  const field = listOf(TracesData);
  const reader = new QuickTranscoder(limits);
  const read = (text: string): boolean => {
    const json = Buffer.from(text) as Bytes;
    return reader.read({ json, start: 0, stop: json.length, field, isAlone: true }, new Writer(16)) >= 0;
  };
  const good = '{"schemaUrl":"u"}';
  expect(read(good)).toBe(true);
  expect(read('{"schemaUrl":5}')).toBe(false);
  expect([read(good), read(good), read(good)]).toEqual([false, true, true]);
});

describe('everything is left to the Transcoder', () => {
  const json = Buffer.from(`{"schemaUrl":"${'u'.repeat(3 << 20)}"}`) as Bytes;
  const text = { json, start: 0, stop: json.length, field: listOf(TracesData), isAlone: true };

  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  test('on a processor without SIMD', async () => {
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function none() {
      throw new WebAssembly.CompileError('Wasm SIMD unsupported');
    });
    vi.resetModules();
    const anew = await import('../../src/model/quick-transcoder.ts');
    const reader = new anew.QuickTranscoder(limits);
    expect([reader.attempt(text, new Writer(16)), reader.read(text, new Writer(16))]).toEqual([-1, -1]);
  });

  test('when there is no more memory', async () => {
    vi.resetModules();
    const anew = await import('../../src/model/quick-transcoder.ts');
    const reader = new anew.QuickTranscoder(limits);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const small = { ...text, json: Buffer.from('{"schemaUrl":"u"}') as Bytes, stop: 17 };
    expect(reader.attempt(small, new Writer(16))).toBe(17);
    grow.mockImplementation(() => {
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
    });
    expect(reader.attempt(text, new Writer(16))).toBe(-1);
    grow.mockRestore();
    expect(reader.attempt(text, new Writer(16))).toBe(json.length);
  });
});

test('the code in use is what its source becomes', () => {
  const file = join(import.meta.dirname, '../../src/model/quick-code.ts');
  expect(quickCodeSource()).toBe(readFileSync(file, 'utf8'));
});
