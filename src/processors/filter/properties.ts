/** `include` and `exclude`, the oldest way to say what a filter drops. */
import type { Target } from '../../ottl/target.ts';
import type { Signal } from '../../model/signal.ts';
import type { CheckedProblem } from '../../pipeline/component.ts';
import { matchProblems, type MatchProperties } from '../shared/match-schema.ts';
import {
  compileAttributes,
  compileLogMatch,
  compileSpanMatch,
  compileTexts,
  type Test,
} from '../shared/match.ts';
import type { Judge } from './judge.ts';
import type { Config, LogProperties, MetricProperties } from './schema.ts';
import type { Judges } from './sweep.ts';

/** Undefined where the config has no `include` and no `exclude` for the signal that says anything. */
export function propertyJudges(config: Config, signal: Signal): Judges | undefined {
  if (signal === 'metrics') return config.metrics === undefined ? undefined : metricJudges(config.metrics);
  const item = signal === 'traces' ? spanJudge(config.spans ?? {}) : logJudge(config.logs ?? {});
  return item === undefined ? undefined : { item };
}

interface Pair<Properties> {
  readonly include?: Properties | undefined;
  readonly exclude?: Properties | undefined;
}

function spanJudge({ include, exclude }: Pair<MatchProperties>): Judge | undefined {
  return judge(
    include && compileSpanMatch(include),
    exclude && compileSpanMatch(exclude),
    ({ span }) => span,
  );
}

function logJudge({ include, exclude }: Pair<LogProperties>): Judge | undefined {
  const compile = (properties: LogProperties | undefined) =>
    properties === undefined || isEmpty(properties) ? undefined : compileLogMatch(asMatch(properties));
  return judge(compile(include), compile(exclude), ({ log }) => log);
}

/** Names and resource attributes are judged apart: both must be included, and one of them is enough to exclude. */
function metricJudges({ include, exclude }: Pair<MetricProperties>): Judges | undefined {
  const names = (properties: MetricProperties | undefined) =>
    properties?.metric_names?.length
      ? compileTexts(properties.metric_names, properties.match_type)
      : undefined;
  const attributes = (properties: MetricProperties | undefined) =>
    properties?.resource_attributes?.length
      ? compileAttributes(properties.resource_attributes, properties.match_type)
      : undefined;
  const item = judge(names(include), names(exclude), ({ metric }) => metric?.name);
  const resource = judge(attributes(include), attributes(exclude), ({ resource }) => resource?.attributes);
  return item === undefined && resource === undefined ? undefined : { item, resource };
}

function judge<Item>(
  included: Test<Item> | undefined,
  excluded: Test<Item> | undefined,
  itemOf: (target: Target) => Item | undefined,
): Judge | undefined {
  if (included === undefined && excluded === undefined) return undefined;
  return (target) => {
    const item = itemOf(target);
    if (item === undefined) return undefined;
    if (included?.(item) === false) return 'not included';
    return excluded?.(item) === true ? 'excluded' : undefined;
  };
}

/** What the keys of the log form are called elsewhere. */
const otherNames = {
  severity_texts: 'log_severity_texts',
  severity_number: 'log_severity_number',
  bodies: 'log_bodies',
  record_attributes: 'attributes',
  resource_attributes: 'resources',
} as const satisfies Partial<Record<keyof LogProperties, keyof MatchProperties>>;

function asMatch(properties: LogProperties): MatchProperties {
  const renamed = Object.entries(otherNames).map(([key, name]) => [
    name,
    properties[key as keyof LogProperties],
  ]);
  return { match_type: properties.match_type, ...(Object.fromEntries(renamed) as Partial<MatchProperties>) };
}

function isEmpty({ match_type: _, ...properties }: LogProperties): boolean {
  return Object.values(properties).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}

/** What is wrong with any `include` and `exclude` of the config. */
export function propertyProblems(config: Config): CheckedProblem[] {
  const { spans = {}, logs = {}, metrics = {} } = config;
  const sides = ['include', 'exclude'] as const;
  return sides.flatMap((side) => {
    const [span, log, metric] = [spans[side], logs[side], metrics[side]];
    const { metric_names, resource_attributes: resources, match_type } = metric ?? {};
    return [
      ...(span === undefined ? [] : matchProblems(span, 'traces', ['spans', side])),
      ...(log === undefined || isEmpty(log)
        ? []
        : matchProblems(asMatch(log), 'logs', ['logs', side]).map(inLogs)),
      ...(metric === undefined
        ? []
        : matchProblems({ metric_names, resources, match_type }, 'metrics', ['metrics', side])),
    ];
  });
}

/** With the key as it is called here. */
function inLogs(problem: CheckedProblem): CheckedProblem {
  const path = problem.path.map(
    (part) => Object.entries(otherNames).find(([, name]) => name === part)?.[0] ?? part,
  );
  return { ...problem, path };
}
