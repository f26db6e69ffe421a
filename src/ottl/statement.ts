import { compileCall } from './calls.ts';
import { resolveEditor } from './check.ts';
import { compileTest } from './compile-condition.ts';
import { collectProblems, compilerFor } from './condition.ts';
import type { CompileOptions } from './condition.ts';
import type { ContextName } from './contexts.ts';
import type { OttlProblem } from './errors.ts';
import { parseStatement } from './parse.ts';
import type { Target } from './target.ts';

/** `editor(...) where condition`, ready to run on records. */
export interface CompiledStatement {
  readonly text: string;
  readonly context: ContextName;
  /**
   * Changes the record if the condition holds, and answers whether it did. Throws `OttlEvalError` (text, place,
   * values); what earlier statements changed stays.
   */
  execute(target: Target): boolean;
  /** What can never work in it. */
  readonly warnings: readonly OttlProblem[];
}

/** Compiles one statement. Throws `OttlError` with everything that is wrong with it. */
export function compileStatement(
  text: string,
  context: ContextName,
  options: CompileOptions = {},
): CompiledStatement {
  const node = parseStatement(text);
  const { compiler, scope, problems } = compilerFor(text, context, options);
  const spec = resolveEditor(node.editor, scope);
  const edit = spec && compileCall(node.editor, spec, compiler)?.read;
  const where = node.where && compileTest(node.where, compiler);
  problems.throwIfAny();
  if (edit === undefined) throw new Error(`${text} did not compile and nothing says why`);
  const always = where === undefined || where.constant === true;
  const never = where?.constant === false;
  const test = where?.test;
  return {
    text,
    context,
    warnings: never ? [] : problems.warnings,
    execute(target) {
      if (never || (!always && test !== undefined && !test(target))) return false;
      edit(target);
      return true;
    },
  };
}

/** Compiles several statements for one context. Throws one `OttlError` with the problems of all of them. */
export function compileStatements(
  texts: readonly string[],
  context: ContextName,
  options: CompileOptions = {},
): readonly CompiledStatement[] {
  return collectProblems(texts, (text) => compileStatement(text, context, options));
}
