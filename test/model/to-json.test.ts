import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMessage } from '../../src/model/check.ts';
import { LogsData, type MessageType, MetricsData, TracesData } from '../../src/model/schema.ts';
import { toJson } from '../../src/model/to-json.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import { afterVarint, type Bytes, skipValue, varintAt } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { decoded } from './decoded.ts';
import { messageOf } from './documents.ts';

const transcoder = new Transcoder();

function transcoded(json: string, type: MessageType): Bytes {
  const text = Buffer.from(json) as Bytes;
  const to = new Writer(16);
  transcoder.message(text, 0, text.length, type, to);
  return to.bytes();
}

describe.each([
  ['traces', TracesData],
  ['logs', LogsData],
  ['metrics', MetricsData],
] as const)('%s', (_, type) => {
  test('what is canonical comes back as it was, by way of protobuf', () => {
    fc.assert(
      fc.property(messageOf(type, 3), (document) => {
        const bytes = transcoded(JSON.stringify(document), type);
        checkMessage(bytes, 0, bytes.length, type);
        expect(JSON.parse(toJson(bytes, 0, bytes.length, type))).toEqual(document);
      }),
      { numRuns: 150 },
    );
  });

  test('protobuf comes back as it was, by way of JSON, also when its fields are in another order', () => {
    fc.assert(
      fc.property(messageOf(type, 2), fc.infiniteStream(fc.nat()), (document, numbers) => {
        const bytes = shuffled(transcoded(JSON.stringify(document), type), type, numbers);
        const again = transcoded(toJson(bytes, 0, bytes.length, type), type);
        expect(decoded(again, type)).toEqual(decoded(bytes, type));
      }),
      { numRuns: 100 },
    );
  });
});

/** The same message with its fields in any order; those of one number keep theirs. */
function shuffled(bytes: Bytes, type: MessageType, numbers: fc.Stream<number>): Bytes {
  const queues: Buffer[][] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = varintAt(bytes, at);
    const from = afterVarint(bytes, at);
    const next = skipValue(bytes, from, tag & 7);
    const child = type.byNumber[tag >>> 3]?.type ?? null;
    const body = child === null ? from : afterVarint(bytes, from);
    const content = bytes.subarray(body, next) as Bytes;
    (queues[tag >>> 3] ??= []).push(
      Buffer.concat([bytes.subarray(at, body), child === null ? content : shuffled(content, child, numbers)]),
    );
    at = next;
  }
  const parts: Buffer[] = [];
  for (let left = queues.flat().filter(Boolean).length; left > 0; left--) {
    const filled = queues.filter((queue) => queue !== undefined && queue.length > 0);
    const part = filled[numbers.next().value % filled.length]?.shift();
    if (part !== undefined) parts.push(part);
  }
  return Buffer.concat(parts) as Bytes;
}

const spanJson = (hexBytes: string) => {
  const span = Buffer.from(hexBytes, 'hex');
  const wrapped = [0x12, 0x12, 0x0a].reduce(
    (body, tag) => Buffer.concat([Buffer.from([tag, body.length]), body]),
    span,
  );
  const document = JSON.parse(toJson(wrapped as Bytes, 0, wrapped.length, TracesData));
  return document.resourceSpans[0].scopeSpans[0].spans[0] as unknown;
};

test('leaves out unknown fields and keeps what stands on the wire as a default', () => {
  expect(spanJson('fa01036e657730002a00')).toEqual({ kind: 0, name: '' });
});

test('reads numbers that are longer than they need be, and -1 as an enum', () => {
  expect(spanJson('30828000508180808080808080808001')).toEqual({
    kind: 2,
    droppedAttributesCount: 1,
  });
  expect(spanJson('30ffffffffffffffffff01')).toEqual({ kind: -1 });
});

test('makes text of bytes that are not UTF-8', () => {
  expect(spanJson('2a04ff226180')).toEqual({ name: '\ufffd"a\ufffd' });
});

test('reads repeated numbers packed, unpacked and both', () => {
  const one = '0100000000000000';
  const bytes = Buffer.from(`31${one}3210${one}${one}31${one}3200`, 'hex');
  const point = [0x0a, 0x4a, 0x12, 0x12, 0x0a].reduce(
    (body, tag) => Buffer.concat([Buffer.from([tag, body.length]), body]),
    bytes,
  );
  expect(toJson(point as Bytes, 0, point.length, MetricsData)).toContain('"bucketCounts":["1","1","1","1"]');
});

test('the empty message', () => {
  expect(toJson(Buffer.alloc(0) as Bytes, 0, 0, TracesData)).toBe('{}');
});
