import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { Signal } from '../../src/model/signal.ts';
import type { ExactValue } from '../../src/model/value.ts';
import { groupByAttrs } from '../../src/processors/group-by-attrs.ts';
import { identityOf } from '../../src/processors/shared/identity.ts';
import { plainBatch } from '../support/plain.ts';
import { batchFrom, configure, pass, processorOf } from '../support/processors.ts';

const attribute = fc.constantFrom(
  { key: 'host', value: { stringValue: 'a' } },
  { key: 'host', value: { stringValue: '1' } },
  { key: 'host', value: { intValue: '1' } },
  { key: 'host', value: { doubleValue: 1 } },
  { key: 'user', value: { stringValue: 'a' } },
  { key: 'other', value: { boolValue: true } },
);
const attributes = fc.uniqueArray(attribute, { selector: ({ key }) => key, maxLength: 3 });
const scope = fc.record({ name: fc.constantFrom('x', 'y'), version: fc.constantFrom('', '1') });

function payload(signal: Signal): fc.Arbitrary<object> {
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
  const names = fc.constantFrom('n', 'm', 'o');
  const point = fc.record({ attributes, asInt: fc.constant('1') });
  const metric = fc.oneof(
    fc.record({ name: names, gauge: fc.record({ dataPoints: list(point) }) }),
    fc.record({
      name: names,
      sum: fc.record({ dataPoints: list(point), isMonotonic: fc.constant(true) }),
    }),
  );
  const [groups, scopes, items] = {
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  }[signal] as [string, string, string];
  const item = signal === 'metrics' ? metric : fc.record({ attributes, name: names });
  const inner = fc.record({ scope, [items]: list(item as fc.Arbitrary<object>) });
  const resource = fc.record({ attributes });
  const group = fc.record({ resource, [scopes]: list(inner as fc.Arbitrary<object>) });
  return fc.record({ [groups]: list(group as fc.Arbitrary<object>) });
}

async function grouped(yaml: string, input: AnyBatch): Promise<AnyBatch> {
  const processor = await processorOf(groupByAttrs, yaml, { pipelineSignal: input.signal });
  const [batch] = await pass(processor, input);
  if (batch === undefined) throw new Error('nothing was handed on');
  return batch;
}

/** All that is known of each item, wherever it stands; the item's own attributes win. */
function facts(batch: AnyBatch): string[] {
  const all: string[] = [];
  const add = (
    holders: readonly { attributes: { exactEntries(): [string, ExactValue][] } }[],
    rest: readonly unknown[],
  ) =>
    all.push(
      `${identityOf(new Map(holders.flatMap((holder) => holder.attributes.exactEntries())))} ${JSON.stringify(rest)}`,
    );
  if (batch.signal === 'metrics') {
    for (const metric of batch.metrics()) {
      const { name, type, resource, scope } = metric;
      for (const point of metric.dataPoints())
        add([resource, point], [name, type, scope.name, scope.version, String(point.timeUnixNano)]);
    }
  } else {
    const items = batch.signal === 'traces' ? batch.spans() : batch.logRecords();
    for (const item of items) add([item.resource, item], [item.scope.name, item.scope.version]);
  }
  return all.toSorted();
}

describe.each(['traces', 'logs', 'metrics'] as const)('in %s', (signal) => {
  it('nothing is lost, and no two resources are equal', async () => {
    const property = fc.asyncProperty(payload(signal), fc.boolean(), async (json, hasKeys) => {
      const input = batchFrom(signal, json);
      const before = facts(input);
      const count = input.itemCount;
      const batch = await grouped(`keys: [${hasKeys ? 'host, user' : ''}]`, input);
      expect(facts(batch)).toEqual(before);
      expect(batch.itemCount).toBe(count);
      const resources = batch.resources().map(({ attributes }) => identityOf(attributes.exactEntries()));
      expect(new Set(resources).size).toBe(resources.length);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('a second pass changes nothing', async () => {
    const property = fc.asyncProperty(payload(signal), async (json) => {
      const once = await grouped('keys: [host]', batchFrom(signal, json));
      const plain = plainBatch(once);
      expect(plainBatch(await grouped('keys: [host]', once))).toEqual(plain);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

describe('what becomes of', () => {
  const span = (name: string, ...attributes: object[]) => ({ name, attributes });
  const host = (value: string) => ({ key: 'host', value: { stringValue: value } });

  it('an attribute that the resource has: the item wins', async () => {
    const input = batchFrom('traces', {
      resourceSpans: [
        { resource: { attributes: [host('r')] }, scopeSpans: [{ spans: [span('a', host('x')), span('b')] }] },
      ],
    });
    const batch = await grouped('keys: host', input);
    expect(batch.resources().map(({ attributes }) => attributes.entries())).toEqual([
      [['host', 'x']],
      [['host', 'r']],
    ]);
  });

  it('schema URLs, counts and scopes of one name and version', async () => {
    const scopeOf = (value: string) => ({ name: 's', attributes: [host(value)], droppedAttributesCount: 1 });
    const input = batchFrom('traces', {
      resourceSpans: [
        {
          resource: { droppedAttributesCount: 2 },
          schemaUrl: 'u',
          scopeSpans: [
            { scope: scopeOf('1'), schemaUrl: 'v', spans: [span('a')] },
            { scope: scopeOf('2'), spans: [span('b')] },
          ],
        },
      ],
    });
    const batch = await grouped('{}', input);
    const [group, ...others] = batch.signal === 'traces' ? batch.resourceSpans() : [];
    expect([others.length, group?.schemaUrl, group?.resource.droppedAttributesCount]).toEqual([0, '', 0]);
    const scopes = group?.scopeSpans() ?? [];
    expect(scopes.map(({ scope, schemaUrl }) => [scope.attributes.get('host'), schemaUrl])).toEqual([
      ['1', ''],
    ]);
    expect(scopes[0]?.scope.droppedAttributesCount).toBe(1);
  });

  it('a batch without items: it is handed on without resources', async () => {
    expect(plainBatch(await grouped('keys: [a]', batchFrom('logs', { resourceLogs: [{}] })))).toEqual([]);
  });
});

it('tells of keys that say nothing', () => {
  const { problems, config } = configure(groupByAttrs, 'keys: [a, "", a]');
  expect(problems.map(({ path, severity, message }) => [path, severity, message])).toEqual([
    ['keys.1', 'notice', 'is empty, and left out'],
    ['keys.2', 'warning', 'a is already there'],
  ]);
  expect(config).toBeDefined();
});
