import type { Signal } from '../model/signal.ts';
import type { AnyNode, CallNode, ConditionNode, PathNode, StatementNode } from './ast.ts';
import { collectProblems } from './condition.ts';
import { contexts, contextsOfSignal } from './contexts.ts';
import type { Context, ContextName } from './contexts.ts';
import { OttlError, Problems } from './errors.ts';
import type { Place } from './errors.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { didYouMean } from './suggest.ts';
import { childrenOf } from './walk.ts';

/**
 * The context that conditions without one belong to, taken together: the most specific context that a path names
 * (`spanevent` before `span` before `scope` before `resource`), or, when that one lacks a function or enum symbol
 * they use, the most specific one of the signal that has them and can read the same paths.
 *
 * Throws `OttlError` for bad syntax, for paths that name no context of the signal, and when no context fits.
 */
export function inferContext(conditions: readonly string[], signal: Signal): ContextName {
  return inferGroupContext({ statements: [], conditions }, signal);
}

export interface GroupTexts {
  readonly statements: readonly string[];
  readonly conditions: readonly string[];
}

/** The same for statements with the conditions that they share. */
export function inferGroupContext({ statements, conditions }: GroupTexts, signal: Signal): ContextName {
  const texts = [
    ...statements.map((text) => ({ text, parse: parseStatement })),
    ...conditions.map((text) => ({ text, parse: parseCondition })),
  ];
  const needs = collectProblems(texts, ({ text, parse }) => needsOf(text, parse(text), signal));
  const prefixes = new Set(needs.flatMap((need) => [...need.prefixes]));
  const winner = contexts.find(({ name }) => prefixes.has(name));
  const [first] = needs;
  if (winner === undefined || first === undefined) throw withoutPath(texts[0]?.text ?? '', signal);
  const names = needs.flatMap((need) => need.names);
  const candidates = contexts.filter((one) => isCandidate(one, winner, signal));
  const best = [winner, ...candidates].find((one) => lacks(one, names).length === 0);
  if (best !== undefined) return best.name;
  const everywhere = candidates.every((one) => lacks(one, names).length > 0 && nowhereKnown(names));
  // A name that no context knows is a slip of the pen; compiling for the winner says where and what was meant.
  if (everywhere) return winner.name;
  throw nothingFits(first, candidates, names);
}

interface Named {
  readonly name: string;
  readonly kind: 'function' | 'editor' | 'symbol';
}

interface Needs {
  readonly text: string;
  readonly prefixes: ReadonlySet<string>;
  readonly names: readonly Named[];
}

/** A node with the names that stand for arguments of the lambdas around it. */
interface Pending {
  readonly node: AnyNode;
  readonly locals: ReadonlySet<string>;
}

function needsOf(text: string, root: ConditionNode | StatementNode, signal: Signal): Needs {
  const problems = new Problems(text);
  const prefixes = new Set<string>();
  const names: Named[] = [];
  const pending: Pending[] = [{ node: root, locals: new Set() }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    let { locals } = next;
    if (node.kind === 'lambda') locals = new Set([...locals, ...node.formals]);
    else if (node.kind === 'path' && !isLocal(node, locals)) prefixes.add(prefixOf(node, signal, problems));
    else if (node.kind === 'symbol') names.push({ name: node.name, kind: 'symbol' });
    else if (node.kind === 'call')
      names.push({ name: node.name, kind: isEditor(node, root) ? 'editor' : 'function' });
    for (const child of childrenOf(node)) pending.push({ node: child, locals });
  }
  problems.throwIfAny();
  return { text, prefixes, names };
}

function isLocal({ fields: [first] }: PathNode, locals: ReadonlySet<string>): boolean {
  return first !== undefined && locals.has(first.name);
}

function isEditor(call: CallNode, node: ConditionNode | StatementNode): boolean {
  return node.kind === 'statement' && node.editor === call;
}

function prefixOf({ fields }: PathNode, signal: Signal, problems: Problems): string {
  const [first] = fields;
  const known = [...contextsOfSignal[signal], 'instrumentation_scope'];
  if (first === undefined) return '';
  const isKnown = known.includes(first.name) || first.name === 'otelcol';
  if (fields.length > 1 && first.keys.length === 0 && isKnown) return first.name;
  const place: Place = { start: first.start, end: first.start + first.name.length };
  const owner = ['span', 'log', 'metric', ...known].find(
    (name) => known.includes(name) && hasField(name, first.name),
  );
  const other = contexts.some(({ name }) => name === first.name);
  const message = other
    ? `${first.name} is no context of ${signal}, which have ${known.join(', ')}`
    : `a path must begin with a context (${known.join(', ')}), found ${first.name}`;
  const remedy = owner !== undefined ? `write ${owner}.${first.name}` : didYouMean(first.name, known);
  problems.add(place, message, remedy);
  return '';
}

function hasField(context: string, field: string): boolean {
  const fields = contexts.find(({ name }) => name === context)?.prefixes.get(context);
  return fields !== undefined && Object.hasOwn(fields, field);
}

function isCandidate(context: Context, winner: Context, signal: Signal): boolean {
  return contextsOfSignal[signal].includes(context.name) && context.prefixes.has(winner.name);
}

function lacks(context: Context, names: readonly Named[]): readonly string[] {
  const known = {
    function: context.functions,
    editor: context.editors,
    symbol: context.enums ?? new Map<string, number>(),
  };
  return names.filter(({ name, kind }) => !known[kind].has(name)).map(({ name }) => name);
}

function nowhereKnown(names: readonly Named[]): boolean {
  return names.some((one) => contexts.every((context) => lacks(context, [one]).length > 0));
}

function nothingFits({ text }: Needs, candidates: readonly Context[], names: readonly Named[]): OttlError {
  const parts = candidates.map((one) => `${one.name} lacks ${[...new Set(lacks(one, names))].join(', ')}`);
  const message = `no context has all that is used here: ${parts.join('; ')}`;
  return new OttlError([{ text, offset: 0, length: text.length, message }]);
}

function withoutPath(text: string, signal: Signal): OttlError {
  const known = contextsOfSignal[signal].join(', ');
  const message = `no path says which context of ${signal} this is for (${known})`;
  return new OttlError([
    {
      text,
      offset: 0,
      length: text.length,
      message,
      remedy: 'name the context in the configuration: context: span',
    },
  ]);
}
