import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NewIds } from '../../../src/processors/time-shift/new-ids.ts';

const hexText = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''))
    .filter((id) => /[^0]/.test(id));

it('maps ids to other ids of the same kind, and the same to the same', () => {
  fc.assert(
    fc.property(hexText(32), hexText(16), (traceId, spanId) => {
      const ids = new NewIds('seed');
      expect(ids.traceId(traceId)).toMatch(/^[0-9a-f]{32}$/);
      expect(ids.spanId(spanId)).toMatch(/^[0-9a-f]{16}$/);
      ids.traceId('00000000000000000000000000000001');
      expect(ids.traceId(traceId)).toBe(new NewIds('seed').traceId(traceId));
      expect(ids.spanId(spanId)).toBe(new NewIds('seed').spanId(spanId));
    }),
  );
});

it('never makes one id of two', () => {
  const ids = new NewIds('seed');
  const close = Array.from({ length: 20_000 }, (_, i) => (i + 1).toString(16));
  expect(new Set(close.map((digits) => ids.spanId(digits.padStart(16, '0')))).size).toBe(close.length);
  expect(new Set(close.map((digits) => ids.traceId(digits.padStart(32, '0')))).size).toBe(close.length);
});

it('is XTEA for span ids, so that another program can do the same', () => {
  const ids = new NewIds('');
  Reflect.set(ids, 'spanKeys', xteaKeys([0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f]));
  expect(ids.spanId('4142434445464748')).toBe('497df3d072612cb5');
});

it('depends on the seed', () => {
  const id = 'ffffffffffffffffffffffffffffffff';
  expect(new NewIds('a').traceId(id)).not.toBe(new NewIds('b').traceId(id));
  expect(new NewIds('a').spanId(id.slice(16))).not.toBe(new NewIds('b').spanId(id.slice(16)));
});

it.each(['', '0000000000000000', '00000000000000000000000000000000', 'abc'])('leaves %j as it is', (id) => {
  expect(new NewIds('a').traceId(id)).toBe(id);
  expect(new NewIds('a').spanId(id)).toBe(id);
});

/** Written down again from the paper, on purpose. */
function xteaKeys(key: number[]): Int32Array {
  const keys: number[] = [];
  for (let cycle = 0, sum = 0; cycle < 32; cycle++) {
    keys.push((sum + (key[sum & 3] ?? 0)) >>> 0);
    sum = (sum + 0x9e3779b9) >>> 0;
    keys.push((sum + (key[(sum >>> 11) & 3] ?? 0)) >>> 0);
  }
  return Int32Array.from(keys);
}
