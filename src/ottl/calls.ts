import type { ArgumentNode, CallNode } from './ast.ts';
import type { Doubt } from './doubts.ts';
import { OttlFailure } from './errors.ts';
import type { Site } from './errors.ts';
import type { FunctionSpec } from './function.ts';
import type { Gate } from './gates.ts';
import { compileResult } from './keys.ts';
import { RefusedArgument } from './parameters.ts';
import type { Binder, Expression } from './parameters.ts';
import { didYouMean } from './suggest.ts';
import type { Target } from './target.ts';
import type { OttlValue } from './values.ts';
import { camel } from './words.ts';

/** A call with its arguments bound and its keys read; undefined after problems were reported. */
export function compileCall(node: CallNode, spec: FunctionSpec, binder: Binder): Expression | undefined {
  const placed = placeArguments(node, spec, binder);
  const bound = placed && bindArguments(placed, spec, binder);
  if (placed === undefined || bound === undefined) return undefined;
  try {
    reportDoubt(spec.doubt?.(bound), binder);
    return builtCall(node, spec, bound, binder);
  } catch (error) {
    if (!(error instanceof RefusedArgument)) throw error;
    const place = typeof error.at === 'string' ? placed.get(error.at)?.value : error.at;
    binder.problem(place ?? node, error.message);
    return undefined;
  }
}

function builtCall(
  node: CallNode,
  spec: FunctionSpec,
  bound: ReadonlyMap<string, unknown>,
  binder: Binder,
): Expression | undefined {
  const read = spec.build(bound, binder.site(node), binder.gates);
  if (node.keys.length === 0)
    return { read, copyText: spec.copyText?.(bound), data: spec.data?.(bound, binder.gates) };
  const result = compileResult(read, node.keys, binder);
  return result && { read: result };
}

function reportDoubt(doubt: Doubt | undefined, binder: Binder): void {
  if (doubt === undefined) return;
  const { message, literal } = doubt;
  binder.doubt(literal.site.place, message, literal.constant?.value);
}

/** A converter that an editor was given by name, for a text that the editor has. Throws `OttlEvalError`. */
export type TextFunction = (target: Target, text: string) => OttlValue;

/**
 * As in the reference, it shows at the first use, not before, that a converter cannot be used with one text.
 */
export function textFunction(
  { name, parameters, build }: FunctionSpec,
  site: Site,
  gates: ReadonlySet<Gate>,
): TextFunction {
  const required = parameters.filter(([, parameter]) => !parameter.optional).length;
  const [first] = parameters;
  const current = { text: '' };
  const bound = first?.[1].ofText?.(() => current.text, site);
  if (first === undefined || bound === undefined || required > 1) {
    return () => {
      throw site.error(`${name} is no function of one text`);
    };
  }
  try {
    const run = build(new Map([[first[0], bound]]), site, gates);
    return (target, text) => {
      current.text = text;
      return run(target);
    };
  } catch (error) {
    if (!(error instanceof RefusedArgument || error instanceof OttlFailure)) throw error;
    const { message } = error;
    return () => {
      throw site.error(message);
    };
  }
}

type Placed = ReadonlyMap<string, ArgumentNode>;

/**
 * Which argument is for which parameter. As in the reference, arguments of a function without parameters do nothing, and
 * what is given twice must fit both times and counts as it is given last.
 */
function placeArguments(node: CallNode, spec: FunctionSpec, binder: Binder): Placed | undefined {
  if (spec.parameters.length === 0) return new Map();
  if (!hasRightCount(node, spec, binder)) return undefined;
  const names = node.args.map((argument, index) =>
    nameFor(argument, node.args.slice(0, index), spec, binder),
  );
  const placed = new Map<string, ArgumentNode>();
  let complete = true;
  for (const [index, argument] of node.args.entries()) {
    const name = names[index];
    const isOverridden = name !== undefined && names.includes(name, index + 1);
    complete &&= name !== undefined && (!isOverridden || bindOne(name, argument, spec, binder) !== undefined);
    if (name !== undefined) placed.set(name, argument);
  }
  return complete && nothingMissing(node, spec, placed, binder) ? placed : undefined;
}

/** The parameter of an argument; undefined after a problem was reported. */
function nameFor(
  argument: ArgumentNode,
  before: readonly ArgumentNode[],
  spec: FunctionSpec,
  binder: Binder,
): string | undefined {
  const name = parameterFor(argument, before.length, spec);
  if (name === undefined) reportUnknown(argument, spec, binder);
  if (argument.name !== undefined || before.every((other) => other.name === undefined)) return name;
  binder.problem(argument, 'an argument without a name cannot follow one with a name');
  return undefined;
}

function hasRightCount(node: CallNode, spec: FunctionSpec, binder: Binder): boolean {
  const required = spec.parameters.filter(([, parameter]) => !parameter.optional).length;
  const fits = node.args.length >= required && node.args.length <= spec.parameters.length;
  if (!fits) binder.problem(node, countMessage(spec, required, node.args.length));
  return fits;
}

function reportUnknown(argument: ArgumentNode, spec: FunctionSpec, binder: Binder): void {
  const names = spec.parameters.map(([name]) => name);
  const found = argument.name ?? '';
  const message = `${spec.name} has no parameter ${found}; it has ${names.join(', ')}`;
  binder.problem(argument, message, didYouMean(found, names));
}

function nothingMissing(node: CallNode, spec: FunctionSpec, placed: Placed, binder: Binder): boolean {
  const missing = spec.parameters.filter(([name, parameter]) => !parameter.optional && !placed.has(name));
  if (missing.length > 0)
    binder.problem(node, `${node.name} lacks ${missing.map(([name]) => name).join(', ')}`);
  return missing.length === 0;
}

function countMessage(spec: FunctionSpec, required: number, found: number): string {
  const total = spec.parameters.length;
  const range = required === total ? String(total) : `${required} to ${total}`;
  const names = spec.parameters.map(([name, { optional }]) => (optional ? `${name}?` : name));
  return `${spec.name} takes ${range} argument${total === 1 ? '' : 's'} (${names.join(', ')}), found ${found}`;
}

function parameterFor(argument: ArgumentNode, index: number, spec: FunctionSpec): string | undefined {
  return argument.name === undefined ? spec.parameters[index]?.[0] : parameterNamed(argument.name, spec);
}

/**
 * `header_delimiter` and `headerDelimiter` both name the parameter `headerDelimiter`. As in the reference, names with a
 * run of capitals (`sourceIP`) cannot be reached.
 */
function parameterNamed(name: string, spec: FunctionSpec): string | undefined {
  const wanted = camel(name);
  return spec.parameters.find(([known]) => known.charAt(0).toUpperCase() + known.slice(1) === wanted)?.[0];
}

function bindOne(name: string, argument: ArgumentNode, spec: FunctionSpec, binder: Binder): unknown {
  const [, parameter] = spec.parameters.find(([other]) => other === name) ?? [];
  return parameter?.bind(argument.value, binder, name);
}

function bindArguments(
  placed: Placed,
  spec: FunctionSpec,
  binder: Binder,
): ReadonlyMap<string, unknown> | undefined {
  const bound = new Map<string, unknown>();
  for (const [name] of spec.parameters) {
    const argument = placed.get(name);
    const value = argument && bindOne(name, argument, spec, binder);
    if (value !== undefined) bound.set(name, value);
  }
  return bound.size === placed.size ? bound : undefined;
}
