import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  attributeValue,
  byteSize,
  duration,
  moot,
  refused,
  regex,
  renamed,
  secret,
  stringOrNumberAsText,
  url,
} from '../../src/config/fields.ts';
import { loadTree } from '../../src/config/load.ts';
import { formatProblem, formatProblems } from '../../src/config/problem.ts';
import { Secret } from '../../src/config/secret.ts';
import { validate } from '../../src/config/validate.ts';

function check<T>(schema: z.ZodType<T>, text: string, env: Record<string, string> = {}) {
  const { tree, problems } = loadTree([{ name: 'a', text: `k: ${text}` }], { env });
  const result = validate(tree, ['k'], schema);
  const lines = [...problems, ...result.problems].map((problem) =>
    [problem.message, problem.remedy].filter((part) => part !== undefined).join(' | '),
  );
  return { ...result, lines, tree };
}

describe('values reach the schema in the type it asks for', () => {
  const env = { ZIP: '0123', PORT: '4318', T: 'true', EMPTY: '', NULLED: 'null', HOSTS: 'a:1, b:2' };
  test.each<[z.ZodType, string, unknown]>([
    [z.string(), '${env:ZIP}', '0123'],
    [z.string(), '"${env:ZIP}"', '0123'],
    [z.string(), '${env:T}', 'true'],
    [z.string(), '${env:NULLED}', 'null'],
    [z.string(), '${env:EMPTY}', ''],
    [z.string(), '${env:PORT}', '4318'],
    [z.number(), '5', 5],
    [z.number(), '5.5', 5.5],
    [z.int(), '${env:PORT}', 4318],
    [z.number(), '"${env:PORT}"', 4318],
    [z.bigint(), '5', 5n],
    [z.boolean(), '${env:T}', true],
    [z.boolean(), '"${env:T}"', true],
    [z.unknown(), '5', 5n],
    [z.unknown(), '"${env:PORT}"', '4318'],
    [z.literal(4318), '${env:PORT}', 4318],
    [z.literal([1, 'x']), '1', 1],
    [z.enum(['true', 'false']), '${env:T}', 'true'],
    [z.union([z.number(), z.string()]), '${env:PORT}', 4318],
    [z.union([z.string(), z.number()]), '${env:PORT}', 4318],
    [z.union([z.string(), z.number()]), '"${env:PORT}"', '4318'],
    [z.union([z.string(), z.number()]), '5', 5],
    [z.array(z.string()), '${env:HOSTS}', ['a:1', 'b:2']],
    [z.array(z.string()), '"a,b"', ['a', 'b']],
    [z.array(z.string()), '""', []],
    [z.array(z.int()), '[1, 2]', [1, 2]],
    [z.record(z.string(), z.number()), '{a: 1}', { a: 1 }],
    [z.tuple([z.number(), z.string()]), '[1, x]', [1, 'x']],
    [z.string().optional(), '', undefined],
    [z.number().default(3), '', 3],
    [z.number().default(3), '${env:EMPTY}', 3],
    [z.number().nullable(), '', null],
    [z.number().nullable(), '~', null],
    [z.strictObject({ a: z.number().default(1) }), '', { a: 1 }],
    [
      z.strictObject({ q: z.strictObject({ a: z.number().default(1) }).optional() }),
      '{q: }',
      { q: { a: 1 } },
    ],
    [z.strictObject({ q: z.strictObject({ a: z.number().default(1) }).optional() }), '{}', {}],
    [z.record(z.string(), z.strictObject({}).nullable()), '{debug: }', { debug: null }],
    [z.record(z.string(), z.strictObject({})), '{debug: }', { debug: {} }],
    [z.lazy(() => z.number()), '5', 5],
    [z.preprocess((value) => value, z.number()), '5', 5],
    [
      z.intersection(z.object({ a: z.number() }), z.object({ b: z.number() })),
      '{a: 1, b: 2}',
      { a: 1, b: 2 },
    ],
    [duration(), '1m30s', 90_000],
    [duration(), '0', 0],
    [duration({ min: -Infinity }), '-5s', -5000],
    [duration().default(5000), '', 5000],
    [byteSize(), '4MiB', 4_194_304],
    [byteSize(), '4096', 4096],
    [byteSize(), '${env:PORT}', 4318],
    [url(), 'https://x/y', 'https://x/y'],
    [regex(), '"^a"', '^a'],
    [stringOrNumberAsText(), '200', '200'],
    [stringOrNumberAsText(), '1.0', '1.0'],
    [stringOrNumberAsText(), '0x1F', '0x1F'],
    [stringOrNumberAsText(), 'true', 'true'],
    [attributeValue(), '1', 1n],
    [attributeValue(), '1.0', 1],
    [attributeValue(), '"1"', '1'],
    [attributeValue(), 'true', true],
    [attributeValue(), '.nan', Number.NaN],
    [attributeValue(), '[1, 1.5, a]', [1n, 1.5, 'a']],
    [attributeValue(), '${env:PORT}', 4318n],
    [attributeValue(), '"${env:PORT}"', '4318'],
  ])('%#: %s', (schema, text, value) => {
    const result = check(schema, text, env);
    expect(result.lines).toStrictEqual([]);
    expect(result.value).toStrictEqual(value);
  });

  test('a map where a text is wanted, from a file, is its text', () => {
    const { tree } = loadTree([{ name: 'a', text: 'k: ${file:x}' }], {
      env: {},
      readFile: () => 'a: 1\nb: 2\n',
    });
    expect(validate(tree, ['k'], z.string()).value).toBe('a: 1\nb: 2');
  });

  test('a value given in place of the one in the tree', () => {
    const { tree } = loadTree([{ name: 'a', text: 'k: {a: 1}' }], { env: {} });
    expect(validate(tree, ['k'], z.strictObject({ b: z.number() }), { b: 2n })).toStrictEqual({
      value: { b: 2 },
      problems: [],
    });
    expect(validate(tree, ['k'], z.number(), 'x').problems[0]?.place?.column).toBe(4);
  });
});

