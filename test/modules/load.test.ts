import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Scenario } from './driver.ts';

/** The author's files, by name; they stand in a folder far from any node_modules. */
const files: Readonly<Record<string, string>> = {
  'mask.ts': `
    import { defineProcessor, SpanKind, type Span } from 'respool';
    import { z } from 'zod';
    const isServer = (span: Span): boolean => span.kind === SpanKind.SERVER;
    export default defineProcessor({
      config: z.object({ key: z.string(), times: z.number().default(1) }),
      create({ key, times }, context) {
        let seen: number = 0;
        return {
          span(span) {
            seen += times;
            if (isServer(span)) span.drop('server');
            else span.attributes.set(key, '***');
          },
          async shutdown() { context.logger.info('seen ' + seen); },
        };
      },
    });`,
  'logs.ts': `
    import { defineProcessor } from 'respool';
    export default defineProcessor({ create: () => ({ log: (log) => { log.body = 'x'; } }) });`,
  'async.ts': `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { defineProcessor } from 'respool';
    export default defineProcessor({
      async create() {
        await sleep(1);
        return { async batch(batch) { await sleep(1); for (const r of batch.resources()) r.attributes.set('r', 1); } };
      },
    });`,
  'plain.mjs': `export default { create: () => ({ span: (span) => span.attributes.set('plain', true) }) };`,
  'helped.ts': `import { helper } from './helper.ts';\nexport default { create: () => ({ span: helper }) };`,
  'helper.ts': `import type { Span } from 'respool';\n\nexport function helper(span: Span): void {\n  span.nope();\n}`,
  'enum.ts': `// 1\nenum Colour { Red }\nexport default { create: () => ({ span() { Colour.Red } }) };`,
  'parameter.ts': `class A { constructor(private a: string) {} }\nexport default new A('');`,
  'syntax.ts': `export default {\n  create() { const a = ; },\n};`,
  'no-default.ts': `export const processor = 1;`,
  'no-processor.ts': `export default function span() {}`,
  'no-create.ts': `export default { create: 1 };`,
  'no-schema.ts': `export default { config: { key: 'string' }, create: () => ({}) };`,
  'throws.ts': `const config: any = undefined;\nexport default config.create;`,
  'throws-in-create.ts': `export default {\n  create() {\n    throw new Error('no key');\n  },\n};`,
  'throws-in-span.ts': `export default {\n  create: () => ({\n    span(span: any) {\n      span.attributes.nope.x();\n    },\n  }),\n};`,
  'throws-in-batch.ts': `export default { create: () => ({\n async batch() { throw 'a text'; } }) };`,
  'async-span.ts': `export default { create: () => ({ async span() { throw new Error('lost?'); } }) };`,
  'wrong-name.ts': `export default { create: () => ({ spans() {} }) };`,
  'nothing.ts': `export default { create: () => undefined };`,
  'no-function.ts': `export default { create: () => ({ span: 'a' }) };`,
  'imports-package.ts': `import x from 'no-such-package-here';\nexport default x;`,
  'imports-file.ts': `import { helper } from './helper';\nexport default helper;`,
  'imports-type.ts': `import { defineProcessor, Span } from 'respool';\nexport default defineProcessor({ create: () => ({ span(span: Span) {} }) });`,
  'text.txt': '',
  'node_modules/mask/mask.ts': `export default { create: () => ({ span() {} }) };`,
  'imports-packaged.ts': `import mask from './node_modules/mask/mask.ts';\nexport default mask;`,
  'a-receiver.ts': `export default { kind: 'receiver', create() {} };`,
  'no-state.ts': `import { z } from 'zod';\nexport default { state: z.object({ seen: z.int() }), create: () => ({ span() {} }) };`,
  'answers-text.ts': `export default { create: () => ({ span: () => 'x' }) };`,
  'answers-item.ts': `export default { create: () => ({ span: (span) => [span] }) };`,
  'makes-logs.ts': `import { newLog } from 'respool';\nexport default { create: () => ({ span: () => newLog() }) };`,
  'node_modules/@acme/mask/package.json': `{"name": "@acme/mask", "type": "module", "exports": {".": {"import": "./mask.js"}, "./throws": "./throws.js"}}`,
  'node_modules/@acme/mask/mask.js': `export default { create: () => ({ span(span) { span.attributes.set('by', 'package'); } }) };`,
  'node_modules/@acme/mask/throws.js': `export default { create: () => ({\n span() { throw new Error('no'); } }) };`,
  'node_modules/packaged-ts/package.json': `{"name": "packaged-ts", "exports": "./it.ts"}`,
  'node_modules/packaged-ts/it.ts': `export default { create: () => ({ span() {} }) };`,
  'throws-in-log.ts': `export default { create: () => ({ log() { throw new Error('boom'); } }) };`,
};

let directory = '';
let answers: readonly Answer[] = [];
const scenarios: Scenario[] = [];

