import { describe, expect, test } from 'vitest';

import { Corpus } from '../conformance/corpus.ts';
import { exceptions } from '../conformance/exceptions.ts';
import { statements } from '../conformance/statements.ts';
import { values } from '../conformance/values.ts';

const corpus = new Corpus();

/** `npm run conformance` tells more; here it only must hold. */
describe.skipIf(!corpus.has(values.file))('OTTL as the Collector computes it', () => {
  test.each([values, statements])('$file', async (suite) => {
    const found = new Map<string, string | undefined>();
    for (const item of corpus.cases<never>(suite.file)) {
      const { id } = item as { id: string };
      const difference = await suite.run(item, corpus);
      if (difference !== undefined || id in exceptions) found.set(id, difference);
    }
    const wrong = [...found].filter(([id, difference]) => id in exceptions === (difference === undefined));
    expect(Object.fromEntries(wrong)).toEqual({});
  });

  test('few cases are held to be impossible', () => {
    expect(Object.keys(exceptions).length).toBeLessThanOrEqual(10);
  });
});

test.runIf(!corpus.has(values.file))('the conformance corpus is missing', () => {
  console.warn('SKIPPED: ../shared/conformance is not there, so no OTTL conformance case ran');
});
