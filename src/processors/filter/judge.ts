/** What decides about dropping, and what becomes of conditions that fail on an item. */
import type { CompiledCondition } from '../../ottl/condition.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import type { Target } from '../../ottl/target.ts';
import type { Failures } from '../shared/failures.ts';
import type { ErrorMode } from './schema.ts';

/** The reason why the target is dropped; undefined to keep it. */
export type Judge = (target: Target) => string | undefined;

/** A condition that fails on an item, where `error_mode: propagate` makes that an end. */
class ConditionError extends Error {
  override readonly name = 'ConditionError';
  readonly remedy = 'guard the condition, or set `error_mode: ignore`, which counts failures and goes on';

  constructor(condition: string, cause: Error) {
    super(`the condition ${condition} failed: ${cause.message}`, { cause });
  }
}

/** Drops by the first condition that is true, in the order of the config. */
export function judgeBy(
  conditions: readonly CompiledCondition[],
  errorMode: ErrorMode,
  failures: Failures,
): Judge {
  const reasons = new Map(conditions.map((condition) => [condition, reasonOf(condition.text)]));
  return (target) => {
    for (const condition of conditions) {
      try {
        if (condition.test(target)) return reasons.get(condition);
      } catch (error) {
        if (!(error instanceof OttlEvalError)) throw error;
        failures.add(condition, { error, target, isTold: errorMode === 'ignore' });
        if (errorMode === 'propagate') throw new ConditionError(condition.text, error);
      }
    }
    return undefined;
  };
}

const longestReason = 80;

/** The ledger says what was dropped by which condition. */
function reasonOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestReason ? `${line.slice(0, longestReason - 1)}…` : line;
}
