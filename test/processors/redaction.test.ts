import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import { redaction } from '../../src/processors/redaction.ts';
import { attribute, batchFrom, configure, pass, processorOf } from '../support/processors.ts';

const card = '4111111111111111';
const spanWith = (attributes: object[], more: object = {}) =>
  batchFrom('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ attributes, ...more }] }] }] });

async function redacted(yaml: string, input: AnyBatch): Promise<AnyBatch> {
  const processor = await processorOf(redaction, yaml, { pipelineSignal: input.signal });
  const [batch] = await pass(processor, input);
  if (batch === undefined) throw new Error('nothing was handed on');
  return batch;
}

async function attributesAfter(yaml: string, attributes: object[]): Promise<Record<string, unknown>> {
  const batch = await redacted(yaml, spanWith(attributes));
  const [span] = batch.signal === 'traces' ? batch.spans() : [];
  return Object.fromEntries(span?.attributes.exactEntries() ?? []);
}

const hex = (name: string, text: string) => createHash(name).update(text).digest('hex');

describe('no attribute value', () => {
  it('that is blocked is left anywhere in the batch', async () => {
    const text = fc.oneof(fc.string(), fc.constant(card), fc.constant(`x ${card} y`));
    const attributes = fc.array(fc.record({ key: fc.string(), value: fc.record({ stringValue: text }) }), {
      maxLength: 4,
    });
    const property = fc.asyncProperty(
      attributes,
      attributes,
      attributes,
      text,
      async (one, two, three, body) => {
        const traces = batchFrom('traces', {
          resourceSpans: [
            {
              resource: { attributes: one },
              scopeSpans: [
                {
                  scope: { attributes: two },
                  spans: [{ attributes: three, events: [{ attributes: one }] }],
                },
              ],
            },
          ],
        });
        const values = [{ stringValue: body }, { kvlistValue: { values: three } }];
        const logs = batchFrom('logs', {
          resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { arrayValue: { values } } }] }] }],
        });
        const metrics = batchFrom('metrics', {
          resourceMetrics: [
            { scopeMetrics: [{ metrics: [{ gauge: { dataPoints: [{ attributes: one }] } }] }] },
          ],
        });
        for (const input of [traces, logs, metrics]) {
          const batch = await redacted('{allow_all_keys: true, blocked_values: ["4[0-9]{15}"]}', input);
          expect(batch.itemCount).toBe(1);
          const left = batch.encode().utf8Slice(0, batch.encode().length);
          const keys = [...one, ...two, ...three].map(({ key }) => key);
          if (!keys.some((key) => key.includes(card))) expect(left).not.toContain(card);
        }
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('is left in a map that has its key twice', async () => {
    const twice = [attribute('k', card), attribute('k', 'harmless')];
    const map = { kvlistValue: { values: twice } };
    const body = { arrayValue: { values: [map] } };
    const yaml = '{allow_all_keys: true, redact_all_types: true, blocked_values: ["4[0-9]{15}"]}';
    const attributes = [{ key: 'map', value: map }];
    const logs = batchFrom('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body, attributes }] }] }],
    });
    const batch = await redacted(yaml, logs);
    expect(batch.encode().toString('latin1')).not.toContain(card);
  });

  it('is left at all where nothing is allowed', async () => {
    expect(
      await attributesAfter('{}', [attribute('a', 'x'), attribute('a', 'y'), attribute('', 'z')]),
    ).toEqual({});
  });
});

