/** Runs groups of statements on a batch. */
import type { AnyBatch } from '../../model/batches.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import type { OttlMap } from '../../ottl/values.ts';
import type { Clock } from '../../pipeline/clock.ts';
import { recordIn, type Failures } from '../shared/failures.ts';
import { newTarget, type RecordTarget } from '../shared/target.ts';
import type { CompiledGroup } from './groups.ts';
import { eachRecord } from './walk.ts';

/** A text that fails on a record, where `error_mode: propagate` makes that an end. */
class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly remedy = 'Guard it with `where`, or set error_mode: ignore, which counts failures and goes on.';

  constructor(cause: OttlEvalError, target: RecordTarget) {
    super(`${cause.text} failed: ${cause.message} (${recordIn(target)})`, { cause });
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
    const { conditions } = this.group;
    if (conditions.length === 0) return true;
    for (const condition of conditions) {
      try {
        if (condition.test(target)) return true;
      } catch (error) {
        this.take(error, target, (at) => this.troubles.conditions.add(condition, at));
      }
    }
    return false;
  }

  private execute(target: RecordTarget): void {
    for (const statement of this.group.statements) {
      try {
        statement.execute(target);
      } catch (error) {
        this.take(error, target, (at) => this.troubles.statements.add(statement, at));
      }
    }
  }

  /** Counts the failure, and throws unless the run goes on after it. */
  private take(
    error: unknown,
    target: RecordTarget,
    count: (at: Parameters<Failures['add']>[1]) => void,
  ): void {
    if (!(error instanceof OttlEvalError)) throw error;
    const { errorMode } = this.group;
    count({ error, target, isTold: errorMode === 'ignore' });
    if (errorMode === 'propagate') throw new StatementError(error, target);
  }
}