/** Tests are written as if each ran alone; one process plays them all, because a process costs more than the rest. */
function scenario(module: string, more: Partial<Scenario> = {}): () => Answer {
  const index = scenarios.push({ module, directory: '', ...more }) - 1;
  return () => answers[index] ?? {};
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'respool-modules-'));
  for (const name of ['mask', '@acme/mask', 'packaged-ts'])
    mkdirSync(join(directory, 'node_modules', name), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const all = scenarios.map((one) => ({ ...one, directory }));
  const driver = join(import.meta.dirname, 'driver.ts');
  const out = execFileSync(process.execPath, [driver, JSON.stringify(all)], {
    cwd: directory,
    encoding: 'utf8',
  });
  answers = JSON.parse(out) as Answer[];
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const spans = (...all: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans: all }] }] });

describe('a processor in one file', () => {
  const masked = scenario('./mask.ts', {
    yaml: 'config: {key: secret, times: 2}',
    input: spans({ name: 'a' }, { name: 'b', kind: 2 }),
  });
  it('gets its config, edits, drops and logs', () => {
    expect(masked()).toEqual({
      output: [{ name: 'a', attributes: [['secret', '***']] }],
      drops: [['server', 1]],
      logged: [{ level: 'info', message: 'seen 4' }],
    });
  });

  const waiting = scenario('async.ts');
  it('may wait in create and batch', () => {
    expect(waiting().output).toEqual([{ name: 'a', attributes: [] }]);
  });

  const plain = scenario('./plain.mjs');
  it('may be JavaScript that imports nothing', () => {
    expect(plain().output).toEqual([{ name: 'a', attributes: [['plain', true]] }]);
  });

  const packaged = scenario('@acme/mask');
  const throwing = scenario('@acme/mask/throws');
  it('may be an npm package, beside the config', () => {
    expect(packaged().output).toEqual([{ name: 'a', attributes: [['by', 'package']] }]);
    expect(throwing().error?.message).toMatch(/^@acme\/mask\/throws:2:\d+: no$/);
  });

  const idle = scenario('./logs.ts');
  it('is warned about in a pipeline where it does nothing', () => {
    expect(idle().logged).toEqual([
      { level: 'warn', message: 'logs.ts has nothing to do in a pipeline of traces' },
    ]);
  });

  const log = scenario('./logs.ts', {
    signal: 'logs',
    input: { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] },
  });
  it('sees log records', () => {
    expect(log()).toMatchObject({ output: [{ name: 'x' }], logged: [] });
  });
});

describe('its config', () => {
  const cases: [yaml: string, errors: string[], module?: string][] = [
    ['', ['config.key: is required: a text']],
    ['config: {key: 1}', ['config.key: must be a text, found the number 1']],
    ['config: {key: a, keys: b}', ['config.keys: is not a known key']],
    ['key: a', ['config.key: is required: a text', 'key: is not a known key']],
    ['config: {a: 1}', ['config: logs.ts defines no config, so it takes none'], './logs.ts'],
  ];
  const played = cases.map(
    ([yaml, errors, module = './mask.ts']) => [yaml, errors, scenario(module, { yaml })] as const,
  );
  it.each(played)('%j', (_, errors, answer) => {
    expect(answer().configErrors).toEqual(errors);
  });
});

