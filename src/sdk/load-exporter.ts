/** Finds an exporter's class in an npm package or a file, and makes one. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
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
  if (isPath(name)) {
    const url = name.startsWith('file:') ? name : pathToFileURL(resolve(directory, name)).href;
    return await importHere(url);
  }
  try {
    return await importFrom(directory, name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  try {
    return await importHere(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw Object.assign(
      new Error(`the package ${name} is not installed, neither in ${directory} nor beside respool`),
      {
        remedy: `npm install ${name}`,
      },
    );
  }
}

function isPath(name: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}$|file:|[A-Za-z]:[\\/])/.test(name);
}

async function importHere(specifier: string): Promise<Record<string, unknown>> {
  return (await import(specifier)) as Record<string, unknown>;
}

/** `import(name)` as a file in that directory would do it, with Node's own rules. */
async function importFrom(directory: string, name: string): Promise<Record<string, unknown>> {
  const script = new Script('(name) => import(name)', {
    filename: resolve(directory, 'respool-import.js'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const load = script.runInThisContext() as (name: string) => Promise<Record<string, unknown>>;
  return await load(name);
}

/** Whether the package itself is missing, and not something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const itself = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return itself && messageOf(error).includes(`'${packageOf(name)}'`);
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

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
