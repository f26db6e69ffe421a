import type { Scope } from './check.ts';
import { compileTest } from './compile-condition.ts';
import { Compiler } from './compile.ts';
import { contextNamed, contextWith } from './contexts.ts';
import type { ContextName } from './contexts.ts';
import { OttlError, Problems } from './errors.ts';
import type { OttlProblem } from './errors.ts';
import type { ItemTest } from '../model/item-program.ts';
import type { FunctionSpec } from './function.ts';
import type { Gate } from './gates.ts';
import { parseCondition, parseValue } from './parse.ts';
import type { Target } from './target.ts';
import type { OttlValue } from './values.ts';

export interface CompileOptions {
  /**
   * Whether each path must name its context (`span.name`), as where the context was inferred. By default `name`
   * alone means the context that is given.
   */
  readonly prefixRequired?: boolean;
  /** Feature gates of the Collector that are on; none by default. */
  readonly gates?: ReadonlySet<Gate>;
  /** Functions beside the built-in ones, by their names. */
  readonly functions?: ReadonlyMap<string, FunctionSpec>;
}

/** A condition, ready to run on records. */
export interface CompiledCondition {
  readonly text: string;
  readonly context: ContextName;
  /** The outcome, if it is the same for every record. */
  readonly constant: boolean | undefined;
  /** Whether the condition holds for the record. Throws `OttlEvalError`. */
  test(target: Target): boolean;
  /** What can never work in it. */
  readonly warnings: readonly OttlProblem[];
  /** The same for a span or log record as data; undefined where it cannot be said, and in other contexts. */
  readonly itemTest: ItemTest | undefined;
}

/** A value expression, ready to run on records. */
export interface CompiledValue {
  readonly text: string;
  readonly context: ContextName;
  /** The value for the record. Throws `OttlEvalError`. */
  read(target: Target): OttlValue;
}

/** Compiles one condition. Throws `OttlError` with everything that is wrong with it. */
export function compileCondition(
  text: string,
  context: ContextName,
  options: CompileOptions = {},
): CompiledCondition {
  const node = parseCondition(text);
  const { compiler, problems } = compilerFor(text, context, options);
  const compiled = compileTest(node, compiler);
  problems.throwIfAny();
  if (compiled === undefined) throw new Error(`${text} did not compile and nothing says why`);
  const { constant, test, data } = compiled;
  const itemTest = isOfItems(context) ? data : undefined;
  return { text, context, constant, test, warnings: problems.warnings, itemTest };
}

/** Compiles several conditions for one context. Throws one `OttlError` with the problems of all of them. */
export function compileConditions(
  texts: readonly string[],
  context: ContextName,
  options: CompileOptions = {},
): readonly CompiledCondition[] {
  return collectProblems(texts, (text) => compileCondition(text, context, options));
}

/** Compiles a value expression. Throws `OttlError` with everything that is wrong with it. */
export function compileValue(
  text: string,
  context: ContextName,
  options: CompileOptions = {},
): CompiledValue {
  const node = parseValue(text);
  const { compiler, problems } = compilerFor(text, context, options);
  const compiled = compiler.expression(node);
  problems.throwIfAny();
  if (compiled === undefined) throw new Error(`${text} did not compile and nothing says why`);
  return { text, context, read: compiled.read };
}

/** Does `each` for all; what any of them throws as `OttlError` is thrown together. */
export function collectProblems<In, Out>(inputs: readonly In[], each: (input: In) => Out): Out[] {
  const results: Out[] = [];
  const problems = inputs.flatMap((input) => {
    try {
      results.push(each(input));
      return [];
    } catch (error) {
      if (error instanceof OttlError) return error.problems;
      throw error;
    }
  });
  if (problems.length > 0) throw new OttlError(problems);
  return results;
}

/** Whether what runs in the context runs once for each span or log record. */
export function isOfItems(context: ContextName): boolean {
  return context === 'span' || context === 'log';
}

export function compilerFor(
  text: string,
  context: ContextName,
  options: CompileOptions,
): { compiler: Compiler; scope: Scope; problems: Problems } {
  const problems = new Problems(text);
  const prefixRequired = options.prefixRequired ?? false;
  const gates = options.gates ?? new Set<Gate>();
  const scope = {
    context: contextWith(contextNamed(context), options.functions),
    prefixRequired,
    gates,
    locals: new Map(),
    problems,
  };
  return { compiler: new Compiler(scope), scope, problems };
}
