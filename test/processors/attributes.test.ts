import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { attributes } from '../../src/processors/attributes.ts';
import { resource } from '../../src/processors/resource.ts';
import { attribute, batchFrom, configure, pass, processorOf } from '../support/processors.ts';

const sha = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const before = [
  { key: 'text', value: { stringValue: '12' } },
  { key: 'int', value: { intValue: '9007199254740993' } },
  { key: 'double', value: { doubleValue: 1 } },
  { key: 'yes', value: { boolValue: true } },
  { key: 'bytes', value: { bytesValue: 'AQI=' } },
  { key: 'list', value: { arrayValue: { values: [{ intValue: '1' }] } } },
  { key: 'empty', value: {} },
  { key: 'twice', value: { stringValue: 'a' } },
  { key: 'twice', value: { stringValue: 'b' } },
];

const spansWith = (...spans: object[]) =>
  batchFrom('traces', {
    resourceSpans: [{ scopeSpans: [{ spans: spans.map((one) => ({ attributes: before, ...one })) }] }],
  });

function exactOf(batch: AnyBatch | undefined): Map<string, ExactValue> {
  const [span] = batch?.signal === 'traces' ? batch.spans() : [];
  return new Map(span?.attributes.exactEntries().toReversed());
}

/** The attributes that are other than before; undefined for one that is gone. Of duplicates the first counts. */
async function changed(action: string): Promise<Record<string, ExactValue | undefined>> {
  const [batch] = await pass(await processorOf(attributes, `actions: [${action}]`), spansWith({}));
  const [old, now] = [exactOf(spansWith({})), exactOf(batch)];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const different = keys.filter((key) => !isDeepStrictEqual(old.get(key), now.get(key)));
  return Object.fromEntries(different.map((key) => [key, now.get(key)]));
}

describe('delete', () => {
  it('of a key that comes sixty thousand times is one pass', async () => {
    const repeated = Array.from({ length: 60_000 }, () => ({ key: 'k', value: { stringValue: 'v' } }));
    const processor = await processorOf(attributes, 'actions: [{action: delete, key: k}]');
    const span = { attributes: [...repeated, ...before, ...repeated] };
    const startedMs = performance.now();
    const [batch] = await pass(processor, spansWith(span));
    // Deleted one by one it takes half a minute.
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect(exactOf(batch)).toStrictEqual(exactOf(spansWith({})));
  });
});

