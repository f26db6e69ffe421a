/**
 * Drops what a condition is true for: spans, span events, log records, metrics, data points, whole scopes and resources.
 *
 * Belongs first in a pipeline, after `time_shift`, so that nothing else works on what is dropped. It loses what it is
 * told to lose, counted in the summary under the condition that did it (events are not counted: their span stays).
 * It delays nothing. Scopes and resources that are left empty go too. A condition that fails on an item counts as
 * false; a warning says so once, and the summary how often, with an example.
 *
 *     processors:
 *       filter:
 *         trace_conditions:
 *           - span.attributes["http.route"] == "/health"
 *           - IsMatch(resource.attributes["service.name"], "^test-")
 *         log_conditions:
 *           - log.severity_number != SEVERITY_NUMBER_UNSPECIFIED and log.severity_number < SEVERITY_NUMBER_INFO
 */
import type { CompiledCondition } from '../ottl/condition.ts';
import type { ContextName } from '../ottl/contexts.ts';
import type { ItemProgram, ItemStep } from '../model/item-program.ts';
import { signals, type Signal } from '../model/signal.ts';
import type { CheckedProblem, ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';
import { eachItem, type ItemHandlers } from '../pipeline/item-processor.ts';
import {
  compileText,
  conditionKeys,
  conditionProblems,
  contextKeys,
  groupsOf,
  type Group,
} from './filter/groups.ts';
import { judgeBy, reasonOf, type Judge } from './filter/judge.ts';
import { propertyJudges, propertyProblems } from './filter/properties.ts';
import { schema, type Config } from './filter/schema.ts';
import { sweepWith, type Judges, type Sweep } from './filter/sweep.ts';
import { Failures } from './shared/failures.ts';
import { idleNotice } from './shared/ottl-problems.ts';
import { ownFunctions } from './shared/own-functions.ts';
import { all, quickly } from './shared/quickly.ts';

export const filter: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'filter',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Drops spans, span events, log records, metrics and data points by OTTL conditions.',
  schema,
  check: (config, facts) => [
    ...signals.flatMap((signal) => conditionProblems(groupsOf(config, signal), ownFunctions(facts))),
    ...signals.flatMap((signal) => formProblems(config, signal)),
    ...propertyProblems(config),
    ...facts.signals
      .filter((signal) => formsOf(config, signal).length === 0)
      .map((signal) =>
        idleNotice(signal, { what: 'conditions', key: conditionKeys[signal], effect: 'drops' }),
      ),
  ],
  create: (config, context) => eachItem(handlersFor(config, context)),
};

function handlersFor(config: Config, context: ProcessorContext): ItemHandlers {
  const { pipelineSignal: signal, clock } = context;
  const failures = new Failures(context, 'condition');
  const sweeps = groupsOf(config, signal).map((group) => sweepOf(group, failures, context));
  const properties = propertyJudges(config, signal);
  if (properties !== undefined) sweeps.push(sweepWith(properties, clock));
  return {
    swallowsEmpty: sweeps.length > 0,
    batch(batch) {
      for (const sweep of sweeps) sweep(batch);
    },
  };
}

const levelOf: Readonly<Record<ContextName, keyof Judges>> = {
  resource: 'resource',
  scope: 'scope',
  span: 'item',
  log: 'item',
  metric: 'item',
  spanevent: 'part',
  datapoint: 'part',
};

function sweepOf(group: Group, failures: Failures, context: ProcessorContext): Sweep {
  const { signal, errorMode } = group;
  const functions = ownFunctions(context);
  const conditions = group.conditions.map((text) => compileText(text, signal, functions));
  const judges = judgesOf(conditions, (those) => judgeBy(those, errorMode, failures));
  return quickly(programOf(conditions, signal), sweepWith(judges, context.clock));
}

/** Undefined where a condition is not of items, or cannot be said in a program. */
function programOf(conditions: readonly CompiledCondition[], signal: Signal): ItemProgram | undefined {
  const tests = all(conditions.map(({ itemTest }) => itemTest));
  if (tests === undefined || tests.length === 0 || signal === 'metrics') return undefined;
  const steps = conditions.map(({ text }, index): ItemStep => ({
    when: tests[index],
    do: 'drop',
    reason: reasonOf(text),
  }));
  return { signal, steps };
}

function judgesOf(
  conditions: readonly CompiledCondition[],
  judge: (conditions: readonly CompiledCondition[]) => Judge,
): Judges {
  const byLevel = new Map<keyof Judges, CompiledCondition[]>();
  for (const condition of conditions) {
    const level = levelOf[condition.context];
    byLevel.set(level, [...(byLevel.get(level) ?? []), condition]);
  }
  return Object.fromEntries([...byLevel].map(([level, those]) => [level, judge(those)]));
}

/** The Collector takes one of the forms and forgets the others in silence, or refuses them: here they never mix. */
function formProblems(config: Config, signal: Signal): CheckedProblem[] {
  const [first, ...others] = formsOf(config, signal);
  return others.map((path) => ({
    severity: 'error',
    path,
    message: `cannot stand beside ${first?.join('.') ?? ''}: one of them would be ignored`,
    remedy: `move it to ${conditionKeys[signal]}`,
  }));
}

/** Where each form of conditions begins that the config uses for a signal. */
function formsOf(config: Config, signal: Signal): string[][] {
  const lists: Readonly<Record<string, unknown>> = config[signal] ?? {};
  const sides: Readonly<Record<string, unknown>> = signal === 'traces' ? (config.spans ?? {}) : lists;
  const sidesKey = signal === 'traces' ? 'spans' : signal;
  const list = Object.keys(contextKeys[signal]).find((key) => lists[key] !== undefined);
  const side = ['include', 'exclude'].find((key) => sides[key] !== undefined);
  return [
    ...(config[conditionKeys[signal]] === undefined ? [] : [[conditionKeys[signal]]]),
    ...(list === undefined ? [] : [[signal, list]]),
    ...(side === undefined ? [] : [[sidesKey, side]]),
  ];
}
