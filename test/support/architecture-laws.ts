/** The laws of the source tree. `checkLaws` takes the tree as text, so that each law can be shown to fail. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { readFacts, type ImportFact, type SourceFacts } from './source-facts.ts';

/** Which folders of src a folder (or a file at the root of src) may import, besides itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  wire: [],
  model: ['wire'],
  config: [],
  pipeline: ['model', 'config'],
  encodings: ['wire', 'model'],
  ottl: ['model'],
  receivers: ['pipeline', 'model', 'config', 'encodings'],
  processors: ['pipeline', 'model', 'config', 'ottl'],
  exporters: ['pipeline', 'model', 'config', 'encodings', 'wire', 'sdk'],
  state: ['pipeline', 'model', 'config', 'encodings'],
  sdk: ['pipeline', 'model', 'config', 'encodings'],
  modules: ['pipeline', 'model', 'config', 'encodings', 'ottl'],
  testing: ['pipeline', 'model', 'config', 'encodings', 'modules', 'components.ts'],
  // Runs pipelines for a program as `cli` does for a person: the same parts, without its terminal and its signals.
  embed: ['pipeline', 'model', 'config', 'encodings', 'modules', 'sdk', 'components.ts'],
  'components.ts': ['receivers', 'processors', 'exporters', 'pipeline'],
};
const EVERYTHING = Object.keys(MAY_IMPORT);
MAY_IMPORT['cli'] = EVERYTHING;
MAY_IMPORT['index.ts'] = EVERYTHING;

/** npm packages of the folders that stay lean. Folders not named here may import any, except `yaml`. */
const PACKAGES: Record<string, readonly string[]> = {
  wire: [],
  model: ['re2js'],
  config: ['zod', 'yaml'],
  pipeline: ['zod', '@opentelemetry/api'],
  encodings: [],
  ottl: ['re2js', 'xpath', 'uap-core'],
};

const COMPONENT_FOLDERS = ['receivers', 'processors', 'exporters'];
const IO_FOLDERS = ['receivers', 'exporters', 'sdk', 'state', 'modules', 'cli'];
const IO_MODULES = new Set([
  'node:fs',
  'node:fs/promises',
  'node:child_process',
  'node:net',
  'node:tls',
  'node:dgram',
  'node:http',
  'node:https',
  'node:http2',
  'undici',
]);

const CLOCK = 'src/pipeline/clock.ts';
const CLOCK_USES = new Set([
  'Date.now',
  'Date()',
  'new Date()',
  'performance.now',
  'process.hrtime',
  'setTimeout',
  'setInterval',
  'AbortSignal.timeout',
]);
const CLOCK_MODULES = new Set(['node:timers', 'node:timers/promises']);
const PROCESS_USES = new Set(['process.exit', 'process.env', 'console']);
const PROCESS_NAMES = new Set(['exit', 'env']);

/** Reads the data of a package when the first statement needs it. */
const USER_AGENTS = 'src/ottl/functions/user-agent.ts';

/** Hides variables from the SDK's exporters, which would read them behind the config's back. */
const ENVIRONMENT = 'src/sdk/environment.ts';

/** Files whose purpose is to hand names on to authors outside src. */
const PUBLIC_FILES = new Set(['src/index.ts', 'src/testing/main.ts']);

type Report = (law: string, line: number, message: string) => void;
type Law = (file: SourceFacts, report: Report) => void;

const LAWS: Law[] = [
  knownFolder,
  importTable,
  packages,
  components,
  io,
  clock,
  processOnlyInCli,
  noBarrel,
  triple,
];

/** Every broken law as `path:line law: what is wrong`; an empty list when the tree obeys. */
export function checkLaws(tree: ReadonlyMap<string, string>): string[] {
  const files = [...tree].map(([path, source]) => readFacts(path, source));
  const broken: string[] = [];
  for (const file of files) {
    const report: Report = (law, line, message) => broken.push(`${file.path}:${line} ${law}: ${message}`);
    for (const law of LAWS) law(file, report);
  }
  return [...broken, ...findCycles(files)];
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.') || specifier.startsWith('/');
}

function resolve(file: SourceFacts, specifier: string): string {
  return posix.join(posix.dirname(file.path), specifier);
}

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function relativeImports(file: SourceFacts): { target: string; line: number }[] {
  return file.imports
    .filter((fact) => isRelative(fact.specifier))
    .map((fact) => ({ target: resolve(file, fact.specifier), line: fact.line }));
}

/** `fs` and `node:fs` are the same module. */
function moduleName(specifier: string): string {
  return builtinModules.includes(specifier) ? `node:${specifier}` : specifier;
}

