/**
 * `npm run conformance [-- --cases DIR] [--show] [SUBJECT...]`: every case of the conformance corpus against what the
 * Collector's own code answered. The last line is `N passed, M failed`; the exit code is 0 only when all pass.
 */
import { parseArgs } from 'node:util';

import { Corpus, defaultFolder } from './corpus.ts';
import type { Case, Suite } from './corpus.ts';
import { exceptions } from './exceptions.ts';
import { processors } from './processors.ts';
import { statements } from './statements.ts';
import { values } from './values.ts';

interface Tally {
  passed: number;
  failed: number;
}

const { values: flags, positionals } = parseArgs({
  options: { cases: { type: 'string', default: defaultFolder }, show: { type: 'boolean', default: false } },
  allowPositionals: true,
});

// The corpus was recorded in UTC, which is the zone of times that name none.
process.env['TZ'] = 'UTC';
const corpus = new Corpus(flags.cases);
const total: Tally = { passed: 0, failed: 0 };
await runSuite(values);
await runSuite(statements);
await runSuite(processors);
for (const [id, reason] of Object.entries(exceptions))
  console.log(`counted as passed, but not held (on the list): ${id}: ${reason}`);
if (Object.keys(exceptions).length > 10) {
  console.log('the list of exceptions has more than ten entries');
  total.failed++;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function runSuite<C extends Case>(suite: Suite<C>): Promise<void> {
  const name = suite.file.replace('.jsonl', '');
  if (!corpus.has(suite.file)) {
    console.log(`${name}: ${suite.file} is not in ${corpus.folder}`);
    total.failed++;
    return;
  }
  const bySubject = new Map<string, Tally>();
  const all: Tally = { passed: 0, failed: 0 };
  for (const item of corpus.cases<C>(suite.file)) {
    const subject = item.id.slice(0, item.id.indexOf('/'));
    if (positionals.length > 0 && !positionals.includes(subject)) continue;
    const difference = await differenceIn(suite, item);
    const tally = bySubject.get(subject) ?? { passed: 0, failed: 0 };
    bySubject.set(subject, tally);
    const outcome = difference === undefined ? 'passed' : 'failed';
    for (const one of [tally, all, total]) one[outcome]++;
    if (difference !== undefined && flags.show) console.log(`  ${item.id}: ${difference}`);
  }
  console.log(`${name}: ${all.passed} passed, ${all.failed} failed`);
  for (const [subject, { passed, failed }] of bySubject)
    console.log(`  ${subject}: ${passed} passed${failed > 0 ? `, ${failed} FAILED` : ''}`);
}

/** Undefined when the case holds or is on the list of exceptions. */
async function differenceIn<C extends Case>(suite: Suite<C>, item: C): Promise<string | undefined> {
  const difference = await Promise.resolve()
    .then(() => suite.run(item, corpus))
    .catch(
      (error: unknown) => `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  if (!(item.id in exceptions)) return difference;
  return difference === undefined ? 'this holds now: take it off the list of exceptions' : undefined;
}
