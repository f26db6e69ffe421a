/**
 * Makes `dist` from `src`: `npm run build`; with the path of a folder, all but the types, in there, and as it is before it
 * was started. The command and the API become a few files that share their parts, with the packages that every run needs
 * inside, because opening hundreds of files is what takes a start its time. They are not minified: a stack trace names
 * functions as the source does. Types are written beside them.
 *
 * What a user's own file may share with us stays outside and is resolved at run time: `zod` is also given to it, and the
 * exporters of the OpenTelemetry SDK are loaded by their names.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { rolldown, type OutputChunk, type Plugin } from 'rolldown';
import { compileEarly } from './early.ts';

const root = resolve(import.meta.dirname, '..');
const [, , folder] = process.argv;
const dist = folder === undefined ? join(root, 'dist') : resolve(folder);
const command = 'cli/main.js';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** What package.json offers under `./dist/`, each made from the source of the same name. */
function entries(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const paths = [...Object.values(manifest.bin), ...Object.values(manifest.exports)]
    .map((target) => (typeof target === 'string' ? target : target.default))
    .map((path) => /^(?:\.\/)?dist\/(.+)\.js$/.exec(path)?.[1])
    .filter((name) => name !== undefined);
  return Object.fromEntries(paths.map((name) => [name, join(root, 'src', `${name}.ts`)]));
}

/** A thread's file is named by `new URL('./x.ts', import.meta.url)`: it becomes a file of its own, and the name is told anew. */
const threads: Plugin = {
  name: 'threads',
  transform(code, id) {
    if (!id.startsWith(join(root, 'src')) || !code.includes('import.meta.url)')) return null;
    const found = /new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g;
    if (!found.test(code)) return null;
    return code.replaceAll(found, (_, path: string) => {
      const reference = this.emitFile({ type: 'chunk', id: resolve(id, '..', path) });
      return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
    });
  },
};

/**
 * Node's own modules are taken as they are: imported by name, all of their properties are read, and that loads what nobody
 * wants (of `node:crypto` all of WebCrypto). Not in the file that tells an old Node that it is old.
 */
const builtins: Plugin = {
  name: 'builtins',
  renderChunk(code, { fileName }) {
    if (fileName === command) return null;
    const own = code.replaceAll(/\b__require\("([\w:/]+)"\)/g, (written, module: string) =>
      isBuiltin(module) ? `globalThis.process.getBuiltinModule("${module}")` : written,
    );
    return own.replaceAll(/^import (.+?) from "([\w:/]+)";$/gm, (written, names: string, module: string) => {
      if (!isBuiltin(module)) return written;
      const bound = names.replace(/^\* as /, '').replaceAll(/(\w+) as (\w+)/g, '$1: $2');
      const loaded = `process.getBuiltinModule("${module}")`;
      return onceCalled.has(module) ? whenCalled(module, names) : `const ${bound} = ${loaded};`;
    });
  },
};

/** Of these a check of a config needs nothing, and a run that compresses nothing does not need the last. */
const onceCalled = new Set(['node:crypto', 'node:fs/promises', 'node:zlib']);

/** A module of which functions are imported, loaded when one of them is called. */
function whenCalled(module: string, names: string): string {
  const loaded = `${module.replaceAll(/\W/g, '_')}$`;
  const pairs = names
    .slice(1, -1)
    .split(',')
    .map((pair) => pair.trim().split(' as '));
  const functions = pairs.map(([name = '', as = name]) => {
    const { [name]: value } = process.getBuiltinModule(module) as unknown as Record<string, unknown>;
    if (typeof value !== 'function')
      throw new Error(`${name} of ${module} is no function, and must not be imported`);
    return `const ${as} = (...args) => (${loaded} ??= process.getBuiltinModule("${module}")).${name}(...args);`;
  });
  return [`let ${loaded};`, ...functions].join('\n');
}

/** In packages, parts of Node that are loaded at the start and used by few runs or none; loading them takes longer than all of ours. */
const seldomUsed: readonly (readonly string[])[] = [
  [
    'undici/lib/dispatcher/client.js',
    "require('./client-h2.js')",
    "(...args) => require('./client-h2.js')(...args)",
  ],
  ...['h1', 'h2'].map((http) => [
    `undici/lib/dispatcher/client-${http}.js`,
    "require('../web/fetch/body.js')",
    "require('undici/lib/web/fetch/body.js')",
  ]),
  // What does not hold is said by Node's own.
  ...['api/api-request', 'api/readable', 'core/connect', 'core/request', 'core/util', 'dispatcher/client']
    .concat(['dispatcher/client-h1', 'dispatcher/client-h2'])
    .map((name) => [
      `undici/lib/${name}.js`,
      "const assert = require('node:assert')",
      "const assert = (holds, message) => { if (!holds) require('node:assert')(holds, message) }",
    ]),
  // It only wants to know this size, which an option of Node may set.
  [
    'undici/lib/dispatcher/client.js',
    "const http = require('node:http')",
    "const isUsual = process.execArgv.length === 0 && !process.env.NODE_OPTIONS; const http = isUsual ? { maxHeaderSize: 16384 } : require('node:http')",
  ],
  // As src/exporters/shared/llhttp.ts has it, and the other one is for machines without SIMD.
  ['undici/lib/dispatcher/client-h1.js', "require('../llhttp/llhttp", "require('undici/lib/llhttp/llhttp"],
  ['undici/lib/core/util.js', "const { IncomingMessage } = require('node:http')", ''],
  [
    'undici/lib/core/util.js',
    'constructor === IncomingMessage',
    "constructor === require('node:http').IncomingMessage",
  ],
  ['commander/lib/command.js', "const childProcess = require('node:child_process');", ''],
  ['commander/lib/command.js', 'childProcess.', "require('node:child_process')."],
];

