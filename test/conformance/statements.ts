/** The suite `ottl-statements`: statements on one record, one after the other. */
import { isDeepStrictEqual } from 'node:util';

import { OttlError, OttlEvalError } from '../../src/ottl/errors.ts';
import { compileStatements } from '../../src/ottl/statement.ts';
import type { CompiledStatement } from '../../src/ottl/statement.ts';
import type { Target } from '../../src/ottl/target.ts';
import { batchOfJson, plainOf } from './corpus.ts';
import type { Case, Corpus, Suite } from './corpus.ts';
import { firstRecord, gatesOf } from './records.ts';
import type { RecordContext } from './records.ts';

interface StatementCase extends Case {
  readonly context: RecordContext;
  readonly paths?: 'legacy';
  readonly error_mode: 'propagate' | 'ignore' | 'silent';
  readonly statements: readonly string[];
  readonly expect: {
    readonly parse_error?: true;
    readonly eval_error?: true;
    readonly message?: string;
    readonly logged?: readonly unknown[];
    readonly output?: unknown;
  };
}

export const statements: Suite<StatementCase> = { file: 'ottl-statements.jsonl', run };

function run(item: StatementCase, corpus: Corpus): string | undefined {
  const { expect } = item;
  const batch = corpus.fixture(item.input);
  let compiled: readonly CompiledStatement[];
  try {
    const options = { prefixRequired: item.paths !== 'legacy', gates: gatesOf(item) };
    compiled = compileStatements(item.statements, item.context, options);
  } catch (error) {
    if (!(error instanceof OttlError)) throw error;
    return expect.parse_error === true ? undefined : `refused: ${error.message}`;
  }
  if (expect.parse_error === true) return 'the statements were accepted';
  const { stopped, failures } = execute(compiled, firstRecord(batch, item.context), item.error_mode);
  if ((stopped !== undefined) !== (expect.eval_error === true))
    return `stopped: ${stopped ?? 'no'}; expected ${expect.message ?? 'no error'}`;
  if (item.error_mode === 'ignore' && failures.length !== errorsIn(expect.logged).length)
    return `failures: ${failures.join('; ')}`;
  const found = plainOf(batch);
  const wanted = plainOf(batchOfJson(JSON.stringify(expect.output)));
  if (isDeepStrictEqual(found, wanted)) return undefined;
  return `${show(found)}\n    expected ${show(wanted)}`;
}

/** A gate warning is logged beside the failures. */
function errorsIn(logged: readonly unknown[] | undefined): readonly unknown[] {
  return (logged ?? []).filter((line) => JSON.stringify(line).includes('failed to execute'));
}

function execute(
  compiled: readonly CompiledStatement[],
  record: Target,
  mode: StatementCase['error_mode'],
): { stopped?: string; failures: string[] } {
  const failures: string[] = [];
  for (const statement of compiled) {
    try {
      statement.execute(record);
    } catch (error) {
      if (!(error instanceof OttlEvalError)) throw error;
      if (mode === 'propagate') return { stopped: error.message, failures };
      failures.push(error.message);
    }
  }
  return { failures };
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
