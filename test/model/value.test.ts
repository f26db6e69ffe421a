import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exact, relax, valueAt, valueText, type ExactValue, type Value } from '../../src/model/value.ts';
import { writeValue } from '../../src/model/value-writer.ts';
import { bytesOf } from '../../src/wire/bytes.ts';
import { WireError } from '../../src/wire/errors.ts';
import { Writer } from '../../src/wire/writer.ts';
import { anyValues } from '../support/arbitrary-otlp.ts';
import { exactOf, plainOf } from '../support/plain-edits.ts';
import { decodePlain, encodePlain } from '../support/plain-otlp.ts';

const safest = Number.MAX_SAFE_INTEGER;

function written(value: Value, isExact: boolean): Buffer {
  const writer = new Writer(16);
  writeValue(writer, value, isExact);
  const bytes = writer.bytes();
  const length = bytes[0] as number;
  return Buffer.from(bytes.subarray(length < 128 ? 1 : length > 127 && (bytes[1] as number) < 128 ? 2 : 3));
}

function nested(depth: number, isMap: boolean): ExactValue {
  let value: ExactValue = 'deep';
  for (let i = 0; i < depth; i++) value = isMap ? new Map([['k', value]]) : [value];
  return value;
}

describe('relax', () => {
  test.each<[ExactValue, Value]>([
    [200n, 200],
    [-5n, -5],
    [0n, 0],
    [BigInt(safest), safest],
    [BigInt(safest) + 1n, BigInt(safest) + 1n],
    [-BigInt(safest) - 1n, -BigInt(safest) - 1n],
    [1.5, 1.5],
    ['1', '1'],
    [null, null],
    [true, true],
    [
      [1n, [2n, 'a']],
      [1, [2, 'a']],
    ],
    [
      new Map<string, ExactValue>([
        ['a', 1n],
        ['__proto__', [2n]],
      ]),
      new Map<string, Value>([
        ['a', 1],
        ['__proto__', [2]],
      ]),
    ],
  ])('%s', (value, wanted) => {
    expect(relax(value)).toStrictEqual(wanted);
  });
});

describe('exact', () => {
  test.each<[Value, ExactValue]>([
    [200, 200n],
    [-1, -1n],
    [0, 0n],
    [-0, -0],
    [1.5, 1.5],
    [NaN, NaN],
    [Infinity, Infinity],
    [safest, BigInt(safest)],
    [safest + 1, safest + 1],
    [5n, 5n],
    [
      [1, 1.5],
      [1n, 1.5],
    ],
    [new Map<string, Value>([['a', 1]]), new Map<string, ExactValue>([['a', 1n]])],
  ])('%s', (value, wanted) => {
    expect(exact(value)).toStrictEqual(wanted);
  });
});

describe('values on the wire', () => {
  test('are read as an independent reader reads them', () => {
    fc.assert(
      fc.property(anyValues, (plain) => {
        const bytes = bytesOf(encodePlain('AnyValue', plain));
        expect(valueAt(bytes, 0, bytes.length)).toStrictEqual(exactOf(plain));
      }),
    );
  });

  test('are written as an independent reader expects, relaxed and exact', () => {
    fc.assert(
      fc.property(anyValues.map(exactOf), (value) => {
        expect(decodePlain('AnyValue', written(value, true))).toStrictEqual(plainOf(value));
        expect(decodePlain('AnyValue', written(relax(value), false))).toStrictEqual(
          plainOf(exact(relax(value))),
        );
      }),
    );
  });

  test('may be nested 64 deep and no deeper', () => {
    for (const isMap of [false, true]) {
      const bytes = bytesOf(written(nested(64, isMap), true));
      expect(valueAt(bytes, 0, bytes.length)).toStrictEqual(nested(64, isMap));
      const outer = bytesOf(
        encodePlain('AnyValue', { arrayValue: { values: [plainOf(nested(64, isMap))] } }),
      );
      expect(() => valueAt(outer, 0, outer.length)).toThrow(WireError);
      expect(() => written(nested(65, isMap), true)).toThrow(RangeError);
      expect(() => relax(nested(65, isMap))).toThrow(RangeError);
      expect(() => valueText(nested(65, isMap))).toThrow(RangeError);
    }
  });

  test('that are none are refused', () => {
    expect(() => written(2n ** 63n, true)).toThrow(RangeError);
    expect(() => written(-(2n ** 63n) - 1n, true)).toThrow(RangeError);
    expect(() => written(undefined as unknown as Value, true)).toThrow(TypeError);
    expect(() => written({ a: 1 } as unknown as Value, true)).toThrow(TypeError);
  });

  test('with two fields of the oneof: the last wins', () => {
    const bytes = bytesOf(Buffer.from('0a01611801', 'hex'));
    expect(valueAt(bytes, 0, bytes.length)).toBe(1n);
  });

  test('of unknown fields alone are nothing', () => {
    const bytes = bytesOf(Buffer.from('c23e0161', 'hex'));
    expect(valueAt(bytes, 0, bytes.length)).toBeNull();
  });
});

/** The right-hand side was printed by pcommon.Value.AsString of pdata v1.65.0. */
describe('valueText', () => {
  test.each<[ExactValue, string]>([
    [null, ''],
    ['', ''],
    ['a<b>&"c"', 'a<b>&"c"'],
    [true, 'true'],
    [false, 'false'],
    [0n, '0'],
    [-9223372036854775808n, '-9223372036854775808'],
    [1, '1'],
    [-0, '-0'],
    [1.5, '1.5'],
    [100000000000000000000, '100000000000000000000'],
    [1e21, '1e+21'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-9, '1.5e-9'],
    [1.5e-10, '1.5e-10'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [new Uint8Array([1, 2, 250]), 'AQL6'],
    [[], '[]'],
    [new Map(), '{}'],
    [
      ['a<b>&"c"', 1n, 1.5, -0, null, true, new Uint8Array([1])],
      '["a<b>&\\"c\\"",1,1.5,-0,null,true,"AQ=="]',
    ],
    [
      new Map<string, ExactValue>([
        ['b', 1n],
        ['a', [new Map([['z', 'y']])]],
      ]),
      '{"a":[{"z":"y"}],"b":1}',
    ],
    [
      new Map<string, ExactValue>([
        ['\u{1F600}', 1n],
        ['\uFF21', 2n],
        ['a', 3n],
      ]),
      '{"a":3,"\uFF21":2,"\u{1F600}":1}',
    ],
    [['\u0001\b\f\n\r\t\u2028\u2029\\/\u007f'], '["\\u0001\\b\\f\\n\\r\\t\\u2028\\u2029\\\\/\u007f"]'],
    [[new Uint8Array()], '[null]'],
    [[1n, NaN], ''],
    [new Map<string, ExactValue>([['a', Infinity]]), ''],
    [[1e21, 1e-7, 123456789.125], '[1e+21,1e-7,123456789.125]'],
  ])('%s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});
