/** Loads a processor that a user wrote: one TypeScript or JavaScript file, run as it is. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { ProcessorFactory } from '../pipeline/component.ts';
import type { ProcessorDefinition } from './define-processor.ts';
import { importProblem } from './import-problem.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';
import { moduleFactory } from './module-factory.ts';
import { registerResolution } from './resolve.ts';

export interface ModuleOptions {
  /** The path as the config names it. */
  readonly module: string;
  /** The folder that a relative path starts from: that of the config file. */
  readonly directory: string;
  /** False under `--no-modules`. */
  readonly allow: boolean;
}

/** Throws ModuleError, one sentence for each thing that can be wrong with the file. */
export async function loadModuleProcessor(options: ModuleOptions): Promise<ProcessorFactory> {
  if (!options.allow) {
    throw new ModuleError(
      `${options.module} is code, and --no-modules forbids to run code that a config names`,
      {
        remedy: 'read the file, then run again without --no-modules',
      },
    );
  }
  const file = locate(options);
  return moduleFactory(definitionIn(await load(file), file), file);
}

const extensions = ['.ts', '.mts', '.js', '.mjs'];

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

type Exports = Readonly<Record<string, unknown>>;

async function load(file: AuthorsFile): Promise<Exports> {
  registerResolution();
  try {
    return (await import(pathToFileURL(file.path).href)) as Exports;
  } catch (error) {
    throw importProblem(error, file);
  }
}

const template = 'write `export default defineProcessor({ create() { return { span(span) {} } } })`';

function definitionIn(exports: Exports, { name }: AuthorsFile): ProcessorDefinition<unknown> {
  const definition = exports['default'];
  const problem = problemOf(definition);
  if (problem !== undefined) throw new ModuleError(`${name} ${problem}`, { remedy: template });
  return definition as ProcessorDefinition<unknown>;
}

function problemOf(definition: unknown): string | undefined {
  if (definition === undefined) return 'has no default export';
  if (typeof definition !== 'object' || definition === null || !('create' in definition)) {
    return 'exports by default something that is not a processor';
  }
  if (typeof definition.create !== 'function') return 'has a create that is not a function';
  const schema = 'config' in definition ? definition.config : undefined;
  return schema === undefined || schema instanceof z.ZodType
    ? undefined
    : 'has a config that is not a zod schema';
}
