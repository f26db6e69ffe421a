import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tempo } from '../../src/encodings/tempo.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { holdsLaws } from './laws.ts';
import { spansOf } from './spans.ts';

const recordings = new URL('../../../shared/samples/recordings/tempo/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, recordings));

describe('the laws hold for answers of Tempo', () => {
  test('in JSON', () => {
    const seeds = ['trace-12.json', 'v2-trace-12.json', 'v2-trace-13.json'].map(read);
    const words = ['"status":"PARTIAL",', '1e400', 'null', '{"trace":{', '{"resource":'];
    holdsLaws(tempo, { seeds, words, drains: true });
  });

  test('in protobuf', () => {
    const seeds = [read('v2-trace-2.pb')];
    holdsLaws(tempo, { seeds, words: ['\u0018\u0001', '\u0012\u0002', '\n\u0000', '\n\u0001'] });
  });
});

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';
const span = { traceId: base64(traceId), spanId: base64(spanId), name: 'a', kind: 'SPAN_KIND_SERVER' };
const list = (each: object) => [{ scopeSpans: [{ spans: [each] }] }];
const expected = { traceId, spanId, name: 'a', kind: 2 };

describe('an answer', () => {
  const cases: [what: string, document: object][] = [
    ['of version 1', { batches: list(span) }],
    ['of version 1 with a status', { batches: list({ ...span, status: { code: 'STATUS_CODE_OK' } }) }],
    ['of version 2', { trace: { resourceSpans: list(span) }, metrics: { inspectedBytes: '5' } }],
    ['of version 2 as it began', { trace: { batches: list(span) } }],
    ['with ids in hex, and kinds in numbers', { batches: list({ traceId, spanId, name: 'a', kind: 2 }) }],
    ['of very old versions', { batches: [{ instrumentationLibrarySpans: [{ spans: [span] }] }] }],
    ['in an array', [{ trace: { resourceSpans: list(span) } }]],
  ];
  test.each(cases)('%s', (_, document) => {
    for (const indent of [0, 2]) {
      const text = JSON.stringify(document, null, indent);
      const { spans, unreadable, notices } = spansOf(tempo, text);
      expect({ unreadable, notices }).toEqual({ unreadable: [], notices: {} });
      expect(spans).toMatchObject([expected]);
      expect(tempo.detect(bytesOf(Buffer.from(text)), { atEnd: true })?.confidence).toBeGreaterThan(0.7);
    }
  });

  test('that is a part says so', () => {
    const text = JSON.stringify({
      trace: { resourceSpans: list(span) },
      status: 'PARTIAL',
      message: 'too large',
    });
    expect(spansOf(tempo, text).notices).toEqual({ 'traces of which Tempo answered a part (PARTIAL)': 1 });
    const whole = read('v2-trace-2.pb');
    const part = spansOf(tempo, Buffer.concat([whole, Buffer.from([0x18, 1, 0x22, 3, 97, 98, 99])]));
    expect(part).toMatchObject({
      unreadable: [],
      notices: { 'traces of which Tempo answered a part (PARTIAL)': 1 },
    });
    expect(part.spans.length).toBe(4);
  });

  test('without a trace is named', () => {
    expect(spansOf(tempo, '{"metrics":{}}').unreadable).toMatchObject([
      { line: 1, reason: 'no trace and no batches: not what Tempo answers' },
    ]);
  });

  test('whose parts cannot be read gives the others', () => {
    const bad = list({ ...span, traceId: 'xyz' });
    const text = JSON.stringify({ batches: [...list(span), ...bad, 5, ...list(span)] }, null, 1);
    const { spans, unreadable } = spansOf(tempo, text);
    expect(spans.length).toBe(2);
    expect(unreadable).toMatchObject([
      { reason: expect.stringContaining('hex digits for traceId') as string },
      { reason: expect.stringContaining('expected {') as string },
    ]);
  });

  test('in protobuf that is cut off, or goes on with something else, is named where it breaks', () => {
    const whole = read('v2-trace-2.pb');
    const cut = spansOf(tempo, whole.subarray(0, 800));
    expect(cut.unreadable).toMatchObject([
      { reason: expect.stringContaining('ends inside a message') as string },
    ]);
    const longer = spansOf(tempo, Buffer.concat([whole, Buffer.from('text, no protobuf')]));
    expect(longer.spans.length).toBe(4);
    expect(longer.unreadable.length).toBe(1);
  });
});
