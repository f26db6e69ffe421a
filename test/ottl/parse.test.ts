import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { AnyNode } from '../../src/ottl/ast.ts';
import { OttlError } from '../../src/ottl/errors.ts';
import { lex } from '../../src/ottl/lex.ts';
import { parseCondition, parseStatement, parseValue } from '../../src/ottl/parse.ts';
import { printOttl } from '../../src/ottl/print.ts';
import { unquote } from '../../src/ottl/unquote.ts';

/** A tree without its places, for comparing. */
function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node !== 'object' || node === null) return typeof node === 'bigint' ? `${node}n` : node;
  const kept = Object.entries(node).filter(
    ([key]) => key !== 'start' && key !== 'end' && key !== 'namePlace',
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, shape(value)]));
}

const tokenTable: [string, string][] = [
  ['a.b', 'word:a punctuation:. word:b'],
  ['1.5 1. .5 1e3', 'float:1.5 float:1. float:.5 int:1 word:e3'],
  ['0x0aFf 0x', 'bytes:0x0aFf int:0 word:x'],
  ['a==b!=c<=d', 'word:a comparison:== word:b comparison:!= word:c comparison:<= word:d'],
  ['x=1', 'word:x punctuation:= int:1'],
  ['order android or_else not', 'word:order word:android word:or_else keyword:not'],
  ['"a \\" b" "\n"', 'string:"a \\" b" string:"\n"'],
  ['(_, v) => v', 'punctuation:( blank:_ punctuation:, word:v punctuation:) arrow:=> word:v'],
  ['1-1 a*b', 'int:1 sign:- int:1 word:a factor:* word:b'],
];

test.each(tokenTable)('lex %j', (text, expected) => {
  const tokens = lex(text).slice(0, -1);
  expect(tokens.map((token) => `${token.kind}:${token.text}`).join(' ')).toBe(expected);
  for (const { start, end, text: found } of tokens) expect(text.slice(start, end)).toBe(found);
});

const unquoteTable: [string, string][] = [
  ['"plain"', 'plain'],
  ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\u0007\b\f\n\r\t\v\\"'],
  ['"\\101\\x41\\u0041\\U0001F600"', 'AAA\u{1F600}'],
  ['"\\xff"', '\u00ff'],
  ['"it\'s"', "it's"],
];

test.each(unquoteTable)('unquote %s', (literal, expected) => expect(unquote(literal)).toBe(expected));

test.each(['"\\d"', '"\\\'"', '"\\x4"', '"\\400"', '"\\ud800"', '"\\U00110000"', '"\\u12"'])(
  'unquote refuses %s',
  (literal) => {
    expect(() => unquote(literal)).toThrow();
  },
);

describe('structure', () => {
  const sameTable: [string, string][] = [
    ['not a.x == 1', 'not (a.x == 1)'],
    ['a.x == 1 or b.x == 2 and c.x == 3', 'a.x == 1 or (b.x == 2 and c.x == 3)'],
    ['not true and false', '(not true) and false'],
    ['((true))', 'true'],
    ['(1 + 2) == 3', '1 + 2 == 3'],
    ['1 + 2 * 3 == 7', '1 + (2 * 3) == 7'],
    ['Parse JSON("x")["a"] == 1', 'ParseJSON("x")["a"] == 1'],
    ['log . attributes ["a"] == nil', 'log.attributes["a"] == nil'],
    ['a.x == [1 2, 3]', 'a.x == [1, 2, 3]'],
    ['a.x == {"a": 1 "b": 2,}', 'a.x == {"a": 1, "b": 2}'],
  ];
  test.each(sameTable)('%s is %s', (left, right) => {
    expect(shape(parseCondition(left))).toEqual(shape(parseCondition(right)));
  });

  test('a statement has an editor and a condition', () => {
    const node = parseStatement('set(attributes["a"], Concat([name, "x"], delimiter="-")) where name != nil');
    expect(printOttl(node)).toBe(
      'set(attributes["a"], Concat([name, "x"], delimiter="-")) where name != nil',
    );
    expect(node.editor.name).toBe('set');
    expect(node.where?.kind).toBe('comparison');
  });

  test('nodes are frozen and know their place', () => {
    const text = 'span.attributes["a"][0] == -1';
    const node = parseCondition(text);
    expect(Object.isFrozen(node)).toBe(true);
    if (node.kind !== 'comparison' || node.left.kind !== 'path') throw new Error('another tree');
    expect(text.slice(node.left.start, node.left.end)).toBe('span.attributes["a"][0]');
    const [, field] = node.left.fields;
    expect(text.slice(field?.start, field?.end)).toBe('attributes["a"][0]');
    expect(Object.isFrozen(node.left.fields)).toBe(true);
  });

  const printed = [
    '(a == 1 or b == 2) and not (c == 3 and d == 4)',
    'a - (b - c) - d == 1',
    'a * (b + c) / -d == -(e + 1)',
    '-(-1) == 1',
    'x[(1 + 2)] == y[-1]',
    'm == {"a": [1, 2.0, nil, true, 0x0aff], "b\\\\": {}}',
    'Any(x, (_, v) => v == 2 or false)',
    'replace(SHA256, ToUpperCase, a=b)',
  ];
  test.each(printed)('prints %s', (text) => {
    const read = text.startsWith('replace') ? parseStatement : parseCondition;
    expect(printOttl(read(text))).toBe(text);
  });
});

