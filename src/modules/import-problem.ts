/** Why a user's file cannot be imported, in the words of its author and not of the loader. */
import { placeIn, placedError, ModuleError, type AuthorsFile } from './module-error.ts';

/** The error to throw for what `import()` of the file threw. */
export function importProblem(error: unknown, file: AuthorsFile): Error {
  if (!(error instanceof Error)) return placedError(error, file);
  const code = 'code' in error ? error.code : undefined;
  const place = placeIn(error, file) ?? file.name;
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return unsupportedSyntax(error, place);
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') return inNodeModules(error, file);
  if (code === 'ERR_MODULE_NOT_FOUND') return missingImport(error, file);
  const missing = missingExport.exec(error.message);
  if (missing !== null) {
    return new ModuleError(`${place}: ${missing[1]} exports no ${missing[2]}`, {
      remedy: `if ${missing[2]} is a type, write \`import type\``,
      cause: error,
    });
  }
  return placedError(error, file);
}

const missingExport = /^The requested module '(.+)' does not provide an export named '(.+)'/;

/** Instead of `TypeScript enum is not supported in strip-only mode`. */
function unsupportedSyntax(error: Error, place: string): ModuleError {
  const what = /^TypeScript (.+) is not supported/.exec(error.message)?.[1];
  const found = what === undefined ? error.message : `a TypeScript ${what} cannot be used`;
  return new ModuleError(`${place}: ${found}: types are only stripped, and this would have to be compiled`, {
    remedy: remedies.find(([construct]) => what?.includes(construct))?.[1] ?? 'write it in JavaScript',
    cause: error,
  });
}

/** Instead of `Stripping types is currently unsupported for files under node_modules, for "file:///..."`. */
function inNodeModules(error: Error, file: AuthorsFile): ModuleError {
  const [, path = file.path] = /for "(?:file:\/\/)?(.+?)"/.exec(error.message) ?? [];
  const what = path === file.path ? file.name : `${file.name} imports ${path}, which`;
  return new ModuleError(`${what} is TypeScript under node_modules, where Node does not run it`, {
    remedy: 'copy the file out of node_modules, or compile it to JavaScript',
    cause: error,
  });
}

const remedies: readonly (readonly [construct: string, remedy: string])[] = [
  ['enum', 'write `const Colour = { Red: 0, Green: 1 } as const`'],
  ['parameter property', 'declare the field and assign it in the constructor'],
  ['namespace', 'export the names from a file of their own'],
  ['import', 'write `import x from "y"`'],
];

function missingImport(error: Error, file: AuthorsFile): ModuleError {
  const [, kind, what = '', from = ''] =
    /^Cannot find (module|package) '(.+?)' imported from (.+)$/.exec(error.message) ?? [];
  const importer = from.startsWith(file.directory) ? from.slice(file.directory.length) : file.name;
  if (kind === 'package') {
    return new ModuleError(`${importer} imports the package ${what}, which is not installed beside it`, {
      remedy: `run \`npm install ${what}\` in the folder of ${importer}; respool and zod need no installation`,
      cause: error,
    });
  }
  const path = what.startsWith(file.directory) ? what.slice(file.directory.length) : what;
  return new ModuleError(`${importer} imports ${path}, and there is no such file`, {
    remedy: /\.\w+$/.test(path)
      ? 'check the path'
      : `imports name the file with its ending: \`./${path}.ts\``,
    cause: error,
  });
}
