/** Finds an exporter's class in an npm package or a file, and makes one. */
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../pipeline/errors.ts';
import { withoutExporterEnvironment } from './environment.ts';

/** What every exporter of the SDK has, for spans and for log records. */
export interface SdkExporter {
  export(items: readonly unknown[], callback: (result: SdkResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

export interface SdkResult {
  /** 0 is success. */
  readonly code: number;
  readonly error?: Error;
}

export interface ExporterSource {
  /** An npm name, or a path that begins with `.` or `/`. */
  readonly module: string;
  /** Needed where a module has several exporters. */
  readonly className: string | undefined;
  /** Given to the constructor. */
  readonly options: Readonly<Record<string, unknown>>;
}

type ExporterClass = new (options: Readonly<Record<string, unknown>>) => SdkExporter;

/**
 * @param directory where paths and npm names start from; npm names are then looked for where Respool is
 * @throws Error that names what was looked for and what was found
 */
export async function loadExporter(source: ExporterSource, directory: string): Promise<SdkExporter> {
  const exports = await importModule(source.module, directory);
  const found = classIn(exports, source);
  try {
    return withoutExporterEnvironment(() => new found(source.options));
  } catch (error) {
    throw new Error(
      `${found.name} of ${source.module} cannot be made with these options: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function importModule(name: string, directory: string): Promise<Record<string, unknown>> {
  if (name.startsWith('file:')) return await importUrl(name);
  const path = isPath(name) ? resolve(directory, name) : findPackage(name, directory);
  return await importUrl(pathToFileURL(path).href);
}

function isPath(name: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$|[A-Za-z]:[\\/])/.test(name);
}

async function importUrl(url: string): Promise<Record<string, unknown>> {
  return (await import(url)) as Record<string, unknown>;
}

/** The file that the name of a package stands for, seen from the directory and then from here. */
function findPackage(name: string, directory: string): string {
  const found =
    findFrom(pathToFileURL(resolve(directory, 'config.yaml')), name) ?? findFrom(import.meta.url, name);
  if (found !== undefined) return found;
  const message = `the package ${name} is not installed, neither in ${directory} nor beside respool`;
  throw Object.assign(new Error(message), { remedy: `npm install ${name}` });
}

function findFrom(base: string | URL, name: string): string | undefined {
  try {
    return createRequire(base).resolve(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'MODULE_NOT_FOUND') return undefined;
    const imported = code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? importOnly(base, name) : undefined;
    if (imported === undefined) throw error;
    return imported;
  }
}

/** The file of a package that can only be imported, which `require.resolve` does not find. */
function importOnly(base: string | URL, name: string): string | undefined {
  const manifest = findPackageJSON(name, base);
  if (manifest === undefined) return undefined;
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown };
  const subpath = name.split('/').slice(name.startsWith('@') ? 2 : 1);
  const entries = typeof exports === 'object' && exports !== null ? exports : {};
  const entry: unknown =
    Reflect.get(entries, ['.', ...subpath].join('/')) ?? (subpath.length === 0 ? exports : undefined);
  const file = underConditions(entry);
  return file === undefined ? undefined : resolve(dirname(manifest), file);
}

function underConditions(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const [, chosen] = Object.entries(entry).find(([condition]) => importConditions.has(condition)) ?? [];
  return underConditions(chosen);
}

const importConditions = new Set(['node', 'import', 'default']);

function classIn(exports: Record<string, unknown>, { module, className }: ExporterSource): ExporterClass {
  const classes = new Map(
    [...entriesOf(exports)].filter((entry): entry is [string, ExporterClass] => isExporterClass(entry[1])),
  );
  if (className !== undefined) {
    const found = classes.get(className);
    if (found === undefined) throw new Error(`${module} has no exporter ${className}${listed(classes)}`);
    return found;
  }
  const [only] = new Set(classes.values());
  if (only === undefined) throw new Error(`${module} has no class with \`export\` and \`shutdown\``);
  if (new Set(classes.values()).size > 1)
    throw new Error(`${module} has several exporters: name one with \`class\`${listed(classes)}`);
  return only;
}

/** The named exports, and those of a CommonJS module that Node did not find by name. */
function* entriesOf(exports: Record<string, unknown>): Iterable<[string, unknown]> {
  const inner = exports['default'];
  if (typeof inner === 'object' && inner !== null) yield* Object.entries(inner);
  yield* Object.entries(exports);
}

function isExporterClass(value: unknown): value is ExporterClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return hasMethod(prototype, 'export') && hasMethod(prototype, 'shutdown');
}

function hasMethod(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    name in value &&
    typeof Reflect.get(value, name) === 'function'
  );
}

function listed(classes: ReadonlyMap<string, unknown>): string {
  const names = [...classes.keys()].filter((name) => name !== 'default');
  return names.length === 0 ? '' : `; it has ${names.join(', ')}`;
}
