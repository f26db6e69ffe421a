import { describe, expect, test } from 'vitest';
import { bytesText, durationText } from '../../src/cli/text.ts';

describe('durationText', () => {
  test.each([
    [0, '0 ms'],
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [999.7, '1.0 s'],
    [1000, '1.0 s'],
    [59_940, '59.9 s'],
    [59_970, '1 min 0 s'],
    [60_000, '1 min 0 s'],
    [119_400, '1 min 59 s'],
    [119_700, '2 min 0 s'],
    [3_599_400, '59 min 59 s'],
    [3_599_800, '1 h 0 min'],
    [5_400_000, '1 h 30 min'],
    [7_199_999, '2 h 0 min'],
    [90_000_000, '25 h 0 min'],
  ])('of %d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('bytesText', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [102_340, '99.9 KiB'],
    [102_399, '100 KiB'],
    [1023 * 1024 + 400, '1023 KiB'],
    [1_048_575, '1.0 MiB'],
    [1_048_576, '1.0 MiB'],
    [1024 ** 3 - 1, '1.0 GiB'],
    [1024 ** 4 * 5000, '5000 TiB'],
  ])('of %d is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
