/**
 * What people read when their configuration is wrong: each `golden/NAME.yaml` and beside it `NAME.txt`, the text
 * that it gives. The first lines of a YAML may say `# env: A=1`, `# set: a.b=c`, `# and: parts/other.yaml`.
 * RESPOOL_UPDATE_GOLDENS=1 writes the texts anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  attributeValue,
  byteSize,
  duration,
  moot,
  refused,
  renamed,
  secret,
  url,
} from '../../src/config/fields.ts';
import { loadTree } from '../../src/config/load.ts';
import { formatProblems, sortProblems } from '../../src/config/problem.ts';
import { validate } from '../../src/config/validate.ts';

const folder = join(import.meta.dirname, 'golden');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

const queue = z.strictObject({
  enabled: z.boolean().default(true).describe('false sends each batch at once'),
  num_consumers: z.int().min(1).max(100).default(10).describe('requests under way at the same time'),
  queue_size: byteSize().default(4_194_304),
  block_on_overflow: moot('a full queue always waits'),
});

const exporter = z.strictObject({
  endpoint: url().describe('base URL of the backend, for example http://tempo:4318'),
  timeout: duration({ min: 1 }).default(5000),
  headers: z.record(z.string(), secret()).default({}),
  encoding: z.enum(['proto', 'json']).default('proto'),
  compression: z.union([z.literal('none'), z.enum(['gzip', 'zstd'])]).default('gzip'),
  sending_queue: queue.prefault({}),
  tls: refused('TLS follows from the endpoint: write https://'),
  loki: renamed('endpoint'),
});

const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('insert'), key: z.string().min(1), value: attributeValue() }),
  z.strictObject({ action: z.literal('delete'), key: z.string().min(1) }),
]);

const schema = z.strictObject({
  receivers: z
    .record(
      z.string(),
      z.strictObject({
        include: z.array(z.string()).min(1),
        start_at: z.enum(['beginning', 'end']).default('beginning'),
      }),
    )
    .default({}),
  processors: z
    .record(
      z.string(),
      z.strictObject({ actions: z.array(action).default([]), statements: z.array(z.string()).default([]) }),
    )
    .default({}),
  exporters: z.record(z.string(), exporter).default({}),
  service: z
    .strictObject({
      pipelines: z.record(
        z.string().regex(/^(traces|logs|metrics)(\/.+)?$/u, 'must begin with traces, logs or metrics'),
        z.strictObject({ receivers: z.array(z.string()), exporters: z.array(z.string()) }),
      ),
    })
    .optional(),
});

function directives(text: string, name: string): string[] {
  return [...text.matchAll(/^# (\w+): (.*)$/gmu)]
    .filter((match) => match[1] === name)
    .map((match) => match[2] ?? '');
}

function rendered(name: string): string {
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
  const env = Object.fromEntries(directives(text, 'env').map((pair) => pair.split(/=(.*)/su).slice(0, 2)));
  const others = directives(text, 'and').map((file) => ({
    name: file,
    text: readFileSync(join(folder, file), 'utf8'),
  }));
  const sources = [{ name: `${name}.yaml`, text }, ...others];
  const { tree, problems } = loadTree(sources, {
    env,
    set: directives(text, 'set'),
    readFile: (path) => {
      if (!existsSync(join(folder, path))) throw new Error(`${path}: there is no such file`);
      return readFileSync(join(folder, path), 'utf8');
    },
  });
  const checked = validate(tree, [], schema);
  const all = sortProblems([...problems, ...checked.problems]);
  return all.length === 0 ? '' : `${formatProblems(all)}\n`;
}

describe('error texts', () => {
  test.each(names)('%s', (name) => {
    const path = join(folder, `${name}.txt`);
    const text = rendered(name);
    if (process.env['RESPOOL_UPDATE_GOLDENS'] === '1') writeFileSync(path, text);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(text);
    expect(text).not.toMatch(/hunter2/u);
  });

  test('there are many', () => {
    expect(names.length).toBeGreaterThanOrEqual(25);
  });
});
