/** What Respool makes of a case. */
import { batchOf } from '../../../src/model/batches.ts';
import type { AnyBatch } from '../../../src/model/batches.ts';
import { compileCondition, compileValue } from '../../../src/ottl/condition.ts';
import { OttlError, OttlEvalError } from '../../../src/ottl/errors.ts';
import { compileStatements } from '../../../src/ottl/statement.ts';
import type { Target } from '../../../src/ottl/target.ts';
import { plainOf } from '../../conformance/corpus.ts';
import { firstRecord } from '../../conformance/records.ts';
import { systemClock } from '../../../src/pipeline/clock.ts';
import { typed } from '../../conformance/typed.ts';
import type { FuzzCase, Outcome } from './case.ts';
import { signalOf } from './contexts.ts';
import type { FuzzContext } from './contexts.ts';
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
  const batch = batchOf(signalOf(context), encodeRecord(record));
  const target = targetOf(batch, context);
  if (kind === 'condition') {
    const condition = compileCondition(first, context, options);
    return { value: { type: 'bool', value: condition.test(target) } };
  }
  if (kind === 'value') {
    const value = compileValue(first, context, options).read(target);
    return { value: typed(value) };
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

function targetOf(batch: AnyBatch, context: FuzzContext): Target {
  if (context !== 'metric' && context !== 'datapoint') return firstRecord(batch, context);
  if (batch.signal !== 'metrics') throw new Error('a record of metrics is of metrics');
  const [group] = batch.resourceMetrics();
  const scope = group?.scopeMetrics()[0];
  const metric = scope?.metrics()[0];
  const point = context === 'datapoint' ? metric?.dataPoints()[0] : undefined;
  const shared = { cache: new Map(), clock: systemClock };
  return { resource: group?.resource, scope: scope?.scope, metric, point, ...shared };
}
