import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterVarint,
  bytesOf,
  fixed32At,
  fixed64At,
  int64At,
  keyBytes,
  putFixed32,
  putFixed64,
  sameBytes,
  skipValue,
  textAt,
  varintAt,
  viewOf,
} from '../../src/wire/bytes.ts';
import { WireError } from '../../src/wire/errors.ts';
import { acquire, release } from '../../src/wire/pool.ts';
import { lengthWidth, Writer } from '../../src/wire/writer.ts';

const safe = fc.oneof(
  fc.nat({ max: 300 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1),
);

describe('numbers', () => {
  test('a varint is read as it was written, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(safe, { minLength: 1 }), (numbers) => {
        const writer = new Writer(1);
        for (const number of numbers) writer.varint(number);
        const bytes = writer.bytes();
        let at = 0;
        for (const number of numbers) {
          expect(varintAt(bytes, at)).toBe(number);
          expect(int64At(bytes, at)).toBe(BigInt(number));
          expect(skipValue(bytes, at, 0)).toBe((at = afterVarint(bytes, at)));
        }
        expect(at).toBe(bytes.length);
      }),
    );
  });

  test('an int64 is read as it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(63), (value, shift) => {
        for (const number of [value, value >> BigInt(shift)]) {
          const writer = new Writer(1);
          writer.int64(number);
          expect(int64At(writer.bytes(), 0)).toBe(number);
          expect(afterVarint(writer.bytes(), 0)).toBe(writer.pos);
        }
      }),
    );
  });

  test('fixed widths', () => {
    const writer = new Writer(1);
    writer.fixed64(2n ** 64n - 2n);
    writer.fixed32(4294967295);
    writer.double(-0);
    const bytes = writer.bytes();
    expect([fixed64At(bytes, 0), fixed32At(bytes, 8), viewOf(bytes).getFloat64(12, true)]).toStrictEqual([
      2n ** 64n - 2n,
      4294967295,
      -0,
    ]);
    putFixed64(bytes, 0, 7n);
    putFixed32(bytes, 8, 9);
    expect([fixed64At(bytes, 0), fixed32At(bytes, 8)]).toStrictEqual([7n, 9]);
  });

  test('wire types that protobuf 3 has not are refused with the place', () => {
    for (const wireType of [3, 4, 6, 7]) {
      expect(() => skipValue(bytesOf(Buffer.alloc(4)), 2, wireType)).toThrow(
        new WireError(`wire type ${wireType} is not used by protobuf 3`, 2),
      );
    }
  });
});

describe('text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    fc.constantFrom(
      'a'.repeat(127),
      'a'.repeat(128),
      'ü'.repeat(63),
      'ü'.repeat(64),
      'a'.repeat(16384),
      'ü'.repeat(9000),
    ),
  );

  test('is read as it was written, by the cache too', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 6 }), (texts) => {
        const writer = new Writer(1);
        for (const text of texts) writer.text(text);
        const bytes = writer.bytes();
        for (let round = 0; round < 2; round++) {
          let at = 0;
          for (const text of texts) {
            const start = afterVarint(bytes, at);
            const end = start + varintAt(bytes, at);
            expect(textAt(bytes, start, end)).toBe(text.toWellFormed());
            at = end;
          }
          expect(at).toBe(bytes.length);
        }
      }),
    );
  });

  test('that is no UTF-8 is never answered for other bytes', () => {
    const bad = bytesOf(Buffer.from('ff61626364fe', 'hex'));
    const other = bytesOf(Buffer.from('fe61626364ff', 'hex'));
    const good = bytesOf(Buffer.from('\ufffdabcd\ufffd'));
    for (let round = 0; round < 2; round++) {
      for (const bytes of [bad, other, good]) expect(textAt(bytes, 0, bytes.length)).toBe('\ufffdabcd\ufffd');
    }
  });

  test('whose length differs from that of its bytes is not mistaken for its beginning', () => {
    // Enough texts for some to fall into the slot of their own beginning.
    for (let i = 0; i < 60_000; i++) {
      const start = (Math.imul(i, 0x9e3779b1) >>> 0).toString(36).padStart(7, '.');
      const bytes = bytesOf(Buffer.from(`${start.slice(-4)}éééé`));
      textAt(bytes, 0, 12);
      if (textAt(bytes, 0, 8) !== bytes.toString('utf8', 0, 8))
        throw new Error(`wrong for ${bytes.toString('hex')}`);
    }
  });

  test('of the same length in the same slot is told apart', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 48, max: 127 }),
        fc.nat(),
        fc.nat(127),
        (array, at, byte) => {
          const bytes = bytesOf(Buffer.from(array));
          textAt(bytes, 0, bytes.length);
          bytes[at % bytes.length] = byte;
          expect(textAt(bytes, 0, bytes.length)).toBe(bytes.toString('latin1'));
        },
      ),
    );
  });

  test('keys', () => {
    for (let i = 0; i < 5000; i++) expect(keyBytes(`key ${i}`).toString()).toBe(`key ${i}`);
    const bytes = bytesOf(Buffer.from('xkeyx'));
    expect(sameBytes(bytes, 1, keyBytes('key'))).toBe(true);
    expect(sameBytes(bytes, 2, keyBytes('key'))).toBe(false);
    expect(sameBytes(bytes, 4, keyBytes('xy'))).toBe(false);
  });
});

describe('Writer', () => {
  test('lengths are filled in, whatever was guessed', () => {
    for (const size of [0, 127, 128, 16383, 16384, 2097151, 2097152]) {
      for (const width of [1, 2, 3, 4]) {
        const writer = new Writer(1);
        const mark = writer.begin(width);
        writer.copy(bytesOf(Buffer.alloc(size, 0x61)), 0, size);
        writer.end(mark, width);
        writer.varint(5);
        const bytes = writer.bytes();
        expect(varintAt(bytes, 0)).toBe(size);
        expect(afterVarint(bytes, 0)).toBe(lengthWidth(size));
        expect(bytes.length).toBe(lengthWidth(size) + size + 1);
        expect(bytes.subarray(lengthWidth(size), -1).every((byte) => byte === 0x61)).toBe(true);
      }
    }
  });

  test('hex and copies', () => {
    const writer = new Writer(1);
    writer.hex('00aBfF');
    writer.copy(bytesOf(Buffer.from('0123456789'.repeat(5))), 3, 45);
    expect(writer.bytes().toString('hex')).toBe(
      `0300abff${Buffer.from('0123456789'.repeat(5).slice(3, 45)).toString('hex')}`,
    );
    expect(writer.reset().bytes()).toHaveLength(0);
  });

  test('writes over a buffer that it is given', () => {
    const room = bytesOf(Buffer.alloc(12));
    const writer = new Writer(room);
    writer.varint(300);
    expect(room.toString('hex')).toBe('ac0200000000000000000000');
  });
});

describe('the pool', () => {
  test('hands large buffers out again, to one at a time', () => {
    const buffer = acquire(100_000);
    expect(buffer.length).toBeGreaterThanOrEqual(100_000);
    release(buffer);
    expect(() => release(buffer)).toThrow('twice');
    expect(acquire(100_000)).toBe(buffer);
    expect(acquire(100_000)).not.toBe(buffer);
  });

  test('wastes at most half of a buffer, and keeps no small ones', () => {
    const large = acquire(1_000_000);
    release(large);
    expect(acquire(100_000)).not.toBe(large);
    expect(acquire(600_000)).toBe(large);
    const small = acquire(100);
    release(small);
    expect(acquire(100)).not.toBe(small);
  });
});
