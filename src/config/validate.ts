/**
 * Checks a part of the configuration against a zod schema.
 */
import type { z } from 'zod';
import { explainIssues, noMessage } from './issues.ts';
import type { Path } from './place.ts';
import { prepare } from './prepare.ts';
import type { Problem } from './problem.ts';
import { hasErrors, sortProblems } from './problem.ts';
import { unwrap } from './schema.ts';
import type { ConfigTree } from './tree.ts';

/**
 * The value at `path`, checked and with its defaults; no `value` in the answer when there is an error. A component
 * without a value (`debug:`) or one that is not there at all is `{}`. With `value`, that is checked instead of the
 * tree's, and the tree gives the places. Where a map has errors, `remainder` is the value without the keys that they are at
 * or below, if that is sound: for checks of texts that the errors would hide.
 */
export function validate<T>(
  tree: ConfigTree,
  path: Path,
  schema: z.ZodType<T>,
  value: unknown = tree.get(path),
): { value?: T; remainder?: T; problems: Problem[] } {
  const problems: Problem[] = [];
  const isObject = unwrap(schema).schema._zod.def.type === 'object';
  const prepared = prepare({ tree, problems }, schema, value ?? (isObject ? {} : value), path);
  const parsed = schema.safeParse(prepared, { error: () => noMessage, jitless: true });
  const checked = { tree, schema, path, value: prepared };
  if (!parsed.success) problems.push(...explainIssues(checked, parsed.error.issues));
  const fresh = sortProblems(problems.filter((problem) => !tree.isBroken(problem.path)));
  const sound = parsed.success && !hasErrors(problems) && !tree.isBroken(path);
  if (sound) return { value: parsed.data, problems: fresh };
  const rest = schema.safeParse(withoutWrong(prepared, path, problems), { jitless: true });
  return rest.success ? { remainder: rest.data, problems: fresh } : { problems: fresh };
}

function withoutWrong(value: unknown, path: Path, problems: readonly Problem[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const wrong = new Set(
    problems.filter(({ severity }) => severity === 'error').map((one) => one.path[path.length]),
  );
  return Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key)));
}
