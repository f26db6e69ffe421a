import { expect, test } from 'vitest';
import { checkMessage, MessageCheck } from '../../src/model/check.ts';
import { AnyValueType, LogsData, type MessageType, MetricsData, TracesData } from '../../src/model/schema.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { WireError } from '../../src/wire/errors.ts';

/** Protobuf by hand: numbers are bytes, texts and buffers are themselves. */
const bytes = (...parts: (number | string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string))),
  );
const field = (tag: number, ...parts: (number | string | Buffer)[]): Buffer => {
  const body = bytes(...parts);
  if (body.length > 127) return bytes(tag, (body.length & 127) | 128, body.length >> 7, body);
  return bytes(tag, body.length, body);
};
const span = (...parts: (number | string | Buffer)[]) => field(0x0a, field(0x12, field(0x12, ...parts)));
const point = (...parts: (number | string | Buffer)[]) =>
  field(0x0a, field(0x12, field(0x12, field(0x4a, field(0x0a, ...parts)))));

function problem(message: Buffer, type: MessageType = TracesData): string {
  try {
    checkMessage(message as Bytes, 0, message.length, type);
    return 'fine';
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    expect(error.offset).toBeLessThanOrEqual(message.length);
    return error.reason;
  }
}

test('takes what protobuf allows', () => {
  expect(problem(bytes())).toBe('fine');
  expect(problem(span(field(0x2a, 'name'), 0x30, 2))).toBe('fine');
  expect(problem(span(0xfa, 0x01, 3, 'new'))).toBe('fine');
  expect(problem(span(0x2a, 0x81, 0x00, 'n')), 'a length longer than it need be').toBe('fine');
  expect(problem(span(0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)), '-1').toBe('fine');
});

test('takes repeated numbers packed, unpacked and both', () => {
  const one = bytes('12345678');
  expect(problem(point(field(0x32, one, one)), MetricsData)).toBe('fine');
  expect(problem(point(0x31, one, 0x31, one), MetricsData)).toBe('fine');
  expect(problem(point(0x31, one, field(0x32, one)), MetricsData)).toBe('fine');
  expect(problem(point(field(0x32, one, 1)), MetricsData)).toBe(
    'bucketCounts is not a whole number of 8-byte values',
  );
  expect(problem(point(0x30, 1), MetricsData)).toBe('HistogramDataPoint.bucketCounts has wire type 0');
});

test.each<[Buffer, string]>([
  [bytes(0x0a, 5, 1), 'a field of TracesData runs past the end of its message'],
  [field(0x0a, 0x12, 9), 'a field of ResourceSpans runs past the end of its message'],
  [bytes(0x0a), 'a number runs past the end of its message'],
  [bytes(0x0a, 0x80), 'a number runs past the end of its message'],
  [bytes(0x80), 'a number runs past the end of its message'],
  [field(0x0a, 0x09, '1234567'), 'a field of ResourceSpans runs past the end of its message'],
  [bytes(0x0b), 'wire type 3 is not used by protobuf 3'],
  [bytes(0x0f), 'wire type 7 is not used by protobuf 3'],
  [bytes(0x08, 1), 'TracesData.resourceSpans has wire type 0'],
  [bytes(0x00, 1), 'field number 0'],
  [span(field(0x2a, 'a'), field(0x2a, 'b')), 'Span.name comes twice'],
  [span(0xaa, 0x00, 1, 'n'), 'a tag longer than it need be'],
  [bytes(0xff, 0xff, 0xff, 0xff, 0x7f, 1), 'a field number beyond 2^29'],
  [span(0x30, ...Array.from({ length: 10 }, () => 0xff), 1), 'a number of more than ten bytes'],
  [
    span(field(0x4a, field(0x12, 0x18, 1, 0x10, 1))),
    'AnyValue has more than one of stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue',
  ],
])('refuses %#: %s', (message, reason) => {
  expect(problem(message)).toBe(reason);
});

test('a log record is not a span', () => {
  const record = span(0x09, '12345678');
  expect(problem(record, LogsData)).toBe('fine');
  expect(problem(record)).toBe('Span.traceId has wire type 1');
});

test('values may be nested to the limit of depth and no deeper', () => {
  // Each round is one array in one value.
  const nested = (rounds: number) => {
    let value = bytes();
    for (let i = 0; i < rounds; i++) value = field(0x2a, field(0x0a, value));
    return span(field(0x4a, field(0x12, value)));
  };
  expect(problem(nested(63))).toBe('fine');
  expect(problem(nested(64))).toBe(
    'values are nested deeper than 64 (max_depth; raise it for data that you trust)',
  );
  const small = nested(3) as Bytes;
  expect(() => new MessageCheck(3).check(small, 0, small.length, TracesData)).toThrow('deeper than 3');
  expect(() => new MessageCheck(4).check(small, 0, small.length, TracesData)).not.toThrow();
});

test('reads nothing beyond the end that it is given', () => {
  const whole = bytes(0x0a, 1, 'a');
  for (let end = 1; end < whole.length; end++) {
    expect(() => checkMessage(whole as Bytes, 0, end, AnyValueType)).toThrow(WireError);
  }
});
