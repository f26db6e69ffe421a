/** What records could make grow, or take long, ends with a failure of the statement. */
import { describe, expect, test } from 'vitest';

import { emptyBatch } from '../../src/model/batches.ts';
import { LogsBatch } from '../../src/model/logs.ts';
import type { LogRecord } from '../../src/model/logs.ts';
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
