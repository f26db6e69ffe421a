import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jaegerV3 } from '../../src/encodings/jaeger-v3.ts';
import { holdsLaws } from './laws.ts';
import { spansOf } from './spans.ts';

const recordings = new URL('../../../shared/samples/recordings/jaeger/', import.meta.url);

test('the laws hold for answers of version 3 of Jaeger', () => {
  const names = ['v3-trace-1.json', 'v3-trace-12.json', 'v3-trace-13.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  const words = ['"@jaeger@warnings"', '1e400', 'null', '{"result":{', '{"resource":'];
  holdsLaws(jaegerV3, { seeds, words, drains: true });
});

const warning = { key: '@jaeger@warnings', value: { arrayValue: { values: [{ stringValue: 'w' }] } } };
const own = { key: 'a', value: { intValue: '5' } };
const answerOf = (name: string, attributes: object[] = []) => ({
  result: {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [{ scope: { name: 's' }, spans: [{ spanId: 'eee19b7ec3c1b174', name, attributes }] }],
      },
    ],
  },
});

test('one answer, and several one after the other as they are streamed', () => {
  for (const indent of [0, 1]) {
    const text = ['a', 'b'].map((name) => JSON.stringify(answerOf(name), null, indent)).join('\n');
    const { spans, unreadable, documents } = spansOf(jaegerV3, text);
    expect({ unreadable, documents }).toEqual({ unreadable: [], documents: 2 });
    expect(spans.map(({ name }) => name)).toEqual(['a', 'b']);
  }
});

test('what Jaeger adds to a span is left out, and said', () => {
  const text = [answerOf('a', [own, warning]), answerOf('b', [own])]
    .map((each) => JSON.stringify(each))
    .join('\n');
  const { spans, notices } = spansOf(jaegerV3, text);
  expect(spans.map(({ attributes }) => attributes)).toEqual([
    { a: { intValue: '5' } },
    { a: { intValue: '5' } },
  ]);
  expect(spans).toMatchObject([
    { resource: { 'service.name': { stringValue: 'shop' } }, scope: { name: 's' } },
    { scope: { name: 's' } },
  ]);
  expect(notices).toEqual({ 'warnings of Jaeger about spans, not carried over': 1 });
});

test('an error of Jaeger is no recording', () => {
  const text = '{"error":{"grpcCode":5,"httpCode":404,"message":"trace not found"}}';
  expect(spansOf(jaegerV3, text).unreadable).toMatchObject([
    { line: 1, reason: expect.stringContaining('no result with resourceSpans') as string },
  ]);
});
