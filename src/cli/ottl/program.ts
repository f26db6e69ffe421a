/** The texts on the command line, compiled for the context that was named or that their paths name. */
import { signals, type Signal } from '../../model/signal.ts';
import { compileConditions, type CompiledCondition } from '../../ottl/condition.ts';
import { contextsOfSignal, type ContextName } from '../../ottl/contexts.ts';
import { OttlError } from '../../ottl/errors.ts';
import { inferGroupContext } from '../../ottl/infer.ts';
import { compileStatements, type CompiledStatement } from '../../ottl/statement.ts';
import { UsageError } from '../exit.ts';

/** What runs on the records of one context: statements, or conditions alone. */
export interface Program {
  readonly context: ContextName;
  readonly statements: readonly CompiledStatement[];
  readonly conditions: readonly CompiledCondition[];
}

/** What runs on each signal that has the context; at least one. Throws UsageError with everything that is wrong. */
export function programsOf(
  texts: readonly string[],
  context: ContextName | undefined,
): ReadonlyMap<Signal, Program> {
  const statements = texts.filter(isStatement);
  const conditions = texts.filter((text) => !isStatement(text));
  if (statements.length > 0 && conditions.length > 0)
    throw new UsageError(
      `give statements or conditions, not both: ${conditions[0] ?? ''} is a condition; for a statement under a condition write \`where\``,
    );
  const programs = new Map<Signal, Program>();
  const errors = new Map<Signal, OttlError>();
  for (const signal of signals) {
    if (context !== undefined && !contextsOfSignal[signal].includes(context)) continue;
    try {
      const settled = context ?? inferGroupContext({ statements, conditions }, signal);
      const options = { prefixRequired: context === undefined };
      programs.set(signal, {
        context: settled,
        statements: compileStatements(statements, settled, options),
        conditions: compileConditions(conditions, settled, options),
      });
    } catch (error) {
      if (!(error instanceof OttlError)) throw error;
      errors.set(signal, error);
    }
  }
  if (programs.size === 0) throw wrong(texts, errors, context);
  return programs;
}

/** Editors are the only names in lower case that are followed by a bracket. */
function isStatement(text: string): boolean {
  return /^\s*[a-z]\w*\s*\(/.test(text);
}

/** The errors of the signal that is probably meant: the one that has the paths. */
function wrong(
  texts: readonly string[],
  errors: ReadonlyMap<Signal, OttlError>,
  context: ContextName | undefined,
): UsageError {
  const all = texts.join('\n');
  const named = /\blog\./.test(all) ? 'logs' : /\b(?:metric|datapoint)\./.test(all) ? 'metrics' : 'traces';
  const candidates = [...errors.values()];
  const owner = candidates.find((error) => ownerIn(error) !== undefined);
  const error = owner ?? errors.get(named) ?? candidates[0];
  const prefix = context === undefined && error !== undefined ? ownerIn(error) : undefined;
  const hint = prefix === undefined ? '' : `\nor name the context: --context ${prefix}`;
  return new UsageError(`${error?.message ?? ''}${hint}`);
}

/** `span`, where the remedy for a path without context is `write span.name`. */
function ownerIn({ problems }: OttlError): string | undefined {
  return problems.map(({ remedy }) => /^write (\w+)\./.exec(remedy ?? '')?.[1]).find(Boolean);
}
