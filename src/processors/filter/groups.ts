/** The conditions of a config, whichever way they are written, as groups that are swept one after another. */
import { compileCondition, type CompiledCondition } from '../../ottl/condition.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { inferContext } from '../../ottl/infer.ts';
import type { Signal } from '../../model/signal.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';
import type { ErrorMode } from '../shared/error-mode.ts';
import type { ownFunctions } from '../shared/own-functions.ts';
import { ottlProblems, type Text } from '../shared/ottl-problems.ts';
import type { Config } from './schema.ts';

type OwnFunctions = ReturnType<typeof ownFunctions>;

interface ConditionText extends Text {
  /** Undefined: inferred. */
  readonly context: ContextName | undefined;
}

export interface Group {
  readonly signal: Signal;
  readonly errorMode: ErrorMode;
  readonly conditions: readonly ConditionText[];
}

export const conditionKeys = {
  traces: 'trace_conditions',
  logs: 'log_conditions',
  metrics: 'metric_conditions',
} as const satisfies Record<Signal, keyof Config>;

/** The keys of the older form, and the context that each of them is. */
export const contextKeys: Readonly<Record<Signal, Readonly<Record<string, ContextName>>>> = {
  traces: { resource: 'resource', span: 'span', spanevent: 'spanevent' },
  logs: { resource: 'resource', log_record: 'log' },
  metrics: { resource: 'resource', metric: 'metric', datapoint: 'datapoint' },
};

export function groupsOf(config: Config, signal: Signal): Group[] {
  return [...inferredGroups(config, signal), ...contextGroups(config, signal)];
}

function inferredGroups(config: Config, signal: Signal): Group[] {
  const key = conditionKeys[signal];
  const entries = config[key] ?? [];
  const flat = entries.flatMap((entry, index) =>
    typeof entry === 'string' ? [{ text: entry, path: [key, index], context: undefined }] : [],
  );
  if (flat.length > 0) return [{ signal, errorMode: config.error_mode, conditions: flat }];
  return entries.flatMap((entry, index): Group[] => {
    if (typeof entry === 'string') return [];
    const { context } = entry;
    const conditions = entry.conditions.map((text, at) => ({
      text,
      path: [key, index, 'conditions', at],
      context,
    }));
    return [{ signal, errorMode: entry.error_mode ?? config.error_mode, conditions }];
  });
}

function contextGroups(config: Config, signal: Signal): Group[] {
  const lists: Readonly<Record<string, unknown>> = config[signal] ?? {};
  const conditions = Object.entries(contextKeys[signal]).flatMap(([key, context]) => {
    const texts = (lists[key] ?? []) as readonly string[];
    return texts.map((text, at) => ({ text, path: [signal, key, at], context }));
  });
  return conditions.length === 0 ? [] : [{ signal, errorMode: config.error_mode, conditions }];
}

/** Throws OttlError. A path names its context where the config names none. */
export function compileText(
  { text, context }: ConditionText,
  signal: Signal,
  functions: OwnFunctions,
): CompiledCondition {
  const inferred = context ?? inferContext([text], signal);
  return compileCondition(text, inferred, { prefixRequired: context === undefined, functions });
}

/** Everything that is wrong with the conditions, each at its place in the text. */
export function conditionProblems(groups: readonly Group[], functions: OwnFunctions): CheckedProblem[] {
  return groups.flatMap(({ signal, conditions }) =>
    conditions.flatMap((one) =>
      ottlProblems({ statements: [], conditions: [one] }, { signal, context: one.context, functions }),
    ),
  );
}
