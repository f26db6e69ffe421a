/** What the Collector answered, with the name of a metric in place of one that no statement changed. */

interface Scope {
  readonly metrics: readonly unknown[];
}
export interface Answer {
  readonly resourceMetrics: readonly { readonly scopeMetrics: readonly Scope[] }[];
}
export type Answers = Readonly<Record<string, Answer>>;

const unchanged = 'nothing to do';

/** Names for metrics that are as in the case `nothing to do`. */
export function shortened(answers: Answers): Answers {
  const names = new Map([...metricsByName(answers)].map(([name, metric]) => [JSON.stringify(metric), name]));
  return mapped(answers, (metric) => names.get(JSON.stringify(metric)) ?? metric);
}

/** The other way round. */
export function lengthened(answers: Answers): Answers {
  const metrics = metricsByName(answers);
  return mapped(answers, (metric) => (typeof metric === 'string' ? metrics.get(metric) : metric));
}

function metricsByName(answers: Answers): Map<string, unknown> {
  const groups = answers[unchanged]?.resourceMetrics ?? [];
  const metrics = groups.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return new Map(metrics.map((metric) => [(metric as { name: string }).name, metric]));
}

function mapped(answers: Answers, change: (metric: unknown) => unknown): Answers {
  const changed = (scope: Scope): Scope => ({ ...scope, metrics: scope.metrics.map(change) });
  const entries = Object.entries(answers).map(([name, answer]): [string, Answer] => {
    const groups = answer.resourceMetrics.map((group) => ({
      ...group,
      scopeMetrics: group.scopeMetrics.map(changed),
    }));
    return [name, name === unchanged ? answer : { resourceMetrics: groups }];
  });
  return Object.fromEntries(entries);
}