describe('what a wrong value is told', () => {
  const choice = z.enum(['basic', 'normal', 'detailed']);
  const actions = z.array(
    z.discriminatedUnion('action', [
      z.strictObject({ action: z.literal('insert'), value: attributeValue() }),
      z.strictObject({ action: z.literal('delete') }),
    ]),
  );
  test.each<[string, z.ZodType, string, string]>([
    ['number', z.number(), 'x', 'must be a number, found the text "x"'],
    ['quoted number', z.number(), '"5"', 'must be a number, found the text "5" | remove the quotes'],
    ['whole number', z.int(), '1.5', 'must be a whole number, found the number 1.5'],
    [
      'too large',
      z.int(),
      '18446744073709551615',
      'must be a whole number, found the number 18446744073709551615',
    ],
    ['text', z.string(), '5', 'must be a text, found the number 5 | put it in quotes: "5"'],
    ['text from true', z.string(), 'true', 'must be a text, found true | put it in quotes: "true"'],
    ['no text', z.string(), '', 'must be a text, found no value | give it a value, or remove the key'],
    ['boolean', z.boolean(), 'off', 'must be true or false, found the text "off" | write false'],
    [
      'quoted boolean',
      z.boolean(),
      '"true"',
      'must be true or false, found the text "true" | remove the quotes',
    ],
    [
      'list',
      z.array(z.number()),
      '5',
      'must be a list of numbers, found the number 5 | write a list: [one, two]',
    ],
    ['list from map', z.array(z.string()), '{a: 1}', 'must be a list of texts, found a map'],
    ['map', z.strictObject({}), '[]', 'must be a map, found an empty list'],
    ['map from text', z.strictObject({}), 'x', 'must be a map, found the text "x"'],
    [
      'choice',
      choice,
      'detaild',
      'must be one of basic, normal, detailed, found the text "detaild" | did you mean detailed?',
    ],
    ['choice far off', choice, 'zzz', 'must be one of basic, normal, detailed, found the text "zzz"'],
    ['literal', z.literal('a'), 'b', 'must be a, found the text "b"'],
    ['minimum', z.int().min(1), '0', 'must be at least 1, found the number 0'],
    ['maximum', z.int().max(9), '10', 'must be at most 9, found the number 10'],
    ['positive', z.number().positive(), '0', 'must be more than 0, found the number 0'],
    ['multiple', z.int().multipleOf(8), '9', 'must be a multiple of 8, found the number 9'],
    ['empty', z.string().min(1), '""', 'must not be empty, found an empty text'],
    ['length', z.string().length(2), 'abc', 'must have exactly 2 characters, found the text "abc"'],
    ['empty list', z.array(z.string()).min(1), '[]', 'must have at least one entry, found an empty list'],
    ['too many', z.array(z.string()).max(1), '[a, b]', 'must have at most 1 entries, found a list'],
    ['pattern', z.string().regex(/^a/u), 'b', 'must match /^a/u, found the text "b"'],
    [
      'own words',
      z.string().refine(() => false, 'must be nice\nbe nice'),
      'b',
      'must be nice, found the text "b" | be nice',
    ],
    ['own sentence', z.string().refine(() => false, 'no'), 'b', 'no'],
    ['no words', z.string().refine(() => false), 'b', 'is not valid, found the text "b"'],
    [
      'union',
      z.union([z.string(), z.array(z.string())]),
      '5',
      'must be a text or a list of texts, found the number 5',
    ],
    [
      'union of words',
      z.union([z.literal('all'), z.enum(['a', 'b'])]),
      'al',
      'must be one of all, a, b, found the text "al" | did you mean all?',
    ],
    [
      'inside a union',
      z.union([z.string(), z.strictObject({ a: z.boolean() })]),
      '{a: 1}',
      'must be true or false, found the number 1',
    ],
    [
      'discriminator',
      actions,
      '[{action: remove}]',
      'must be one of insert, delete, found the text "remove"',
    ],
    ['no discriminator', actions, '[{}]', 'is required: one of insert, delete'],
    ['chosen option', actions, '[{action: delete, value: 1}]', 'is not a known key | known keys: action'],
    [
      'bad key',
      z.record(z.string().regex(/^[a-z]+$/u), z.number()),
      '{A: 1}',
      'the key must match /^[a-z]+$/u',
    ],
    [
      'required',
      z.strictObject({ a: z.string().describe('what it is for') }),
      '{}',
      'is required: a text | what it is for',
    ],
    [
      'duration, no unit',
      duration(),
      '5',
      'must be a duration with a unit, found the number 5 | add a unit: 5ms, 5s or 5m',
    ],
    [
      'duration, quoted',
      duration(),
      '"5"',
      'must be a duration with a unit, found the text "5" | add a unit: 5ms, 5s or 5m',
    ],
    [
      'duration in days',
      duration(),
      '2d',
      'must be a duration; its largest unit is h, found the text "2d" | write 48h',
    ],
    [
      'duration, wrong',
      duration(),
      'soon',
      'must be a duration such as 200ms, 5s or 1m30s, found the text "soon" | units: ns, us, ms, s, m, h',
    ],
    ['duration, negative', duration(), '-5s', 'must not be negative, found the text "-5s"'],
    ['duration, short', duration({ min: 1000 }), '5ms', 'must be at least 1s, found the text "5ms"'],
    ['duration, long', duration({ max: 1000 }), '5m', 'must be at most 1s, found the text "5m"'],
    [
      'size',
      byteSize(),
      '4XB',
      'must be a size such as 4MiB, 64kB or a number of bytes, found the text "4XB" | units: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB',
    ],
    ['size, small', byteSize({ min: 1024 }), '5', 'must be at least 1KiB, found the number 5'],
    [
      'URL without scheme',
      url(),
      'tempo:4318',
      'must be a URL with http:// or https:// in front, found the text "tempo:4318" | add the scheme, usually http:// within a cluster',
    ],
    [
      'URL, other scheme',
      url(),
      'grpc://x',
      'must be a URL that begins with http:// or https://, found the text "grpc://x"',
    ],
    ['URL, none', url(), 'a b', 'must be a URL such as http://localhost:4318, found the text "a b"'],
    [
      'unknown key',
      z.strictObject({ endpoint: z.string().optional() }),
      '{endpont: x}',
      'is not a known key | did you mean endpoint?\nknown keys: endpoint',
    ],
    [
      'another spelling',
      z.strictObject({ max_elapsed_time: z.string().optional() }),
      '{maxElapsedTime: x}',
      'is not a known key | did you mean max_elapsed_time?\nknown keys: max_elapsed_time',
    ],
    [
      'too high',
      z.strictObject({ retry: z.strictObject({ interval: z.string().optional() }).optional() }),
      '{interval: x}',
      'is not a known key | it belongs under retry\nknown keys: retry',
    ],
    [
      'too deep',
      z.strictObject({ endpoint: z.string().optional(), retry: z.strictObject({}).optional() }),
      '{retry: {endpoint: x}}',
      'is not a known key | it belongs one level further out\nno keys are known here',
    ],
  ])('%s', (_, schema, text, line) => {
    const result = check(schema, text);
    expect(result.lines).toStrictEqual([line]);
    expect('value' in result).toBe(false);
  });

  test.each<[z.ZodType, string, string, string]>([
    [z.int(), '${env:X}', 'abc', 'must be a whole number, found the text of ${env:X}'],
    [z.int(), '${env:X}', '', 'must be a whole number, found no value'],
    [
      z.string().min(20),
      'a${env:X}',
      'secret',
      'must have at least 20 characters, found the text of a${env:X}',
    ],
    [z.array(z.number()), '${env:X}', '[1, 2]', 'must be a list of numbers, found the text of ${env:X}'],
    [z.strictObject({}), '${env:X}', 'a: 1', 'must be a map, found the text of ${env:X}'],
    [z.array(z.string()), '${env:X}', '[a]', 'must be a list of texts, found the text of ${env:X}'],
    [
      z.string().refine(() => false, { error: (issue) => `is bad: ${String(issue.input)}` }),
      '${env:X}',
      'hunter2',
      'is bad: ***',
    ],
  ])('%#: what a variable holds is not told', (_schema, text, held, message) => {
    const { lines } = check(_schema, text, { X: held });
    expect(lines[0]).toContain(message.split(', found no value')[0]);
    if (held !== '') expect(lines.join('\n').replaceAll('a variable', '')).not.toContain(`"${held}"`);
  });

  test('structure in a variable has a remedy', () => {
    expect(check(z.array(z.string()), '${env:X}', { X: '[a, b]' }).lines[0]).toContain(
      'write ${yaml:${env:NAME}}',
    );
    expect(check(z.array(z.string()), '${yaml:${env:X}}', { X: '[a, b]' }).value).toStrictEqual(['a', 'b']);
  });

  test('no second complaint about what could not be filled in', () => {
    expect(check(z.strictObject({ a: z.number() }), '{a: "${env:NOPE}"}').lines).toHaveLength(1);
  });

  test('an empty variable where a number is required', () => {
    expect(check(z.int(), '${env:X}', { X: '' }).lines[0]).toBe(
      'must be a whole number, found the empty text of ${env:X} | give it a value, or remove the key',
    );
  });
});

