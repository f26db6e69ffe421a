import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

/** The smaller sister of `npm run simulate`; a failure names the command that shows it alone. */
describe('the pipeline in virtual time', { timeout: 240_000 }, () => {
  it('keeps the laws of the design in every schedule', async () => {
    const said: string[] = [];
    const { failed, tally } = await simulate({
      schedules: 250,
      seed: 20_261_122,
      onFailure: (text) => said.push(text),
    });
    expect(said.join('\n')).toBe('');
    expect(failed).toBe(0);
    // Nothing here would be worth much if all had gone well all the time.
    for (const what of ['kills', 'retries', 'save failed', 'items sent again by a later life'])
      expect(tally.of(what), what).toBeGreaterThan(0);
  });

  it('repeats a schedule of the same seed event by event', async () => {
    const counts = async () => (await simulate({ schedules: 10, seed: 3, onFailure: () => {} })).tally.counts;
    expect(await counts()).toEqual(await counts());
  });
});
