import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadTree } from '../../src/config/load.ts';

/** The text that the place marks. */
function marked(text: string, [offset, length]: readonly [number, number]): string {
  const { tree } = loadTree([{ name: 'a', text }], { env: { X: 'long' } });
  const place = tree.placeInScalar(['k'], offset, length);
  if (place === undefined) return '';
  return `${place.line}:${place.column} ${place.text.slice(place.column - 1, place.column - 1 + (place.length ?? 1))}`;
}

describe('a stretch of a text is found again in the source', () => {
  test.each<[string, string, [number, number], string]>([
    ['plain', 'k: set(name, "x")', [4, 4], '1:8 name'],
    ['plain over two lines', 'k: set(a,\n  name)', [7, 4], '2:3 name'],
    ['plain with empty line', 'k: one\n\n  two', [4, 3], '3:3 two'],
    ['single quotes', "k: 'it''s name'", [5, 4], '1:11 name'],
    ['the quote itself', "k: 'it''s name'", [2, 1], "1:7 '"],
    ['double quotes', 'k: "a\\tb\\u0041 name"', [5, 4], '1:16 name'],
    ['an escape', 'k: "a\\nb"', [1, 1], '1:6 \\'],
    ['double quotes with a folded line', 'k: "one\n   two \\\n   three"', [8, 5], '3:4 three'],
    ['literal', 'k: |\n  one\n  two name\n', [8, 4], '3:7 name'],
    ['literal, indented more', 'k: |\n  one\n    two\n', [6, 3], '3:5 two'],
    ['literal with indentation width', 'k: |2-\n    one\n  two\n', [6, 3], '3:3 two'],
    ['folded', 'k: >-\n  one\n  two name\n', [8, 4], '3:7 name'],
    ['folded with comment', 'k: > # note\n  one\n  two\n', [4, 3], '3:3 two'],
    ['windows lines', 'k: |\r\n  one\r\n  two\r\n', [4, 3], '3:3 two'],
    ['flow', 'j: 1\nk: "x"\n', [0, 1], '2:5 x'],
    ['after $$', 'k: replace("$$1", x)', [14, 1], '1:19 x'],
    ['after a variable', 'k: a ${env:X} name', [7, 4], '1:15 name'],
    ['in a variable', 'k: a ${env:X} name', [3, 1], '1:6 ${env:X}'],
    ['the end', 'k: abc', [3, 1], '1:7 '],
    ['beyond the end', 'k: abc', [99, 1], '1:7 '],
  ])('%s', (_, text, stretch, expected) => {
    expect(marked(text, stretch)).toBe(expected);
  });

  test('what is no text has no place in it', () => {
    const { tree } = loadTree([{ name: 'a', text: 'k: [1]' }], { env: {} });
    expect([tree.placeInScalar(['k'], 0), tree.placeInScalar(['no'], 0)]).toStrictEqual([
      undefined,
      undefined,
    ]);
  });

  test('law: every visible character, in every style', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'ab(){}"\'\\:#,-é'.split(''), '😀', ' ', ' ', '\n'),
      maxLength: 60,
    });
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    fc.assert(
      fc.property(text, style, fc.constantFrom(0, 25), (value, defaultStringType, lineWidth) => {
        const source = stringify(
          { a: { k: value } },
          { defaultStringType: defaultStringType as 'PLAIN', lineWidth },
        );
        const { tree } = loadTree([{ name: 'a', text: source }], { env: {} });
        // The library loses the trailing white space of some block scalars.
        fc.pre(tree.get(['a', 'k']) === value);
        for (let offset = 0; offset < value.length; offset++) {
          const character = value.charAt(offset);
          if (/[\s"\\]/u.test(character)) continue;
          const place = tree.placeInScalar(['a', 'k'], offset);
          expect(source.split('\n')[(place?.line ?? 0) - 1]?.charAt((place?.column ?? 0) - 1)).toBe(
            character,
          );
        }
      }),
      { numRuns: 400 },
    );
  });
});
