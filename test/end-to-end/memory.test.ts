/** The cases of `npm run bench:memory`, small: how much memory a run takes does not grow with what it reads. */
import { expect, test } from 'vitest';
import { cases, withFolder, type Sizes } from '../bench/memory/cases.ts';
import { canMeasure } from '../bench/memory/measure.ts';

const sizes: Sizes = {
  input: 64 << 20,
  line: 48 << 20,
  maxDocument: '16MiB',
  bomb: 128 << 20,
  answerAfterMs: 300,
};

/** These run from source, where Node's stripping of the types takes 30 MiB beside what the command takes. */
const strippingMiB = 50;

if (!canMeasure) console.warn('SKIPPED: memory is measured with /proc, which is not here');

test.runIf(canMeasure).each(cases)('$name', async (each) => {
  const measured = await withFolder(sizes.input, (folder) => each.run(folder, sizes));
  expect(each.wrong(measured)).toBeUndefined();
  expect(measured.peakMiB).toBeLessThan(each.mostMiB + strippingMiB);
});
