/** What the Collector's own code answered for the processors, case by case. `npm run conformance` counts them. */
import { describe, expect, it } from 'vitest';
import { Corpus } from '../conformance/corpus.ts';
import { exceptions } from '../conformance/exceptions.ts';
import { processors } from '../conformance/processors.ts';

const corpus = new Corpus();
const cases = corpus.has(processors.file)
  ? corpus.cases<Parameters<typeof processors.run>[0]>(processors.file)
  : [];

describe.skipIf(cases.length === 0)('the corpus of the Collector', () => {
  it.each(cases.map((item) => [item.id, item] as const))('%s', async (id, item) => {
    const found = await processors.run(item, corpus);
    if (id in exceptions) expect(found, `${id} holds now: take it off the list of exceptions`).toBeDefined();
    else expect(found).toBeUndefined();
  });
});

it.skipIf(cases.length > 0)('SKIPPED: ../shared/conformance/processors.jsonl is not there', () => {
  console.warn('the conformance corpus is not there: the processors are not compared with the Collector');
});
