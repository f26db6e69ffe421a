/** Runs groups of statements on a batch. */
import type { AnyBatch } from '../../model/batches.ts';
import type { OttlMap } from '../../ottl/values.ts';
import type { Clock } from '../../pipeline/clock.ts';
import type { Failures } from '../shared/failures.ts';
import { newTarget, type RecordTarget } from '../shared/target.ts';
import { quickly } from '../shared/quickly.ts';
import { programOf, type CompiledGroup } from './groups.ts';
import { eachRecord } from './walk.ts';

interface FailuresByKind {
  readonly conditions: Failures;
  readonly statements: Failures;
}

export class GroupRunner {
  private readonly group: CompiledGroup;
  private readonly failures: FailuresByKind;
  private readonly clock: Clock;
  /** All statements on one record, then on the next one. What was changed before a failure stays. */
  readonly run: (batch: AnyBatch) => void;

  constructor(group: CompiledGroup, failures: FailuresByKind, clock: Clock) {
    this.group = group;
    this.failures = failures;
    this.clock = clock;
    this.run = quickly(programOf(group), (batch) => this.runOnViews(batch));
  }

  private runOnViews(batch: AnyBatch): void {
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
        this.failures.conditions.take(error, { failed: condition, target, errorMode });
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
        this.failures.statements.take(error, { failed: statement, target, errorMode });
      }
    }
  }
}
