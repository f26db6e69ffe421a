import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLaws } from './support/architecture-laws.ts';

const root = join(import.meta.dirname, '..');

function sourceTree(): Map<string, string> {
  if (!existsSync(join(root, 'src'))) return new Map();
  const paths = globSync('src/**/*.ts', { cwd: root });
  return new Map(paths.map((path) => [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')]));
}

/** One file of source per entry, the path first. */
function broken(files: Record<string, string>): string[] {
  return checkLaws(new Map(Object.entries(files)));
}

it('the source tree obeys the laws of the house', () => {
  expect(checkLaws(sourceTree())).toEqual([]);
});

describe('a tree that obeys', () => {
  it('may be empty', () => {
    expect(broken({})).toEqual([]);
  });

  it('may hold components, helpers, types of zod and words that only look forbidden', () => {
    const files = {
      'src/wire/reader.ts': `import { Buffer } from 'node:buffer'; export const empty = Buffer.alloc(0);`,
      'src/model/batch.ts': `import { empty } from '../wire/reader.ts'; export const batch = empty;`,
      'src/config/read.ts': `import { readFile } from 'node:fs/promises'; import { parse } from 'yaml'; export { parse }; export const read = readFile;`,
      'src/pipeline/clock.ts': `export const now = () => Date.now(); export const after = (ms: number) => setTimeout(() => {}, ms);`,
      'src/pipeline/component.ts': `import type { ZodType } from 'zod'; import { type ZodError } from 'zod/v4'; export type Schema = ZodType | ZodError;`,
      'src/receivers/file.ts': `import fs from 'node:fs'; import { lines } from './file/lines.ts'; export const file = { type: 'file', lines, fs };`,
      'src/receivers/file/lines.ts': `export const lines = 1;`,
      'src/processors/time-shift.ts': `import { z } from 'zod'; export const timeShift = defineProcessor({ type: 'time_shift', schema: z.object({ type: z.string() }) });`,
      'src/processors/batch.ts': `export const batch = { type: 'batch' as const } satisfies object;\n// Date.now() and console.log\nconst text = 'process.env'; const made = new Date(0); context.clock.setTimeout(text, made);`,
      'src/exporters/otlp-http.ts': `import { request } from 'undici'; export const otlpHttp: Factory = { type: 'otlp_http', request };`,
      'src/components.ts': `import { file } from './receivers/file.ts'; export const all = [file];`,
      'src/cli/main.ts': `import { all } from '../components.ts'; import pack from '../../package.json' with { type: 'json' }; console.log(all, pack, process.env); process.exit(0);`,
      'src/testing/main.ts': `export { batch } from '../model/batch.ts';`,
      'src/index.ts': `export * from './model/batch.ts'; export type { Schema } from './pipeline/component.ts';`,
    };
    expect(broken(files)).toEqual([]);
  });
});

describe('a tree that breaks a law', () => {
  const cases: [law: string, path: string, source: string, message: string][] = [
    ['folder', 'src/utils/x.ts', ``, 'the house has no src/utils'],
    ['import', 'src/wire/x.ts', `import '../model/a.ts';`, 'wire may not import model'],
    [
      'import',
      'src/pipeline/x.ts',
      `import { a } from '../processors/a.ts';`,
      'pipeline may not import processors',
    ],
    [
      'import',
      'src/model/x.ts',
      `import type { A } from '../pipeline/a.ts';`,
      'model may not import pipeline',
    ],
    ['import', 'src/model/x.ts', `type A = import('../ottl/a.ts').A;`, 'model may not import ottl'],
    ['import', 'src/ottl/x.ts', `const a = await import('../wire/a.ts');`, 'ottl may not import wire'],
    [
      'import',
      'src/encodings/x.ts',
      `export { a } from '../config/a.ts';\nconst b = 1;`,
      'encodings may not import config',
    ],
    ['import', 'src/sdk/x.ts', `import '../modules/a.ts';`, 'sdk may not import modules'],
    ['import', 'src/state/x.ts', `import '../components.ts';`, 'state may not import components.ts'],
    ['import', 'src/index.ts', `import './cli/main.ts';`, 'index.ts may not import cli'],
    ['import', 'src/cli/x.ts', `import '../index.ts';`, 'nothing inside src imports the public API'],
    ['import', 'src/cli/x.ts', `import '../../test/a.ts';`, 'outside src'],
    ['package', 'src/cli/x.ts', `import { parse } from 'yaml';`, 'cli may not import yaml'],
    ['package', 'src/model/x.ts', `import { z } from 'zod';`, 'model may not import zod'],
    ['package', 'src/pipeline/x.ts', `import { x } from 'yaml';`, 'pipeline may not import yaml'],
    ['package', 'src/config/x.ts', `import '@scope/name/deep';`, 'config may not import @scope/name'],
    ['io', 'src/model/x.ts', `import fs from 'fs';`, 'node:fs'],
    ['io', 'src/config/x.ts', `import { readFile } from 'node:fs/promises';`, 'node:fs/promises'],
    ['io', 'src/testing/x.ts', `const http = await import('node:http');`, 'node:http'],
    ['io', 'src/processors/x/y.ts', `import { request } from 'undici';`, 'undici'],
    ['clock', 'src/cli/x.ts', `const a = Date.now();`, 'Date.now'],
    ['clock', 'src/cli/x.ts', `const a = new Date();`, 'new Date()'],
    ['clock', 'src/cli/x.ts', `const a = globalThis.performance.now();`, 'performance.now'],
    ['clock', 'src/state/x.ts', `setTimeout(() => {}, 1);`, 'setTimeout'],
    ['clock', 'src/state/x.ts', `const timers = { setInterval };`, 'setInterval'],
    [
      'clock',
      'src/sdk/x.ts',
      `import { setTimeout as sleep } from 'node:timers/promises';`,
      'node:timers/promises',
    ],
    ['process', 'src/config/expand.ts', `const a = process.env['HOME'];`, 'process.env'],
    ['process', 'src/config/expand.ts', `import { env } from 'node:process';`, 'node:process'],
    ['process', 'src/pipeline/x.ts', `if (a) process.exit(1);`, 'process.exit'],
    ['process', 'src/pipeline/x.ts', `console.warn('x');`, 'console'],
    ['barrel', 'src/model/index.ts', `export const a = 1;`, 'import from the file that defines the name'],
    [
      'barrel',
      'src/model/all.ts',
      `export * from './a.ts';\nexport { b } from './b.ts';`,
      'import from the file',
    ],
    [
      'triple',
      'src/receivers/otlpJson.ts',
      `export const otlpJson = { type: 'otlp_json' };`,
      'not in kebab case',
    ],
    [
      'triple',
      'src/receivers/otlp-json.ts',
      `export const other = { type: 'otlp_json' };`,
      'no `export const otlpJson`',
    ],
    [
      'triple',
      'src/exporters/otlp-http.ts',
      `export const otlpHttp = { type: 'otlphttp' };`,
      `type: 'otlp_http'`,
    ],
    ['triple', 'src/processors/batch.ts', `export const batch = make();`, `type: 'batch'`],
  ];

  it.each(cases)('%s: %s %s', (law, path, source, message) => {
    const found = broken({ [path]: source });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${law}: `);
    expect(found[0]).toContain(message);
  });

  it('component: one imports another', () => {
    const found = broken({
      'src/processors/a.ts': `import { b } from './b.ts'; export const a = { type: 'a', b };`,
      'src/processors/b.ts': `export const b = { type: 'b' };`,
    });
    expect(found).toEqual([
      'src/processors/a.ts:1 component: a component may not import another (src/processors/b.ts)',
    ]);
  });

  it('cycle: through types only', () => {
    const found = broken({
      'src/model/a.ts': `import type { B } from './b.ts'; export type A = B;`,
      'src/model/b.ts': `import { c } from './c.ts'; export type B = typeof c;`,
      'src/model/c.ts': `\nexport const c = 1; export type C = import('./a.ts').A;`,
    });
    expect(found).toEqual([
      'src/model/a.ts:1 cycle: src/model/a.ts -> src/model/b.ts -> src/model/c.ts -> src/model/a.ts',
    ]);
  });

  it('says the line', () => {
    expect(broken({ 'src/model/a.ts': `\n\nconsole.log(1);` })[0]).toMatch(/^src\/model\/a\.ts:3 /);
  });
});
