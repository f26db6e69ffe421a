import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Dealing } from '../../src/pipeline/dealing.ts';
import type { Division } from '../../src/pipeline/division.ts';

/** An input whose shares have these sizes, whatever is asked for. */
function divisionOf(sizes: readonly number[]): Division {
  const left = [...sizes];
  return {
    leftBytes: sizes.reduce((sum, size) => sum + size, 0),
    isBegun: false,
    next: async () => {
      const bytes = left.shift();
      return Promise.resolve(bytes === undefined ? undefined : { content: bytes, bytes });
    },
    settled: () => {},
    position: () => null,
    end: () => {},
  };
}

const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 60 });

it('deals every share once, however large, and no more than fits but one alone', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.double({ min: 0.01, max: 3, noNaN: true }), async (shares, ratio) => {
      const maxBytes = 1000;
      const dealing = new Dealing([['file', divisionOf(shares)]], { maxBytes, threads: 2 });
      let inFlight = 0;
      let count = 0;
      const dealt: unknown[] = [];
      const thread = async (): Promise<void> => {
        for (let share = await dealing.next(); share !== undefined; share = await dealing.next()) {
          dealt.push(share.content);
          inFlight += share.weight;
          count++;
          expect(count === 1 || inFlight <= maxBytes).toBe(true);
          for (let turn = 0; turn < 3; turn++) await Promise.resolve();
          dealing.tell(share, share.bytes * ratio);
          inFlight -= share.weight;
          count--;
          dealing.done(share);
        }
      };
      await Promise.all([thread(), thread(), thread()]);
      expect(dealt).toEqual(shares);
    }),
  );
});
