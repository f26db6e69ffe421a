/** A run that goes on where another one was: what resume, checkpoints and follow mode stand on. */
import { existsSync, readFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codemachine } from '../../src/encodings/codemachine.ts';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import { otlpProto } from '../../src/encodings/otlp-proto.ts';
import { encodings } from '../../src/encodings/list.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { signals, type Signal } from '../../src/model/signal.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { decoded, expectRestarts } from './restarts.ts';

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2000 })), {
  minLength: 1,
  maxLength: 4,
});
const name = fc.constantFrom('a', 'b', 'c', 'GET /', 'ü', 'x'.repeat(150));
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const time = fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_900_000_000_000_000_000n }).map(String);

const resources: Record<Signal, fc.Arbitrary<object>> = {
  traces: fc
    .record({ traceId: hex(16), spanId: hex(8), name, startTimeUnixNano: time, endTimeUnixNano: time })
    .map((span) => ({ scopeSpans: [{ spans: [span] }] })),
  logs: fc
    .record({ timeUnixNano: time, body: name.map((stringValue) => ({ stringValue })), traceId: hex(16) })
    .map((record) => ({ scopeLogs: [{ logRecords: [record] }] })),
  metrics: fc.record({ name, asInt: time, timeUnixNano: time }).map(({ name, ...point }) => ({
    scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints: [point] } }] }],
  })),
};
const roots: Record<Signal, string> = {
  traces: 'resourceSpans',
  logs: 'resourceLogs',
  metrics: 'resourceMetrics',
};
const documentOf = (signal: Signal, most = 5) =>
  fc.array(resources[signal], { maxLength: most }).map((list) => ({ [roots[signal]]: list }));
const document = fc
  .array(fc.oneof(...signals.map((signal) => documentOf(signal))), { minLength: 1, maxLength: 3 })
  .map((parts) => Object.assign({}, ...parts) as object);
const batchBytes = fc.constantFrom(1, 150, 600, 1 << 20);

describe('OTLP JSON', () => {
  const written = fc
    .tuple(document, fc.constantFrom(undefined, 1, '\t'))
    .map(([each, indent]) => JSON.stringify(each, null, indent));
  const array = fc.array(written, { maxLength: 4 }).map((several) => `[${several.join(',\n')}]`);
  const options = fc.record({ batchBytes, maxDocumentBytes: fc.constantFrom(200, 1000, 1 << 20) });

  test('lines, indented documents, arrays, documents that are cut at their elements', () => {
    const file = fc
      .array(fc.tuple(fc.oneof(written, array), fc.constantFrom('\n', '\r\n', '', ' ')), { maxLength: 8 })
      .map((parts) => Buffer.from(parts.flat().join('')));
    fc.assert(
      fc.property(file, options, sizes, (bytes, chosen, pieces) => {
        expectRestarts(otlpJson, chosen, bytes, pieces);
      }),
      { numRuns: 150 },
    );
  });

  test('with anything between and within the documents', () => {
    const rubbish = fc.oneof(
      fc.constantFrom(
        'text',
        '\n',
        '}',
        ']',
        ',',
        '[',
        '{',
        '"',
        '{"a":',
        '[[',
        '\uFEFF',
        '  at x',
        '{"a":1}',
      ),
      written.chain((whole) => fc.nat(whole.length).map((end) => whole.slice(0, end))),
    );
    const part = fc.oneof({ weight: 3, arbitrary: written }, array, rubbish);
    const file = fc
      .array(fc.tuple(part, fc.constantFrom('\n', '\n', '\n', '', ',')), { maxLength: 10 })
      .map((parts) => Buffer.from(parts.flat().join('')));
    fc.assert(
      fc.property(file, options, sizes, (bytes, chosen, pieces) => {
        expectRestarts(otlpJson, chosen, bytes, pieces);
      }),
      { numRuns: 300 },
    );
  });

  test('a large document whose last element cannot be read, and runs to the end of the file', () => {
    const metric = { name: 'a', gauge: { dataPoints: [{ asInt: '16', timeUnixNano: '16' }] } };
    const element = JSON.stringify({ scopeMetrics: [{ metrics: [metric] }] });
    const bytes = Buffer.from(
      `{"resourceMetrics":[${element},{"{"resourceSpans":[${element.repeat(3)}]}]}\n`,
    );
    expectRestarts(otlpJson, { batchBytes: 150, maxDocumentBytes: 150 }, bytes, [1]);
  });

  test('byte order marks where files were put together', () => {
    const line = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'a' }] }] }] });
    const bytes = Buffer.from(`\uFEFF${line}\n\uFEFF${line}\n\uFEFF${line}\n`);
    expectRestarts(otlpJson, { batchBytes: 1 }, bytes, [3]);
    const all = decoded(otlpJson, {}, bytes, { sizes: [2] });
    expect(all.map(({ seen }) => seen)).toMatchObject([{ signal: 'logs', documents: 3 }]);
  });
});

