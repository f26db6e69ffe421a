import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { zipkin } from '../../src/encodings/zipkin.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { holdsLaws } from './laws.ts';
import { spansOf } from './spans.ts';

const recordings = new URL('../../../shared/samples/recordings/zipkin/', import.meta.url);

test('the laws hold for spans of Zipkin', () => {
  const names = ['brave-trace-64bit.json', 'brave-request-2.json', 'trace-13.json', 'js-request-2.json'];
  const seeds = names.map((name) => readFileSync(new URL(name, recordings)));
  const words = ['"shared":true,', '1e400', '"\\ud800"', 'null', '[[', '{"traceId":'];
  holdsLaws(zipkin, { seeds, words, drains: true });
});

const ids = { traceId: 'abc', id: '1' };
const padded = { traceId: `${'0'.repeat(29)}abc`, spanId: `${'0'.repeat(15)}1` };

describe('a span', () => {
  const cases: [what: string, span: object, becomes: object][] = [
    ['ids are padded', { parentId: '2' }, { ...padded, parentSpanId: `${'0'.repeat(15)}2` }],
    ['a root may be its own parent', { parentId: '0000000000000001' }, { parentSpanId: undefined }],
    ['no kind is internal', {}, { kind: 1 }],
    ['null is no kind', { kind: null }, { kind: 1 }],
    ['kinds', { kind: 'PRODUCER' }, { kind: 4 }],
    [
      'no duration ends at the start',
      { timestamp: 5 },
      { startTimeUnixNano: '5000', endTimeUnixNano: '5000' },
    ],
    [
      'no time of its own begins with the first annotation',
      {
        annotations: [
          { timestamp: 7, value: 'b' },
          { timestamp: 6, value: 'a' },
        ],
      },
      { startTimeUnixNano: '6000' },
    ],
    ['clocks may go back', { timestamp: 9, duration: -3 }, { endTimeUnixNano: '6000' }],
    ['error is a status', { tags: { error: '' } }, { status: { code: 2 }, attributes: undefined }],
    ['error may say why', { tags: { error: 'gone' } }, { status: { code: 2, message: 'gone' } }],
    [
      'error may say that there is none',
      { tags: { error: 'false' } },
      { status: undefined, attributes: { error: { stringValue: 'false' } } },
    ],
    [
      'the status of OpenTelemetry counts more',
      { tags: { error: 'x', 'otel.status_code': 'OK' } },
      { status: { code: 1 }, attributes: { error: { stringValue: 'x' } } },
    ],
    [
      'a scope',
      { tags: { 'otel.library.name': 'l', 'otel.library.version': '1', 'otel.scope.name': 's' } },
      { scope: { name: 's', version: '1' }, attributes: undefined },
    ],
    ['a trace state', { tags: { 'w3c.tracestate': 'a=1' } }, { traceState: 'a=1', attributes: undefined }],
    ['debug means sampled', { debug: true }, { flags: 1 }],
    [
      'a service',
      { localEndpoint: { serviceName: 's' } },
      { resource: { 'service.name': { stringValue: 's' } } },
    ],
    [
      'addresses',
      { localEndpoint: { ipv4: '10.0.0.1' }, remoteEndpoint: { serviceName: 'db', ipv6: '::1', port: 3306 } },
      {
        attributes: {
          'network.local.address': { stringValue: '10.0.0.1' },
          'network.peer.address': { stringValue: '::1' },
          'network.peer.port': { intValue: '3306' },
          'peer.service': { stringValue: 'db' },
        },
      },
    ],
    [
      'an event as the SDK for Python writes it',
      { annotations: [{ timestamp: 1, value: '{"sent": {"bytes": 5, "ratio": 1.0}}' }] },
      {
        events: [
          {
            timeUnixNano: '1000',
            name: 'sent',
            attributes: { bytes: { intValue: '5' }, ratio: { doubleValue: 1 } },
          },
        ],
      },
    ],
    [
      'an event as the Collector writes it',
      { annotations: [{ timestamp: 1, value: 'sent|{"a":"b"}|2' }] },
      {
        events: [
          {
            timeUnixNano: '1000',
            name: 'sent',
            attributes: { a: { stringValue: 'b' } },
            droppedAttributesCount: 2,
          },
        ],
      },
    ],
    [
      'an annotation with braces',
      { annotations: [{ timestamp: 1, value: '{"a": 1}' }] },
      { events: [{ timeUnixNano: '1000', name: '{"a": 1}' }] },
    ],
  ];

  test.each(cases)('%s', (_, span, becomes) => {
    const read = spansOf(zipkin, JSON.stringify([{ ...ids, ...span }]));
    expect(read.unreadable).toEqual([]);
    const [found] = read.spans;
    for (const [member, value] of Object.entries(becomes)) expect(found?.[member], member).toEqual(value);
  });

  test('times are read to the last digit', () => {
    const text = '[{"traceId":"1","id":"1","timestamp":1773480413761285.348,"duration":0.5}]';
    expect(spansOf(zipkin, text).spans).toMatchObject([
      { startTimeUnixNano: '1773480413761285348', endTimeUnixNano: '1773480413761285848' },
    ]);
  });
});

