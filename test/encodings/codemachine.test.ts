import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codemachine, sessionFileOf } from '../../src/encodings/codemachine.ts';
import { defaultDecoderOptions, type Decoded } from '../../src/encodings/encoding.ts';
import type { LogRecord } from '../../src/model/logs.ts';
import type { Span } from '../../src/model/traces.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { bytesOf } from '../../src/wire/bytes.ts';

const samples = join(import.meta.dirname, '../../../shared/samples/codemachine/traces');
const files = globSync('**/*.json', { cwd: samples });

interface DecodeOptions {
  chunk?: number;
  batchBytes?: number;
  maxDocumentBytes?: number;
}

function decode(input: string | Uint8Array, options: DecodeOptions = {}) {
  const decoder = codemachine.decoder?.({ ...defaultDecoderOptions, ...options });
  if (decoder === undefined) throw new Error('no decoder');
  const bytes = Buffer.from(input);
  const step = options.chunk ?? Math.max(bytes.length, 1);
  const decoded: Decoded[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    // One buffer for all chunks, overwritten as soon as the decoder is done with it.
    const chunk = bytesOf(Buffer.from(bytes.subarray(at, at + step)));
    for (const each of decoder.push(chunk)) decoded.push(each);
    chunk.fill(0xff);
  }
  for (const each of decoder.end()) decoded.push(each);
  const batches = decoded.filter((each) => each.kind === 'batch');
  return {
    batches,
    spans: batches.flatMap(({ batch }) => (batch.signal === 'traces' ? batch.spans() : [])),
    logs: batches.flatMap(({ batch }) => (batch.signal === 'logs' ? batch.logRecords() : [])),
    unreadable: decoded.filter((each) => each.kind === 'unreadable'),
    notices: Object.fromEntries(decoder.notices),
  };
}

/** What must be read, by another way: a reader of JSON that keeps numbers as text, and decimal arithmetic on digits. */
function oracle(text: string): unknown {
  let at = 0;
  const blank = () => {
    while (' \n\t\r'.includes(text[at] ?? 'x')) at++;
  };
  const value = (): unknown => {
    blank();
    const c = text[at];
    if (c === '{' || c === '[') return collection(c);
    if (c === '"') {
      const start = at++;
      while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      return JSON.parse(text.slice(start, ++at)) as string;
    }
    const start = at;
    while (!' \n,]}'.includes(text[at] ?? ' ')) at++;
    const word = text.slice(start, at);
    return { true: true, false: false, null: null }[word] ?? (word === 'null' ? null : { number: word });
  };
  const collection = (c: '{' | '[') => {
    at++;
    const items: [unknown, unknown][] = [];
    for (;;) {
      blank();
      if (text[at] === ',') at++;
      blank();
      if (text[at] === '}' || text[at] === ']') break;
      const first = value();
      blank();
      if (c === '{') at++;
      items.push(c === '{' ? [first, value()] : [items.length, first]);
    }
    at++;
    return c === '{' ? Object.fromEntries(items) : items.map(([, item]) => item);
  };
  return value();
}