describe('what becomes of an attribute', () => {
  const all = 'allow_all_keys: true';
  it.each([
    ['allowed', 'allowed_keys: [a]', { a: card }],
    ['ignored', '{ignored_keys: [b], blocked_key_patterns: [b]}', { b: 'x\ny' }],
    ['ignored by pattern', 'ignored_key_patterns: ["^b$"]', { b: 'x\ny' }],
    ['masked', `{${all}, blocked_values: ["41+"]}`, { a: '****', b: 'x\ny' }],
    ['masked in part', `{${all}, blocked_values: ["x"]}`, { a: card, b: '****\ny' }],
    [
      'masked by its key, line by line',
      `{${all}, blocked_key_patterns: ["b"]}`,
      { a: card, b: '****\n****' },
    ],
    [
      'allowed by its value',
      `{${all}, allowed_values: ["^4"], blocked_values: ["1", "x"]}`,
      { a: card, b: '****\ny' },
    ],
    ['hashed', `{${all}, hash_function: md5, blocked_values: ["^41+$"]}`, { a: hex('md5', card), b: 'x\ny' }],
    [
      'hashed anew',
      `{${all}, hash_function: sha3, blocked_values: ["^4.*"]}`,
      { a: hex('sha3-256', card), b: 'x\ny' },
    ],
    [
      'hashed with a key',
      `{${all}, hash_function: HMAC-SHA256, hmac_key: "${'k'.repeat(32)}", blocked_values: ["^41+$"]}`,
      { a: createHmac('sha256', 'k'.repeat(32)).update(card).digest('hex'), b: 'x\ny' },
    ],
  ])('that is %s', async (_, yaml, after) => {
    expect(await attributesAfter(yaml, [attribute('a', card), attribute('b', 'x\ny')])).toEqual(after);
  });

  it('of another type: it is text only with redact_all_types', async () => {
    const values = [
      { key: 'int', value: { intValue: card } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: card }] } } },
    ];
    const blocked = `${all}, blocked_values: ["4[0-9]{15}"]`;
    expect(await attributesAfter(`{${blocked}}`, values)).toEqual({ int: BigInt(card), list: [card] });
    const after = await attributesAfter(`{${blocked}, redact_all_types: true}`, values);
    expect(after).toEqual({ int: '****', list: '["****"]' });
    expect(await attributesAfter(`{${all}, blocked_key_patterns: [int]}`, values.slice(0, 1))).toEqual({
      int: '****',
    });
  });
});

describe('the summary', () => {
  const yaml = (summary: string) =>
    `{allowed_keys: [b, a], ignored_keys: [i], blocked_values: [x], summary: ${summary}}`;
  const before = ['b', 'a', 'd', 'c', 'i'].map((key) => attribute(key, 'x'));

  it.each([
    ['silent', {}],
    ['info', { 'redaction.redacted.count': 2n, 'redaction.masked.count': 2n, 'redaction.ignored.count': 1n }],
    [
      'debug',
      {
        'redaction.redacted.keys': 'c,d',
        'redaction.redacted.count': 2n,
        'redaction.masked.keys': 'a,b',
        'redaction.masked.count': 2n,
        'redaction.ignored.count': 1n,
      },
    ],
  ])('%s', async (summary, added) => {
    expect(await attributesAfter(yaml(summary), before)).toEqual({ b: '****', a: '****', i: 'x', ...added });
  });

  it('adds to that of an earlier redaction', async () => {
    const earlier = [
      attribute('redaction.masked.keys', 'z,0'),
      { key: 'redaction.masked.count', value: { intValue: '2' } },
    ];
    const after = await attributesAfter(yaml('debug'), [...earlier, attribute('a', 'x')]);
    expect(after).toEqual({
      a: '****',
      'redaction.masked.keys': '0,a,z',
      'redaction.masked.count': 3n,
    });
  });
});

