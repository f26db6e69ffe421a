/**
 * Changes telemetry with OTTL, the Collector's language of statements: sets, copies, deletes, renames, parses,
 * replaces, truncates, hashes, where a condition holds.
 *
 * Belongs behind filters and before `batch`. It drops no item and delays nothing. A statement that fails on a record
 * leaves it as the statements before made it; a warning says so once, and the summary how often, with an example. All
 * statements of a flat list run on one record before they run on the next one. `respool ottl` tries a statement.
 *
 *     processors:
 *       transform:
 *         trace_statements:
 *           - set(span.attributes["peer"], span.attributes["server.address"]) where span.kind == SPAN_KIND_CLIENT
 *           - replace_pattern(span.attributes["url.full"], "\\?.*", "")
 *         log_statements:
 *           - context: log
 *             conditions: [severity_number == SEVERITY_NUMBER_UNSPECIFIED]
 *             statements: ['set(severity_text, "UNKNOWN")']
 */
import type { AnyBatch } from '../model/batches.ts';
import { signals } from '../model/signal.ts';
import type {
  CheckedProblem,
  Consumer,
  Processor,
  ProcessorContext,
  ProcessorFactory,
} from '../pipeline/component.ts';
import { Failures } from './shared/failures.ts';
import { idleNotice } from './shared/ottl-problems.ts';
import { flattened, united } from './transform/flatten.ts';
import { ownFunctions } from './shared/own-functions.ts';
import { compileGroup, gatesOf, groupProblems, groupsOf, statementKeys } from './transform/groups.ts';
import { GroupRunner } from './transform/runner.ts';
import { schema, type Config } from './transform/schema.ts';

export const transform: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'transform',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Changes telemetry with OTTL statements.',
  schema,
  check: (config, facts) => [
    ...signals
      .flatMap((signal) => groupsOf(config, signal))
      .flatMap((group) => groupProblems(group, { gates: gatesOf(config), functions: ownFunctions(facts) })),
    ...flattenProblems(config),
    ...facts.signals
      .filter((signal) => config[statementKeys[signal]] === undefined)
      .map((signal) =>
        idleNotice(signal, { what: 'statements', key: statementKeys[signal], effect: 'changes' }),
      ),
  ],
  create: (config, context) => new Transform(config, context),
};

class Transform implements Processor {
  private readonly runners: readonly GroupRunner[];
  private readonly flattens: boolean;

  constructor(config: Config, context: ProcessorContext) {
    const { pipelineSignal, clock } = context;
    const language = { gates: gatesOf(config), functions: ownFunctions(context) };
    const failures = {
      conditions: new Failures(context, 'condition'),
      statements: new Failures(context, 'statement'),
    };
    this.runners = groupsOf(config, pipelineSignal).map(
      (group) => new GroupRunner(compileGroup(group, language), failures, clock),
    );
    this.flattens = config.flatten_data;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    if (!this.flattens || batch.signal !== 'logs') {
      for (const runner of this.runners) runner.run(batch);
      await next.consume(batch);
      return;
    }
    const flat = flattened(batch);
    for (const runner of this.runners) runner.run(flat);
    await next.consume(united(flat));
    batch.release();
  }
}

function flattenProblems(config: Config): CheckedProblem[] {
  if (!config.flatten_data || config.feature_gates.includes('transform.flatten.logs')) return [];
  const message = 'needs the feature gate transform.flatten.logs, as in the Collector';
  const remedy = 'add feature_gates: [transform.flatten.logs]';
  return [{ severity: 'error', path: ['flatten_data'], message, remedy }];
}
