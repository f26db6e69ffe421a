import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import { emptyBatch } from '../../src/model/batches.ts';
import { compileRegex } from '../../src/model/regex.ts';
import type { Value } from '../../src/model/value.ts';
import { redact } from '../../src/processors/redact.ts';
import { masking, pseudonyms } from '../../src/processors/redact/pseudonym.ts';
import { presets, Redactor, type Preset } from '../../src/processors/redact/redactor.ts';
import { batchFrom, configure, pass, processorOf } from '../support/processors.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const card = '4111111111111111';
const aws = 'AKIAIOSFODNN7EXAMPLE';
const github = `ghp_${'a1B2'.repeat(9)}`;
const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----`;
const silent = (): void => {};

function redactor(
  on: readonly Preset[] = presets,
  more: { patterns?: string[]; keys?: string[]; ignored?: string[] } = {},
): Redactor {
  const { patterns = [], keys = [], ignored = [] } = more;
  return new Redactor({
    presets: new Set(on),
    keys: keys.map((key) => compileRegex(key)),
    ignored: ignored.map((key) => compileRegex(key)),
    patterns: patterns.map((pattern) => ({ name: 'own', regex: compileRegex(pattern, { bounded: true }) })),
    replace: masking('***'),
  });
}

describe('a text', () => {
  const cases: [preset: Preset, text: string, after: string][] = [
    ['emails', 'mail ada@example.com now', 'mail *** now'],
    ['emails', 'to=ada.l+x@mail.example.co.uk.', 'to=***.'],
    ['emails', '/users/ada%40example.com/orders', '/users/***/orders'],
    ['emails', '<jörg@müller.de>,b@c.org', '<***>,***'],
    [
      'emails',
      'a@b a@1.2 @x.y icon@2x.png @opentelemetry/api@1.9.1 ...',
      'a@b a@1.2 @x.y icon@2x.png @opentelemetry/api@1.9.1 ...',
    ],
    ['jwt', `Bearer ${jwt}`, 'Bearer ***'],
    ['jwt', `{"t":"${jwt}","u":1}`, '{"t":"***","u":1}'],
    [
      'jwt',
      'eyJ eyJhbG xeyJhbGciOiJIUzI1NiJ9.eyJzdWIi heyJude',
      'eyJ eyJhbG xeyJhbGciOiJIUzI1NiJ9.eyJzdWIi heyJude',
    ],
    ['cards', `card ${card}, thanks`, 'card ***, thanks'],
    ['cards', '4111 1111 1111 1111 5', '*** 5'],
    ['cards', '5500-0000-0000-0004', '***'],
    ['cards', '3782 822463 10005 and 378282246310005', '*** and ***'],
    [
      'cards',
      '4111111111111112 1700000000000 00004111111111111111 4111.1111 id4111111111111111 4111111111111111ff',
      '4111111111111112 1700000000000 00004111111111111111 4111.1111 id4111111111111111 4111111111111111ff',
    ],
    ['cloud_keys', `key=${aws};`, 'key=***;'],
    ['cloud_keys', `${github} sk-ant-${'x1'.repeat(12)}`, '*** ***'],
    ['cloud_keys', `AIza${'x'.repeat(35)} xoxb-1234567890-abc npm_${'a'.repeat(36)}`, '*** *** ***'],
    [
      'cloud_keys',
      `DefaultEndpointsProtocol=https;AccountKey=${'aB3+'.repeat(20)}==;EndpointSuffix=x`,
      'DefaultEndpointsProtocol=https;AccountKey=***;EndpointSuffix=x',
    ],
    ['cloud_keys', `a ${pem} b`, 'a *** b'],
    [
      'cloud_keys',
      `-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----`,
      `-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----`,
    ],
    [
      'cloud_keys',
      `x${aws} AKIA short task-force risk-averse-but-very-long-words-here-indeed`,
      `x${aws} AKIA short task-force risk-averse-but-very-long-words-here-indeed`,
    ],
    ['auth', 'Authorization: Bearer abc.def123', 'Authorization: Bearer ***'],
    ['auth', 'curl -H "Authorization: Basic dXNlcjpwYXNz" x', 'curl -H "Authorization: Basic ***" x'],
    ['auth', 'sent bearer tok_12345678 to it', 'sent bearer *** to it'],
    ['auth', 'basic information and bearer instruments', 'basic information and bearer instruments'],
    ['auth', 'postgres://app:s3cret@db:5432/x?sslmode=on', 'postgres://***@db:5432/x?sslmode=on'],
    ['auth', 'https://host/a@b?x=1', 'https://host/a@b?x=1'],
    [
      'auth',
      'https://x/cb?code=abc&state=1&access_token=zyx#top',
      'https://x/cb?code=***&state=1&access_token=***#top',
    ],
    ['auth', '?X-Amz-Signature=ff00&X-Amz-Date=2026', '?X-Amz-Signature=***&X-Amz-Date=2026'],
    ['auth', '{"user":"ada","password":"a\\"b","n":1}', '{"user":"ada","password":"***","n":1}'],
    ['auth', '{\\"clientSecret\\": \\"xyz\\", \\"id\\": 1}', '{\\"clientSecret\\": \\"***\\", \\"id\\": 1}'],
    ['auth', "AWS_SECRET_ACCESS_KEY=wJalr/K7 TOKEN='a b'", "AWS_SECRET_ACCESS_KEY=*** TOKEN='***'"],
    [
      'auth',
      'password: null, token: "", status code: 200, tokens: 17, next_token: x',
      'password: null, token: "", status code: 200, tokens: 17, next_token: x',
    ],
    ['auth', 'X-Api-Key: 12345\nHost: x', 'X-Api-Key: ***\nHost: x'],
    ['cookies', 'Cookie: sid=abc; theme=dark\nHost: x', 'Cookie: sid=***; theme=***\nHost: x'],
    [
      'cookies',
      'Set-Cookie: sid=abc; Path=/; Max-Age=60; HttpOnly',
      'Set-Cookie: sid=***; Path=/; Max-Age=60; HttpOnly',
    ],
  ];

  it.each(cases)('%s: %s', (preset, text, after) => {
    const told: string[] = [];
    expect(redactor([preset]).text(text, (kind) => told.push(kind))).toBe(after);
    expect(told.every((kind) => kind === preset)).toBe(true);
    expect(told.length > 0).toBe(after !== text);
  });

  it('has each secret replaced by all presets together, and nothing twice', () => {
    const text = cases
      .filter(([, one, after]) => one !== after)
      .map(([, one]) => one)
      .join('\n');
    const once = redactor().text(text, silent);
    expect(redactor().text(once, silent)).toBe(once);
    for (const secret of ['ada@example.com', jwt, card, aws, github, 's3cret', 'dXNlcjpwYXNz', 'wJalr'])
      expect(once).not.toContain(secret);
  });

  it('is replaced where two findings overlap, to the end of both', () => {
    const after = redactor(presets, { patterns: ['com:secret'] }).text('ada@example.com:secret', silent);
    expect(after).toBe('***');
  });

  it('has what a pattern of one’s own finds replaced, or its group', () => {
    expect(redactor([], { patterns: ['INV-\\d+'] }).text('pay INV-12 and INV-3', silent)).toBe(
      'pay *** and ***',
    );
    expect(redactor([], { patterns: ['user=(\\w+)'] }).text('user=ada x', silent)).toBe('user=*** x');
  });

  it('is replaced whole when a pattern takes too many steps on it', () => {
    const told: string[] = [];
    const text = 'a'.repeat(60_000);
    expect(redactor([], { patterns: ['a.*b|a'] }).text(text, (kind) => told.push(kind))).toBe('***');
    expect(told).toEqual(['texts that take a pattern too many steps']);
  });
});

describe('a value', () => {
  const one = redactor(presets, { keys: ['^enduser\\.'], ignored: ['^build\\.token$'] });
  const cases: [key: string, value: Parameters<Redactor['valueOf']>[1], after: unknown][] = [
    ['http.request.header.authorization', ['Bearer x'], ['Bearer ***']],
    ['http.request.header.x-api-key', 'k', '***'],
    ['http.request.header.cookie', 'sid=1; a=b', 'sid=***; a=***'],
    ['db.password', 5n, '***'],
    ['accessToken', 'x', '***'],
    ['gen_ai.usage.input_tokens', 17n, 17n],
    ['next_page_token', 'x', 'x'],
    ['enduser.id', 'ada', '***'],
    ['enduser.id', 7n, '***'],
    ['enduser.flag', true, true],
    ['build.token', 'x', 'x'],
    ['number', BigInt(card), '***'],
    ['number', 4111111111111112n, 4111111111111112n],
    ['bytes', Buffer.from('mail ada@example.com'), Buffer.from('mail ***')],
    ['bytes', Buffer.from([0xff, 0x40]), Buffer.from([0xff, 0x40])],
    [
      'nested',
      new Map([
        ['a', ['ada@example.com']],
        ['password', ['x']],
      ]),
      new Map([
        ['a', ['***']],
        ['password', ['***']],
      ]),
    ],
    [
      'nested',
      new Map([
        ['ada@example.com', 1n],
        ['bob@example.com', 2n],
      ]),
      new Map([
        ['***', 1n],
        ['***_2', 2n],
      ]),
    ],
  ];

  it.each(cases)('%s: %o', (key, value, after) => {
    expect(one.valueOf(key, value, silent)).toEqual(after);
  });
});

describe('a pseudonym', () => {
  const replace = pseudonyms('0123456789abcdef');
  const of = (text: string): string =>
    new Redactor({ presets: new Set(presets), keys: [], ignored: [], patterns: [], replace }).text(
      text,
      silent,
    );

  it('is the HMAC of what was there', () => {
    const digest = createHmac('sha256', '0123456789abcdef').update('ada@example.com').digest('hex');
    expect(of('ada@example.com')).toBe(`email_${digest.slice(0, 16)}`);
  });

  it('is the same for the same, however it is written, and another under another key', () => {
    expect(of('Ada@Example.com')).toBe(of('ada%40example.com'));
    expect(of('4111 1111 1111 1111')).toBe(of(card));
    expect(pseudonyms('fedcba9876543210')({ kind: 'emails', normal: 'ada@example.com' })).not.toBe(
      of('ada@example.com'),
    );
  });

  it('stays what it is when it is redacted again', () => {
    const text = of(`ada@example.com ${jwt} ${card} ${aws} password=x Cookie: a=b`);
    expect(of(text.replaceAll(/(password=|Cookie: a=)/g, ''))).toBe(
      text.replaceAll(/(password=|Cookie: a=)/g, ''),
    );
  });
});

/** A batch with the text in every place where there may be one. */
function everywhere(text: string): AnyBatch[] {
  const traces = emptyBatch('traces');
  const group = traces.addResource();
  group.resource.attributes.set('r', text);
  const scope = group.addScope();
  scope.scope.attributes.set('s', text);
  const span = scope.addSpan();
  span.name = text;
  span.attributes.set('a', text);
  span.attributes.set(`k ${text}`, 1);
  span.attributes.set('list', [
    text,
    new Map<string, Value>([
      ['m', text],
      [text, 1],
    ]),
  ]);
  span.status.message = text;
  const event = span.addEvent();
  event.name = text;
  event.attributes.set('exception.message', text);
  span.addLink().attributes.set('l', text);
  const logs = emptyBatch('logs');
  const log = logs.addResource().addScope().addLogRecord();
  log.bodyExact = new Map([['deep', [text]]]);
  log.attributes.set('x', text);
  log.eventName = text;
  const attributes = [{ key: 'e', value: { stringValue: text } }];
  const dataPoints = [{ attributes, exemplars: [{ filteredAttributes: attributes }] }];
  const types = [{ gauge: { dataPoints } }, { histogram: { dataPoints } }];
  const metrics = batchFrom('metrics', {
    resourceMetrics: [
      {
        scopeMetrics: [
          { metrics: types.map((type) => ({ description: text, metadata: attributes, ...type })) },
        ],
      },
    ],
  });
  return [traces, logs, metrics];
}

describe('the processor', () => {
  it('leaves no secret in any place, whatever stands around it', async () => {
    const secrets = [
      ['canary.person@example.com', 'emails'],
      [jwt, 'jwt'],
      [github, 'cloud_keys'],
      [card, 'cards'],
    ] as const;
    const around = fc
      .string({ maxLength: 12 })
      .filter((text) => !/[\w@.%+-]$|^[\w@.%+-]/.test(text) && !/[^ -~]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...secrets), around, around, async ([secret], before, after) => {
        for (const batch of everywhere(`${before} ${secret} ${after}`)) {
          const processor = await processorOf(redact, '{}', { pipelineSignal: batch.signal });
          const [done] = await pass(processor, batch);
          expect(done?.encode().toString('latin1')).not.toContain(secret);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('counts what it replaced by what and where, and tells no value', async () => {
    const told = new Map<string, Record<string, number>>();
    for (const batch of everywhere('ada@example.com')) {
      const { processor, edits } = await counted('{}', batch);
      await pass(processor, batch);
      told.set(batch.signal, edits());
    }
    expect(told.get('traces')).toEqual({
      'replaced emails in resource attribute r': 1,
      'replaced emails in scope attribute s': 1,
      'replaced emails in span name': 1,
      'replaced emails in span attribute a': 1,
      'replaced emails in span attribute keys': 1,
      'replaced emails in span attribute list': 3,
      'replaced emails in status message': 1,
      'replaced emails in event name': 1,
      'replaced emails in event attribute exception.message': 1,
      'replaced emails in link attribute l': 1,
    });
    expect(told.get('logs')).toEqual({
      'replaced emails in log body': 1,
      'replaced emails in log attribute x': 1,
      'replaced emails in event name': 1,
    });
    expect(told.get('metrics')).toEqual({
      'replaced emails in metric description': 2,
      'replaced emails in metric attribute e': 2,
      'replaced emails in data point attribute e': 2,
      'replaced emails in exemplar attribute e': 2,
    });
  });

  it('leaves a batch without secrets as the same bytes', async () => {
    for (const batch of everywhere('GET /orders/17')) {
      const before = Buffer.from(batch.encode());
      const [after] = await pass(await processorOf(redact, '{}', { pipelineSignal: batch.signal }), batch);
      expect(Buffer.from(after?.encode() ?? '').equals(before)).toBe(true);
    }
  });

  it('says what is wrong with its config', () => {
    const { errors } = configure(
      redact,
      'key: short\nkeys: ["("]\npatterns: ["a", {name: x, pattern: "["}]\npresets: [emails, nothing]',
    );
    expect(errors.join('\n')).toContain('presets');
    const sound = configure(redact, 'key: short\nkeys: ["("]\npatterns: ["a", {name: x, pattern: "["}]');
    expect(sound.errors).toEqual([
      expect.stringContaining('key: must have at least 16 bytes'),
      expect.stringContaining('keys.0: "(" is not a valid RE2 regex'),
      expect.stringContaining('patterns.1.pattern: "[" is not a valid RE2 regex'),
    ]);
    expect(configure(redact, 'presets: []').problems[0]?.message).toContain('looks for nothing');
  });
});

async function counted(yaml: string, batch: AnyBatch) {
  const { config } = configure(redact, yaml);
  if (config === undefined) throw new Error('invalid');
  const { flowCounts, ProcessorCounts } = await import('../../src/pipeline/counts.ts');
  const flow = flowCounts('it', batch.signal);
  const processor = await redact.create(config, { counts: new ProcessorCounts(flow) } as never);
  return { processor, edits: () => Object.fromEntries(flow.edits ?? []) };
}

describe('hostile texts', () => {
  const size = 200_000;
  const repeated = (part: string): string => part.repeat(Math.ceil(size / part.length));
  const texts: [string, string][] = [
    ...[
      '@',
      'a@',
      'a@b ',
      '%40',
      'a@b.',
      'eyJ',
      'eyJ.',
      'eyJhbGci.',
      '4',
      '41 ',
      '4111-',
      'AKIA',
      'AKIA-',
      'dapi-',
      'sk-',
      'SG.',
      'bearer ',
      'basic  ',
      '://',
      '://a@',
      '=',
      'a=',
      'password=',
      'password="',
      'password=\\"',
      'cookie: a;',
      'token:',
      '":"',
      '-----BEGIN ',
      '-----BEGIN PRIVATE KEY-----',
      ' ',
      'a',
    ].map((part): [string, string] => [part, repeated(part)]),
    ['%40 and an at sign far away', `${repeated('%40')}@x.de`],
    ['cookies without values', `Cookie: ${repeated('a;')}`],
    ['one long name', `${repeated('a_')}=x`],
    ['one long token', `sk-${repeated('a')}`],
  ];

  it.each(texts)('%j take time that grows with their length', (_, text) => {
    // With the square of the length this would take minutes; the bound is for a machine that is ten times slower.
    const began = performance.now();
    redactor().text(text, silent);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