describe('a log body', () => {
  const logWith = (body: object) =>
    batchFrom('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] });
  const map = {
    kvlistValue: {
      values: [
        attribute('card', card),
        attribute('user', 'ann'),
        { key: 'deep', value: { kvlistValue: { values: [attribute('card', card), attribute('n', '1')] } } },
        { key: 'list', value: { arrayValue: { values: [{ stringValue: card }, { intValue: '7' }] } } },
      ],
    },
  };

  it('is looked into at every depth', async () => {
    const yaml =
      '{allow_all_keys: true, blocked_key_patterns: ["^card$"], blocked_values: ["^4.*"], summary: debug}';
    const batch = await redacted(yaml, logWith(map));
    const [log] = batch.signal === 'logs' ? batch.logRecords() : [];
    expect(log?.bodyExact).toEqual(
      new Map<string, unknown>([
        ['card', '****'],
        ['user', 'ann'],
        [
          'deep',
          new Map([
            ['card', '****'],
            ['n', '1'],
          ]),
        ],
        ['list', ['****', 7n]],
      ]),
    );
    expect(log?.attributes.entries()).toEqual([
      ['redaction.body.masked.keys', 'card,deep.card,list.[0]'],
      ['redaction.body.masked.count', 3],
    ]);
  });

  it('loses the keys that are not allowed', async () => {
    const batch = await redacted('{allowed_keys: [deep, n], summary: debug}', logWith(map));
    const [log] = batch.signal === 'logs' ? batch.logRecords() : [];
    expect(log?.body).toEqual(new Map([['deep', new Map([['n', '1']])]]));
    expect(log?.attributes.get('redaction.body.redacted.keys')).toBe('card,deep.card,list,user');
  });

  it('says what was allowed in it, but nothing of itself', async () => {
    const yaml = '{allow_all_keys: true, allowed_values: [ann], summary: debug}';
    const inner = await redacted(yaml, logWith({ kvlistValue: { values: [attribute('', 'ann')] } }));
    const itself = await redacted(yaml, logWith({ stringValue: 'ann' }));
    const [one, other] = [inner, itself].map((batch) => batch.signal === 'logs' && batch.logRecords()[0]);
    expect(one && one.attributes.entries()).toEqual([
      ['redaction.body.allowed.keys', ''],
      ['redaction.body.allowed.count', 1],
    ]);
    expect(other && other.attributes.size).toBe(0);
  });

  it('of text is cleaned as text', async () => {
    const yaml = '{allow_all_keys: true, blocked_values: ["[0-9]+"], url_sanitizer: {enabled: true}}';
    const batch = await redacted(yaml, logWith({ stringValue: 'GET /users/12?x' }));
    expect(batch.signal === 'logs' && batch.logRecords()[0]?.body).toBe('GET /users/*');
  });
});

describe('the name of a span', () => {
  it.each([
    ['server', { kind: 2, name: '/users/123' }, '/users/*'],
    ['internal', { kind: 1, name: '/users/123' }, '/users/123'],
    ['no URL', { kind: 3, name: 'load 123' }, 'load 123'],
    ['nothing but an id', { kind: 3, name: '/123/456' }, '/123/456'],
    [
      'HTTP without a slash',
      { kind: 3, name: 'GET?x', attributes: [attribute('http.method', 'GET')] },
      'GET',
    ],
  ])('%s', async (_, span, name) => {
    const yaml = '{allow_all_keys: true, url_sanitizer: {enabled: true}}';
    const batch = await redacted(yaml, spanWith([], span));
    expect(batch.signal === 'traces' && batch.spans()[0]?.name).toBe(name);
    const off = await redacted(yaml.replace('true}', 'true, sanitize_span_name: false}'), spanWith([], span));
    expect(off.signal === 'traces' && off.spans()[0]?.name).toBe(span.name);
  });
});

describe('its config', () => {
  it.each([
    ['blocked_values: ["a", "("]', 'blocked_values.1: '],
    ['ignored_key_patterns: ["(?=x)"]', 'no look-around'],
    ['{hash_function: hmac-sha512, hmac_key: short}', 'hmac_key: must have at least 64 bytes'],
    ['hash_function: hmac-sha256', 'hmac_key: must have at least 32 bytes'],
    ['hash_function: crc', 'hash_function'],
    ['db_sanitizer: {sql: {enabled: true}}', 'db_sanitizer: is not supported'],
    ['allowed_key: [a]', 'allowed_key'],
  ])('refuses %s', (yaml, message) => {
    expect(configure(redaction, yaml).errors).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['{}', 'allowed_keys', 'all attributes are removed'],
    ['{allow_all_keys: true, summary: loud}', 'summary', 'taken for silent'],
    ['{allow_all_keys: true, hmac_key: x}', 'hmac_key', 'has no effect'],
  ])('notices %s', (yaml, path, message) => {
    const { problems } = configure(redaction, yaml);
    expect(problems).toEqual([
      expect.objectContaining({ path, severity: 'notice', message: expect.stringContaining(message) }),
    ]);
  });

  it('shows the key nowhere', () => {
    const key = 'k'.repeat(64);
    const configured = configure(redaction, `{hash_function: hmac-sha512, hmac_key: ${key}}`);
    expect(JSON.stringify(configured)).not.toContain('kkk');
  });
});

describe('a text on which a pattern takes too many steps', () => {
  const text = 'a'.repeat(1 << 18);

  it('is masked as a whole', async () => {
    const yaml = "{ allow_all_keys: true, blocked_values: ['a.*b|a'] }";
    const after = await attributesAfter(yaml, [attribute('key', text), attribute('other', 'xa')]);
    expect(after).toEqual({ key: '****', other: 'x****' });
  });

  it('is masked as a whole if the hashes would be too long', async () => {
    const yaml = "{ allow_all_keys: true, blocked_values: ['[b-z]|a'], hash_function: sha3 }";
    const after = await attributesAfter(yaml, [attribute('key', text.repeat(4))]);
    expect(after).toEqual({ key: hex('sha3-256', text.repeat(4)) });
  });
});
