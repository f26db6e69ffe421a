/** What the default export of a user's file has to be. */
import { z } from 'zod';
import type { EncodingDefinition } from './define-encoding.ts';
import type { ExporterDefinition } from './define-exporter.ts';
import type { AnyFunctionDefinition } from './define-function.ts';
import type { ProcessorDefinition } from './define-processor.ts';
import type { ReceiverDefinition } from './define-receiver.ts';
import { ModuleError, type AuthorsFile } from './module-error.ts';

/** The definition of each kind of component, with whatever config and state. */
interface Definitions {
  readonly processor: ProcessorDefinition<unknown, unknown>;
  readonly receiver: ReceiverDefinition<unknown>;
  readonly exporter: ExporterDefinition<unknown>;
}

type Kind = keyof Definitions;

const templates: Readonly<Record<Kind | 'extension', string>> = {
  processor: 'write `export default defineProcessor({ create() { return { span(span) {} } } })`',
  receiver: 'write `export default defineReceiver({ create() { return { async *read() {} } } })`',
  exporter: 'write `export default defineExporter({ create() { return { async send(batch) {} } } })`',
  extension: 'write `export default` with defineEncoding or defineFunction, or a list of these',
};

/** Where each kind is named. */
const sections: Readonly<Record<string, string>> = {
  processor: 'processors',
  receiver: 'receivers',
  exporter: 'exporters',
  encoding: 'extensions',
  function: 'extensions',
};

/** Throws ModuleError for what is no definition of this kind. */
export function checkedDefinition<K extends Kind>(
  kind: K,
  exported: unknown,
  { name }: AuthorsFile,
): Definitions[K] {
  const problem = problemOf(kind, exported);
  if (problem === undefined) return exported as Definitions[K];
  const belongs = sectionOf(exported);
  const remedy = belongs === undefined ? templates[kind] : `it belongs under \`${belongs}\``;
  throw new ModuleError(`${name} ${problem}`, { remedy });
}

/** The section where something of another kind belongs. */
function sectionOf(exported: unknown): string | undefined {
  const written = Array.isArray(exported) ? kindIn(exported[0]) : kindIn(exported);
  return Object.hasOwn(sections, written ?? '') ? sections[written ?? ''] : undefined;
}

function kindIn(exported: unknown): string | undefined {
  if (typeof exported !== 'object' || exported === null || !('kind' in exported)) return undefined;
  return typeof exported.kind === 'string' ? exported.kind : undefined;
}

function problemOf(kind: Kind, exported: unknown): string | undefined {
  if (exported === undefined) return 'has no default export';
  const written = Array.isArray(exported) ? kindIn(exported[0]) : kindIn(exported);
  if (written !== undefined && written !== kind)
    return `is ${withArticle(written)}, and not ${withArticle(kind)}`;
  if (typeof exported !== 'object' || exported === null || !('create' in exported)) {
    return `exports by default something that is not ${withArticle(kind)}`;
  }
  if (typeof exported.create !== 'function') return 'has a create that is not a function';
  return schemaProblem('config', exported) ?? schemaProblem('state', exported) ?? stateProblem(exported);
}

function withArticle(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
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

export type ExtensionDefinition = EncodingDefinition<unknown> | AnyFunctionDefinition;

/** An encoding, a function of OTTL, or a list of these. Throws ModuleError for everything else. */
export function checkedExtension(exported: unknown, { name }: AuthorsFile): readonly ExtensionDefinition[] {
  const all: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  for (const one of all) {
    const written = kindIn(one);
    if (written === 'encoding' || written === 'function') continue;
    const belongs = sectionOf(one);
    if (belongs !== undefined)
      throw new ModuleError(`${name} is ${withArticle(written ?? '')}, and not an extension`, {
        remedy: `it belongs under \`${belongs}\``,
      });
    const what =
      exported === undefined ? 'has no default export' : 'exports by default something that is no extension';
    throw new ModuleError(`${name} ${what}`, { remedy: templates.extension });
  }
  return all as readonly ExtensionDefinition[];
}
