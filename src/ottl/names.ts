import { contexts } from './contexts.ts';
import { didYouMean, literalRemedy } from './suggest.ts';

/** What to write instead of a function that no context has, or that stands where it cannot. */

const editors = new Set(contexts.flatMap((context) => [...context.editors.keys()]));
/** Functions that answer a value, of all contexts. */
export const converterNames: ReadonlySet<string> = new Set(
  contexts.flatMap((context) => [...context.functions.keys()]),
);

/** For a statement that begins with something else. */
export function editorRemedy(name: string): string {
  if (converterNames.has(name))
    return 'a converter gives a value; a statement begins with an editor: set(path, value)';
  const common = [...editors].filter((one) => contexts.every((context) => context.editors.has(one)));
  return didYouMean(name, editors) ?? `editors of all contexts are ${common.toSorted().join(', ')}`;
}

/** For a value or condition that is written as a call; `own` are the functions that the user's extensions add. */
export function converterRemedy(
  name: string,
  own: ReadonlyMap<string, unknown> = new Map(),
): string | undefined {
  if (editors.has(name)) return 'an editor gives no value; it stands at the beginning of a statement';
  const small = name.toLowerCase();
  if (small === 'not' || small === 'and' || small === 'or') return `write ${small} in lower case`;
  return didYouMean(name, [...converterNames, ...own.keys()]);
}

/** For a bare name with a capital that is neither a symbol nor a call. */
export function symbolRemedy(name: string): string {
  if (converterNames.has(name)) return `write ${name}(...)`;
  return literalRemedy(name) ?? 'a text stands in double quotes';
}