function milliseconds({ number }: { number: string }): bigint {
  const [whole = '', fraction = ''] = number.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('number' in value && Object.keys(value).length === 1) {
    const number = String(value.number);
    return /^-?\d+$/.test(number) ? `int ${number}` : `double ${Number(number)}`;
  }
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function shown(value: ExactValue): unknown {
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${value}`;
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, shown(item)]));
  return value;
}

const attributesOf = ({ attributes }: Pick<Span, 'attributes'>) =>
  Object.fromEntries(attributes.exactEntries().map(([key, value]) => [key, shown(value)]));

const shownSpan = (span: Span) => ({
  ids: [span.traceId, span.spanId, span.parentSpanId],
  name: span.name,
  kind: span.kind,
  times: [span.startTimeUnixNano, span.endTimeUnixNano],
  status: [span.status.code, span.status.message],
  attributes: attributesOf(span),
  events: span.events.map((event) => [event.timeUnixNano, event.name, attributesOf(event)]),
  resource: attributesOf(span.resource),
});

const shownLog = (log: LogRecord) => ({
  ids: [log.traceId, log.spanId],
  time: log.timeUnixNano,
  severity: [log.severityNumber, log.severityText],
  body: shown(log.bodyExact),
  attributes: attributesOf(log),
  resource: attributesOf(log.resource),
});

/* eslint-disable typescript/no-explicit-any -- the oracle reads what it finds */
function expectedSpans(document: any) {
  return document.spans.map((span: any) => ({
    ids: [span.traceId, span.spanId, span.parentSpanId ?? ''],
    name: span.name,
    kind: 1,
    times: [milliseconds(span.startTime), milliseconds(span.endTime)],
    status: [Number(span.status.code.number), span.status.message ?? ''],
    attributes: plain(span.attributes),
    events: span.events.map((event: any) => [milliseconds(event.time), event.name, plain(event.attributes)]),
    resource: { 'service.name': document.service },
  }));
}

function expectedLogs(document: any) {
  return document.logs.map((log: any) => {
    const { 'trace.id': traceId = '', 'span.id': spanId = '', ...attributes } = log.attributes;
    const [seconds, nanos] = log.timestamp;
    return {
      ids: [traceId, spanId],
      time: BigInt(seconds.number) * 10n ** 9n + BigInt(nanos.number),
      severity: [Number(log.severityNumber.number), log.severityText],
      body: log.body,
      attributes: plain(attributes),
      resource: plain(log.resource),
    };
  });
}
/* eslint-enable typescript/no-explicit-any */

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(samples, file), 'utf8');
  const document = oracle(text) as { spans?: unknown[] };

  it('is read to the last nanosecond, attribute and id', () => {
    const { spans, logs, unreadable, notices } = decode(text);
    if (document.spans === undefined) expect(logs.map(shownLog)).toEqual(expectedLogs(document));
    else expect(spans.map(shownSpan)).toEqual(expectedSpans(document));
    expect({ unreadable, notices }).toEqual({ unreadable: [], notices: {} });
  });

  it('is recognised', () => {
    const signals = [document.spans === undefined ? 'logs' : 'traces'];
    for (const length of [2048, text.length]) {
      const head = bytesOf(Buffer.from(text).subarray(0, length));
      expect(codemachine.detect(head, { atEnd: false })).toMatchObject({ confidence: 0.97, signals });
    }
  });

  it('is the same whatever the chunks', () => {
    const whole = decode(text, { batchBytes: 3000 });
    const bytesOfAll = (result: typeof whole) =>
      result.batches.map(({ batch }) => batch.encode().toString('hex'));
    for (const chunk of [1, 7, 64, 1000, 4096]) {
      expect(bytesOfAll(decode(text, { batchBytes: 3000, chunk }))).toEqual(bytesOfAll(whole));
    }
    expect(whole.batches.length).toBeGreaterThan(2);
  });
});

it('knows the session that a latest file repeats', () => {
  const head = bytesOf(readFileSync(join(samples, 'latest.json')).subarray(0, 4096));
  expect(sessionFileOf(head)).toBe('traces/2026-11-22/10-22-04.json');
  expect(sessionFileOf(bytesOf(Buffer.from('{"spans":[]}')))).toBeUndefined();
});

const spanText = (id: number, more = '') =>
  `{"name":"s${id}","traceId":"${'a'.repeat(31)}1","spanId":"${String(id).padStart(16, '0')}","startTime":1,"endTime":2,"status":{"code":0},"attributes":{${more}},"events":[]}`;
const logText = (body: string, more = '') =>
  `{"timestamp":[1,2],"severityNumber":9,"severityText":"INFO","body":${body},"attributes":{},"resource":{}${more}}`;
const traces = (...spans: string[]) => `{"service":"x","exportedAt":"t","spans":[${spans.join(',')}]}`;
const logs = (...records: string[]) => `{"service":"x","exportedAt":"t","logs":[${records.join(',')}]}`;

function firstSpan(attributes: string): Span {
  const [span] = decode(traces(spanText(1, attributes))).spans;
  if (span === undefined) throw new Error('no span');
  return span;
}

describe('values', () => {
  it.each([
    ['72799', 72799n],
    ['12.5', 12.5],
    ['1.0', 1],
    ['1e3', 1000],
    ['-0', -0],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 9223372036854775808],
    ['9007199254740993', 9007199254740993n],
    ['true', true],
    ['null', null],
    ['"é\\u00e9\\n"', 'éé\n'],
    ['[1,[2.5,"x"],null]', [1n, [2.5, 'x'], null]],
    [
      '{"b":1,"a":{}}',
      new Map<string, ExactValue>([
        ['b', 1n],
        ['a', new Map()],
      ]),
    ],
  ] as [string, ExactValue][])('%s', (json, value) => {
    expect(firstSpan(`"k":${json}`).attributes.getExact('k')).toStrictEqual(value);
  });

  it('reads any number of milliseconds exactly', () => {
    const whole = fc.bigInt({ min: 0n, max: 9_000_000_000_000n });
    const fraction = fc.bigInt({ min: 0n, max: 999_999n });
    fc.assert(
      fc.property(whole, fraction, fc.integer({ min: 0, max: 6 }), (ms, nanos, digits) => {
        const decimals = nanos.toString().padStart(6, '0').slice(0, digits);
        const text = digits === 0 ? `${ms}` : `${ms}.${decimals}`;
        const [span] = decode(traces(spanText(1).replace('"startTime":1', `"startTime":${text}`))).spans;
        expect(span?.startTimeUnixNano).toBe(ms * 1_000_000n + BigInt(decimals.padEnd(6, '0')));
      }),
    );
  });

  it('takes a span without an end to last as long as its duration says', () => {
    const text = traces(spanText(1).replace('"endTime":2', '"duration":0.25'));
    expect(decode(text).spans[0]?.endTimeUnixNano).toBe(1_250_000n);
  });

  it('keeps an attribute that is no id', () => {
    const text = logs(
      `{"timestamp":[1,2],"body":null,"attributes":{"trace.id":"none","span.id":"00000000000000AB"}}`,
    );
    const [record] = decode(text).logs;
    expect(record?.attributes.entries()).toEqual([['trace.id', 'none']]);
    expect([record?.traceId, record?.spanId]).toEqual(['', '00000000000000ab']);
  });

  it('groups records by resource, whatever the order of its members', () => {
    const record = (body: number, resource: string) =>
      logText(`${body}`).replace('"resource":{}', `"resource":${resource}`);
    const a = '{"service.name":"a","v":1}';
    const { batches } = decode(
      logs(record(1, a), record(2, '{"service.name":"b"}'), record(3, '{"v":1,"service.name":"a"}')),
    );
    const groups = batches.flatMap(({ batch }) => (batch.signal === 'logs' ? batch.resourceLogs() : []));
    const bodies = groups.map((group) =>
      group.scopeLogs().flatMap((scope) => scope.logRecords().map(({ body }) => body)),
    );
    expect(bodies).toEqual([[1, 3], [2]]);
  });
});

describe('what is damaged', () => {
  const ids = (result: ReturnType<typeof decode>) => result.spans.map(({ name }) => name);
  const pretty = (text: string) => JSON.stringify(JSON.parse(text), null, 2);
  const three = traces(spanText(1), spanText(2, '"k":"v"'), spanText(3));

  const cases: [what: string, text: string, read: string[], reasons: RegExp[]][] = [
    [
      'a bad id',
      three.replace('0000000000000002', 'xyz'),
      ['s1', 's3'],
      [/spanId must be 16 hex digits, found "xyz"/],
    ],
    [
      'no trace id',
      traces(spanText(1).replace('traceId', 'trace')),
      [],
      [/traceId must be 32 hex digits, found nothing/],
    ],
    [
      'a bad time',
      traces(spanText(1).replace(':1,"end', ':"now","end'), spanText(2)),
      ['s2'],
      [/startTime must be milliseconds since 1970, found "now"/],
    ],
    [
      'a bad status',
      traces(spanText(1).replace('"code":0', '"code":7')),
      [],
      [/status.code must be 0, 1 or 2, found 7/],
    ],
    ['no object', traces('17', spanText(2)), ['s2'], [/a span must be an object, found 17/]],
    ['a broken literal', three.replace('"k":"v"', '"k":tru'), ['s1', 's3'], [/JSON/]],
    ['an open string, pretty-printed', pretty(three).replace('"k": "v"', '"k": "v'), ['s1', 's3'], [/JSON/]],
    ['an open string, compact', three.replace('"k":"v"', '"k":"v'), ['s1', 's3'], [/./]],
    ['a missing brace', three.replace('"k":"v"}', '"k":"v"'), ['s1', 's3'], [/./]],
    ['one brace too many', three.replace('"k":"v"}', '"k":"v"}}'), ['s1', 's2', 's3'], [/./]],
    ['a half-written end', three.slice(0, -40), ['s1', 's2'], [/not written to its end/]],
    ['a missing end', three.slice(0, -2), ['s1', 's2', 's3'], [/ends before the end of its document/]],
    [
      'deep nesting',
      traces(spanText(1, `"k":${'['.repeat(80)}${']'.repeat(80)}`), spanText(2)),
      ['s2'],
      [/nested deeper than 64/],
    ],
    ['junk', 'hello', [], [/expected \{ here/]],
  ];

  it.each(cases)('%s', (_, text, read, reasons) => {
    const result = decode(text);
    expect(ids(result)).toEqual(read);
    expect(result.unreadable.map(({ reason }) => reason)).toEqual(
      reasons.map((reason) => expect.stringMatching(reason) as string),
    );
    for (const chunk of [1, 5, 33]) {
      const again = decode(text, { chunk });
      expect([ids(again), again.unreadable]).toEqual([read, result.unreadable]);
    }
  });

  it('says the line and the place', () => {
    const text = pretty(three).replace('0000000000000002', 'xyz');
    const { unreadable } = decode(text);
    const offset = Buffer.from(text).indexOf('{\n      "name": "s2"');
    expect(unreadable).toMatchObject([{ line: 17, offset }]);
    const region = text.slice(offset, offset + (unreadable[0]?.bytes ?? 0));
    expect(JSON.parse(region)).toMatchObject({ name: 's2' });
  });

  it('lets go of an element beyond the limit and reads on', () => {
    const text = traces(spanText(1), spanText(2, `"k":"${'x'.repeat(5000)}"`), spanText(3));
    for (const chunk of [64, 1000]) {
      const result = decode(text, { chunk, maxDocumentBytes: 2000 });
      expect(ids(result)).toEqual(['s1', 's3']);
      expect(result.unreadable).toMatchObject([
        { line: 1, reason: expect.stringContaining('max_document_size') as string },
      ]);
      expect(result.unreadable[0]?.bytes).toBe(spanText(2).length + 5006);
    }
  });

  it('notices what is not carried over and counts that are not right', () => {
    const text = `{"service":"x","exportedAt":"t","spanCount":3,"user":1,"spans":[${spanText(1).replace('"events"', '"kind":2,"events"')}]}`;
    expect(decode(text).notices).toEqual({
      'member user of the document is not carried over': 1,
      'member kind of spans is not carried over': 1,
      'spanCount says 3, and 1 spans are there': 1,
    });
  });

  it.each([113, 1 << 20])(
    'has its place where a brace too many takes the spans along: chunks of %d',
    (chunk) => {
      const broken = `{"spanCount":{2,"spans":[${spanText(1)}},${spanText(2)}]}`;
      const offset = broken.indexOf('{2');
      const alone = decode(broken, { chunk });
      expect(alone.spans).toEqual([]);
      expect(alone.unreadable).toMatchObject([
        { offset, bytes: broken.length - 1 - offset, reason: 'a value that is no JSON' },
      ]);
      const before = traces(spanText(0));
      const behind = decode(before + broken, { chunk });
      expect(behind.spans.map(({ name }) => name)).toEqual(['s0', 's1', 's2']);
      expect(behind.unreadable[0]).toMatchObject({ offset: before.length + offset });
    },
  );

  it('never fails and never loses a byte, whatever is in the file', () => {
    const text = readFileSync(join(samples, '2026-11-22/10-22-01.json'));
    const change = fc.record({
      at: fc.nat(text.length - 1),
      byte: fc.constantFrom(...Buffer.from('{}[]",:\\\nx0')),
    });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(113, 1 << 20),
        (changes, chunk) => {
          const bytes = Buffer.from(text);
          for (const { at, byte } of changes) bytes[at] = byte;
          const { spans, unreadable, notices } = decode(bytes, { chunk });
          const isHarmless = spans.length === 28 || Object.keys(notices).length > 0;
          expect(isHarmless || unreadable.length > 0).toBe(true);
          let end = 0;
          for (const region of unreadable) {
            expect(region.offset).toBeGreaterThanOrEqual(end);
            end = region.offset + region.bytes;
            expect(end).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('several documents in one file, and a byte order mark', () => {
  const text = `\uFEFF${traces(spanText(1))}\n${logs(logText('"a"'))}${traces(spanText(2))}`;
  const { batches, unreadable } = decode(text);
  expect(batches.map(({ batch, documents }) => [batch.signal, batch.itemCount, documents])).toEqual([
    ['traces', 1, 1],
    ['logs', 1, 1],
    ['traces', 1, 1],
  ]);
  expect(batches.map(({ endOffset }) => endOffset).at(-1)).toBe(Buffer.byteLength(text));
  expect(unreadable).toEqual([]);
  expect(batches[0]?.batch.resources()).toHaveLength(1);
});
