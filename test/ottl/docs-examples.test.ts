/** What docs/ottl.md says of the functions: it is said of all of them, and every example does what it says. */
import { expect, test } from 'vitest';

import { functionDocs, functions } from '../support/ottl-markdown.ts';
import { resultOf } from '../support/ottl-sample.ts';

test('every function is described, with an example that uses it', () => {
  expect(Object.keys(functionDocs).toSorted()).toEqual([...functions.keys()].toSorted());
  for (const [name, { summary, examples }] of Object.entries(functionDocs)) {
    expect(summary, name).toMatch(/^[A-Z].*[^.]\.$/);
    expect(examples.length, name).toBeGreaterThan(0);
    for (const [text] of examples) expect(text).toContain(`${name}(`);
  }
});

const examples = Object.entries(functionDocs).flatMap(([name, doc]) =>
  doc.examples.map(([text, result]) => [text, name, result] as const),
);

test.each(examples)('%s', (text, name, result) => {
  expect(resultOf(name, text)).toBe(result);
});
