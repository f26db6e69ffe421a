import { expect, it } from 'vitest';
import { offsetFor, parseOffset } from '../../../src/processors/time-shift/offset.ts';

it.each([
  ['3d', 259_200_000_000_000n],
  ['-1h30m', -5_400_000_000_000n],
  ['+250ms', 250_000_000n],
  ['1.5s', 1_500_000_000n],
  ['1d2h3m4s5ms6us7ns', 93_784_005_006_007n],
  ['0s', 0n],
])('%s', (text, nanos) => {
  expect(parseOffset(text)).toBe(nanos);
});

it.each(['', '-', '3', 'd', '3 d', '3days', '1h-3m', '1w', '1.h', '3d!'])('refuses %j', (text) => {
  expect(parseOffset(text)).toBeUndefined();
});

it('aligns the end or the start', () => {
  const range = { startUnixNano: 100n, endUnixNano: 150n };
  expect(offsetFor('end_to_now', range, 1000n)).toBe(850n);
  expect(offsetFor('start_to_now', range, 1000n)).toBe(900n);
  expect(offsetFor({ start_to: 30n }, range, 1000n)).toBe(-70n);
});
