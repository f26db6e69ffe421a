/**
 * Makes attributes of items attributes of their resource, and puts items of equal resources together: one resource per
 * host, where the host came as an attribute of each span.
 *
 * Belongs before exporters that make labels, streams or tenants of resource attributes. With no keys it unites equal
 * resources, which makes requests smaller. It drops and delays nothing; the order of items can change. As the
 * Collector's it does not keep schema URLs, and of scopes with one name and version it keeps the first one's attributes.
 *
 *     processors:
 *       group_by_attrs:
 *         keys: [host.name, k8s.pod.name]
 */
import { z } from 'zod';
import type { Attributes } from '../model/attributes.ts';
import type { AnyBatch } from '../model/batches.ts';
import { ScopeLogs } from '../model/logs.ts';
import { ScopeMetrics } from '../model/metrics.ts';
import type { ExactValue } from '../model/value.ts';
import type { CheckedProblem, Consumer, Processor, ProcessorFactory } from '../pipeline/component.ts';
import { Regrouping, type Given } from './group-by-attrs/regrouping.ts';
import { groupsIn, scopeGroupsIn, type AnyScopeGroup } from './shared/groups.ts';

const schema = z.strictObject({
  keys: z
    .array(z.string())
    .default([])
    .describe(
      'The attributes that move to the resource, where they replace those that it has. None: equal resources are united.',
    ),
});

type Config = z.output<typeof schema>;

export const groupByAttrs: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'group_by_attrs',
  stateless: true,
  aliases: ['groupbyattrs'],
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Moves attributes of items to their resources, and unites equal resources.',
  schema,
  check: ({ keys }) => keys.flatMap((key, index) => keyProblems(key, index, keys.indexOf(key) < index)),
  create: ({ keys }) => new GroupByAttrs([...new Set(keys)].filter((key) => key !== '')),
};

class GroupByAttrs implements Processor {
  private readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    this.keys = keys;
  }

  async consume(batch: AnyBatch, next: Consumer): Promise<void> {
    const regrouping = new Regrouping(batch.signal);
    regrouping.batch.origin = batch.origin;
    for (const group of groupsIn(batch)) {
      regrouping.from(group.resource);
      for (const scope of scopeGroupsIn(group)) this.move(scope, regrouping);
    }
    await next.consume(regrouping.batch);
    batch.release();
  }

  private move(scope: AnyScopeGroup, to: Regrouping): void {
    if (scope instanceof ScopeMetrics) {
      for (const metric of scope.metrics())
        for (const point of metric.dataPoints()) to.addPoint(point, this.take(point.attributes));
      return;
    }
    const items = scope instanceof ScopeLogs ? scope.logRecords() : scope.spans();
    for (const item of items) to.add(item, this.take(item.attributes));
  }

  private take(attributes: Attributes): Given {
    const given: [string, ExactValue][] = [];
    for (const key of this.keys) {
      const value = attributes.getExact(key);
      if (value === undefined) continue;
      attributes.delete(key);
      given.push([key, value]);
    }
    return given;
  }
}

function keyProblems(key: string, index: number, isRepeated: boolean): CheckedProblem[] {
  const path = ['keys', index];
  if (key === '') return [{ severity: 'notice', path, message: 'is empty, and left out' }];
  return isRepeated ? [{ severity: 'warning', path, message: `${key} is already there` }] : [];
}