describe('what can be wrong with the file', () => {
  const cases: [module: string, message: RegExp, remedy: RegExp | undefined][] = [
    ['./missing.ts', /^there is no file .*missing\.ts$/, /starts from the folder of the config file/],
    ['.', /is not a file$/, /^name the file itself$/],
    ['./text.txt', /^text\.txt must end in \.ts, \.mts, \.js, \.mjs$/, undefined],
    ['./enum.ts', /^enum\.ts:2: a TypeScript enum cannot be used: types are only stripped/, /as const/],
    [
      './parameter.ts',
      /^parameter\.ts:1: a TypeScript parameter property cannot be used/,
      /in the constructor/,
    ],
    ['./syntax.ts', /^syntax\.ts:2: SyntaxError: Expression expected/, undefined],
    ['./no-default.ts', /^no-default\.ts has no default export$/, /export default defineProcessor/],
    [
      './no-processor.ts',
      /^no-processor\.ts exports by default something that is not a processor$/,
      /defineProcessor/,
    ],
    ['./no-create.ts', /^no-create\.ts has a create that is not a function$/, /defineProcessor/],
    ['./no-schema.ts', /^no-schema\.ts has a config that is not a zod schema$/, /defineProcessor/],
    ['./throws.ts', /^throws\.ts:2:\d+: TypeError: Cannot read properties of undefined/, undefined],
    [
      './imports-package.ts',
      /^imports-package\.ts imports the package no-such-package-here, which is not installed/,
      /npm install no-such-package-here/,
    ],
    ['./imports-file.ts', /^imports-file\.ts imports helper, and there is no such file$/, /`\.\/helper\.ts`/],
    ['./imports-type.ts', /^imports-type\.ts:1: respool exports no Span$/, /import type/],
    ['./throws-in-create.ts', /^throws-in-create\.ts:3:\d+: no key$/, undefined],
    ['./nothing.ts', /^create in nothing\.ts answered nothing$/, /batch, resource, span, log/],
    ['./no-function.ts', /^span in no-function\.ts must be a function$/, /batch, resource, span, log/],
    ['./wrong-name.ts', /^wrong-name\.ts answers spans, which nothing calls$/, /^did you mean span\?$/],
    ['./throws-in-span.ts', /^throws-in-span\.ts:4:\d+: TypeError: /, undefined],
    [
      './node_modules/mask/mask.ts',
      /^mask\.ts is TypeScript under node_modules, where Node does not run it$/,
      /^copy the file out of node_modules, or compile it to JavaScript$/,
    ],
    [
      './imports-packaged.ts',
      /^imports-packaged\.ts imports .*mask\.ts, which is TypeScript under node_modules/,
      /^copy the file out/,
    ],
    ['./throws-in-batch.ts', /^throws-in-batch\.ts: threw a text$/, undefined],
    ['./helped.ts', /^helper\.ts:4:\d+: TypeError: span\.nope is not a function$/, undefined],
    ['./async-span.ts', /^async-span\.ts:1:\d+: lost\?$/, undefined],
    [
      './a-receiver.ts',
      /^a-receiver\.ts is a receiver, and not a processor$/,
      /^it belongs under `receivers`$/,
    ],
    ['./no-state.ts', /^no-state\.ts has a state that does not begin with \{\}: .*seen/s, /defineProcessor/],
    [
      './answers-text.ts',
      /^span in answers-text\.ts answered the text "x"$/,
      /newLog, newSpan, newMetric or copyOf/,
    ],
    ['./answers-item.ts', /^span in answers-item\.ts answered an item of a batch$/, /copyOf\(item\)/],
    [
      './makes-logs.ts',
      /^makes-logs\.ts made logs in a pipeline of traces$/,
      /^say `creates: \['logs'\]` in its definition$/,
    ],
    ['@acme/none', /^the package @acme\/none is not installed, neither in .* nor above it$/, /npm install/],
    ['packaged-ts', /^packaged-ts is TypeScript under node_modules/, /^copy the file out/],
  ];
  const played = cases.map(
    ([module, message, remedy]) => [module, message, remedy, scenario(module)] as const,
  );
  it.each(played)('%s', (_, message, remedy, answer) => {
    const { error } = answer();
    expect(error?.message).toMatch(message);
    if (remedy === undefined) expect(error?.remedy).toBeUndefined();
    else expect(error?.remedy).toMatch(remedy);
  });

  const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };
  const noon = '1700000000123456789';
  const logs = (record: object) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  const items: [module: string, more: Partial<Scenario>, item: string][] = [
    ['./throws-in-span.ts', { input: spans({}, ids) }, ''],
    [
      './throws-in-span.ts',
      { input: spans(ids) },
      ' (span eee19b7ec3c1b174 of trace 5b8efff798038103d269b633813fc60c)',
    ],
    [
      './throws-in-log.ts',
      { signal: 'logs', input: logs({ observedTimeUnixNano: noon }) },
      ' (log record of 2023-11-14T22:13:20.123456789Z)',
    ],
    [
      './throws-in-log.ts',
      { signal: 'logs', input: logs({ timeUnixNano: noon, traceId: ids.traceId }) },
      ' (log record of 2023-11-14T22:13:20.123456789Z in trace 5b8efff798038103d269b633813fc60c)',
    ],
    ['./throws-in-log.ts', { signal: 'logs', input: logs({}) }, ''],
  ];
  const thrown = items.map(([module, more, item]) => [module, item, scenario(module, more)] as const);
  it.each(thrown)('is named with the item: %s%s', (module, item, answer) => {
    const message = answer().error?.message ?? '';
    expect(message).toMatch(
      /^throws-in-(span|log)\.ts:\d+:\d+: (boom|TypeError: Cannot read properties of undefined \(reading 'x'\))/,
    );
    expect(message.replace(/^.*(boom|'x'\))/, '')).toBe(item);
  });

  const forbidden = scenario('./mask.ts', { allow: false });
  it('is not looked at under --no-modules', () => {
    expect(forbidden().error?.message).toBe(
      './mask.ts is code, and --no-modules forbids to run code that a config names',
    );
  });
});

describe('the sample', () => {
  const sample = join(import.meta.dirname, '../../config/own-processor/mask.ts');
  const attributes = [{ key: 'to', value: { stringValue: 'to ada@example.com' } }];
  const masked = scenario(sample, { input: spans({ name: 'a', attributes }) });
  it('masks e-mail addresses', () => {
    expect(masked()).toMatchObject({
      output: [{ name: 'a', attributes: [['to', 'to ***']] }],
    });
  });
});
