/** The statements of a config, whichever way they are written, as groups that run one after another. */
import { compileCondition, type CompiledCondition, type CompileOptions } from '../../ottl/condition.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import type { Gate } from '../../ottl/gates.ts';
import { inferGroupContext } from '../../ottl/infer.ts';
import { compileStatement, type CompiledStatement } from '../../ottl/statement.ts';
import type { Signal } from '../../model/signal.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';
import { ottlProblems } from '../shared/ottl-problems.ts';
import type { Config, ErrorMode } from './schema.ts';

type Path = readonly (string | number)[];

interface Text {
  readonly text: string;
  /** Where it stands in the config. */
  readonly path: Path;
}

export interface Group {
  readonly signal: Signal;
  readonly path: Path;
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

/** Throws OttlError. */
export function compileGroup(group: Group, gates: ReadonlySet<Gate>): CompiledGroup {
  const { context, options } = settle(group, gates);
  return {
    context,
    errorMode: group.errorMode,
    conditions: group.conditions.map(({ text }) => compileCondition(text, context, options)),
    statements: group.statements.map(({ text }) => compileStatement(text, context, options)),
  };
}

function settle(group: Group, gates: ReadonlySet<Gate>): { context: ContextName; options: CompileOptions } {
  const statements = group.statements.map(({ text }) => text);
  const conditions = group.conditions.map(({ text }) => text);
  const context = group.context ?? inferGroupContext({ statements, conditions }, group.signal);
  return { context, options: { prefixRequired: group.context === undefined, gates } };
}

/** Everything that is wrong with a group, each problem at its place in the text. */
export function groupProblems(group: Group, gates: ReadonlySet<Gate>): CheckedProblem[] {
  const all = [...group.statements, ...group.conditions];
  if (group.context === undefined && all.length === 0)
    return [{ severity: 'error', path: group.path, message: 'must have statements, or say its context' }];
  let settled: ReturnType<typeof settle>;
  try {
    settled = settle(group, gates);
  } catch (error) {
    return ottlProblems(error, (text) => all.find((one) => one.text === text)?.path ?? group.path);
  }
  const { context, options } = settled;
  return [
    ...group.statements.flatMap((one) => problemsOf(one, (text) => compileStatement(text, context, options))),
    ...group.conditions.flatMap((one) => problemsOf(one, (text) => compileCondition(text, context, options))),
  ];
}

function problemsOf({ text, path }: Text, compile: (text: string) => unknown): CheckedProblem[] {
  try {
    compile(text);
    return [];
  } catch (error) {
    return ottlProblems(error, () => path);
  }
}
