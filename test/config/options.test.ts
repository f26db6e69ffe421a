import { expect, test } from 'vitest';
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
  url,
} from '../../src/config/fields.ts';
import { loadTree } from '../../src/config/load.ts';
import { jsonSchema, optionTable } from '../../src/config/options.ts';
import { toYaml } from '../../src/config/yaml-text.ts';

const schema = z.strictObject({
  endpoint: url().describe('where to send'),
  timeout: duration().default(90_000).describe('per attempt'),
  flush: duration().prefault('200ms'),
  size: byteSize().default(4_194_304),
  key: secret().optional().describe('the key'),
  level: z.enum(['basic', 'detailed']).default('basic'),
  prefix: z.string().default(''),
  queue: z
    .strictObject({ enabled: z.boolean().default(true), consumers: z.int().default(10) })
    .prefault({})
    .describe('the queue'),
  retry: z.strictObject({ times: z.number(), base: z.number().optional() }).default({ times: 3 }),
  actions: z
    .array(
      z.discriminatedUnion('action', [
        z.strictObject({ action: z.literal('insert'), value: attributeValue() }),
        z.strictObject({ action: z.literal('delete'), pattern: regex() }),
      ]),
    )
    .default([]),
  labels: z.record(z.string(), z.strictObject({ from: z.string() })).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  block: moot('full means wait'),
  tls: refused('use https://'),
  old: renamed('endpoint'),
});

test('the table of options', () => {
  const rows = optionTable(schema).map((row) =>
    [row.key, row.type, row.required ? 'required' : (row.default ?? '-'), row.status ?? '', row.meaning].join(
      ' | ',
    ),
  );
  expect(rows).toStrictEqual([
    'endpoint | URL | required |  | where to send',
    'timeout | duration | 1m30s |  | per attempt',
    'flush | duration | 200ms |  | ',
    'size | size | 4MiB |  | ',
    'key | secret text | - |  | the key',
    'level | basic | detailed | basic |  | ',
    'prefix | text | "" |  | ',
    'queue | map | - |  | the queue',
    'queue.enabled | true or false | true |  | ',
    'queue.consumers | whole number | 10 |  | ',
    'retry | map | - |  | ',
    'retry.times | number | required |  | ',
    'retry.base | number | - |  | ',
    'actions | list of map | [] |  | ',
    'actions[].action | insert | delete | required |  | ',
    'actions[].value | attribute value | required |  | (with action insert)',
    'actions[].pattern | regular expression | required |  | (with action delete)',
    'labels | map of map | - |  | ',
    'labels.*.from | text | required |  | ',
    'either | text or list of text | - |  | ',
    'block |  | - | moot | Accepted, has no effect here: full means wait',
    'tls |  | - | refused | Not supported: use https://',
    'old |  | - | renamed | Write endpoint.',
  ]);
});

test('the JSON Schema is of what may be written', () => {
  const written = jsonSchema(schema);
  expect(JSON.stringify(written)).not.toContain('respool');
  expect(written).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['endpoint'],
    properties: {
      endpoint: { type: 'string', description: 'where to send' },
      timeout: { type: ['string', 'integer'], maximum: 0, default: '1m30s' },
      flush: { default: '200ms' },
      size: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      level: { enum: ['basic', 'detailed'] },
      block: { deprecated: true, description: 'Accepted, has no effect here: full means wait' },
    },
  });
});

test('values as YAML are read back as they are', () => {
  const value = {
    a: 1n,
    b: 1.5,
    c: '1_000',
    d: '0b1',
    e: 'true',
    f: '',
    g: null,
    h: [true, 'x: y', '0123', '.5', '~', 'null'],
    i: { 'a.b': 'line\nline', 'otlp/2': '{}' },
    j: 'a long text '.repeat(20),
  };
  const { tree, problems } = loadTree([{ name: 'a', text: toYaml(value) }], { env: {} });
  expect(problems).toStrictEqual([]);
  expect(tree.value).toStrictEqual(value);
});
