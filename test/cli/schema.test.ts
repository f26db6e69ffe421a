/** The JSON Schema of a config takes what runs, and refuses most of what `respool validate` refuses. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { components } from '../../src/components.ts';
import { configSchema } from '../../src/cli/schema/config-schema.ts';
import { respool, root } from '../support/respool.ts';

let schema: Record<string, unknown>;
let problemsIn: (text: string) => string[];

beforeAll(async () => {
  schema = await configSchema();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(schema);
  problemsIn = (text) => {
    if (validate(parse(text, { merge: true }))) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
});

const yamlIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('a config that runs', () => {
  it.each([...yamlIn('config'), ...yamlIn('test/behavior')])('%s is valid', (path) => {
    expect(problemsIn(read(path))).toEqual([]);
  });

  /** Blocks in pages may be parts of a config. */
  const blocks = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match): [string, string] => [
        `${page}:${read(page).slice(0, match.index).split('\n').length}`,
        match[1] ?? '',
      ]),
    );

  it.each(blocks)('in %s is valid', (_, text) => {
    const whole = { tests: [], ...(parse(text, { merge: true }) as object) };
    expect(problemsIn(JSON.stringify(whole))).toEqual([]);
  });
});

describe('a config that is wrong', () => {
  const goldens = yamlIn('test/pipeline/golden').filter((path) => {
    const said = read(path.replace(/yaml$/, 'txt'));
    const others = /^# (?:env|set|and|modules): /m.test(read(path));
    return /exit 78/.test(said) && !others && isYaml(read(path));
  });

  it('is mostly seen by an editor', () => {
    const missed = goldens.filter((path) => problemsIn(read(path)).length === 0);
    // References, signals, patterns and OTTL are beyond a schema.
    expect(missed.length / goldens.length, missed.join('\n')).toBeLessThan(0.5);
    expect(goldens.length).toBeGreaterThan(30);
  });

  it.each([
    ['an unknown key', 'exporters: {otlp_http: {endpont: "http://x"}}', /endpont|additional/],
    ['a duration without a unit', 'exporters: {otlp_http: {endpoint: "http://x", timeout: 5}}', /timeout/],
    ['a URL without a scheme', 'exporters: {otlp_http: {endpoint: "x:4318"}}', /endpoint/],
    ['a key that is refused', 'exporters: {otlp_http: {sending_queue: {storage: x}}}', /storage/],
    ['a type that there is not', 'exporters: {oltp_http: {}}', /oltp_http/],
    ['a choice', 'exporters: {debug: {verbosity: loud}}', /verbosity/],
    ['a test without a name', 'tests: [{expect: {}}]', /name/],
    ['a field of a record', 'tests: [{name: x, input: {spans: [{nam: x}]}, expect: {}}]', /spans/],
  ])('%s is named', (_, text, problem) => {
    expect(problemsIn(`tests: []\n${text}`.replace(/^tests: \[\]\ntests/, 'tests')).join('\n')).toMatch(
      problem,
    );
  });

  it.each([
    [
      'a reference',
      'exporters: {otlp_http: {endpoint: "${env:URL}", timeout: "${env:T}", compression: "${env:C}"}}',
    ],
    ['a queue that is left empty', 'exporters: {otlp_http: {endpoint: "http://x", sending_queue: }}'],
    ['an id with a name and an alias', 'exporters: {otlphttp/a: {endpoint: "http://x"}, debug: }'],
    [
      "a component of one's own",
      'processors: {filter/own: {module: ./x.ts, config: {a: 1}}, mask: {module: x}}',
    ],
    [
      'a test with a tree',
      'tests: [{name: x, input: {spans: [{children: [{children: [{name: x}]}]}]}, expect: {}}]',
    ],
  ])('%s is not', (_, text) => {
    expect(problemsIn(`tests: []\n${text}`.replace(/^tests: \[\]\ntests/, 'tests'))).toEqual([]);
  });
});

function isYaml(text: string): boolean {
  try {
    return typeof parse(text, { merge: true }) === 'object';
  } catch {
    return false;
  }
}

describe('respool schema', () => {
  it('prints it, with the meaning of each key, and stays of a size that editors take', async () => {
    const { stdout, exitCode } = await respool(['schema']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(schema)));
    expect(stdout.length).toBeLessThan(600_000);
    const parts = schema['$defs'] as Record<string, { properties?: Record<string, unknown> }>;
    for (const { type } of components.exporters) expect(parts).toHaveProperty([`exporters-${type}`]);
    expect(parts['exporters-otlp_http']?.properties).toMatchObject({
      timeout: { default: '30s', description: 'Wall-clock bound of one attempt.' },
    });
  });
});
