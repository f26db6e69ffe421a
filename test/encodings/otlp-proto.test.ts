import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecoderOptions } from '../../src/encodings/encoding.ts';
import { otlpProto } from '../../src/encodings/otlp-proto.ts';
import { guessSignal } from '../../src/encodings/otlp-proto-signal.ts';
import { dataTypeOf } from '../../src/model/schema.ts';
import { signals, type Signal } from '../../src/model/signal.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { cut, decodedInPieces, decoderOf, type Seen } from './decoding.ts';

const transcoder = new Transcoder();

function protobuf(signal: Signal, document: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(document)) as Bytes;
  const to = new Writer();
  transcoder.message(text, 0, text.length, dataTypeOf(signal), to);
  return Buffer.from(to.bytes());
}

const framed = (...messages: readonly Buffer[]): Buffer =>
  Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      return [length, message];
    }),
  );
const delimited = (...messages: readonly Buffer[]): Buffer =>
  Buffer.concat(
    messages.flatMap((message) => {
      const to = new Writer();
      to.varint(message.length);
      return [Buffer.from(to.bytes()), message];
    }),
  );
const decodedFrom = (input: Buffer, options: Partial<DecoderOptions> = {}): Seen[] =>
  decodedInPieces(decoderOf(otlpProto, options), [input]);

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const time = fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_900_000_000_000_000_000n }).map(String);
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.constantFrom('GET /', 'sixteen letters!', 'eight ch'),
);
const value = fc.oneof(
  text.map((stringValue) => ({ stringValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.integer().map((intValue) => ({ intValue: String(intValue) })),
  fc.array(text, { minLength: 1, maxLength: 3 }).map((texts) => ({
    kvlistValue: { values: texts.map((key) => ({ key, value: { doubleValue: 0.5 } })) },
  })),
);
const attributes = fc.array(fc.record({ key: text, value }), { minLength: 1, maxLength: 4 });

/** Records as a producer may send them at the least, with anything more. */
const records: Record<Signal, fc.Arbitrary<object>> = {
  traces: fc.record(
    {
      traceId: hex(16),
      spanId: hex(8),
      startTimeUnixNano: time,
      parentSpanId: hex(8),
      name: text,
      kind: fc.constantFrom(1, 2, 3, 4, 5),
      endTimeUnixNano: time,
      traceState: text,
      attributes,
      events: fc.array(fc.record({ timeUnixNano: time, name: text }), { minLength: 1, maxLength: 2 }),
      status: fc.record({ code: fc.constantFrom(1, 2) }),
      flags: fc.constantFrom(1, 257),
    },
    { requiredKeys: ['traceId', 'spanId', 'startTimeUnixNano'] },
  ),
  logs: fc.oneof(
    fc.record(
      {
        timeUnixNano: time,
        observedTimeUnixNano: time,
        severityNumber: fc.constantFrom(1, 9, 13, 17),
        severityText: text,
        body: value,
        attributes,
        flags: fc.constantFrom(1),
        traceId: hex(16),
        spanId: hex(8),
        eventName: text,
      },
      { requiredKeys: ['timeUnixNano'] },
    ),
    fc.record({ observedTimeUnixNano: time, body: value }),
  ),
  metrics: fc
    .tuple(
      fc.record({ name: text, description: text, unit: text }, { requiredKeys: ['name'] }),
      fc.constantFrom('gauge', 'sum'),
      fc.array(
        fc.record(
          { timeUnixNano: time, asInt: fc.constantFrom('0', '5', '-1'), attributes },
          { requiredKeys: ['timeUnixNano', 'asInt'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([metric, kind, dataPoints]) => ({ ...metric, [kind]: { dataPoints } })),
};
const names: Record<Signal, [string, string, string]> = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
};

function documentOf(signal: Signal): fc.Arbitrary<Record<string, object[]>> {
  const [resources, scopes, items] = names[signal];
  const scope = fc.record(
    { scope: fc.record({ name: text }), [items]: fc.array(records[signal], { minLength: 1, maxLength: 3 }) },
    { requiredKeys: [items] },
  );
  const resource = fc.record(
    {
      resource: fc.record({ attributes }),
      [scopes]: fc.array(scope, { minLength: 1, maxLength: 2 }),
      schemaUrl: text,
    },
    { requiredKeys: [scopes] },
  );
  return fc.array(resource, { minLength: 1, maxLength: 3 }).map((list) => ({ [resources]: list }));
}
const anyDocument = fc
  .constantFrom(...signals)
  .chain((signal) => documentOf(signal).map((document) => ({ signal, document })));

/** Batches of one signal after the other, put together. */
function together(seen: readonly Seen[]): Record<string, unknown[]> {
  const lists: Record<string, unknown[]> = {};
  for (const each of seen) {
    if ('reason' in each) throw new Error(`${each.reason} at ${each.offset}`);
    for (const [name, list] of Object.entries(each.json as Record<string, unknown[]>))
      (lists[name] ??= []).push(...list);
  }
  return lists;
}

test('the signal is told by the structure of the records', () => {
  fc.assert(
    fc.property(anyDocument, ({ signal, document }) => {
      const bytes = protobuf(signal, document) as Bytes;
      expect(guessSignal({ bytes, start: 0, end: bytes.length, isCut: false }).signal).toBe(signal);
    }),
    { numRuns: 1000 },
  );
});

describe('reads, in any chunks,', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
  const several = fc.array(anyDocument, { minLength: 1, maxLength: 5 });
  type Several = { signal: Signal; document: Record<string, object[]> }[];
  const wanted = (documents: Several) => {
    const lists: Record<string, unknown[]> = {};
    for (const { document } of documents)
      for (const [name, list] of Object.entries(document)) (lists[name] ??= []).push(...list);
    return lists;
  };
  const messages = (documents: Several) =>
    documents.map(({ signal, document }) => protobuf(signal, document));
  const json = (documents: Several) =>
    documents.map(({ document }) => Buffer.from(`${JSON.stringify(document)}\n`));

  test.each<[string, (documents: Several) => Buffer]>([
    ['messages with a length of 4 bytes', (documents) => framed(...messages(documents))],
    ['messages with a varint length', (documents) => delimited(...messages(documents))],
    [
      'messages compressed with zstd each',
      (documents) => framed(...messages(documents).map((each) => zstdCompressSync(each))),
    ],
    [
      'the same with varint lengths',
      (documents) => delimited(...messages(documents).map((each) => zstdCompressSync(each))),
    ],
    ['JSON documents with lengths', (documents) => framed(...json(documents))],
    [
      'JSON documents compressed with zstd each',
      (documents) => framed(...json(documents).map((each) => zstdCompressSync(each))),
    ],
  ])('%s', (_, write) => {
    fc.assert(
      fc.property(several, sizes, (documents, pieces) => {
        const bytes = write(documents);
        const whole = decodedFrom(bytes);
        expect(together(whole)).toEqual(wanted(documents));
        expect(decodedInPieces(decoderOf(otlpProto), cut(bytes, pieces))).toEqual(whole);
        const last = whole.at(-1);
        expect(last).toMatchObject({ endOffset: bytes.length });
        expect(whole.reduce((sum, each) => sum + ('documents' in each ? each.documents : 0), 0)).toBe(
          documents.length,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('one message', () => {
    fc.assert(
      fc.property(anyDocument, sizes, ({ signal, document }, pieces) => {
        const bytes = protobuf(signal, document);
        const whole = decodedFrom(bytes);
        expect(together(whole)).toEqual(document);
        expect(whole).toMatchObject([{ signal, documents: 1, endOffset: bytes.length }]);
        expect(decodedInPieces(decoderOf(otlpProto), cut(bytes, pieces))).toEqual(whole);
        const small = decodedInPieces(decoderOf(otlpProto, { batchBytes: 1 }), cut(bytes, pieces));
        expect(small).toHaveLength(Object.values(document)[0]?.length ?? 0);
        expect(together(small)).toEqual(document);
      }),
      { numRuns: 400 },
    );
  });
});

describe('names what it cannot read, and reads what stands around it', () => {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00f067aa0ba902b7',
    name: 'a',
    startTimeUnixNano: '1718000000000563505',
  };
  const good = protobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const summary = (seen: readonly Seen[]) =>
    seen.map((each) =>
      'reason' in each ? `${each.offset}+${each.bytes}: ${each.reason}` : `${each.signal} ${each.documents}`,
    );

  test('a bad message among good ones', () => {
    const bad = Buffer.from(good);
    bad.fill(0xff, 5, 9);
    const sizes = `${good.length + 4}+${good.length + 4}`;
    expect(summary(decodedFrom(framed(good, bad, good)))).toEqual([
      `${sizes}: a field of ScopeSpans runs past the end of its message`,
      'traces 3',
    ]);
    expect(summary(decodedFrom(framed(good, zstdCompressSync(bad), good), {}))[0]).toContain(
      'runs past the end of its message',
    );
    const broken = zstdCompressSync(good);
    broken.fill(0xff, 6, 12);
    expect(summary(decodedFrom(framed(good, broken, good)))[0]).toMatch(/: zstd: /);
  });

  test('JSON that is bad, or of another kind', () => {
    const json = Buffer.from('{"resourceSpans":[]}');
    const seen = decodedFrom(framed(json, Buffer.from('{"a":1}'), Buffer.from('{"resourceSpans":1}'), good));
    expect(summary(seen)).toEqual([
      '24+11: no resourceSpans, resourceLogs or resourceMetrics: not OTLP',
      '35+23: expected [, found 1',
      'traces 4',
    ]);
  });

  test('a file that ends inside a message', () => {
    const bytes = framed(good, good);
    const cutOff = 'the file ends inside a message (cut off while it was written?)';
    for (let end = good.length + 5; end < bytes.length; end++) {
      const seen = summary(decodedFrom(bytes.subarray(0, end)));
      expect(seen).toEqual([`${good.length + 4}+${end - good.length - 4}: ${cutOff}`, 'traces 1']);
    }
    expect(summary(decodedFrom(Buffer.concat([good, good]).subarray(0, good.length + 9)))).toEqual([
      `${good.length}+9: ${cutOff}`,
      'traces 1',
    ]);
  });

  test('a length that cannot be', () => {
    const bytes = Buffer.concat([
      framed(good),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.alloc(90, 0x61),
      framed(good),
    ]);
    expect(summary(decodedFrom(bytes))).toEqual([
      `${good.length + 4}+${bytes.length - good.length - 4}: a message of 4294967295 bytes cannot begin here`,
      'traces 1',
    ]);
  });

  test('a message that is too large', () => {
    const large = protobuf('traces', {
      resourceSpans: [{ schemaUrl: 'x'.repeat(5000), scopeSpans: [{ spans: [span] }] }],
    });
    const bytes = framed(good, large, good);
    for (const size of [bytes.length, 1, 100]) {
      const seen = decodedInPieces(decoderOf(otlpProto, { maxDocumentBytes: 1000 }), cut(bytes, [size]));
      expect(summary(seen)).toEqual([
        `${good.length + 4}+${large.length + 4}: a message of ${large.length} bytes, more than 1000 (max_document_size; raise it for data that you trust)`,
        'traces 2',
      ]);
    }
  });

  test('values that are nested too deeply', () => {
    let value: object = { boolValue: true };
    for (let i = 0; i < 5; i++) value = { arrayValue: { values: [value] } };
    const deep = protobuf('traces', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, attributes: [{ key: 'k', value }] }] }] }],
    });
    expect(summary(decodedFrom(framed(good, deep), { maxDepth: 3 }))[0]).toContain(
      'values are nested deeper than 3 (max_depth; raise it for data that you trust)',
    );
  });

  test('a signal that cannot be told, unless it is given or known from the messages before', () => {
    const bare = protobuf('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'x' }] }] }],
    });
    expect(summary(decodedFrom(framed(bare)))).toEqual([
      '0+13: nothing in the message tells spans, log records and data points apart: set `signal`',
    ]);
    expect(summary(decodedFrom(framed(bare), { signal: 'logs' }))).toEqual(['logs 1']);
    expect(summary(decodedFrom(framed(good, bare)))).toEqual(['traces 2']);
  });

  test('nothing at all', () => {
    expect(decodedFrom(Buffer.alloc(0))).toEqual([]);
    expect(decodedFrom(framed(Buffer.alloc(0), Buffer.alloc(0)))).toEqual([]);
    expect(summary(decodedFrom(Buffer.from('hello, this is text')))).toEqual([
      '0+19: no OTLP message begins here',
    ]);
  });
});

test('random bytes neither throw nor depend on their cuts', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(anyDocument, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
      .map(([{ signal, document }, edits]) => {
        const message = framed(protobuf(signal, document), protobuf(signal, document));
        for (const [at, byte] of edits) message.writeUInt8(byte, at % message.length);
        return message;
      }),
  );
  fc.assert(
    fc.property(bytes, sizes, (input, pieces) => {
      const whole = decodedFrom(Buffer.from(input), { maxDocumentBytes: 1 << 20 });
      expect(
        decodedInPieces(decoderOf(otlpProto, { maxDocumentBytes: 1 << 20 }), cut(input, pieces)),
      ).toEqual(whole);
    }),
    { numRuns: 600 },
  );
});