describe('what is refused', () => {
  const refused = [
    '',
    '(',
    'true true',
    'true AND false',
    'a == b == c',
    'not not true',
    '1 < 2 < 3',
    'attributes["a"]',
    'SEVERITY',
    '"a" + "b" == "ab"',
    'nil - 1 == 1',
    '-"a" == 1',
    '[1,] == 1',
    '[1, 2 3] == 1',
    '{1: 2} == 1',
    'x[1 + 2] == 1',
    'x[nil] == 1',
    'x[] == 1',
    'len(x) == 1',
    'Len(x,) == 1',
    'Len(x y) == 1',
    'F(Target=1)',
    'a.nil == 1',
    'a. == 1',
    'a.B == 1',
    '(true) == true',
    '("a") == "a"',
    '1e3 == 1',
    '9223372036854775808 == 1',
    '1.0e309 == 1',
    '0x123 == 1',
    'a == 1 where true',
    "a == 'x'",
    'a === 1',
    'a <> 1',
    'a = 1',
    '(a) => a',
    'F(() => () => 1)',
    '+ 1 == 1 +',
  ];
  test.each(refused)('%j', (text) => expect(() => parseCondition(text)).toThrow(OttlError));

  test('nesting has a limit', () => {
    const deep = (levels: number): string => `${'('.repeat(levels)}true${')'.repeat(levels)}`;
    expect(parseCondition(deep(100)).kind).toBe('boolean');
    expect(() => parseCondition(deep(101))).toThrow('nested 100 deep');
    expect(() => parseCondition('['.repeat(200_000))).toThrow(OttlError);
    expect(() => parseCondition(`x${'[x'.repeat(200_000)}`)).toThrow(OttlError);
  });

  test('long chains and long texts need no depth', () => {
    const many = Array.from({ length: 20_000 }, () => '1').join(' + ');
    expect(parseCondition(`${many} == 20000`).kind).toBe('comparison');
    expect(parseCondition(Array.from({ length: 20_000 }, () => 'true').join(' and ')).kind).toBe('and');
    expect(() => parseCondition(`"${'a'.repeat(1_000_000)}`)).toThrow('has no end');
  });
});

/** Trees, as texts that are surely right. */
const texts = fc.letrec((tie) => ({
  key: fc.oneof(fc.constantFrom('"a"', '"b c"', '0', '-1', '(1 + 2)', '1.5'), tie('path')),
  path: fc
    .tuple(fc.constantFrom('a', 'span.name', 'log.body'), fc.array(tie('key'), { maxLength: 2 }))
    .map(([name, keys]) => name + keys.map((key) => `[${String(key)}]`).join('')),
  call: fc
    .tuple(
      fc.constantFrom('Len', 'IsMatch', 'SHA256'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(
      ([name, args, named]) =>
        `${name}(${args.map((arg, i) => (named ? `p${i}=${String(arg)}` : String(arg))).join(', ')})`,
    ),
  operand: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('1', '2.5', '1.0e-9', '007'),
    tie('path'),
    tie('call'),
    tie('group'),
  ),
  group: tie('math').map((math) => `(${String(math)})`),
  signed: fc
    .tuple(fc.constantFrom('', '', '-', '+'), tie('operand'))
    .map(([sign, operand]) => sign + String(operand)),
  math: fc
    .tuple(
      tie('signed'),
      fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '/'), tie('signed')), { maxLength: 3 }),
    )
    .map(([first, rest]) => [first, ...rest.flat()].join(' ')),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('nil', 'true', '"x\\n\\"y"', '"\\u00e9"', '0x00Ff', 'SEVERITY_NUMBER_WARN'),
    tie('math'),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  map: fc
    .array(tie('value'), { maxLength: 3 })
    .map((items) => `{${items.map((item, i) => `"k${i}": ${String(item)}`).join(', ')}}`),
  comparison: fc
    .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('value'))
    .map((parts) => parts.join(' ')),
  unit: fc
    .tuple(
      fc.constantFrom('', '', 'not '),
      fc.oneof({ depthSize: 'small' }, tie('comparison'), tie('call'), fc.constant('true'), tie('nested')),
    )
    .map((parts) => parts.join('')),
  nested: tie('condition').map((condition) => `(${String(condition)})`),
  condition: fc
    .tuple(tie('unit'), fc.array(fc.tuple(fc.constantFrom('and', 'or'), tie('unit')), { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest.flat()].join(' ')),
}));

test('printing a tree and parsing that gives the same tree', () => {
  fc.assert(
    fc.property(texts.condition, (text) => {
      const node: AnyNode = parseCondition(text);
      expect(shape(parseCondition(printOttl(node)))).toEqual(shape(node));
    }),
    { numRuns: 1000 },
  );
});

test('the same for statements', () => {
  const parts = fc.record({
    name: fc.constantFrom('set', 'delete_key', 'replace_pattern'),
    args: fc.array(fc.oneof(texts.value, fc.constantFrom('SHA256', '(k, _) => k == 1')), { maxLength: 3 }),
    named: fc.boolean(),
    where: fc.option(texts.condition),
  });
  fc.assert(
    fc.property(parts, ({ name, args, named, where }) => {
      const written = args.map((arg, i) => (named ? `p${i}=${String(arg)}` : String(arg)));
      const text = `${name}(${written.join(', ')})${where === null ? '' : ` where ${where}`}`;
      const node: AnyNode = parseStatement(text);
      expect(shape(parseStatement(printOttl(node)))).toEqual(shape(node));
    }),
    { numRuns: 1000 },
  );
});

test('whatever the text, the parser gives a tree or an OttlError, and soon', () => {
  const pieces = fc.array(
    fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      '.',
      ':',
      '=',
      '==',
      '<',
      '+',
      '-',
      '*',
      'not',
      'and',
      'or',
      'nil',
      'true',
      '1',
      '1.5',
      '"a"',
      '0xff',
      'a',
      'Len',
      'ENUM',
      '=>',
      '_',
      'where',
      ' ',
      '%',
      '"',
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      for (const parse of [parseCondition, parseValue, parseStatement]) {
        try {
          parse(parts.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(OttlError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
