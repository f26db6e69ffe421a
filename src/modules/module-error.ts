/** Errors in an author's file, told with its name and line. */
import { fileURLToPath } from 'node:url';
import { isOfRun } from '../pipeline/errors.ts';

/** A user's module that cannot be loaded or that failed. The message is one sentence for its author. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
  readonly remedy: string | undefined;

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
  }
}

/** A user's file: as the config names it, and where it is. */
export interface AuthorsFile {
  readonly name: string;
  readonly path: string;
  readonly directory: string;
}

/**
 * `mask.ts:12:5: message (item)` for what an author's code threw, perhaps at an item. What the pipeline threw through it
 * passes as it is.
 */
export function placedError(error: unknown, file: AuthorsFile, item = ''): Error {
  if (error instanceof ModuleError || isOfRun(error)) return error;
  const place = placeIn(error, file) ?? file.name;
  const text = error instanceof Error ? `${nameOf(error)}${error.message}` : `threw ${String(error)}`;
  return new ModuleError(`${place}: ${text}${item === '' ? '' : ` (${item})`}`, { cause: error });
}

/** The class of the error says something, except for `Error` itself. */
function nameOf(error: Error): string {
  return error.name === 'Error' ? '' : `${error.name}: `;
}

/** Where in the author's files an error happened: the file itself, or one beside it that it imports. */
export function placeIn(error: unknown, file: AuthorsFile): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const places = placesOf(error.stack);
  const own = places.find(({ path }) => path === file.path);
  if (own !== undefined) return `${file.name}:${own.position}`;
  const beside = places.find(({ path }) => path.startsWith(file.directory) && !path.includes('node_modules'));
  return beside === undefined ? undefined : `${beside.path.slice(file.directory.length)}:${beside.position}`;
}

interface StackPlace {
  readonly path: string;
  readonly position: string;
}

/** A line `    at f (file:///a/b.ts:1:2)` of a call, or the first line `/a/b.ts:1` of a syntax error. */
const stackLine = /(file:\/\/[^\s()]+?|\/[^()]+?|[A-Za-z]:\\[^()]+?):(\d+(?::\d+)?)\)?$/;

function placesOf(stack: string): StackPlace[] {
  return stack.split('\n').flatMap((line) => {
    const [, where = '', position = ''] = stackLine.exec(line) ?? [];
    if (where === '') return [];
    return [{ path: where.startsWith('file:') ? fileURLToPath(where) : where, position }];
  });
}