const later: Plugin = {
  name: 'later',
  transform(code, id) {
    const rules = seldomUsed.filter(([path = '']) => id.endsWith(`/node_modules/${path}`));
    if (rules.length === 0) return null;
    return rules.reduce((text, [path = '', written = '', replacement = '']) => {
      if (!text.includes(written)) throw new Error(`${path} has no ${written} any more`);
      return text.replaceAll(written, replacement);
    }, code);
  },
};

/** Modules of ours whose paths below `src` begin so. */
const own = (pattern: RegExp) => (id: string) =>
  id.startsWith(join(root, 'src/')) && pattern.test(id.slice(join(root, 'src/').length));

/** What is loaded together is one file, with all that it imports: each further file takes its time to find and to open. */
const groups = [
  { name: 'version', test: (id: string) => id === join(root, 'package.json'), priority: 6 },
  { name: 'zod', test: /\/node_modules\/zod\//, priority: 4 },
  { name: 'delegate', test: own(/^sdk\/otlp-delegate\.ts$/), priority: 4 },
  { name: 'http', test: own(/^exporters\/shared\/undici\.ts$/), priority: 4 },
  { name: 'program', test: own(/^cli\/program\.ts$/), priority: 5 },
  { name: 'model', test: own(/^(?:wire|model)\//), priority: 3 },
  {
    name: 'core',
    test: own(
      /^(?:cli\/(?:load|validate-command)|receivers\/(?:file|otlp-json-file)|exporters\/otlp-http)\.ts$/,
    ),
    priority: 2,
  },
  { name: 'run', test: own(/^(?:cli\/run-command|receivers\/file\/receiver)\.ts$/), priority: 1 },
  { name: 'actions', test: own(/^processors\/(?:attributes|resource)\.ts$/), priority: 1 },
  { name: 'debug', test: own(/^exporters\/debug\.ts$/), priority: 1 },
  { name: 'ottl', test: own(/^(?:ottl\/|processors\/(?:transform|filter)\.ts$)/), priority: 1 },
];

async function bundle(): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: entries(),
    cwd: root,
    platform: 'node',
    // Of modules in the sense of the language, what nobody imports is left out.
    resolve: { mainFields: ['module', 'main'] },
    tsconfig: false,
    external: ['undici', /^undici\/lib\/(?:web|llhttp)\//, '@opentelemetry/resources'],
    plugins: [threads, builtins, later],
  });
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    // One folder deep, as the code that looks for a file beside it relies on.
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  const chunks = output.filter((each) => each.type === 'chunk');
  const { direct, needless } = withoutDetours(chunks);
  for (const { fileName, code } of chunks) writeFileSync(join(dist, fileName), inAscii(direct(code)));
  for (const fileName of needless) rmSync(join(dist, fileName));
  return chunks;
}

/** A file that only passes on what another has is one more to find and to open: who imports it is told the other. */
function withoutDetours(chunks: readonly OutputChunk[]): {
  direct: (code: string) => string;
  needless: readonly string[];
} {
  const detours = new Map<string, string>();
  for (const { fileName, code, isEntry } of chunks) {
    const [, names, target] = /^export \{ (.+) \} from "\.\/(.+)";\s*$/.exec(code) ?? [];
    if (isEntry || names === undefined || target === undefined) continue;
    const pairs = names.split(', ').map((name) => name.split(' as '));
    const members = pairs.map(([name = '', as = name]) => `${as}: chunk.${name}`).join(', ');
    detours.set(basename(fileName), `${target}").then((chunk) => ({ ${members} }))`);
  }
  const direct = (code: string): string =>
    code.replaceAll(/(\bimport\("[^"]*\/)([^"/]+)"\)/g, (whole, before: string, name: string) => {
      const detour = detours.get(name);
      return detour === undefined ? whole : before + detour;
    });
  const needless = chunks.map(({ fileName }) => fileName).filter((name) => detours.has(basename(name)));
  return { direct, needless };
}

/**
 * One character beyond Latin-1 makes V8 keep the whole text of a file with two bytes for each character, in every thread. Not
 * where `String.raw` reads one: there an escape stands for itself.
 */
function inAscii(code: string): string {
  if (/String\.raw\s*`[^`]*[^\0-\x7f]/.test(code)) return code;
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The licences of the packages whose code is in the bundle, as these ask for. */
function licences(chunks: readonly OutputChunk[]): string {
  const pattern = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const packages = [...new Set(modules.map((id) => pattern.exec(id)?.[0] ?? ''))]
    .filter((path) => path !== '')
    .toSorted();
  return packages.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence to pass on`);
  const notice = existsSync(join(folder, 'NOTICE')) ? readFileSync(join(folder, 'NOTICE'), 'utf8') : '';
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n${notice}`;
}

if (folder === undefined) {
  rmSync(dist, { recursive: true, force: true });
  const tsc = join(root, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['--project', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
}
const chunks = await bundle();
if (folder === undefined) await compileEarly(dist);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(chunks));
chmodSync(join(dist, command), 0o755);