describe('marked keys', () => {
  const inner = z.strictObject({
    block_on_overflow: moot('full means wait'),
    tls: refused('use https:// in the endpoint'),
    logging: renamed('debug'),
    size: z.number().default(1),
  });

  test.each<[string, z.ZodType, string]>([
    ['at the top', inner, '{block_on_overflow: true}'],
    ['in a map', z.strictObject({ a: inner.optional() }), '{a: {block_on_overflow: true}}'],
    ['in a list', z.array(inner), '[{}, {block_on_overflow: true}]'],
    ['in a record', z.record(z.string(), inner), '{x: {block_on_overflow: true}}'],
    ['in a union', z.union([z.string(), inner]), '{block_on_overflow: true}'],
    [
      'behind wrappers',
      z.lazy(() => inner.optional().default({ size: 1 }).readonly()),
      '{block_on_overflow: }',
    ],
  ])('moot %s: one notice, and the value has no such key', (_, schema, text) => {
    const result = check(schema, text);
    expect(result.problems.map((problem) => [problem.severity, problem.message])).toStrictEqual([
      ['notice', 'has no effect here: full means wait'],
    ]);
    expect(inspect(result.value, { depth: 9 })).not.toContain('block');
    expect(result.value).toBeDefined();
  });

  test('refused and renamed are errors, whatever the value', () => {
    const result = check(inner, '{tls: {insecure: true}, logging: }');
    expect(result.lines).toStrictEqual([
      'is not supported | use https:// in the endpoint',
      'has another name now | write debug',
    ]);
    expect('value' in result).toBe(false);
  });

  test('unknown keys are not told to be marked ones', () => {
    expect(check(inner, '{tlz: 1}').lines).toStrictEqual(['is not a known key | known keys: size']);
  });
});

