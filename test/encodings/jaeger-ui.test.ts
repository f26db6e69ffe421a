import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { jaegerUi } from '../../src/encodings/jaeger-ui.ts';
import { holdsLaws } from './laws.ts';
import { spansOf } from './spans.ts';

const recordings = new URL('../../../shared/samples/recordings/jaeger/', import.meta.url);

test('the laws hold for traces of Jaeger', () => {
  const names = ['trace-1.json', 'trace-12.json', 'trace-13.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  const words = ['"process":{"serviceName":"x"},', '1e400', '"\\ud800"', 'null', '{"data":[', '{"traceID":'];
  holdsLaws(jaegerUi, { seeds, words, drains: true });
});

const ids = { traceID: 'abc', spanID: '1', operationName: 'a', startTime: 5 };
const traceId = `${'0'.repeat(29)}abc`;
const idOf = (digits: string) => digits.padStart(16, '0');
const tag = (key: string, type: string, value: unknown) => ({ key, type, value });
const traceOf = (...spans: object[]) => ({
  traceID: 'abc',
  spans: spans.map((span) => ({ ...ids, processID: 'p1', ...span })),
  processes: { p1: { serviceName: 'shop', tags: [tag('host', 'string', 'h')] } },
});

describe('a span', () => {
  const child = { refType: 'CHILD_OF', traceID: 'abc', spanID: '2' };
  const cases: [what: string, span: object, becomes: object][] = [
    ['ids are padded', {}, { traceId, spanId: idOf('1'), parentSpanId: undefined, kind: undefined }],
    ['times', { duration: 3 }, { startTimeUnixNano: '5000', endTimeUnixNano: '8000' }],
    ['clocks may go back', { duration: -2 }, { endTimeUnixNano: '3000' }],
    ['flags', { flags: 3 }, { flags: 1 }],
    ['a parent', { references: [child] }, { parentSpanId: idOf('2'), links: undefined }],
    [
      'a parent with a padded trace id',
      { references: [{ ...child, traceID: traceId }] },
      { parentSpanId: idOf('2') },
    ],
    ['a parent as very old versions write it', { parentSpanID: '3' }, { parentSpanId: idOf('3') }],
    [
      'what follows is linked, in the same trace too',
      { references: [{ ...child, refType: 'FOLLOWS_FROM' }] },
      { parentSpanId: undefined, links: [{ traceId, spanId: idOf('2') }] },
    ],
    [
      'a second parent, and one of another trace, are linked',
      { references: [{ ...child, traceID: 'd' }, child, { ...child, spanID: '4' }] },
      {
        parentSpanId: idOf('2'),
        links: [
          expect.objectContaining({ traceId: 'd'.padStart(32, '0'), spanId: idOf('2') }),
          expect.objectContaining({ traceId, spanId: idOf('4') }),
        ],
      },
    ],
    ['a kind', { tags: [tag('span.kind', 'string', 'consumer')] }, { kind: 5, attributes: undefined }],
    [
      'a kind that there is not stays',
      { tags: [tag('span.kind', 'string', 'x')] },
      { kind: undefined, attributes: { 'span.kind': { stringValue: 'x' } } },
    ],
    ['an error', { tags: [tag('error', 'bool', true)] }, { status: { code: 2 }, attributes: undefined }],
    [
      'an error with its status and words',
      {
        tags: [
          tag('error', 'bool', true),
          tag('otel.status_code', 'string', 'ERROR'),
          tag('otel.status_description', 'string', 'gone'),
        ],
      },
      { status: { code: 2, message: 'gone' }, attributes: undefined },
    ],
    [
      'an error in words stays',
      { tags: [tag('error', 'string', 'gone')] },
      { status: undefined, attributes: { error: { stringValue: 'gone' } } },
    ],
    ['it is well', { tags: [tag('otel.status_code', 'string', 'OK')] }, { status: { code: 1 } }],
    [
      'a scope',
      { tags: [tag('otel.scope.name', 'string', 's'), tag('otel.scope.version', 'string', '2')] },
      { scope: { name: 's', version: '2' }, attributes: undefined },
    ],
    [
      'a scope of older SDKs',
      { tags: [tag('otel.library.name', 'string', 's')] },
      { scope: { name: 's' }, attributes: undefined },
    ],
    ['a trace state', { tags: [tag('w3c.tracestate', 'string', 'a=1')] }, { traceState: 'a=1' }],
    [
      'values',
      {
        tags: [
          tag('int', 'int64', 5),
          tag('long', 'int64', '9223372036854775807'),
          tag('whole', 'float64', 5),
          tag('part', 'float64', 0.5),
          tag('nan', 'float64', 'NaN'),
          tag('yes', 'bool', true),
          tag('bytes', 'binary', 'AP8='),
          tag('text', 'string', '5'),
          { key: 'untyped', value: 5 },
        ],
      },
      {
        attributes: {
          int: { intValue: '5' },
          long: { intValue: '9223372036854775807' },
          whole: { doubleValue: 5 },
          part: { doubleValue: 0.5 },
          nan: { doubleValue: 'NaN' },
          yes: { boolValue: true },
          bytes: { bytesValue: 'AP8=' },
          text: { stringValue: '5' },
          untyped: { intValue: '5' },
        },
      },
    ],
    [
      'logs',
      {
        logs: [
          { timestamp: 6, fields: [tag('event', 'string', 'e'), tag('n', 'int64', 1)] },
          { timestamp: 7, fields: [tag('message', 'string', 'm')] },
          { timestamp: 8, fields: [tag('n', 'int64', 1)] },
        ],
      },
      {
        events: [
          { timeUnixNano: '6000', name: 'e', attributes: { n: { intValue: '1' } } },
          { timeUnixNano: '7000', name: 'm' },
          { timeUnixNano: '8000', attributes: { n: { intValue: '1' } } },
        ],
      },
    ],
    ['a process', {}, { resource: { 'service.name': { stringValue: 'shop' }, host: { stringValue: 'h' } } }],
    [
      'a process within the span',
      { process: { serviceName: 'own', tags: [] } },
      { resource: { 'service.name': { stringValue: 'own' } } },
    ],
    ['a process that is not there', { processID: 'p9' }, { resource: undefined }],
  ];

  test.each(cases)('%s', (_, span, becomes) => {
    const read = spansOf(jaegerUi, JSON.stringify({ data: [traceOf(span)] }));
    expect(read.unreadable).toEqual([]);
    for (const [member, value] of Object.entries(becomes))
      expect(read.spans[0]?.[member], member).toEqual(value);
  });
});

describe('a file', () => {
  const trace = traceOf({}, { spanID: '2' });
  const { processes, ...spansOnly } = trace;
  const cases: [what: string, document: unknown, spans: number][] = [
    ['an answer', { data: [trace, trace], total: 0, limit: 0, offset: 0, errors: null }, 4],
    ['one trace', trace, 2],
    ['one trace under data', { data: trace }, 2],
    ['an array of traces', [trace, trace], 4],
    ['an array of answers', [{ data: [trace] }, { data: [trace] }], 4],
    ['processes before the spans', { data: [{ processes, ...spansOnly }] }, 2],
    ['no traces', { data: [], total: 0 }, 0],
    ['null instead of traces', { data: null, errors: [{ code: 404 }] }, 0],
  ];

  test.each(cases)('%s', (_, document, spans) => {
    for (const indent of [0, 2]) {
      const read = spansOf(jaegerUi, JSON.stringify(document, null, indent));
      expect(read.unreadable).toEqual([]);
      expect(read.spans.map(({ resource }) => resource)).toEqual(
        Array.from(
          { length: spans },
          () => expect.objectContaining({ host: { stringValue: 'h' } }) as unknown,
        ),
      );
    }
  });

  test('equal processes of several traces are one resource, others are not', () => {
    const other = { ...trace, processes: { p1: { serviceName: 'shop', tags: [tag('host', 'int64', 1)] } } };
    const decoded = spansOf(jaegerUi, JSON.stringify({ data: [trace, other, trace] }));
    expect(decoded.spans.map(({ resource }) => (resource as { host: object }).host)).toEqual([
      ...Array.from({ length: 4 }, () => ({ stringValue: 'h' })),
      ...Array.from({ length: 2 }, () => ({ intValue: '1' })),
    ]);
  });

  test('what cannot be read is named, and the rest is read', () => {
    const bad = [{ spanID: 'no' }, { startTime: null }, { tags: [tag('a', 'int64', 'x')] }, { logs: 5 }];
    const text = JSON.stringify({ data: [traceOf({}, ...bad, {})] }, null, 1);
    const { spans, unreadable } = spansOf(jaegerUi, text);
    expect(spans.length).toBe(2);
    expect(unreadable.map(({ reason }) => reason)).toEqual([
      'spanID must be at most 16 hex digits, found "no"',
      'startTime must be a number of microseconds, found nothing',
      'value must be an integer, found "x"',
      'logs must be an array, found 5',
    ]);
  });

  test('cut off within the processes, it still gives the spans', () => {
    const whole = JSON.stringify({ data: [traceOf({}, {})] });
    const { spans, unreadable, notices } = spansOf(jaegerUi, whole.slice(0, whole.indexOf('"host"')));
    expect(spans.map(({ resource }) => resource)).toEqual([undefined, undefined]);
    expect(unreadable).toMatchObject([
      { reason: expect.stringContaining('ends inside a document') as string },
    ]);
    expect(notices).toMatchObject({ 'spans without their process, which have no resource': 2 });
  });

  test('batches are cut within a trace', () => {
    const many = traceOf(...Array.from({ length: 50 }, (_, i) => ({ spanID: String(i + 1) })));
    const read = spansOf(jaegerUi, JSON.stringify(many), { batchBytes: 300 });
    expect(read.spans.length).toBe(50);
    expect(new Set(read.spans.map(({ resource }) => JSON.stringify(resource))).size).toBe(1);
  });
});
