/** The suite `ottl-values`: one value expression or condition on one record. */
import { isDeepStrictEqual } from 'node:util';

import { compileCondition, compileValue } from '../../src/ottl/condition.ts';
import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import type { Case, Corpus, Suite } from './corpus.ts';
import { firstRecord, gatesOf } from './records.ts';
import type { RecordContext } from './records.ts';
import { expected, typed } from './typed.ts';
import type { Typed } from './typed.ts';

interface ValueCase extends Case {
  readonly context: RecordContext;
  readonly paths?: 'legacy';
  readonly kind: 'value' | 'condition';
  readonly expression: string;
  readonly expect: Typed & {
    readonly parse_error?: true;
    readonly eval_error?: true;
    readonly upstream_panic?: true;
  };
}

export const values: Suite<ValueCase> = { file: 'ottl-values.jsonl', run };

function run(item: ValueCase, corpus: Corpus): string | undefined {
  const { expect } = item;
  const found = outcome(item, corpus);
  const isError = expect.parse_error === true || expect.eval_error === true;
  if (expect.upstream_panic === true && found.error !== undefined) return undefined;
  const wanted = expect.parse_error === true ? 'parse_error' : isError ? 'eval_error' : undefined;
  if (found.error !== wanted) return `${show(found)}; expected ${show(wanted ?? expected(expect))}`;
  if (isError || isDeepStrictEqual(found.value, expected(expect))) return undefined;
  return `${show(found.value)}; expected ${show(expected(expect))}`;
}

interface Outcome {
  readonly error?: 'parse_error' | 'eval_error';
  readonly value?: unknown;
}

function outcome(item: ValueCase, corpus: Corpus): Outcome {
  const options = { prefixRequired: item.paths !== 'legacy', gates: gatesOf(item) };
  const record = firstRecord(corpus.fixture(item.input), item.context);
  try {
    if (item.kind === 'condition') {
      const condition = compileCondition(item.expression, item.context, options);
      return { value: { type: 'bool', value: condition.test(record) } };
    }
    return { value: typed(compileValue(item.expression, item.context, options).read(record)) };
  } catch (error) {
    if (error instanceof OttlError) return { error: 'parse_error', value: error.message };
    if (error instanceof OttlEvalError) return { error: 'eval_error', value: error.message };
    throw error;
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
