/** Loads what a user wrote: one TypeScript or JavaScript file, run as it is, or an npm package. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ModuleFactories } from '../pipeline/sections.ts';
import { checkedDefinition, checkedExtension } from './definitions.ts';
import { exporterFactory } from './exporter-factory.ts';
import { extensionFactory } from './extension-factory.ts';
import { importProblem } from './import-problem.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';
import { processorFactory } from './module-factory.ts';
import { receiverFactory } from './receiver-factory.ts';
import { packageUrl, registerResolution } from './resolve.ts';

export interface ModuleOptions {
  /** The path, or the name of a package, as the config names it. */
  readonly module: string;
  /** The folder that a relative path, and the search for a package, starts from: that of the config file. */
  readonly directory: string;
  /** False under `--no-modules`. */
  readonly allow: boolean;
}

/** What a module becomes, by the section of the config that names it. */
const factories: {
  [Kind in keyof ModuleFactories]: (exported: unknown, file: AuthorsFile) => ModuleFactories[Kind];
} = {
  receiver: (exported, file) => receiverFactory(checkedDefinition('receiver', exported, file), file),
  processor: (exported, file) => processorFactory(checkedDefinition('processor', exported, file), file),
  exporter: (exported, file) => exporterFactory(checkedDefinition('exporter', exported, file), file),
  extension: (exported, file) => extensionFactory(checkedExtension(exported, file), file),
};

/** The factory of a component or an extension. Throws ModuleError, one sentence for each thing that can be wrong with the file. */
export async function loadModule<Kind extends keyof ModuleFactories>(
  kind: Kind,
  options: ModuleOptions,
): Promise<ModuleFactories[Kind]> {
  const { file, exported } = await load(options);
  return factoryOf(kind, exported, file);
}

/** The same for what a file exports. */
export function factoryOf<Kind extends keyof ModuleFactories>(
  kind: Kind,
  exported: unknown,
  file: AuthorsFile,
): ModuleFactories[Kind] {
  return factories[kind](exported, file);
}

async function load(options: ModuleOptions): Promise<{ file: AuthorsFile; exported: unknown }> {
  const { module, allow } = options;
  if (!allow) {
    throw new ModuleError(`${module} is code, and --no-modules forbids to run code that a config names`, {
      remedy: 'read the file, then run again without --no-modules',
    });
  }
  registerResolution();
  const file = isPath(module) ? locate(options) : locatePackage(options);
  try {
    const exports = (await import(pathToFileURL(file.path).href)) as Record<string, unknown>;
    return { file, exported: exports['default'] };
  } catch (error) {
    throw importProblem(error, file);
  }
}

const extensions = ['.ts', '.mts', '.js', '.mjs'];

/** What begins like a path or ends like one of these files is one; the rest are packages. */
function isPath(module: string): boolean {
  return /^(\.|\/|file:|[A-Za-z]:[\\/])/.test(module) || extensions.includes(extname(module));
}

function locate({ module, directory }: ModuleOptions): AuthorsFile {
  const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(directory, module);
  if (!existsSync(path)) {
    throw new ModuleError(`there is no file ${path}`, {
      remedy: 'a relative path starts from the folder of the config file',
    });
  }
  if (!statSync(path).isFile())
    throw new ModuleError(`${path} is not a file`, { remedy: 'name the file itself' });
  if (!extensions.includes(extname(path))) {
    throw new ModuleError(`${basename(path)} must end in ${extensions.join(', ')}`);
  }
  return { name: basename(path), path, directory: dirname(path) + sep };
}

function locatePackage({ module, directory }: ModuleOptions): AuthorsFile {
  const url = packageUrl(module, directory);
  if (url === undefined) {
    throw new ModuleError(`the package ${module} is not installed, neither in ${directory} nor above it`, {
      remedy: `run \`npm install ${module}\` there; the path of a file begins with ./ or /`,
    });
  }
  const path = fileURLToPath(url);
  return { name: module, path, directory: dirname(path) + sep };
}
