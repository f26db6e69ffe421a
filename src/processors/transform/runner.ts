/** Runs groups of statements on a batch. */
import type { AnyBatch } from '../../model/batches.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import type { OttlMap } from '../../ottl/values.ts';
import type { Clock } from '../../pipeline/clock.ts';
import { recordIn, type Failures } from '../shared/failures.ts';
import { newTarget, type RecordTarget } from '../shared/target.ts';
import type { CompiledGroup } from './groups.ts';
import type { ErrorMode } from './schema.ts';
import { eachRecord } from './walk.ts';

/** A text that fails on a record, where `error_mode: propagate` makes that an end. */
class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly remedy = 'Guard it with `where`, or set error_mode: ignore, which counts failures and goes on.';

  constructor(text: string, cause: Error, target: RecordTarget) {
    super(`${text} failed: ${cause.message} (${recordIn(target)})`, { cause });
  }
}

export interface Troubles {
  readonly conditions: Failures;
  readonly statements: Failures;
}

export class GroupRunner {
  private readonly group: CompiledGroup;
  private readonly troubles: Troubles;
  private readonly clock: Clock;

  constructor(group: CompiledGroup, troubles: Troubles, clock: Clock) {
    this.group = group;
    this.troubles = troubles;
    this.clock = clock;
  }

  /** All statements on one record, then on the next one. What was changed before a failure stays. */
  run(batch: AnyBatch): void {
    const { context, conditions, statements } = this.group;
    if (statements.length === 0 && conditions.length === 0) return;
    const target = newTarget(this.clock);
    const cache: OttlMap = (target.cache = new Map());
    eachRecord(batch, context, target, () => {
      if (this.isMeant(target)) this.execute(target);
      if (cache.size > 0) cache.clear();
    });
  }

  private isMeant(target: RecordTarget): boolean {
    const { conditions, errorMode } = this.group;
    if (conditions.length === 0) return true;
    for (const condition of conditions) {
      try {
        if (condition.test(target)) return true;
      } catch (error) {
        const cause = ignorable(error, { text: condition.text, errorMode, target });
        if (errorMode === 'ignore') this.troubles.conditions.add(condition.text, cause, target);
      }
    }
    return false;
  }

  private execute(target: RecordTarget): void {
    const { statements, errorMode } = this.group;
    for (const statement of statements) {
      try {
        statement.execute(target);
      } catch (error) {
        const cause = ignorable(error, { text: statement.text, errorMode, target });
        if (errorMode === 'ignore') this.troubles.statements.add(statement.text, cause, target);
      }
    }
  }
}

/** The error, if the run goes on after it; else it is thrown. */
function ignorable(
  error: unknown,
  at: { text: string; errorMode: ErrorMode; target: RecordTarget },
): OttlEvalError {
  if (!(error instanceof OttlEvalError)) throw error;
  if (at.errorMode === 'propagate') throw new StatementError(at.text, error, at.target);
  return error;
}
