import type { CallNode, FieldNode, PathNode, SymbolNode } from './ast.ts';
import { contexts } from './contexts.ts';
import type { Context } from './contexts.ts';
import { OttlFailure } from './errors.ts';
import type { Problems } from './errors.ts';
import type { FunctionSpec } from './function.ts';
import type { Gate } from './gates.ts';
import type { Local } from './local.ts';
import { asMap } from './paths/fields.ts';
import type { Field, Fields } from './paths/fields.ts';
import { converterRemedy, editorRemedy } from './names.ts';
import { bareWordRemedy, didYouMean, literalRemedy } from './suggest.ts';
import type { Target } from './target.ts';
import { copyTelemetry } from './telemetry.ts';
import type { OttlMap, OttlValue } from './values.ts';

/** The rules that need no record: which paths, symbols and functions there are, and what a call must look like. */
export interface Scope {
  readonly context: Context;
  /** Paths must begin with their context (`span.name`); otherwise `name` alone means the own context. */
  readonly prefixRequired: boolean;
  readonly gates: ReadonlySet<Gate>;
  /** The names that the lambdas around give to their arguments. */
  readonly locals: ReadonlyMap<string, Local>;
  readonly problems: Problems;
}

/** The cache, empty in conditions, is a map on the own context. */
const cache: Field = {
  read: ({ cache: map }) => map ?? new Map(),
  write: (target, value) => refill(ownCache(target), asMap(value)),
  index: { kind: 'map', all: ownCache },
};

function ownCache({ cache: map }: Target): OttlMap {
  if (map === undefined) throw new OttlFailure('there is no cache to write to');
  return map;
}

function refill(cache: OttlMap, entries: OttlMap): void {
  const copies = [...entries].map(([key, value]) => [key, copyTelemetry(value)] as const);
  cache.clear();
  for (const [key, value] of copies) cache.set(key, value);
}

/** The field that a path names, and its node, which holds the keys; undefined after a problem was reported. */
export function resolvePath(node: PathNode, scope: Scope): { field: Field; node: FieldNode } | undefined {
  const located = withoutPrefix(node, scope);
  if (located === undefined) return undefined;
  const [first, ...rest] = located.nodes;
  if (first === undefined) return undefined;
  let field =
    first.name === 'cache'
      ? cacheOf(located.prefix, first, scope)
      : fieldIn(located.fields, first, scope, located.prefix);
  let last = first;
  for (const next of rest) {
    if (field === undefined) return undefined;
    field = subfield(field, last, { next, all: rest }, scope);
    last = next;
  }
  return field !== undefined && checkKeys(field, last, scope) ? { field, node: last } : undefined;
}

interface Located {
  readonly prefix: string;
  readonly fields: Fields;
  readonly nodes: readonly FieldNode[];
}

function withoutPrefix(node: PathNode, scope: Scope): Located | undefined {
  const { context } = scope;
  const own = context.prefixes.get(context.name) ?? {};
  const [first, ...rest] = node.fields;
  if (first !== undefined && rest.length > 0 && first.keys.length === 0) {
    const known = context.prefixes.get(first.name);
    if (known !== undefined) return { prefix: first.name, fields: known, nodes: rest };
    if (isContext(first.name) && !Object.hasOwn(own, first.name)) {
      reportPrefix(node, scope, own);
      return undefined;
    }
  }
  if (!scope.prefixRequired) return { prefix: context.name, fields: own, nodes: node.fields };
  reportPrefix(node, scope, own);
  return undefined;
}

function reportPrefix(node: PathNode, { context, problems }: Scope, own: Fields): void {
  const [first] = node.fields;
  if (first === undefined) return;
  const prefixes = [...context.prefixes.keys()].filter((prefix) => prefix !== 'otelcol');
  const holders = prefixes.filter((prefix) => Object.hasOwn(context.prefixes.get(prefix) ?? {}, first.name));
  if (Object.hasOwn(own, first.name) || holders.length > 0) {
    const prefix = holders[0] ?? context.name;
    problems.add(
      first,
      `a path must begin with its context, found ${first.name}`,
      `write ${prefix}.${first.name}`,
    );
    return;
  }
  const other = isContext(first.name);
  const message = other
    ? `${first.name} cannot be read in the ${context.name} context, which knows ${prefixes.join(', ')}`
    : `a path must begin with one of ${prefixes.join(', ')}, found ${first.name}`;
  problems.add(first, message, other ? undefined : bareWordRemedy(first.name, prefixes));
}

function isContext(word: string): boolean {
  return contexts.some(({ name }) => name === word);
}

