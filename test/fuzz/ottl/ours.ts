/** What Respool makes of a case. */
import { batchOf } from '../../../src/model/batches.ts';
import { compileCondition, compileValue } from '../../../src/ottl/condition.ts';
import { OttlError, OttlEvalError } from '../../../src/ottl/errors.ts';
import { compileStatements } from '../../../src/ottl/statement.ts';
import { OttlLambda } from '../../../src/ottl/values.ts';
import { plainOf } from '../../conformance/corpus.ts';
import { firstRecord } from '../../conformance/records.ts';
import { typed } from '../../conformance/typed.ts';
import type { FuzzCase, Outcome } from './case.ts';
import { encodeRecord } from './records.ts';
import { textOfTerm } from './term.ts';

export function ours(item: FuzzCase): Outcome {
  try {
    return evaluate(item);
  } catch (error) {
    if (error instanceof OttlError) return { refused: error.message };
    if (error instanceof OttlEvalError) return { failed: error.message };
    return { crashed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function evaluate({ context, kind, gates, terms, record }: FuzzCase): Outcome {
  const texts = terms.map(textOfTerm);
  const [first = ''] = texts;
  const options = { prefixRequired: true, gates: new Set(gates) };
  const batch = batchOf(context === 'log' ? 'logs' : 'traces', encodeRecord(record));
  const target = firstRecord(batch, context);
  if (kind === 'condition') {
    const condition = compileCondition(first, context, options);
    return { value: { type: 'bool', value: condition.test(target) } };
  }
  if (kind === 'value') {
    const value = compileValue(first, context, options).read(target);
    return { value: value instanceof OttlLambda ? { type: 'opaque' } : typed(value) };
  }
  const outcomes = compileStatements(texts, context, options).map((statement) => {
    try {
      return statement.execute(target) ? 'ran' : 'skipped';
    } catch (error) {
      if (error instanceof OttlEvalError) return `failed: ${error.message}`;
      throw error;
    }
  });
  return { outcomes, record: plainOf(batch) };
}
