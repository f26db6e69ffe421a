/** Each limit on what a stranger may have written: named by its key, at its place, and the rest is read. */
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { codemachine } from '../../src/encodings/codemachine.ts';
import { decompress } from '../../src/encodings/decompress.ts';
import type { DecoderOptions, Encoding } from '../../src/encodings/encoding.ts';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import { otlpProto } from '../../src/encodings/otlp-proto.ts';
import { TracesData } from '../../src/model/schema.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { bytesOf, type Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { decodedInPieces, decoderOf } from './decoding.ts';

const list = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: { intValue: String(at) } }));
const traces = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };

function protobuf(document: object): Buffer {
  const json = bytesOf(Buffer.from(JSON.stringify(document)));
  const to = new Writer();
  new Transcoder().message(json, 0, json.length, TracesData, to);
  return Buffer.from(to.bytes());
}

function framed(...messages: readonly Buffer[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      return [length, message];
    }),
  );
}

/** Reasons of what was unreadable, and how many batches there were. */
function read(encoding: Encoding, bytes: Buffer, options: Partial<DecoderOptions> = {}) {
  const seen = decodedInPieces(decoderOf(encoding, options), [bytes]);
  return {
    reasons: seen.flatMap((each) => ('reason' in each ? [each.reason] : [])),
    batches: seen.filter((each) => 'json' in each).length,
  };
}

describe('max_attributes', () => {
  const tooMany = 'more than 5 attributes on one item (max_attributes; raise it for data that you trust)';
  const few = traces({ ...ids, startTimeUnixNano: '1700000000000000000', attributes: list(5) });
  const many = traces({ ...ids, startTimeUnixNano: '1700000000000000000', attributes: list(6) });

  test('of JSON, in one list and in several', () => {
    const twice = JSON.stringify(few).replace(
      '"attributes":',
      `"attributes":${JSON.stringify(list(1))},"attributes":`,
    );
    const lines = [JSON.stringify(few), JSON.stringify(many), twice].join('\n');
    expect(read(otlpJson, Buffer.from(lines), { maxAttributes: 5 })).toEqual({
      reasons: [tooMany, tooMany],
      batches: 1,
    });
  });

  test('of protobuf', () => {
    const bytes = framed(protobuf(few), protobuf(many));
    expect(read(otlpProto, bytes, { maxAttributes: 5 })).toEqual({ reasons: [tooMany], batches: 1 });
  });

  test('of CodeMachine, of spans and of their events', () => {
    const object = (count: number) => Object.fromEntries(list(count).map(({ key }) => [key, 1]));
    const span = { name: 'a', ...ids, startTime: 1 };
    const spans = [
      { ...span, attributes: object(5) },
      { ...span, attributes: object(6) },
      { ...span, events: [{ time: 1, attributes: object(6) }] },
    ];
    const bytes = Buffer.from(JSON.stringify({ exportedAt: 1, spans }));
    expect(read(codemachine, bytes, { maxAttributes: 5 })).toEqual({
      reasons: [tooMany, tooMany],
      batches: 1,
    });
  });

  test('does not count the members of a value that is a map, and is 10 000 unless given', () => {
    const value = { kvlistValue: { values: list(20_000) } };
    const map = traces({ attributes: [{ key: 'a', value }, ...list(9_999)] });
    expect(read(otlpJson, Buffer.from(JSON.stringify(map)))).toEqual({ reasons: [], batches: 1 });
    const [reason] = read(
      otlpJson,
      Buffer.from(JSON.stringify(traces({ attributes: list(10_001) }))),
    ).reasons;
    expect(reason).toContain('more than 10000 attributes');
  });
});

test('max_document_size holds of what is compressed within a frame too', () => {
  const large = zstdCompressSync(protobuf(traces({ ...ids, name: 'x'.repeat(5000) })));
  const bytes = framed(large, protobuf(traces({ ...ids, startTimeUnixNano: '1700000000000000000' })));
  expect(read(otlpProto, bytes, { maxDocumentBytes: 1000 })).toEqual({
    reasons: [
      'a message that decompresses to more than 1000 bytes (max_document_size; raise it for data that you trust)',
    ],
    batches: 1,
  });
});

describe('max_zstd_window', () => {
  const params = {
    [constants.ZSTD_c_windowLog]: 24,
    [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    [constants.ZSTD_c_contentSizeFlag]: 0,
  };
  const far = zstdCompressSync(Buffer.alloc(40 << 20, 'some text'), { params });

  async function size(limits: { maxZstdWindow?: number }): Promise<number> {
    async function* source(): AsyncGenerator<Bytes> {
      yield bytesOf(Buffer.from(far));
    }
    let all = 0;
    for await (const bytes of decompress(source(), limits)) all += bytes.length;
    return all;
  }

  test('names itself, and lets pass what it allows', async () => {
    await expect(size({ maxZstdWindow: 8 << 20 })).rejects.toMatchObject({
      name: 'DecompressError',
      message:
        'the zstd data needs a window of more than 8388608 bytes (max_zstd_window; raise it for data that you trust)',
      offset: 0,
    });
    await expect(size({ maxZstdWindow: 16 << 20 })).resolves.toBe(40 << 20);
    await expect(size({})).resolves.toBe(40 << 20);
  });
});