describe('actions', () => {
  const cases: [action: string, changes: Record<string, ExactValue | undefined>][] = [
    ['{action: insert, key: new, value: 1}', { new: 1n }],
    ['{action: insert, key: new, value: 1.0}', { new: 1 }],
    ['{action: insert, key: new, value: "1"}', { new: '1' }],
    ['{action: insert, key: text, value: 1}', {}],
    ['{action: insert, key: new, from_attribute: int}', { new: 9_007_199_254_740_993n }],
    ['{action: insert, key: new, from_attribute: none}', {}],
    ['{action: insert, key: new, from_attribute: none, default_value: x}', { new: 'x' }],
    ['{action: insert, key: new, from_attribute: text, default_value: x}', { new: '12' }],
    ['{action: insert, key: new, from_attribute: "", default_value: x}', { new: 'x' }],
    ['{action: insert, key: new, default_value: false}', { new: false }],
    ['{action: update, key: text, value: x}', { text: 'x' }],
    ['{action: update, key: new, value: x}', {}],
    ['{action: update, key: text, from_attribute: yes}', { text: true }],
    ['{action: upsert, key: new, value: x}', { new: 'x' }],
    ['{action: UPSERT, key: text, value: x}', { text: 'x' }],
    ['{action: upsert, key: text, from_attribute: text}', {}],
    ['{action: delete, key: text}', { text: undefined }],
    ['{action: delete, key: twice}', { twice: undefined }],
    ['{action: delete, pattern: "^(t|y)"}', { text: undefined, yes: undefined, twice: undefined }],
    ['{action: delete, key: int, pattern: "^y"}', { int: undefined, yes: undefined }],
    ['{action: hash, key: text}', { text: sha('12') }],
    ['{action: hash, key: yes}', { yes: sha(Uint8Array.of(1)) }],
    ['{action: hash, key: double}', { double: sha(new Uint8Array(Float64Array.of(1).buffer)) }],
    [
      '{action: hash, key: int}',
      { int: sha(new Uint8Array(BigInt64Array.of(9_007_199_254_740_993n).buffer)) },
    ],
    ['{action: hash, key: list}', { list: '' }],
    ['{action: hash, key: bytes}', { bytes: '' }],
    ['{action: hash, key: text, pattern: "^text$"}', { text: sha(sha('12')) }],
    [
      '{action: extract, key: text, pattern: "(?P<one>.)(?P<int>.)(?P<no>x)?"}',
      { one: '1', int: '2', no: '' },
    ],
    ['{action: extract, key: text, pattern: "(?P<one>x)"}', {}],
    ['{action: extract, key: int, pattern: "(?P<one>.)"}', {}],
    ['{action: convert, key: text, converted_type: int}', { text: 12n }],
    ['{action: convert, key: text, converted_type: double}', { text: 12 }],
    ['{action: convert, key: int, converted_type: double}', { int: 9_007_199_254_740_992 }],
    ['{action: convert, key: double, converted_type: int}', { double: 1n }],
    ['{action: convert, key: yes, converted_type: int}', { yes: 1n }],
    ['{action: convert, key: yes, converted_type: string}', { yes: 'true' }],
    ['{action: convert, key: list, converted_type: string}', { list: '[1]' }],
    ['{action: convert, key: bytes, converted_type: string}', { bytes: 'AQI=' }],
    ['{action: convert, key: empty, converted_type: string}', { empty: '' }],
    ['{action: convert, key: list, converted_type: int}', {}],
  ];
  it.each(cases)('%s', async (action, changes) => {
    expect(await changed(action)).toEqual(changes);
  });

  it.each([
    ['delete', undefined],
    ['hash', sha('x')],
  ])('%s with a pattern alone takes the empty key too, as in the Collector', async (action, expected) => {
    const input = { resourceSpans: [{ scopeSpans: [{ spans: [{ attributes: [attribute('', 'x')] }] }] }] };
    const processor = await processorOf(attributes, `actions: [{action: ${action}, pattern: "^no$"}]`);
    const [batch] = await pass(processor, batchFrom('traces', input));
    expect(batch?.signal === 'traces' && batch.spans()[0]?.attributes.get('')).toBe(expected);
  });

  it('run in order, each on what the ones before it left', async () => {
    const actions =
      '{action: upsert, key: a, value: x}, {action: insert, key: b, from_attribute: a}, {action: delete, key: a}';
    expect(await changed(actions)).toEqual({ b: 'x' });
  });

  it('work on log records and data points too', async () => {
    const actions = 'actions: [{action: upsert, key: new, value: 1}]';
    const logs = batchFrom('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
    const [outLogs] = await pass(await processorOf(attributes, actions, { pipelineSignal: 'logs' }), logs);
    expect(outLogs?.signal === 'logs' && outLogs.logRecords()[0]?.attributes.entries()).toEqual([['new', 1]]);
    const data = [{ sum: { dataPoints: [{ asInt: '1' }] } }, { histogram: { dataPoints: [{ count: '1' }] } }];
    const metrics = batchFrom('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: data }] }] });
    const [outMetrics] = await pass(
      await processorOf(attributes, actions, { pipelineSignal: 'metrics' }),
      metrics,
    );
    const points =
      outMetrics?.signal === 'metrics' ? outMetrics.metrics().flatMap((one) => one.dataPoints()) : [];
    expect(points.map((point) => point.attributes.entries())).toEqual([[['new', 1]], [['new', 1]]]);
  });

  it('work on resources, in the processor resource', async () => {
    const processor = await processorOf(resource, 'attributes: [{action: upsert, key: new, value: 1}]');
    const [batch] = await pass(processor, spansWith({}));
    expect(batch?.resources().map((one) => one.attributes.entries())).toEqual([[['new', 1]]]);
  });
});

describe('include and exclude', () => {
  const traces = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [
          {
            scope: { name: 'http', version: '1' },
            spans: [
              { name: 'a', kind: 2, attributes: [{ key: 'n', value: { intValue: '1' } }] },
              { name: 'b', attributes: [{ key: 'n', value: { doubleValue: 1e21 } }] },
            ],
          },
        ],
      },
      {
        scopeSpans: [
          {
            spans: [
              {
                name: 'c',
                attributes: [{ key: 'l', value: { arrayValue: { values: [{ intValue: '1' }] } } }],
              },
            ],
          },
        ],
      },
    ],
  };
  async function touched(yaml: string): Promise<string> {
    const processor = await processorOf(
      attributes,
      `${yaml}\nactions: [{action: insert, key: hit, value: 1}]`,
    );
    const [batch] = await pass(processor, batchFrom('traces', traces));
    const spans = batch?.signal === 'traces' ? batch.spans() : [];
    return spans
      .filter((span) => span.attributes.has('hit'))
      .map((span) => span.name)
      .join('');
  }

  it.each([
    ['services: [shop, mail]', 'ab'],
    ['services: ["<nil-service-name>"]', 'c'],
    ['span_names: [a, c]', 'ac'],
    ['span_names: [a, c], services: [shop]', 'a'],
    ['span_kinds: [SPAN_KIND_SERVER]', 'a'],
    ['span_kinds: [SPAN_KIND_UNSPECIFIED]', 'bc'],
    ['attributes: [{key: n}]', 'ab'],
    ['attributes: [{key: n, value: 1}]', 'a'],
    ['attributes: [{key: n, value: 1.0}]', ''],
    ['attributes: [{key: n, value: "1"}]', ''],
    ['attributes: [{key: l, value: [1]}]', 'c'],
    ['attributes: [{key: l, value: [1.0]}]', ''],
    ['resources: [{key: service.name, value: shop}]', 'ab'],
    ['libraries: [{name: http}]', 'ab'],
    ['libraries: [{name: http, version: "1"}]', 'ab'],
    ['libraries: [{name: http, version: ""}]', ''],
    ['libraries: [{name: "", version: ""}]', 'c'],
  ])('strict %s', async (fields, names) => {
    expect(await touched(`include: {match_type: strict, ${fields}}`)).toBe(names);
    const others = [...new Set('abc')].filter((name) => !names.includes(name)).join('');
    expect(await touched(`exclude: {match_type: strict, ${fields}}`)).toBe(others);
  });

  it.each([
    ['services: [ho]', 'ab'],
    ['span_names: ["^[bc]$"]', 'bc'],
    ['span_kinds: [SERVER|CLIENT]', 'a'],
    ['attributes: [{key: n, value: "^1$"}]', 'a'],
    ['attributes: [{key: n, value: "^10+$"}]', 'b'],
    ['attributes: [{key: l, value: ".*"}]', ''],
    ['libraries: [{name: h, version: "[0-9]"}]', 'ab'],
  ])('regexp %s', async (fields, names) => {
    expect(await touched(`include: {match_type: regexp, ${fields}}`)).toBe(names);
  });

  it('exclude takes away from what include chose', async () => {
    const yaml =
      'include: {match_type: strict, services: [shop]}\nexclude: {match_type: regexp, span_names: [a]}';
    expect(await touched(yaml)).toBe('b');
  });

  it('says that a cache of regular expressions has no effect', () => {
    const yaml =
      'include: {match_type: regexp, regexp: {cacheenabled: true}, span_names: [a]}\nactions: [{action: delete, key: a}]';
    expect(configure(attributes, yaml).problems).toEqual([
      expect.objectContaining({ severity: 'notice', path: 'include.regexp.cacheenabled' }),
    ]);
  });

  it('tells fields that the signal of the pipeline does not have', () => {
    const yaml = 'include: {match_type: strict, span_names: [a]}\nactions: [{action: delete, key: a}]';
    expect(configure(attributes, yaml, ['traces']).errors).toEqual([]);
    expect(configure(attributes, yaml, ['traces', 'logs']).errors).toEqual([
      'include.span_names: cannot be used in a pipeline of logs',
    ]);
  });
});

it('refuses a date, which is no attribute value, and takes it in quotes', () => {
  const refused = ['2024-03-10', '2024-03-10T10:00:00Z', '[1, 2024-3-1]', '2024-03-10 10:00:00.5'];
  const taken = ['"2024-03-10"', '2024-03', '2024-03-10x', "'2024-03-10T10:00:00Z'", '10:00:00'];
  const errorsFor = (value: string) =>
    configure(attributes, `actions: [{action: insert, key: a, value: ${value}}]`).errors;
  for (const value of refused) expect(errorsFor(value)).toEqual([expect.stringContaining('as a date')]);
  for (const value of taken) expect(errorsFor(value)).toEqual([]);
});

it('refuses from_context', () => {
  expect(
    configure(attributes, 'actions: [{action: insert, key: a, from_context: metadata.x}]').errors,
  ).toContain('actions.0.from_context: is not supported');
});
