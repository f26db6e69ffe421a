import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hrTime,
  isoTime,
  nanosFromHrTime,
  nanosFromText,
  parseIsoTime,
  type TimeUnit,
} from '../../src/model/time.ts';

describe('nanosFromText', () => {
  test.each<[string, TimeUnit, bigint | undefined]>([
    ['1795342924740.8215', 'ms', 1795342924740821500n],
    ['1795342924740', 'ms', 1795342924740000000n],
    ['1795342924.7408215', 's', 1795342924740821500n],
    ['1795342924740821.5', 'us', 1795342924740821500n],
    ['1795342924740821500', 'ns', 1795342924740821500n],
    ['0', 'ms', 0n],
    ['-1.5', 'ms', -1500000n],
    ['+1.5', 'ms', 1500000n],
    ['.5', 's', 500000000n],
    ['5.', 's', 5000000000n],
    ['1.795342924740821e12', 'ms', 1795342924740821000n],
    ['1E3', 'us', 1000000n],
    ['15e-1', 'ms', 1500000n],
    ['0.0000004', 'ms', 0n],
    ['0.0000005', 'ms', 1n],
    ['0.00000049', 'ms', 0n],
    ['-0.0000005', 'ms', -1n],
    ['5e-10', 's', 1n],
    ['5e-11', 's', 0n],
    ['9e-40', 's', 0n],
    ['', 'ms', undefined],
    ['.', 'ms', undefined],
    ['1e99', 'ms', undefined],
    ['1.2.3', 'ms', undefined],
    ['0x10', 'ms', undefined],
    [' 1', 'ms', undefined],
    ['NaN', 'ms', undefined],
    ['1'.repeat(100), 'ms', undefined],
  ])('%s %s', (text, unit, nanos) => {
    expect(nanosFromText(text, unit)).toBe(nanos);
  });
});

describe('isoTime', () => {
  test.each<[bigint, string]>([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1795342924740821500n, '2026-11-22T10:22:04.740821500Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [2n ** 64n - 1n, '2554-07-21T23:34:33.709551615Z'],
  ])('%s', (nanos, text) => {
    expect(isoTime(nanos)).toBe(text);
  });

  test('is read back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 64n - 1n }), (nanos) => {
        expect(parseIsoTime(isoTime(nanos))).toBe(nanos);
      }),
    );
  });
});

describe('parseIsoTime', () => {
  test.each<[string, bigint | undefined]>([
    ['2026-11-22T10:22:04.7408215Z', 1795342924740821500n],
    ['2026-11-22T11:22:04.7408215+01:00', 1795342924740821500n],
    ['2026-11-22T05:22:04.7408215-05:00', 1795342924740821500n],
    ['2026-11-22t10:22:04z', 1795342924000000000n],
    ['2026-11-22 10:22:04,5Z', 1795342924500000000n],
    ['1970-01-01T00:00:00.1234567899Z', 123456789n],
    ['1970-01-01T00:00:60Z', 60000000000n],
    ['0001-01-01T00:00:00Z', -62135596800000000000n],
    ['2026-11-22T10:22:04', undefined],
    ['2026-11-22', undefined],
    ['2026-02-29T00:00:00Z', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-11-22T24:00:00Z', undefined],
    ['2026-11-22T10:22:04+24:00', undefined],
    ['yesterday', undefined],
  ])('%s', (text, nanos) => {
    expect(parseIsoTime(text)).toBe(nanos);
  });
});

test('hrTime and back', () => {
  expect(hrTime(1795342924740821500n)).toStrictEqual([1795342924, 740821500]);
  expect(nanosFromHrTime([1795342924, 740821500])).toBe(1795342924740821500n);
});
