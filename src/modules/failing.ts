/** What becomes of an item on which an author's handler failed: the run stops, or the item is dropped, or a dead letter. */
import type { AnyBatch } from '../model/batches.ts';
import type { OnError, ProcessorContext } from '../pipeline/component.ts';
import { isOfRun, messageOf } from '../pipeline/errors.ts';
import { itemName } from './guarded.ts';
import { groupsOf, isItem, itemsOf, type AnyItem } from './made.ts';
import { ModuleError, placedError, placeIn, type AuthorsFile } from './module-error.ts';
import type { Pass } from './pass.ts';

export interface FailurePolicy {
  readonly file: AuthorsFile;
  readonly onError: OnError;
}

/** A batch, a group below a resource, or an item. */
type Part = AnyBatch | ReturnType<typeof groupsOf>[number] | AnyItem;

export class Failing {
  private readonly context: ProcessorContext;
  private readonly policy: FailurePolicy;
  private saidSo = false;

  constructor(context: ProcessorContext, policy: FailurePolicy) {
    this.context = context;
    this.policy = policy;
  }

  /** The error with the place in the author's file, and the item. */
  placed(error: unknown, part: Part): Error {
    return placedError(error, this.policy.file, itemName(part));
  }

  /** Throws under `fail`; else the part of the batch is gone. */
  of(pass: Pass, part: Part, error: unknown): void {
    const { onError, file } = this.policy;
    const placed = this.placed(error, part);
    if (onError === 'fail' || isOfRun(error)) throw placed;
    const place = placeIn(error, file) ?? file.name;
    this.context.counts.fail(`at ${place}`, () => placed.message);
    this.sayOnce(placed);
    const isKept = onError === 'dead_letter' && this.context.deadLetters !== undefined;
    const reason = `failed at ${place}`;
    let items = 0;
    for (const item of itemsIn(part)) {
      items += weightOf(item);
      if (isKept) pass.addLetter(item, placed.message);
      item.drop(isKept ? `dead-lettered: ${reason}` : reason);
    }
    this.context.counts.lose(items, isKept);
  }

  /** Writes the dead letters of a batch, before the rest of it goes on. */
  keepLetters({ letters }: Pass): Promise<void> | undefined {
    return letters === undefined ? undefined : this.write(letters);
  }

  private async write(letters: NonNullable<Pass['letters']>): Promise<void> {
    const { deadLetters, id } = this.context;
    for (const [reason, gathering] of letters) {
      for (const batch of gathering.others) {
        try {
          await deadLetters?.write(batch, { reason, exporter: id });
        } catch (error) {
          throw new ModuleError(`cannot write a dead letter: ${messageOf(error)}`, {
            remedy:
              'see that it can be written, or name another file with `--dead-letters FILE`, and run again with `--resume`',
            cause: error,
          });
        }
      }
    }
  }

  private sayOnce(error: Error): void {
    if (this.saidSo) return;
    this.saidSo = true;
    const fate = this.policy.onError === 'drop' ? 'is dropped' : 'goes to the dead-letter file';
    this.context.logger.error(`what it fails on ${fate}: ${error.message}`);
  }
}

function itemsIn(part: Part): readonly AnyItem[] {
  if (isItem(part)) return [part];
  if ('itemCount' in part) return itemsOf(part);
  if ('scopeSpans' in part) return part.scopeSpans().flatMap((scope) => [...scope.spans()]);
  if ('scopeLogs' in part) return part.scopeLogs().flatMap((scope) => [...scope.logRecords()]);
  return part.scopeMetrics().flatMap((scope) => [...scope.metrics()]);
}

function weightOf(item: AnyItem): number {
  return 'dataPointCount' in item ? item.dataPointCount : 1;
}
