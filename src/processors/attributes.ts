/**
 * Edits the attributes of spans, log records and data points: sets, copies, deletes, hashes, extracts and converts them.
 *
 * Belongs after filters, so that nothing is edited in vain, and before `batch`. Delays and drops nothing. Actions run
 * in order, each on what the ones before it left. `include` and `exclude` choose the items by what they were before.
 *
 *     processors:
 *       attributes:
 *         include: {match_type: regexp, span_names: ['^GET ']}
 *         actions:
 *           - {key: deployment.environment, value: replay, action: upsert}
 *           - {key: user.email, action: hash}
 *           - {pattern: '^thread\.', action: delete}
 */
import { z } from 'zod';
import type { Attributes } from '../model/attributes.ts';
import type { AnyBatch } from '../model/batches.ts';
import type { Metric } from '../model/metrics.ts';
import type { Signal } from '../model/signal.ts';
import type { CheckedProblem, ProcessorFactory } from '../pipeline/component.ts';
import { eachItem, type ItemHandlers } from '../pipeline/item-processor.ts';
import { actionList } from './shared/action-schema.ts';
import { compileActions, stepsOf, type Edit } from './shared/actions.ts';
import { matchProblems, matchSchema } from './shared/match-schema.ts';
import {
  compileLogMatch,
  compileMetricMatch,
  compileSkip,
  compileSpanMatch,
  type Test,
} from './shared/match.ts';
import { deferredly } from './shared/quickly.ts';

const schema = z.strictObject({
  actions: actionList.describe('What to do, in this order.'),
  include: matchSchema.optional().describe('Edits only what matches. Left out: everything.'),
  exclude: matchSchema.optional().describe('Leaves alone what matches, even where `include` chose it.'),
});

type Config = z.output<typeof schema>;

export const attributes: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'attributes',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary:
    'Sets, copies, deletes, hashes, extracts and converts attributes of spans, log records and data points.',
  schema,
  check: (config, facts) => facts.signals.flatMap((signal) => problemsFor(config, signal)),
  create: (config, context) => eachItem(handlersFor(config, context.pipelineSignal)),
};

function problemsFor(config: Config, signal: Signal): CheckedProblem[] {
  const { include, exclude } = config;
  return [
    ...(include === undefined ? [] : matchProblems(include, signal, ['include'])),
    ...(exclude === undefined ? [] : matchProblems(exclude, signal, ['exclude'])),
  ];
}

function handlersFor(config: Config, signal: Signal): ItemHandlers {
  const edit = compileActions(config.actions);
  const { include, exclude } = config;
  const steps = stepsOf(config.actions);
  if (steps !== undefined && include === undefined && exclude === undefined && signal !== 'metrics')
    return { batch: deferredly({ signal, steps }, editEach(edit)) };
  if (signal === 'logs') return { log: editUnless(compileSkip(config, compileLogMatch), edit) };
  if (signal === 'metrics') return { batch: editPoints(compileSkip(config, compileMetricMatch), edit) };
  return { span: editUnless(compileSkip(config, compileSpanMatch), edit) };
}

function editEach(edit: Edit): (batch: AnyBatch) => void {
  return (batch) => {
    if (batch.signal === 'metrics') return;
    const items = batch.signal === 'traces' ? batch.spans() : batch.logRecords();
    for (const { attributes } of items) edit(attributes);
  };
}

function editPoints(skips: Test<Metric> | undefined, edit: Edit): (batch: AnyBatch) => void {
  return (batch) => {
    if (batch.signal !== 'metrics') return;
    for (const metric of batch.metrics()) {
      if (skips?.(metric)) continue;
      for (const { attributes } of metric.dataPoints()) edit(attributes);
    }
  };
}

function editUnless<Item extends { readonly attributes: Attributes }>(
  skips: Test<Item> | undefined,
  edit: Edit,
): (item: Item) => void {
  if (skips === undefined) return (item) => edit(item.attributes);
  return (item) => {
    if (!skips(item)) edit(item.attributes);
  };
}
