import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buckets, hashedRandomness } from '../../../src/processors/probabilistic-sampler/hash.ts';
import {
  always,
  highest,
  keeps,
  never,
  parseRandomness,
  parseThreshold,
  probabilityOf,
  thresholdFor,
  thresholdText,
} from '../../../src/processors/probabilistic-sampler/threshold.ts';
import {
  formatTraceState,
  parseTraceState,
} from '../../../src/processors/probabilistic-sampler/trace-state.ts';

const probability = fc.double({ min: 2 ** -56, max: 1, noNaN: true });
const precision = fc.integer({ min: 1, max: 14 });

describe('a threshold', () => {
  it('keeps the part of all items that it was made for, as far as its digits go', () => {
    fc.assert(
      fc.property(probability, precision, (wanted, digits) => {
        const threshold = thresholdFor(wanted, digits) ?? never;
        const error = Math.abs(probabilityOf(threshold) - wanted);
        // The rarer side is what has to be precise.
        expect(error).toBeLessThanOrEqual(
          Math.max(16 ** -digits * 8 * Math.min(wanted, 1 - wanted), 2 ** -56),
        );
      }),
    );
  });

  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(probability, precision, (wanted, digits) => {
        const threshold = thresholdFor(wanted, digits) ?? never;
        expect(parseThreshold(thresholdText(threshold))).toBe(threshold);
      }),
    );
  });

  it('that is lower keeps all that a higher one keeps', () => {
    fc.assert(
      fc.property(probability, probability, fc.stringMatching(/^[0-9a-f]{14}$/), (one, other, randomness) => {
        const more = thresholdFor(Math.max(one, other), 14) ?? never;
        const less = thresholdFor(Math.min(one, other), 14) ?? never;
        expect(keeps(more, randomness) || !keeps(less, randomness)).toBe(true);
      }),
    );
  });

  it.each([
    [1, 4, always],
    [0.5, 4, '80000000000000'],
    [0.1, 4, 'e6660000000000'],
    [0.1, 14, 'e6666666666666'],
    [0.001, 4, 'ffbe7700000000'],
    [2 ** -56, 1, 'ffffffffffffff'],
    [0, 4, undefined],
    [1.1, 4, undefined],
    [Number.NaN, 4, undefined],
  ])('for %f with %i digits is %s', (wanted, digits, threshold) => {
    expect(thresholdFor(wanted, digits)).toBe(threshold);
  });

  it('of always keeps everything, and of never nothing', () => {
    expect([keeps(always, '0'.repeat(14)), keeps(never, highest)]).toEqual([true, false]);
    expect([thresholdText(always), thresholdText(never), probabilityOf(never)]).toEqual(['0', '', 0]);
  });
});

describe('what cannot be read', () => {
  it.each(['', 'g', '0'.repeat(15), '0x1', ' 1', '-1'])('is no threshold: %j', (text) => {
    expect(parseThreshold(text)).toBeUndefined();
  });
  it.each(['', '0'.repeat(13), '0'.repeat(15), 'g'.repeat(14)])('is no randomness: %j', (text) => {
    expect(parseRandomness(text)).toBeUndefined();
  });
});

it('the hash decides by its bucket alone', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (bytes, seed) => {
      const randomness = hashedRandomness(bytes, seed);
      expect(randomness).toMatch(/^[0-9a-f]{14}$/);
      const value = BigInt(`0x${randomness}`);
      const bucket = value & BigInt(buckets - 1);
      expect(value >> 42n).toBe(BigInt(buckets - 1) - bucket);
    }),
  );
});

describe('a trace state', () => {
  const field = fc.stringMatching(/^[a-qu-z][a-z0-9]{0,5}:[A-Za-z0-9._-]{0,5}$/);
  const member = fc.stringMatching(/^[a-np-z][a-z0-9]{0,8}=[!-+\--<>-~]{1,8}$/);

  it('is written as it was read, the member ot first', () => {
    fc.assert(
      fc.property(
        fc.array(field, { maxLength: 3 }),
        fc.array(member, { maxLength: 5 }),
        (fields, members) => {
          const own = fields.length === 0 ? [] : [`ot=${fields.join(';')}`];
          const text = [...own, ...members].join(',');
          const state = parseTraceState([...members, ...own].join(' ,\t'));
          expect(state.sound).toBe(true);
          expect(formatTraceState(state)).toBe(text);
        },
      ),
    );
  });

  it('of any text is read without an error, and what is sound is the same when read again', () => {
    const anything = fc.oneof(fc.string(), fc.stringMatching(/^[otrvh=:;,a-f0-9 ]*$/));
    fc.assert(
      fc.property(anything, (text) => {
        const state = parseTraceState(text);
        if (state.sound) expect(parseTraceState(formatTraceState(state))).toEqual(state);
      }),
    );
  });

  it.each([
    ['ot=th:8;rv:0123456789abcd', '8', '0123456789abcd'],
    ['ot=th:8,ot=rv:0123456789ABCD', undefined, '0123456789ABCD'],
    [' a=b , ot=th:C ,,', 'C', undefined],
  ])('%j says', (text, threshold, randomness) => {
    const state = parseTraceState(text);
    expect([state.sound, state.threshold?.text, state.randomness?.text]).toEqual([
      true,
      threshold,
      randomness,
    ]);
  });

  it.each([
    'x',
    'ot',
    'ot=',
    'OT=th:8',
    'ot=th',
    'ot=th:8;',
    'ot=th:xyz',
    'ot=th:',
    'ot=rv:1',
    'a@=b',
    'ot=th:8,ä=b',
    `a=${'b'.repeat(257)}`,
    Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(','),
    `ot=th:8,${'a=b,'.repeat(300)}`,
  ])('is not sound: %j', (text) => {
    expect(parseTraceState(text).sound).toBe(false);
  });

  it('of a megabyte takes no time', () => {
    const start = performance.now();
    for (const text of [' '.repeat(1e6), `a=${' '.repeat(1e6)}`, ','.repeat(1e6)]) parseTraceState(text);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
