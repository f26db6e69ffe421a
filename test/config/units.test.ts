import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatByteSize, formatDuration, parseByteSize, parseDuration } from '../../src/config/units.ts';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['5s', 5000],
    ['200ms', 200],
    ['1m30s', 90_000],
    ['1h2m3.5s', 3_723_500],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 1e-6],
    ['.5s', 500],
    ['1.s', 1000],
    ['-5m', -300_000],
    ['+5m', 300_000],
    ['1s1s', 2000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each(['', '5', '-', 's', '5 s', '5S', '1d', '1w', '5sec', '1h ', '.s', '1e3s', '--5s', '1m30'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test.each([
    [0, '0s'],
    [5000, '5s'],
    [1500, '1.5s'],
    [200, '200ms'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [3_723_500, '1h2m3.5s'],
    [0.1, '100us'],
    [1e-6, '1ns'],
    [-300_000, '-5m'],
  ])('%d ms is written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['64kb', 64_000],
    ['64kB', 64_000],
    ['64KiB', 65_536],
    ['4MiB', 4_194_304],
    ['4 MiB', 4_194_304],
    ['1GB', 1_000_000_000],
    ['1G', 1_000_000_000],
    ['1Gi', 1_073_741_824],
    ['1.5GiB', 1_610_612_736],
    ['2TiB', 2_199_023_255_552],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each(['', 'MiB', '-1', '4 M B', '4XB', '1e3', '99999999TiB', '4,5MB'])('%j is none', (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (bytes) => {
        expect(parseByteSize(formatByteSize(bytes))).toBe(bytes);
      }),
    );
    expect([4_194_304, 1_000_000, 64_000, 1234, 1024].map(formatByteSize)).toStrictEqual([
      '4MiB',
      '1MB',
      '64kB',
      '1234B',
      '1KiB',
    ]);
  });
});
