import type { Signal } from '../model/signal.ts';
import type { AnyNode, CallNode, ConditionNode, PathNode, StatementNode } from './ast.ts';
import { collectProblems } from './condition.ts';
import { contexts, contextsOfSignal } from './contexts.ts';
import type { Context, ContextName } from './contexts.ts';
import { OttlError, Problems } from './errors.ts';
import type { Place } from './errors.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { bareWordRemedy } from './suggest.ts';
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
export function inferGroupContext(texts: GroupTexts, signal: Signal): ContextName {
  const needs = collectProblems(parsed(texts), ({ text, parse }) => {
    const need = needsOf(text, parse(text), signal);
    need.problems.throwIfAny();
    return need;
  });
  const prefixes = new Set(needs.flatMap((need) => [...need.prefixes]));
  const winner = contexts.find(({ name }) => prefixes.has(name));
  if (winner === undefined) throw withoutPath(needs[0]?.text ?? '', signal);
  const names = needs.flatMap((need) => need.names);
  const best = bestFor(winner, names, signal);
  if (best === undefined) throw nothingFits(winner, names, signal);
  return best.name;
}

/**
 * What `inferGroupContext` would probably give if the texts were right: paths without a prefix count for the context
 * that has such a field, texts that cannot be parsed for the prefixes that are seen in them.
 */
export function probableContext(texts: GroupTexts, signal: Signal): ContextName | undefined {
  const needs = parsed(texts).map(({ text, parse }) => {
    try {
      return needsOf(text, parse(text), signal);
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      return { prefixes: prefixesSeen(text), names: [] };
    }
  });
  const prefixes = new Set(needs.flatMap((need) => [...need.prefixes]));
  const winner = contextsOf(signal).find(({ name }) => prefixes.has(name));
  const names = needs.flatMap((need) => need.names);
  return winner && (bestFor(winner, names, signal) ?? winner).name;
}

function parsed({ statements, conditions }: GroupTexts) {
  return [
    ...statements.map((text) => ({ text, parse: parseStatement })),
    ...conditions.map((text) => ({ text, parse: parseCondition })),
  ];
}

function prefixesSeen(text: string): ReadonlySet<string> {
  const withoutStrings = text.replaceAll(/"(?:\\[^]|[^\\"])*"?/g, '');
  return new Set([...withoutStrings.matchAll(/(?<![\w.])(\w+)\./g)].map(([, word = '']) => word));
}

/** A name that no context knows is a slip of the pen and decides nothing; compiling says where and what was meant. */
function bestFor(winner: Context, names: readonly Named[], signal: Signal): Context | undefined {
  const known = names.filter((one) => contexts.some((context) => !lacks(context, one)));
  const fits = (one: Context): boolean => !known.some((name) => lacks(one, name));
  return [winner, ...candidatesBeside(winner, signal)].find(fits);
}

interface Named {
  readonly text: string;
  readonly place: Place;
  readonly name: string;
  readonly kind: 'function' | 'editor' | 'symbol';
}

interface Needs {
  readonly text: string;
  readonly prefixes: ReadonlySet<string>;
  readonly names: readonly Named[];
  readonly problems: Problems;
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
    else if (node.kind === 'symbol') names.push({ text, place: node, name: node.name, kind: 'symbol' });
    else if (node.kind === 'call') {
      const kind = isEditor(node, root) ? 'editor' : 'function';
      names.push({ text, place: node.namePlace, name: node.name, kind });
    }
    for (const child of childrenOf(node)) pending.push({ node: child, locals });
  }
  return { text, prefixes, names, problems };
}

function isLocal({ fields: [first] }: PathNode, locals: ReadonlySet<string>): boolean {
  return first !== undefined && locals.has(first.name);
}

function isEditor(call: CallNode, node: ConditionNode | StatementNode): boolean {
  return node.kind === 'statement' && node.editor === call;
}

/** The prefix of a path; after a problem was reported, the one that is probably meant. */
function prefixOf({ fields }: PathNode, signal: Signal, problems: Problems): string {
  const [first] = fields;
  const known = [...contextsOfSignal[signal], 'instrumentation_scope'];
  if (first === undefined) return '';
  const isKnown = known.includes(first.name) || first.name === 'otelcol';
  if (fields.length > 1 && first.keys.length === 0 && isKnown) return first.name;
  const place: Place = { start: first.start, end: first.start + first.name.length };
  const owner = ['span', 'log', 'metric', ...known].find(
    (name) => known.includes(name) && (first.name === 'cache' || hasField(name, first.name)),
  );
  const other = contexts.some(({ name }) => name === first.name);
  const message = other
    ? `${first.name} is no context of ${signal}, which have ${known.join(', ')}`
    : `a path must begin with a context (${known.join(', ')}), found ${first.name}`;
  const remedy = owner === undefined ? bareWordRemedy(first.name, known) : `write ${owner}.${first.name}`;
  problems.add(place, message, other ? undefined : remedy);
  return owner ?? '';
}

function hasField(context: string, field: string): boolean {
  const fields = contexts.find(({ name }) => name === context)?.prefixes.get(context);
  return fields !== undefined && Object.hasOwn(fields, field);
}

function contextsOf(signal: Signal): Context[] {
  return contexts.filter(({ name }) => contextsOfSignal[signal].includes(name));
}

function candidatesBeside(winner: Context, signal: Signal): Context[] {
  return contextsOf(signal).filter((one) => one.prefixes.has(winner.name));
}

function lacks(context: Context, { name, kind }: Named): boolean {
  if (kind === 'symbol') return context.enums?.has(name) !== true;
  return !(kind === 'editor' ? context.editors : context.functions).has(name);
}

/** Points at the first name that the winner lacks. */
function nothingFits(winner: Context, names: readonly Named[], signal: Signal): OttlError {
  const parts = candidatesBeside(winner, signal).map((one) => {
    const lacking = names.filter((name) => lacks(one, name)).map(({ name }) => name);
    return `${one.name} lacks ${[...new Set(lacking)].join(', ')}`;
  });
  const message = `no context has all that is used here: ${parts.join('; ')}`;
  const { text, place } = names.find((name) => lacks(winner, name)) ?? nowhere;
  return new OttlError([{ text, offset: place.start, length: place.end - place.start, message }]);
}

const nowhere = { text: '', place: { start: 0, end: 0 } };

function withoutPath(text: string, signal: Signal): OttlError {
  const known = contextsOfSignal[signal].join(', ');
  const message = `no path says which context of ${signal} this is for (${known})`;
  return new OttlError([
    {
      text,
      offset: 0,
      length: text.length,
      message,
      remedy: `name the context in the configuration: context: ${contextsOfSignal[signal].at(2) ?? ''}`,
    },
  ]);
}
