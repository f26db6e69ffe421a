/** What the default export of a user's file has to be. */
import { z } from 'zod';
import type { ProcessorDefinition } from './define-processor.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';

/** The definition of each kind, with whatever config and state. */
interface Definitions {
  readonly processor: ProcessorDefinition<unknown, unknown>;
}

type Kind = keyof Definitions;

const templates: Readonly<Record<Kind, string>> = {
  processor: 'write `export default defineProcessor({ create() { return { span(span) {} } } })`',
};

/** Throws ModuleError for what is no definition of this kind. */
export function checkedDefinition<K extends Kind>(
  kind: K,
  exported: unknown,
  { name }: AuthorsFile,
): Definitions[K] {
  const problem = problemOf(kind, exported);
  if (problem !== undefined) throw new ModuleError(`${name} ${problem}`, { remedy: templates[kind] });
  return exported as Definitions[K];
}

function problemOf(kind: Kind, exported: unknown): string | undefined {
  if (exported === undefined) return 'has no default export';
  if (typeof exported !== 'object' || exported === null || !('create' in exported)) {
    return `exports by default something that is not a ${kind}`;
  }
  if (typeof exported.create !== 'function') return 'has a create that is not a function';
  const written = 'kind' in exported ? exported.kind : kind;
  if (written !== kind) return `is a ${String(written)}, and not a ${kind}`;
  return schemaProblem('config', exported) ?? schemaProblem('state', exported) ?? stateProblem(exported);
}

function schemaProblem(key: 'config' | 'state', definition: object): string | undefined {
  const schema: unknown = Reflect.get(definition, key);
  return schema === undefined || schema instanceof z.ZodType
    ? undefined
    : `has a ${key} that is not a zod schema`;
}

/** A run that begins has no state yet. */
function stateProblem(definition: object): string | undefined {
  if (!('state' in definition) || !(definition.state instanceof z.ZodType)) return undefined;
  const begun = definition.state.safeParse({});
  if (!begun.success) return `has a state that does not begin with {}: ${z.prettifyError(begun.error)}`;
  return typeof begun.data === 'object' && begun.data !== null
    ? undefined
    : 'has a state that is not an object, which could not be changed where it is';
}