function externalImports(file: SourceFacts): (ImportFact & { module: string })[] {
  return file.imports
    .filter((fact) => !isRelative(fact.specifier))
    .map((fact) => ({ ...fact, module: moduleName(fact.specifier) }));
}

function packageOf(module: string): string {
  return module.split('/', module.startsWith('@') ? 2 : 1).join('/');
}

function knownFolder(file: SourceFacts, report: Report): void {
  if (folderOf(file.path) in MAY_IMPORT) return;
  report('folder', 1, `the house has no src/${folderOf(file.path)}`);
}

function importTable(file: SourceFacts, report: Report): void {
  const from = folderOf(file.path);
  const allowed = MAY_IMPORT[from] ?? [];
  for (const { target, line } of relativeImports(file)) {
    const to = folderOf(target);
    if (!target.startsWith('src/')) {
      if (target !== 'package.json' || from !== 'cli') report('import', line, `${target} is outside src`);
    } else if (to === 'index.ts') {
      report('import', line, 'nothing inside src imports the public API');
    } else if (to !== from && !allowed.includes(to)) {
      report('import', line, `${from} may not import ${to} (${target})`);
    }
  }
}

function packages(file: SourceFacts, report: Report): void {
  const folder = folderOf(file.path);
  for (const { module, line } of externalImports(file)) {
    if (module.startsWith('node:')) continue;
    const name = packageOf(module);
    const allowed = PACKAGES[folder] ? PACKAGES[folder].includes(name) : name !== 'yaml';
    if (!allowed) report('package', line, `${folder} may not import ${name}`);
  }
}

/** A component is a file right in its folder; what is deeper (`receivers/file/x.ts`) is a helper. */
function isComponent(path: string): boolean {
  return COMPONENT_FOLDERS.includes(folderOf(path)) && path.split('/').length === 3;
}

function components(file: SourceFacts, report: Report): void {
  if (!COMPONENT_FOLDERS.includes(folderOf(file.path))) return;
  for (const { target, line } of relativeImports(file)) {
    if (isComponent(target)) report('component', line, `a component may not import another (${target})`);
  }
}

function io(file: SourceFacts, report: Report): void {
  if (IO_FOLDERS.includes(folderOf(file.path)) || file.path === 'src/config/read.ts') return;
  if (file.path === USER_AGENTS) return;
  for (const { module, line } of externalImports(file)) {
    if (IO_MODULES.has(module)) report('io', line, `no sockets and files here (${module})`);
  }
}

function clock(file: SourceFacts, report: Report): void {
  if (file.path === CLOCK) return;
  for (const { text, line } of file.uses) {
    if (CLOCK_USES.has(text)) report('clock', line, `time comes from pipeline/clock.ts, not from ${text}`);
  }
  for (const { module, line } of externalImports(file)) {
    if (CLOCK_MODULES.has(module)) report('clock', line, `timers come from pipeline/clock.ts, not ${module}`);
  }
}

function processOnlyInCli(file: SourceFacts, report: Report): void {
  if (folderOf(file.path) === 'cli' || file.path === ENVIRONMENT) return;
  for (const { text, line } of file.uses) {
    if (PROCESS_USES.has(text)) report('process', line, `${text} is for cli only`);
  }
  for (const { module, names, line } of externalImports(file)) {
    const taken = module === 'node:process' && names.some((name) => PROCESS_NAMES.has(name));
    if (taken || module === 'node:console') report('process', line, `${module} is for cli only`);
  }
}

function noBarrel(file: SourceFacts, report: Report): void {
  if (PUBLIC_FILES.has(file.path)) return;
  const named = posix.basename(file.path) === 'index.ts';
  if (named || file.barrel) report('barrel', 1, 'import from the file that defines the name');
}

/** YAML type = file name = export name. */
function triple(file: SourceFacts, report: Report): void {
  if (!isComponent(file.path)) return;
  const base = posix.basename(file.path, '.ts');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(base)) {
    report('triple', 1, `${base} is not in kebab case`);
    return;
  }
  const name = base.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const type = base.replaceAll('-', '_');
  const factory = file.factories.find((candidate) => candidate.name === name);
  if (!factory) report('triple', 1, `no \`export const ${name}\``);
  else if (factory.type !== type) report('triple', 1, `${name} must have \`type: '${type}'\``);
}

/** Depth first; type imports and dynamic imports count. Each cycle is told once, as its path. */
function findCycles(files: SourceFacts[]): string[] {
  const edges = new Map(files.map((file) => [file.path, relativeImports(file).map((fact) => fact.target)]));
  const done = new Set<string>();
  const cycles: string[] = [];

  const walk = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push(`${path}:1 cycle: ${[...trail.slice(at), path].join(' -> ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return cycles;
}
