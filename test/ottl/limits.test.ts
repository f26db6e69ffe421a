/** What records could make grow, or take long, ends with a failure of the statement. */
import { describe, expect, test } from 'vitest';

import { emptyBatch } from '../../src/model/batches.ts';
import { LogsBatch } from '../../src/model/logs.ts';
import type { LogRecord } from '../../src/model/logs.ts';
import { TracesBatch } from '../../src/model/traces.ts';
import { compileCondition } from '../../src/ottl/condition.ts';
import { OttlEvalError } from '../../src/ottl/errors.ts';
import { compileStatement } from '../../src/ottl/statement.ts';

function newLog(): LogRecord {
  const batch = emptyBatch('logs');
  if (!(batch instanceof LogsBatch)) throw new Error('no logs');
  return batch.addResource().addScope().addLogRecord();
}

describe('a text longer than the engine can hold is a failure of the statement', () => {
  const many = (path: string): string =>
    `Concat([${Array.from({ length: 1100 }, () => path).join(', ')}], "")`;
  const log = newLog();
  log.body = 'a'.repeat(1 << 20);

  test('in a condition', () => {
    const condition = compileCondition(`Len(${many('body')}) > 0`, 'log');
    expect(() => condition.test({ log })).toThrow(OttlEvalError);
  });

  test('behind where', () => {
    const statement = compileStatement(`set(body, "x") where IsMatch(${many('body')}, "x")`, 'log');
    expect(() => statement.execute({ log })).toThrow(OttlEvalError);
  });
});

test('the place of a failure names the function once', () => {
  const log = newLog();
  log.body = 1;
  const statement = compileStatement('set(body, Len(body))', 'log');
  expect(() => statement.execute({ log })).toThrow(/^Len\(body\): only strings/);
});

test.each([
  'set(body, Concat([body, body], ""))',
  'set(body, String([body, body]))',
  'set(body, Base64Encode(body))',
  'set(body, Hex(body))',
  'set(body, Format("%s%s", [body, body]))',
  'set(cache["a"], {"l": cache["a"], "r": cache["a"]})',
  'set(cache["a"], [cache["a"], cache["a"]])',
])('a record that grows with each statement: %s', (text) => {
  const statement = compileStatement(text, 'log');
  const target = { log: newLog(), cache: new Map() };
  target.log.body = 'a'.repeat(1 << 16);
  expect(() => {
    for (let i = 0; i < 60; i++) statement.execute(target);
  }).toThrow(/larger than 16777216 units/);
});

const digits = `${'1'.repeat(1 << 18)}-`;

test.each([
  ['of digits, no number of JSON', 'set(attributes["x"], ParseJSON(name))', digits],
  [
    'of digits, no float for grok',
    'set(attributes["x"], ExtractGrokPatterns(name, "%{DATA:x:float}$", true))',
    digits,
  ],
  ['of blanks in a trace state', 'set(trace_state["x"], name)', `a=${' '.repeat(1 << 18)}x`],
])('a long text is looked at once: one %s', (_, text, value) => {
  const batch = emptyBatch('traces');
  if (!(batch instanceof TracesBatch)) throw new Error('no traces');
  const span = batch.addResource().addScope().addSpan();
  span.name = span.traceState = value;
  const start = performance.now();
  try {
    compileStatement(text, 'span').execute({ span });
  } catch (error) {
    expect(error).toBeInstanceOf(OttlEvalError);
  }
  expect(performance.now() - start).toBeLessThan(5000);
});

test('a long text of digits is seen not to be a float in one pass', () => {
  const log = newLog();
  log.body = `${'1'.repeat(1 << 20)}x`;
  const statement = compileStatement('set(body, Double(body))', 'log');
  const start = performance.now();
  expect(() => statement.execute({ log })).toThrow(OttlEvalError);
  expect(performance.now() - start).toBeLessThan(40_000);
});

test('a long pattern that comes from a record is refused before it is compiled', () => {
  const log = newLog();
  const condition = compileCondition('IsMatch("x", body)', 'log');
  log.body = 'a'.repeat(4096);
  expect(condition.test({ log })).toBe(false);
  log.body = '['.repeat(1 << 20);
  expect(() => condition.test({ log })).toThrow(
    /a pattern from a record has at most 4096 characters, found 1048576/,
  );
});

describe('a hundred thousand attributes are changed in one pass', () => {
  const many = new Map(Array.from({ length: 100_000 }, (_, at): [string, string] => [`key ${at}`, 'x']));

  test.each([
    ['flatten(attributes)', 'key 99999'],
    ['replace_all_patterns(attributes, "key", "key", "name")', 'name 99999'],
    ['merge_maps(attributes, body, "upsert")', 'key 99999'],
    ['merge_maps(attributes, body, "insert")', 'key 99999'],
  ])('%s', (text, key) => {
    const log = newLog();
    log.attributes.replaceAll(many);
    log.body = many;
    log.attributes.set('first', 1);
    compileStatement(text, 'log').execute({ log, cache: new Map() });
    expect(log.attributes.get(key)).toBe('x');
    expect(log.attributes.get('first')).toBe(1);
    expect(log.attributes.size).toBe(100_001);
  });
});
