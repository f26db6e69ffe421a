/**
 * `npm run fuzz:ottl [-- --cases N --seed S --from NUMBER --context NAME]`: random OTTL texts on random records, against the Collector's own code.
 * It needs Go, or the program that it built with Go before; without both it says so and does nothing. A difference that
 * is not on the list of known.ts is made small and printed; `--seed S --from NUMBER --cases 1` repeats it.
 */
import { parseArgs } from 'node:util';

import { encodeRecord } from './records.ts';
import { caseOf } from './case.ts';
import { differencesOf, isUnsettled } from './difference.ts';
import type { Difference } from './difference.ts';
import { knownDifferences } from './known.ts';
import { Oracle, oracleProgram } from './oracle.ts';
import { shrunk } from './shrink.ts';
import { textOfTerm } from './term.ts';

const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now()) },
    from: { type: 'string', default: '0' },
    context: { type: 'string' },
    most: { type: 'string', default: '20' },
  },
});

// Times that name no zone are in UTC on both sides.
process.env['TZ'] = 'UTC';
const perBatch = 200;

/** Differences so far: by reason for those on the list. */
const known = new Map<string, number>();
const counts = { cases: 0, unsettled: 0, differences: 0 };

async function run(program: string): Promise<void> {
  const oracle = new Oracle(program);
  const end = Number(flags.from) + Number(flags.cases);
  console.log(`seed ${flags.seed}, cases ${flags.from} to ${end}`);
  for (
    let from = Number(flags.from);
    from < end && counts.differences < Number(flags.most);
    from += perBatch
  ) {
    const numbers = Array.from({ length: Math.min(perBatch, end - from) }, (_, index) => from + index);
    const cases = numbers.flatMap((number) => {
      const item = caseOf(flags.seed, number);
      return flags.context === undefined || item.context === flags.context ? [{ ...item, number }] : [];
    });
    for (const difference of await differencesOf(cases, oracle))
      await judge(difference, cases.find((item) => item === difference.item)?.number ?? -1, oracle);
    counts.cases += cases.length;
    if (counts.cases % 5000 === 0) console.log(`${counts.cases} cases, ${counts.differences} differences`);
  }
  oracle.close();
}

async function judge(difference: Difference, number: number, oracle: Oracle): Promise<void> {
  if (await isUnsettled(difference.item, oracle)) {
    counts.unsettled++;
    return;
  }
  const small = await shrunk(difference, oracle);
  const found = knownDifferences.find((one) => one.matches(small));
  if (found !== undefined) known.set(found.reason, (known.get(found.reason) ?? 0) + 1);
  else if (await isUnsettled(small.item, oracle)) counts.unsettled++;
  else {
    counts.differences++;
    print(small, number);
  }
}

function print({ item, theirs, ours }: Difference, number: number): void {
  console.log(`\ndifference: --seed ${flags.seed} --from ${number} --cases 1`);
  console.log(
    `  ${item.kind} in the context ${item.context}${item.gates.map((gate) => `, ${gate}`).join('')}`,
  );
  for (const term of item.terms) console.log(`    ${textOfTerm(term)}`);
  console.log(`  record: ${show(item.record)}`);
  console.log(`  base64: ${encodeRecord(item.record).toString('base64')}`);
  console.log(`  Collector: ${show(theirs)}\n  Respool:   ${show(ours)}`);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    return typeof inner === 'number' && (!Number.isFinite(inner) || Object.is(inner, -0))
      ? `(${inner === 0 ? '-0' : inner})`
      : inner;
  });
}

const program = oracleProgram();
if (program === undefined) {
  console.log('SKIPPED: no Go on PATH, so nothing was compared with the Collector');
} else {
  await run(program);
  for (const [reason, count] of known) console.log(`known, ${count} times: ${reason}`);
  console.log(`${counts.unsettled} cases that the Collector answers now so, now so`);
  if (knownDifferences.length > 10) console.log('the list of known differences has more than ten entries');
  console.log(`${counts.cases} cases, ${counts.differences} differences`);
  process.exitCode = counts.differences === 0 && knownDifferences.length <= 10 ? 0 : 1;
}
