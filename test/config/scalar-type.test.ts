import { describe, expect, test } from 'vitest';
import { isOldOctal, typedScalar } from '../../src/config/scalar-type.ts';

describe('a plain scalar is typed as the Collector types it', () => {
  test.each([
    ['', null],
    ['~', null],
    ['null', null],
    ['NULL', null],
    ['nULL', 'nULL'],
    ['true', true],
    ['False', false],
    ['yes', 'yes'],
    ['on', 'on'],
    ['0', 0n],
    ['1', 1n],
    ['-5', -5n],
    ['+5', 5n],
    ['1_000', 1000n],
    ['0x1F', 31n],
    ['0o17', 15n],
    ['0b101', 5n],
    ['0123', 83n],
    ['089', 89],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 18446744073709551616],
    ['1.0', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1.', 1],
    ['-.inf', -Infinity],
    ['.INF', Infinity],
    ['.nan', Number.NaN],
    ['1.2.3', '1.2.3'],
    ['1s', '1s'],
    ['-', '-'],
    ['.', '.'],
    ['+', '+'],
    ['_1', '_1'],
    ['2024-01-01', '2024-01-01'],
    ['0x', '0x'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s', (text, value) => {
    expect(typedScalar(text)).toStrictEqual(value);
  });

  test('a leading zero is an old octal', () => {
    expect(['0123', '-017', '0', '00', '10', '089', '0o7'].filter(isOldOctal)).toStrictEqual([
      '0123',
      '-017',
    ]);
  });
});
