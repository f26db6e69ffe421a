/** Grok packs against what the Collector's library (elastic/go-grok 0.3.1) found in the same lines. */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { compileValue } from '../../src/ottl/condition.ts';
import { OttlError } from '../../src/ottl/errors.ts';
import type { OttlValue } from '../../src/ottl/values.ts';

interface Answer {
  readonly pattern: string;
  readonly text: string;
  readonly found: Readonly<Record<string, unknown>>;
}

const answers = JSON.parse(readFileSync(new URL('grok/answers.json', import.meta.url), 'utf8')) as Answer[];

function found(expression: string, entries: Readonly<Record<string, string>>): Record<string, unknown> {
  const value: OttlValue = compileValue(expression, 'log').read({ cache: new Map(Object.entries(entries)) });
  if (!(value instanceof Map)) throw new Error('this is no map');
  const plain = [...value].map(([key, item]) => [key, typeof item === 'bigint' ? Number(item) : item]);
  return Object.fromEntries(plain) as Record<string, unknown>;
}

test.each(answers)('$pattern in $text', ({ pattern, text, found: expected }) => {
  const expression = `ExtractGrokPatterns(cache["text"], ${JSON.stringify(pattern)}, true)`;
  expect(found(expression, { text })).toEqual(expected);
});

test('expressions that come from records stay compiled, and come out right however many there are', () => {
  const expression = 'ExtractGrokPatterns(cache["text"], cache["pattern"], true)';
  const value = compileValue(expression, 'log');
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 150; n++) {
      const cache = new Map([
        ['text', 'cart 7'],
        ['pattern', `%{WORD:w${n}} %{INT:n:int}`],
      ]);
      const map = value.read({ cache });
      expect(map).toEqual(
        new Map<string, OttlValue>([
          [`w${n}`, 'cart'],
          ['n', 7n],
        ]),
      );
    }
  }
});

test.each(['%{MONTHNUM2:m}', '%{NO_SUCH_PATTERN:x}'])('%s is no pattern of the Collector', (pattern) => {
  expect(() => compileValue(`ExtractGrokPatterns(body, "${pattern}")`, 'log')).toThrow(OttlError);
});
