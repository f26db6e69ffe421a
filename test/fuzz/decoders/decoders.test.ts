/** What `npm run fuzz:decoders` found, and some cases of each decoder that are the same in every run. */
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { failureOf, inputOf } from './cases.ts';
import { found } from './found.ts';
import { targetOf, targets } from './targets.ts';

const choices = Array.from({ length: 6 }, (_, at) => `found ${at}`);

test.each(found)('$target: $what', async ({ target, input }) => {
  const before = process.cpuUsage();
  await failureOf(targetOf(target), Buffer.from(''), 'warm');
  for (const id of choices) expect(await failureOf(targetOf(target), input, id)).toBeUndefined();
  expect(process.cpuUsage(before).user / choices.length).toBeLessThan(1_000_000);
});

describe('a hundred cases', () => {
  test.each(targets)('$name', async (target) => {
    const seeds = target.seeds();
    for (let number = 0; number < 100; number++) {
      const id = `test ${number}`;
      expect(await failureOf(target, inputOf(target, seeds, id), id)).toBeUndefined();
    }
  });
});
