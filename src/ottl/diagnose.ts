import type { Signal } from '../model/signal.ts';
import { compileCondition } from './condition.ts';
import type { CompileOptions } from './condition.ts';
import type { ContextName } from './contexts.ts';
import { OttlError } from './errors.ts';
import type { OttlProblem } from './errors.ts';
import { inferGroupContext, probableContext } from './infer.ts';
import type { GroupTexts } from './infer.ts';
import { compileStatement } from './statement.ts';

export interface Setting {
  readonly signal: Signal;
  /** Undefined: inferred for all texts together, and every path names its context. */
  readonly context: ContextName | undefined;
  readonly gates?: CompileOptions['gates'];
  readonly functions?: CompileOptions['functions'];
}

/**
 * Everything that is wrong with texts that share one context, with what can never work in them: a list for each
 * statement, then for each condition.
 * Where their context cannot be inferred, the one that is probably meant is assumed, so that one mistake hides no
 * other.
 */
export function diagnose(
  texts: GroupTexts,
  { signal, context, gates, functions }: Setting,
): (readonly OttlProblem[])[] {
  let assumed = context;
  const inferring = problemsIn(() => {
    assumed ??= inferGroupContext(texts, signal);
    return undefined;
  });
  assumed ??= probableContext(texts, signal);
  const options = {
    prefixRequired: context === undefined,
    ...(gates === undefined ? {} : { gates }),
    ...(functions === undefined ? {} : { functions }),
  };
  const problemsOf = (compile: typeof compileStatement | typeof compileCondition) => (text: string) => {
    const first = inferring.filter((problem) => problem.text === text);
    const name = assumed;
    return onePerPlace([
      ...first,
      ...(name === undefined ? [] : problemsIn(() => compile(text, name, options))),
    ]);
  };
  return [
    ...texts.statements.map(problemsOf(compileStatement)),
    ...texts.conditions.map(problemsOf(compileCondition)),
  ];
}

/** A text that stands there twice was looked at twice. */
function onePerPlace(problems: readonly OttlProblem[]): OttlProblem[] {
  const places = new Map(problems.toReversed().map((problem) => [problem.offset, problem]));
  return [...places.values()].toReversed();
}

function problemsIn(
  compile: () => { readonly warnings: readonly OttlProblem[] } | undefined,
): readonly OttlProblem[] {
  try {
    return compile()?.warnings ?? [];
  } catch (error) {
    if (error instanceof OttlError) return error.problems;
    throw error;
  }
}
