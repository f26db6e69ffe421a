/** What decides about dropping, and what becomes of conditions that fail on an item. */
import type { CompiledCondition } from '../../ottl/condition.ts';
import type { Target } from '../../ottl/target.ts';
import type { Failures } from '../shared/failures.ts';
import type { ErrorMode } from '../shared/error-mode.ts';

/** The reason why the target is dropped; undefined to keep it. */
export type Judge = (target: Target) => string | undefined;

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
        failures.take(error, { failed: condition, target, errorMode });
      }
    }
    return undefined;
  };
}

const longestReason = 80;

/** The ledger says what was dropped by which condition. */
export function reasonOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestReason ? `${line.slice(0, longestReason - 1)}…` : line;
}