function cacheOf(prefix: string, node: FieldNode, { context, problems }: Scope): Field | undefined {
  if (prefix === context.name) return cache;
  problems.add(
    node,
    `${prefix}.cache cannot be reached from the ${context.name} context`,
    `write ${context.name}.cache`,
  );
  return undefined;
}

function fieldIn(fields: Fields, node: FieldNode, { problems }: Scope, owner: string): Field | undefined {
  const field = Object.hasOwn(fields, node.name) ? fields[node.name] : undefined;
  if (field !== undefined) return field;
  const names = Object.keys(fields);
  const remedy = didYouMean(node.name, names) ?? `${owner} has ${names.join(', ')}`;
  problems.add(
    { start: node.start, end: node.start + node.name.length },
    `${owner} has no field ${node.name}`,
    remedy,
  );
  return undefined;
}

function subfield(
  field: Field,
  node: FieldNode,
  { next, all }: { next: FieldNode; all: readonly FieldNode[] },
  scope: Scope,
): Field | undefined {
  if (field.fields !== undefined && node.keys.length === 0)
    return fieldIn(field.fields, next, scope, node.name);
  const remedy = field.index === undefined ? undefined : keyRemedy(all.slice(all.indexOf(next)));
  scope.problems.add(next, `${node.name} has no field ${next.name}`, remedy);
  return undefined;
}

/** `attributes.http.method` is one key with a point in it. */
function keyRemedy(nodes: readonly FieldNode[]): string {
  return `write ["${nodes.map(({ name }) => name).join('.')}"] for a key`;
}

function checkKeys(field: Field, node: FieldNode, { problems }: Scope): boolean {
  const [key] = node.keys;
  if (key === undefined) return true;
  if (field.index === undefined) {
    problems.add(key, `${node.name} cannot be indexed`);
    return false;
  }
  const extra = field.index.kind === 'entry' ? node.keys[1] : undefined;
  if (extra !== undefined) problems.add(extra, `${node.name} takes one key`);
  return extra === undefined;
}

/** The int64 of an enum symbol; undefined after a problem was reported. */
export function resolveSymbol(node: SymbolNode, { context, problems }: Scope): bigint | undefined {
  const number = context.enums?.get(node.name);
  if (number !== undefined) return BigInt(number);
  if (context.functions.has(node.name)) {
    problems.add(node, `${node.name} is a converter, found without arguments`, `write ${node.name}(...)`);
  } else if (context.enums === undefined) {
    problems.add(
      node,
      `the ${context.name} context has no enum symbols, found ${node.name}`,
      literalRemedy(node.name),
    );
  } else {
    problems.add(
      node,
      `${node.name} is no enum symbol of the ${context.name} context`,
      literalRemedy(node.name) ?? didYouMean(node.name, context.enums.keys()),
    );
  }
  return undefined;
}

/** For a text that stands where an enum symbol should: `"ERROR"` may mean STATUS_CODE_ERROR. */
export function symbolMeant(literal: OttlValue, { enums }: Context): string | undefined {
  if (typeof literal !== 'string' || literal === '' || enums === undefined) return undefined;
  const word = literal.toUpperCase();
  const named = [...enums.keys()].filter((name) => name === word || name.endsWith(`_${word}`));
  return named.length === 1 ? `write ${named[0]}` : undefined;
}

/** The editor of a statement; undefined after a problem was reported. */
export function resolveEditor(node: CallNode, scope: Scope): FunctionSpec | undefined {
  return scope.context.editors.get(node.name) ?? reportMissing(node, scope, 'editor');
}

/** The function of a call, or of a bare name; undefined after a problem was reported. */
export function resolveFunction(node: Named, scope: Scope): FunctionSpec | undefined {
  return scope.context.functions.get(node.name) ?? reportMissing(node, scope, 'converter');
}

type Named = Pick<CallNode, 'name' | 'namePlace'>;

function reportMissing(
  { name, namePlace }: Named,
  { context, problems }: Scope,
  kind: 'editor' | 'converter',
): undefined {
  const holders = contexts.filter((other) => (kind === 'editor' ? other.editors : other.functions).has(name));
  if (holders.length === 0) {
    const remedy = kind === 'editor' ? editorRemedy(name) : converterRemedy(name, context.functions);
    problems.add(namePlace, `there is no ${kind} ${name}`, remedy);
  } else {
    const names = holders.map((other) => other.name).join(', ');
    problems.add(namePlace, `${name} is known in the ${names} context only, not in ${context.name}`);
  }
}