describe('OTLP protobuf', () => {
  const transcoder = new Transcoder();
  const protobuf = (signal: Signal, message: object): Buffer => {
    const text = Buffer.from(JSON.stringify(message)) as Bytes;
    const to = new Writer();
    transcoder.message(text, 0, text.length, dataTypeOf(signal), to);
    return Buffer.from(to.bytes());
  };
  const messageOf = (signal: Signal) => documentOf(signal).map((each) => protobuf(signal, each));
  const withLength = (message: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return Buffer.concat([length, message]);
  };
  const withVarint = (message: Buffer): Buffer => {
    const length = new Writer();
    length.varint(message.length);
    return Buffer.concat([length.bytes(), message]);
  };
  const options = fc.record({ batchBytes, maxDocumentBytes: fc.constantFrom(300, 1 << 20) });
  const check = (file: fc.Arbitrary<Buffer>) =>
    fc.assert(
      fc.property(file, options, sizes, (bytes, chosen, pieces) => {
        expectRestarts(otlpProto, chosen, bytes, pieces);
      }),
      { numRuns: 150 },
    );
  const damaged = (file: fc.Arbitrary<Buffer>) =>
    fc.tuple(file, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });

  test.each(signals)('one message of %s', (signal) => {
    check(documentOf(signal, 12).map((each) => protobuf(signal, each)));
    check(damaged(documentOf(signal, 12).map((each) => protobuf(signal, each))));
  });

  test('messages with their lengths, of several signals, of which some do not say which', () => {
    const bare = fc.constant(protobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }));
    const message = fc.oneof(...signals.map(messageOf), bare);
    for (const frame of [withLength, withVarint]) {
      const file = fc.array(message, { maxLength: 8 }).map((all) => Buffer.concat(all.map(frame)));
      check(file);
      check(damaged(file));
    }
  });

  test('frames with JSON, and frames compressed by themselves', () => {
    const content = fc.oneof(
      document.map((each) => Buffer.from(JSON.stringify(each))),
      messageOf('logs'),
    );
    const message = content.chain((each) => fc.constantFrom(each, zstdCompressSync(each)));
    const file = fc.array(message, { maxLength: 6 }).map((all) => Buffer.concat(all.map(withLength)));
    check(file);
    check(damaged(file));
  });
});

describe('CodeMachine', () => {
  const span = fc
    .record({ name, traceId: hex(16), spanId: hex(8) })
    .map((each) => ({ ...each, startTime: 1_700_000_000_000.5, endTime: 1_700_000_000_001 }));
  const log = fc.record({ body: name }).map((each) => ({ timestamp: [1_700_000_000, 5], ...each }));
  const rubbish = fc.constantFrom(1, 'x', {}, { name: 1 });
  const spans = fc
    .array(fc.oneof({ weight: 5, arbitrary: span }, rubbish), { maxLength: 6 })
    .map((each) => ({ service: 's', exportedAt: 1, spanCount: each.length, spans: each }));
  const logs = fc
    .array(fc.oneof({ weight: 5, arbitrary: log }, rubbish), { maxLength: 6 })
    .map((each) => ({ exportedAt: 1, logs: each }));
  const written = fc
    .tuple(fc.oneof(spans, logs), fc.constantFrom(undefined, 2))
    .map(([each, indent]) => JSON.stringify(each, null, indent));

  test('documents one after the other, whole and damaged', () => {
    const damage = fc.constantFrom('', '', '', '\n', 'text\n', '{', '}', '"', '\uFEFF');
    const options = fc.record({ batchBytes, maxDocumentBytes: fc.constantFrom(60, 1 << 20) });
    const cutOff = written.chain((whole) => fc.nat(whole.length).map((end) => whole.slice(0, end)));
    const part = fc.oneof({ weight: 4, arbitrary: written }, cutOff);
    const file = fc
      .array(fc.tuple(part, damage), { maxLength: 6 })
      .map((parts) => Buffer.from(parts.flat().join('\n')));
    fc.assert(
      fc.property(file, options, sizes, (bytes, chosen, pieces) => {
        expectRestarts(codemachine, chosen, bytes, pieces);
      }),
      { numRuns: 300 },
    );
  });
});

test('all encodings that can be read are here, or have a test of their own that holds them to the laws', () => {
  const here = new Set(['otlp_json', 'otlp_proto', 'codemachine']);
  for (const { name, readable } of encodings) {
    if (!readable || here.has(name)) continue;
    const file = new URL(`${name.replaceAll('_', '-')}.test.ts`, import.meta.url);
    expect(existsSync(file) && readFileSync(file, 'utf8').includes('holdsLaws('), name).toBe(true);
  }
});
