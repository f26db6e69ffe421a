/** The statements of a config, whichever way they are written, as groups that run one after another. */
import { compileCondition, type CompiledCondition } from '../../ottl/condition.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import type { FunctionSpec } from '../../ottl/function.ts';
import type { Gate } from '../../ottl/gates.ts';
import { inferGroupContext } from '../../ottl/infer.ts';
import { compileStatement, type CompiledStatement } from '../../ottl/statement.ts';
import type { ItemProgram, ItemStep } from '../../model/item-program.ts';
import type { Signal } from '../../model/signal.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';
import type { ErrorMode } from '../shared/error-mode.ts';
import { ottlProblems, type Text } from '../shared/ottl-problems.ts';
import { all } from '../shared/quickly.ts';
import type { Config } from './schema.ts';

export interface Group {
  readonly signal: Signal;
  readonly path: Text['path'];
  /** Undefined: inferred. */
  readonly context: ContextName | undefined;
  readonly errorMode: ErrorMode;
  readonly conditions: readonly Text[];
  readonly statements: readonly Text[];
}

export interface CompiledGroup {
  readonly context: ContextName;
  readonly errorMode: ErrorMode;
  readonly conditions: readonly CompiledCondition[];
  readonly statements: readonly CompiledStatement[];
}

export const statementKeys = {
  traces: 'trace_statements',
  logs: 'log_statements',
  metrics: 'metric_statements',
} as const satisfies Record<Signal, keyof Config>;

export function groupsOf(config: Config, signal: Signal): Group[] {
  const key = statementKeys[signal];
  const entries = config[key] ?? [];
  const flat = entries.flatMap((entry, index) =>
    typeof entry === 'string' ? [{ text: entry, path: [key, index] }] : [],
  );
  const groups = entries.flatMap((entry, index): Group[] => {
    if (typeof entry === 'string') return [];
    const texts = (list: 'conditions' | 'statements') =>
      entry[list].map((text, at) => ({ text, path: [key, index, list, at] }));
    return [
      {
        signal,
        path: [key, index],
        context: entry.context,
        errorMode: entry.error_mode ?? config.error_mode,
        conditions: texts('conditions'),
        statements: texts('statements'),
      },
    ];
  });
  if (flat.length === 0) return groups;
  const rest = { signal, path: [key], context: undefined, errorMode: config.error_mode, conditions: [] };
  return [...groups, { ...rest, statements: flat }];
}

export function gatesOf({ feature_gates: names }: Config): ReadonlySet<Gate> {
  return new Set(names.filter((name) => name !== 'transform.flatten.logs'));
}

/** What a text may use besides what every text may. */
export interface Language {
  readonly gates: ReadonlySet<Gate>;
  /** Of the user's own extensions. */
  readonly functions: ReadonlyMap<string, FunctionSpec>;
}

/** Throws OttlError. */
export function compileGroup(group: Group, { gates, functions }: Language): CompiledGroup {
  const statements = group.statements.map(({ text }) => text);
  const conditions = group.conditions.map(({ text }) => text);
  const context = group.context ?? inferGroupContext({ statements, conditions }, group.signal);
  const options = { prefixRequired: group.context === undefined, gates, functions };
  return {
    context,
    errorMode: group.errorMode,
    conditions: conditions.map((text) => compileCondition(text, context, options)),
    statements: statements.map((text) => compileStatement(text, context, options)),
  };
}

/** The same as a program over the bytes of a batch; undefined where that cannot be said. */
export function programOf({ context, conditions, statements }: CompiledGroup): ItemProgram | undefined {
  const tests = all(conditions.map(({ itemTest }) => itemTest));
  const steps = all(statements.map(({ itemSteps }) => itemSteps))?.flat();
  if (tests === undefined || steps === undefined || steps.length === 0) return undefined;
  const unmeant: ItemStep = { when: { is: 'not', of: { is: 'any', of: tests } }, do: 'stop' };
  const signal = context === 'log' ? 'logs' : 'traces';
  return { signal, steps: tests.length === 0 ? steps : [unmeant, ...steps] };
}

/** Everything that is wrong with a group, each problem at its place in the text. */
export function groupProblems(group: Group, language: Language): CheckedProblem[] {
  const { context, signal, statements, conditions, path } = group;
  if (context === undefined && statements.length + conditions.length === 0)
    return [{ severity: 'error', path, message: 'must have statements, or say its context' }];
  return ottlProblems(group, { signal, context, ...language });
}
