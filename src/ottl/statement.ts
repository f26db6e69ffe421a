import type { ItemStep } from '../model/item-program.ts';
import { compileCall } from './calls.ts';
import { resolveEditor } from './check.ts';
import { compileTest } from './compile-condition.ts';
import type { Test } from './compile-condition.ts';
import { collectProblems, compilerFor, isOfItems } from './condition.ts';
import type { CompileOptions } from './condition.ts';
import type { ContextName } from './contexts.ts';
import type { OttlProblem } from './errors.ts';
import { effectData } from './item-data.ts';
import { parseStatement } from './parse.ts';
import type { Expression } from './parameters.ts';
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
  /** The same for a span or log record as data; undefined where it cannot be said, and in other contexts. */
  readonly itemSteps: readonly ItemStep[] | undefined;
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
  const editor = spec && compileCall(node.editor, spec, compiler);
  const where = node.where && compileTest(node.where, compiler);
  problems.throwIfAny();
  if (editor === undefined) throw new Error(`${text} did not compile and nothing says why`);
  const always = where === undefined || where.constant === true;
  const never = where?.constant === false;
  const test = where?.test;
  const { read: edit } = editor;
  return {
    text,
    context,
    warnings: never ? [] : problems.warnings,
    itemSteps: isOfItems(context) ? stepsOf(editor, where) : undefined,
    execute(target) {
      if (never || (!always && test !== undefined && !test(target))) return false;
      edit(target);
      return true;
    },
  };
}

function stepsOf({ data }: Expression, where: Test | undefined): ItemStep[] | undefined {
  if (where?.constant === false) return [];
  const effect = effectData(data);
  if (effect === undefined) return undefined;
  if (where === undefined || where.constant === true) return [effect];
  return where.data && [{ ...effect, when: where.data }];
}

/** Compiles several statements for one context. Throws one `OttlError` with the problems of all of them. */
export function compileStatements(
  texts: readonly string[],
  context: ContextName,
  options: CompileOptions = {},
): readonly CompiledStatement[] {
  return collectProblems(texts, (text) => compileStatement(text, context, options));
}
