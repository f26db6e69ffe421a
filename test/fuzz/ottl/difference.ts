import { isDeepStrictEqual } from 'node:util';

import type { FuzzCase, Outcome } from './case.ts';
import type { Answer, Oracle } from './oracle.ts';
import { ours } from './ours.ts';

/** A case on which the two sides do not agree. */
export interface Difference {
  readonly item: FuzzCase;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

/** The differences among the cases. */
export async function differencesOf(cases: readonly FuzzCase[], oracle: Oracle): Promise<Difference[]> {
  const asked = oracle.ask(cases);
  const found = cases.map(ours);
  const answers = await asked;
  return cases.flatMap((item, index) => {
    const answer = answers[index];
    const own = found[index];
    if (answer === undefined || own === undefined) throw new Error('an answer is missing');
    return agree(answer, own) ? [] : [{ item, theirs: answer.outcome, ours: own }];
  });
}

function agree({ outcome, panicked, ended }: Answer, own: Outcome): boolean {
  if ('crashed' in own) return false;
  if (ended) return true;
  if (panicked) return 'refused' in own || 'failed' in own || 'outcomes' in own;
  return isDeepStrictEqual(comparable(outcome), comparable(own));
}

/** Errors by their kind, without their wording. */
function comparable(outcome: Outcome): unknown {
  if ('refused' in outcome) return 'refused';
  if ('failed' in outcome) return 'failed';
  if (!('outcomes' in outcome)) return outcome;
  return { ...outcome, outcomes: outcome.outcomes.map((one) => one.replace(/:.*/s, '')) };
}

/** True if the Go code answers the same case now so, now so: the order of its maps is another each time. */
export async function isUnsettled(item: FuzzCase, oracle: Oracle): Promise<boolean> {
  let first: unknown;
  // Some functions take long to set up, so the first few answers are looked at first.
  for (const times of [1, 4, 12, 24]) {
    const answers = await oracle.ask(
      Array.from({ length: times }, () => item),
      true,
    );
    first ??= comparable(answers[0]?.outcome ?? { failed: '' });
    if (answers.some(({ outcome }) => !isDeepStrictEqual(first, comparable(outcome)))) return true;
  }
  return false;
}