test('version 1 is named, and not half read', () => {
  const old = { ...ids, annotations: [{ timestamp: 1, value: 'cs', endpoint: {} }], binaryAnnotations: [] };
  expect(spansOf(zipkin, JSON.stringify([old]))).toMatchObject({
    spans: [],
    unreadable: [{ reason: expect.stringContaining('version 1') as string }],
  });
});

describe('an id that is shared', () => {
  const client = {
    traceId: 'a',
    id: '2',
    parentId: '1',
    kind: 'CLIENT',
    localEndpoint: { serviceName: 'web' },
  };
  const server = {
    traceId: 'a',
    id: '2',
    parentId: '1',
    kind: 'SERVER',
    localEndpoint: { serviceName: 'db' },
  };
  const below = (service: string, id: string) => ({
    traceId: 'a',
    id,
    parentId: '2',
    localEndpoint: { serviceName: service },
  });
  const tree = (spans: readonly object[]) =>
    spansOf(zipkin, JSON.stringify(spans)).spans.map(({ spanId, parentSpanId }) => [
      String(spanId).replace(/^0+/, ''),
      String(parentSpanId).replace(/^0+/, ''),
    ]);

  test.each([
    ['marked', { ...server, shared: true }],
    ['not marked', server],
  ])('is told apart, %s', (_, half) => {
    const spans = [below('db', '4'), below('web', '5'), half, client];
    const [inServer, atServer, inClient, atClient] = tree(spans);
    const own = atServer?.[0];
    expect(own).toMatch(/^[\da-f]{12,16}$/);
    expect(atServer).toEqual([own, '2']);
    expect(inServer).toEqual(['4', own]);
    expect(inClient).toEqual(['5', '2']);
    expect(atClient).toEqual(['2', '1']);
  });

  test('is the same in each file in which it stands, with or without the client', () => {
    const half = { ...server, shared: true };
    expect(tree([half])).toEqual(tree([client, half]).filter(([, parent]) => parent === '2'));
  });

  test('of servers of several services', () => {
    const others = [client, { ...server, shared: true }, { ...server, shared: true, localEndpoint: {} }];
    expect(new Set(tree(others).map(([id]) => id)).size).toBe(3);
  });
});

describe('a file', () => {
  const span = JSON.stringify({ ...ids, name: 'a' });
  const cases: [what: string, text: string, spans: number, documents: number][] = [
    ['an array', `[${span},${span}]`, 2, 1],
    ['arrays in an array', `[[${span}],[${span},${span}],[]]`, 3, 1],
    ['an array a line', `[${span}]\n[${span}]\n`, 2, 2],
    ['a span a line', `${span}\n${span}`, 2, 2],
    ['nothing', '[]', 0, 0],
    ['indented', JSON.stringify([JSON.parse(span)], null, 2), 1, 1],
  ];
  test.each(cases)('%s', (_, text, spans, documents) => {
    const read = spansOf(zipkin, text);
    expect(read).toMatchObject({ unreadable: [] });
    expect([read.spans.length, read.documents]).toEqual([spans, documents]);
  });

  test('what cannot be read is named with its line, and the rest is read', () => {
    const bad = [
      '{"traceId":"xyz","id":"1"}',
      '{"traceId":"1","id":"1","timestamp":"soon"}',
      '{"traceId":"1","id":"2","kind":"X"}',
    ];
    const text = `[\n ${[span, ...bad, '7', span].join(',\n ')}\n]\nsome text\n[${span}`;
    const { spans, unreadable } = spansOf(zipkin, text);
    expect(spans.length).toBe(3);
    expect(unreadable).toEqual([
      { line: 3, reason: 'traceId must be at most 32 hex digits, found "xyz"' },
      { line: 4, reason: 'timestamp must be a number of microseconds, found "soon"' },
      { line: 5, reason: 'kind must be CLIENT, SERVER, PRODUCER or CONSUMER, found "X"' },
      { line: 6, reason: 'a span must be an object, found 7' },
      { line: 9, reason: 'a line that is not JSON' },
      { line: 10, reason: expect.stringContaining('the file ends inside a document') as string },
    ]);
  });

  test('of another kind is named as such', () => {
    expect(spansOf(zipkin, '{"a":1}\n{"b":2}\n').unreadable).toMatchObject([
      { line: 1, reason: expect.stringContaining('found nothing (2 times') as string },
    ]);
  });

  test('a span beyond a limit is left out by name', () => {
    const many = JSON.stringify({
      ...ids,
      tags: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, 'v'])),
    });
    const text = `[${many},${span},{"traceId":"1","id":"1","name":"${'x'.repeat(2000)}"},${span}]`;
    const { spans, unreadable } = spansOf(zipkin, text, { maxAttributes: 8, maxDocumentBytes: 1000 });
    expect(spans.length).toBe(2);
    expect(unreadable.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('max_attributes'),
      expect.stringContaining('max_document_size'),
    ]);
  });
});

test('is told by its members, and not by those of others', () => {
  const told = (text: string) => zipkin.detect(bytesOf(Buffer.from(text)), { atEnd: true })?.confidence ?? 0;
  expect(told('[{"traceId":"1","id":"2","timestamp":1}]')).toBeGreaterThan(0.8);
  expect(told('[{"traceId":"1","id":"2"}]')).toBe(0);
  expect(told('{"id":"1","name":"package"}')).toBe(0);
});
