/** OTTL conditions on what came out. */
import type { AnyBatch } from '../../model/batches.ts';
import { OttlEvalError } from '../../ottl/errors.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { recordNouns } from '../../processors/shared/failures.ts';
import { newTarget } from '../../processors/shared/target.ts';
import { eachRecord } from '../../processors/transform/walk.ts';
import { UsageError } from '../exit.ts';
import { programsOf } from '../ottl/program.ts';
import { titleOf } from '../ottl/record.ts';
import { plural } from '../text.ts';

/** For how many records a condition must hold. */
export type Quantifier = 'all' | 'any' | 'none';

/** Records that are named in the answer. */
const mostNamed = 3;

/** What is wrong: a message, and lines below it; undefined when the condition holds as it must. */
export function judge(
  text: string,
  quantifier: Quantifier,
  batches: readonly AnyBatch[],
): { message: string; lines: string[] } | undefined {
  let tally: Tally;
  try {
    tally = tallyOf(text, batches);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { message: 'is no condition that can be tried', lines: error.message.split('\n') };
  }
  const { records, held, missed, failed, nouns } = tally;
  if (failed !== undefined) return { message: 'failed on a record', lines: [failed] };
  const many = plural(records, ...nouns);
  if (records === 0)
    return quantifier === 'none'
      ? undefined
      : { message: `nothing came out that it could hold for`, lines: [] };
  if (quantifier === 'all' && missed.count > 0)
    return { message: `does not hold for ${missed.count} of ${many}`, lines: missed.names };
  if (quantifier === 'any' && held.count === 0)
    return { message: `holds for none of ${many}`, lines: missed.names };
  if (quantifier === 'none' && held.count > 0)
    return { message: `holds for ${held.count} of ${many}`, lines: held.names };
  return undefined;
}

interface Tally {
  records: number;
  readonly held: Named;
  readonly missed: Named;
  failed: string | undefined;
  nouns: [string, string];
}

interface Named {
  count: number;
  readonly names: string[];
}

function tallyOf(text: string, batches: readonly AnyBatch[]): Tally {
  const programs = programsOf([text], undefined);
  const tally: Tally = {
    records: 0,
    held: { count: 0, names: [] },
    missed: { count: 0, names: [] },
    failed: undefined,
    nouns: ['record', 'records'],
  };
  for (const batch of batches) {
    const program = programs.get(batch.signal);
    const [condition] = program?.conditions ?? [];
    if (program === undefined || condition === undefined) continue;
    const { one, many } = recordNouns[program.context];
    tally.nouns = [one, many];
    const target = newTarget(systemClock);
    const cache = (target.cache = new Map());
    eachRecord(batch, program.context, target, () => {
      cache.clear();
      tally.records++;
      try {
        const to = condition.test(target) ? tally.held : tally.missed;
        to.count++;
        if (to.names.length < mostNamed) to.names.push(titleOf(program.context, target));
      } catch (error) {
        if (!(error instanceof OttlEvalError)) throw error;
        tally.failed ??= `${titleOf(program.context, target)}: ${error.reason}`;
      }
    });
  }
  return tally;
}