describe('secrets', () => {
  test('a Secret tells nothing unless asked', () => {
    const { value } = check(z.strictObject({ key: secret() }), '{key: hunter2}');
    const shown = [String(value?.key), JSON.stringify(value), inspect(value)];
    expect(shown.join(' ')).not.toContain('hunter2');
    expect(value?.key).toBeInstanceOf(Secret);
    expect(value?.key.reveal()).toBe('hunter2');
  });

  test.each([
    ['k: {api_key: hunter2, x: 1}', z.strictObject({ api_key: z.string() })],
    ['k: {password: "hunter2", x: 1}', z.strictObject({ password: z.number() })],
    ['k: {headers: {a: hunter2, b: 5}, x: 1}', z.strictObject({ headers: z.record(z.string(), z.string()) })],
    ['k: {key: hunter2, x: 1}', z.strictObject({ key: secret() })],
    ['k: {url: "http://me:hunter2@x/y", x: 1}', z.strictObject({ url: z.number() })],
    [
      'k:\n  client_secret: |\n    hunter2\n    hunter2 x\n  x: 1',
      z.strictObject({ client_secret: z.string().max(1) }),
    ],
    ['k: {authorization: "Bearer ${env:T:-hunter2}", x: 1}', z.strictObject({ authorization: z.number() })],
    ['k: {token: hunter2, x: [1}', z.strictObject({})],
    ['k: {token: a, token: hunter2}', z.strictObject({ token: z.string() })],
    ['k: {token: a, headers: {a: hunter2, a: hunter2}}', z.strictObject({ token: z.string() })],
    ['k: {x: "${env:H}"}', z.strictObject({ x: z.number() })],
    ['k: {x: "a ${env:H}"}', z.strictObject({ x: z.string().regex(/^b/u) })],
  ])('%s', (text, schema) => {
    const { tree, problems } = loadTree([{ name: 'a', text }], { env: { H: 'hunter2' } });
    const all = [...problems, ...validate(tree, ['k'], schema as z.ZodType).problems];
    expect(all.length).toBeGreaterThan(0);
    const shown = formatProblems(all) + JSON.stringify(all);
    expect(shown).not.toContain('hunter2');
  });

  test('a --set of a secret', () => {
    const set = ['k.headers.x=hunter2', 'k.key=hunter2'];
    const { tree } = loadTree([{ name: 'a', text: 'k: {}' }], { env: {}, set });
    const { problems } = validate(
      tree,
      ['k'],
      z.strictObject({ headers: z.record(z.string(), z.number()), key: secret().refine(() => false, 'no') }),
    );
    expect(problems.map((problem) => formatProblem(problem))).toStrictEqual(
      [
        '--set k.headers.x=***  k.headers.x: must be a whole number, found a text that is not shown',
        '--set k.key=***  k.key: no',
      ].map((line) => line.replace('whole ', '')),
    );
  });

  test('the tree for people', () => {
    const text =
      'a: ${env:X}\nb: {token: abc, auth_token: "${env:X}"}\nc: $$1\nd: ${yaml:[1, 2]}\ne: [1, x]\nheaders: {h: v}';
    const { tree } = loadTree([{ name: 'a', text }], { env: { X: 'hunter2' } });
    expect(tree.shown()).toStrictEqual({
      a: '${env:X}',
      b: { token: '***', auth_token: '***' },
      c: '$$1',
      d: '${yaml:[1, 2]}',
      e: [1n, 'x'],
      headers: { h: '***' },
    });
  });
});
