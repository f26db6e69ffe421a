import { expect, it } from 'vitest';
import { parseGoFloat, parseGoInt, truncateToInt } from '../../../src/processors/shared/go-numbers.ts';

it.each([
  ['0', 0n],
  ['+7', 7n],
  ['-007', -7n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
])('reads the integer %s', (text, value) => {
  expect(parseGoInt(text)).toBe(value);
});

it.each(['', '+', ' 1', '1 ', '1.0', '1e3', '0x10', '1_000', '9223372036854775808', '٣'])(
  'refuses the integer %j',
  (text) => {
    expect(parseGoInt(text)).toBeUndefined();
  },
);

it.each([
  ['1', 1],
  ['1.', 1],
  ['.5e1', 5],
  ['-1E-2', -0.01],
  ['1_23.50_0_0e+1_2', 1.235e14],
  ['0x1p-2', 0.25],
  ['-0x1_ep-1', -15],
  ['0x_1_2.3_4_5p+1_2', 74565],
  ['0x.8p0', 0.5],
  ['0x1p-1074', 5e-324],
  ['inf', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', Number.NaN],
])('reads the float %s', (text, value) => {
  expect(parseGoFloat(text)).toBe(value);
});

it.each([
  '',
  '.',
  'e1',
  '1e',
  '+nan',
  'infinit',
  '1e400',
  '0x1',
  '0xp1',
  '_1',
  '1__2',
  '123._5',
  '1e_2',
  '1 ',
  '0x1_.8p1',
])('refuses the float %j', (text) => {
  expect(parseGoFloat(text)).toBeUndefined();
});

const million = 1 << 20;

it.each([
  ['digits', '1'.repeat(million)],
  ['hexadecimal digits', `0x${'1'.repeat(million)}`],
  ['digits with underscores', '1_'.repeat(million / 2)],
  ['zeros', '0'.repeat(million)],
])('looks at a megabyte of %s once', (_, text) => {
  const start = performance.now();
  expect([parseGoInt(`${text}x`), parseGoFloat(`${text}x`)]).toStrictEqual([undefined, undefined]);
  parseGoInt(text);
  expect(performance.now() - start).toBeLessThan(2000);
});

it.each([
  [1.9, 1n],
  [-1.9, -1n],
  [2 ** 62, 2n ** 62n],
  [2 ** 63, -(2n ** 63n)],
  [-(2 ** 63), -(2n ** 63n)],
  [Number.NaN, -(2n ** 63n)],
  [Infinity, -(2n ** 63n)],
])('cuts %s to an int64 as amd64 does', (value, expected) => {
  expect(truncateToInt(value)).toBe(expected);
});
