import fc from 'fast-check';
import { expect, test } from 'vitest';

import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { parseStatement } from '../../src/ottl/parse.ts';
import { compileStatement } from '../../src/ottl/statement.ts';
import { TracesBatch } from '../../src/model/traces.ts';
import { emptyBatch } from '../../src/model/batches.ts';
import { Failed, interpret } from '../support/ottl-interpreter.ts';
import type { PlainRecord, PlainValue } from '../support/ottl-interpreter.ts';

const keys = ['a', 'b', 'c', 'd'];

const { value, condition } = fc.letrec<{ value: string; condition: string }>((tie) => {
  const scalar = fc.constantFrom(
    'nil',
    '0',
    '1',
    '7',
    '2.5',
    '9223372036854775807',
    'true',
    '"a"',
    '"b"',
    '"é"',
  );
  const path = fc.constantFrom('name', ...keys.map((key) => `attributes["${key}"]`), 'attributes[name]');
  const operand = fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('1', '0', '3', '0.5'),
    path,
    tie('value').map((text) => `Len(${text})`),
    // A list of Split never equals one of telemetry; only its length is looked at.
    path.map((text) => `Len(Split(${text}, "a"))`),
  );
  return {
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      scalar,
      path,
      fc.tuple(operand, fc.constantFrom('+', '-', '*', '/'), operand).map((parts) => parts.join(' ')),
      operand.map((text) => `-${text}`),
      tie('value').map((text) => `Coalesce([${text}, attributes["a"]])`),
    ),
    condition: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc
        .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('value'))
        .map((parts) => parts.join(' ')),
      path.map((text) => `IsString(${text})`),
      path.map((text) => `IsInt(${text})`),
      fc.constantFrom('true', 'false'),
      tie('condition').map((text) => `not (${text})`),
      fc
        .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
        .map(([left, word, right]) => `(${left}) ${word} (${right})`),
    ),
  };
});

const key = fc.constantFrom(...keys.map((name) => `"${name}"`), 'name', 'attributes["b"]');
const statement = fc
  .tuple(
    fc.oneof(
      fc.tuple(key, value).map(([at, text]) => `set(attributes[${at}], ${text})`),
      value.map((text) => `set(name, ${text})`),
      key.map((text) => `delete_key(attributes, ${text})`),
      fc.array(key, { maxLength: 3 }).map((list) => `keep_keys(attributes, [${list.join(', ')}])`),
    ),
    fc.option(condition),
  )
  .map(([edit, where]) => (where === null ? edit : `${edit} where ${where}`));

const record = fc.record({
  name: fc.constantFrom('', 'a', 'bab'),
  attributes: fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(
      fc.constantFrom<PlainValue>('x', 'éa', true, 7n, 0n, 2.5, -(2n ** 63n)),
      fc.constant<PlainValue>(['x', 1n]),
    ),
  ),
});

interface Outcome {
  readonly result: boolean | 'failed' | 'refused';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, unknown>;
}

function sorted(entries: Iterable<readonly [string, unknown]>): ReadonlyMap<string, unknown> {
  return new Map([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function compiled(
  texts: readonly string[],
  start: { name: string; attributes: Record<string, PlainValue> },
): Outcome[] {
  const batch = emptyBatch('traces');
  if (!(batch instanceof TracesBatch)) throw new Error('no traces');
  const group = batch.addResource();
  const span = group.addScope().addSpan();
  span.name = start.name;
  for (const [name, item] of Object.entries(start.attributes)) span.attributes.setExact(name, item);
  return texts.map((text) => {
    let result: Outcome['result'];
    try {
      result = compileStatement(text, 'span').execute({ span });
    } catch (error) {
      if (!(error instanceof OttlEvalError) && !(error instanceof OttlError)) throw error;
      result = error instanceof OttlEvalError ? 'failed' : 'refused';
    }
    return { result, name: span.name, attributes: sorted(span.attributes.exactEntries()) };
  });
}

function interpreted(
  texts: readonly string[],
  start: { name: string; attributes: Record<string, PlainValue> },
): Outcome[] {
  const plain: PlainRecord = { name: start.name, attributes: new Map(Object.entries(start.attributes)) };
  return texts.map((text) => {
    let result: Outcome['result'];
    try {
      result = interpret(parseStatement(text), plain);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      result = 'failed';
    }
    return { result, name: plain.name, attributes: sorted(plain.attributes) };
  });
}

/** A literal of the wrong type is refused before any record; the interpreter would only fail. */
function isRefused(text: string): boolean {
  try {
    compileStatement(text, 'span');
    return false;
  } catch (error) {
    if (error instanceof OttlError) return true;
    throw error;
  }
}

test('compiled programs do what their trees say', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), record, (texts, start) => {
      const usable = texts.filter((text) => !isRefused(text));
      expect(compiled(usable, start)).toEqual(interpreted(usable, start));
    }),
    { numRuns: 3000 },
  );
});
