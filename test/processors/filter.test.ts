import { describe, expect, it } from 'vitest';
import type { Signal } from '../../src/model/signal.ts';
import { flowCounts, ProcessorCounts } from '../../src/pipeline/counts.ts';
import { filter } from '../../src/processors/filter.ts';
import { namesIn, spansNamed } from '../support/fake-components.ts';
import { attribute, batchFrom, configure, memoryLogger, pass, processorOf } from '../support/processors.ts';

const tree = () =>
  batchFrom('traces', {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [
          {
            scope: { name: 'http' },
            spans: [{ name: 'a', events: [{ name: 'x' }, { name: 'y' }] }, { name: 'b' }],
          },
          { scope: { name: 'db' }, spans: [{ name: 'c' }, { name: 'd', kind: 3 }] },
        ],
      },
      { scopeSpans: [{ spans: [{ name: 'e' }] }] },
    ],
  });

async function kept(yaml: string): Promise<string[]> {
  const [batch] = await pass(await processorOf(filter, yaml), tree());
  return batch === undefined ? [] : namesIn(batch);
}

describe('what it drops', () => {
  it.each([
    ['a span', `trace_conditions: ['span.name == "a"']`, 'bcde'],
    ['a scope', `trace_conditions: ['scope.name == "http"']`, 'cde'],
    ['a resource', `trace_conditions: ['resource.attributes["service.name"] == "shop"']`, 'e'],
    [
      'by a function of spans',
      `trace_conditions: [{context: span, conditions: ['not IsRootSpan()']}]`,
      'abcde',
    ],
    ['by any condition', `trace_conditions: ['span.name == "a"', 'scope.name == "db"']`, 'be'],
    [
      'by any group',
      `trace_conditions: [{context: Span, conditions: ['name == "a"']}, {conditions: ['span.kind == 3']}]`,
      'bce',
    ],
    [
      'with the older form',
      `traces: {span: ['name == "a"'], resource: ['attributes["service.name"] == nil']}`,
      'bcd',
    ],
    ['what is not included', `spans: {include: {match_type: regexp, span_names: ['[ab]']}}`, 'ab'],
    ['what is excluded', `spans: {exclude: {match_type: strict, libraries: [{name: db}]}}`, 'abe'],
    ['nothing', `log_conditions: ['log.body == "x"']`, 'abcde'],
  ])('%s', async (_, yaml, names) => {
    expect((await kept(yaml)).join('')).toBe(names);
  });

  it('hands on nothing when nothing is left', async () => {
    const sent = await pass(await processorOf(filter, `trace_conditions: ['span.name != ""']`), tree());
    expect(sent).toEqual([]);
  });

  it('drops an event and keeps its span', async () => {
    const [batch] = await pass(
      await processorOf(filter, `trace_conditions: ['spanevent.name == "x"']`),
      tree(),
    );
    const [first] = batch?.signal === 'traces' ? batch.spans() : [];
    expect(first?.events.map((event) => event.name)).toEqual(['y']);
    expect(batch?.itemCount).toBe(5);
  });

  it('drops metrics by name, alone or with their resource', async () => {
    const input = () =>
      batchFrom('metrics', {
        resourceMetrics: ['shop', 'mail'].map((name) => ({
          resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
          scopeMetrics: [
            {
              metrics: ['up', 'down'].map((name) => ({
                name,
                gauge: { dataPoints: [{ asInt: '1' }, { asInt: '2' }] },
              })),
            },
          ],
        })),
      });
    const itemsAfter = async (yaml: string) => {
      const [batch] = await pass(await processorOf(filter, yaml, { pipelineSignal: 'metrics' }), input());
      return [batch?.itemCount, batch?.resources().length];
    };
    expect(await itemsAfter(`metric_conditions: ['metric.name == "up"']`)).toEqual([4, 2]);
    expect(await itemsAfter('metrics: {include: {match_type: strict, metric_names: [up]}}')).toEqual([4, 2]);
    const resources = 'resource_attributes: [{key: service.name, value: shop}]';
    expect(
      await itemsAfter(`metrics: {exclude: {match_type: strict, metric_names: [up], ${resources}}}`),
    ).toEqual([2, 1]);
    expect(await itemsAfter(`metrics: {include: {match_type: strict, ${resources}}}`)).toEqual([4, 1]);
  });

  it('drops data points, and metrics that are left without any', async () => {
    const input = () =>
      batchFrom('metrics', {
        resourceMetrics: [
          {
            scopeMetrics: [
              {
                metrics: [
                  { name: 'up', gauge: { dataPoints: [pointAt(1), pointAt(2)] } },
                  { name: 'down', sum: { dataPoints: [pointAt(1)] } },
                  { name: 'came empty', histogram: {} },
                  { name: 'of no type' },
                ],
              },
            ],
          },
        ],
      });
    const pointAt = (n: number) => ({ attributes: [{ key: 'n', value: { intValue: n } }], asInt: '1' });
    const forms = [
      `metric_conditions: ['datapoint.attributes["n"] == 1']`,
      `metric_conditions: [{context: datapoint, conditions: ['attributes["n"] == 1']}]`,
      `metrics: {datapoint: ['attributes["n"] == 1']}`,
    ];
    for (const form of forms) {
      const before = input();
      const [batch] = await pass(await processorOf(filter, form, { pipelineSignal: 'metrics' }), before);
      const left = batch?.signal === 'metrics' ? batch.metrics() : [];
      expect(left.map(({ name, dataPointCount }) => [name, dataPointCount])).toEqual([
        ['up', 1],
        ['of no type', 0],
      ]);
      expect([...before.takeDrops().values()]).toEqual([2]);
    }
  });

  it('drops metrics by the attributes of their data points', async () => {
    const metric = (name: string, value: object) => ({
      name,
      gauge: {
        dataPoints: [{}, { attributes: [{ key: 'k', value }] }, { attributes: [attribute('k', 'z')] }],
      },
    });
    const input = () =>
      batchFrom('metrics', {
        resourceMetrics: [
          {
            scopeMetrics: [
              { metrics: [metric('a', { stringValue: 'x' }), metric('b', { intValue: '1' }), { name: 'c' }] },
            ],
          },
        ],
      });
    const left = async (condition: string) => {
      const yaml = `metrics: {metric: ['${condition}']}`;
      const [batch] = await pass(await processorOf(filter, yaml, { pipelineSignal: 'metrics' }), input());
      return batch?.signal === 'metrics' ? batch.metrics().map(({ name }) => name) : [];
    };
    expect(await left('HasAttrKeyOnDatapoint("k")')).toEqual(['c']);
    // It fails on a metric of no type, which stays.
    expect(await left('not HasAttrKeyOnDatapoint("k")')).toEqual(['a', 'b', 'c']);
    expect(await left('HasAttrOnDatapoint("k", "x")')).toEqual(['b', 'c']);
    expect(await left('HasAttrOnDatapoint("k", "")')).toEqual(['a', 'c']);
    // Only the first data point that has the key is looked at.
    expect(await left('HasAttrOnDatapoint("k", "z")')).toEqual(['a', 'b', 'c']);
  });

  it('hands on no batch that came empty, and no resource with nothing in it', async () => {
    const yaml = `trace_conditions: ['span.name == "a"']`;
    const hollow = { resourceSpans: [{ scopeSpans: [{ scope: { name: 'x' } }] }, {}] };
    for (const input of [{}, hollow])
      expect(await pass(await processorOf(filter, yaml), batchFrom('traces', input))).toEqual([]);
    const mixed = {
      resourceSpans: [...hollow.resourceSpans, { scopeSpans: [{ spans: [{ name: 'b' }] }, {}] }],
    };
    const [batch] = await pass(await processorOf(filter, yaml), batchFrom('traces', mixed));
    const groups = batch?.signal === 'traces' ? batch.resourceSpans() : [];
    expect(groups.map((group) => group.scopeSpans().length)).toEqual([1]);
  });

  it('counts under the condition that dropped', async () => {
    const long = `span.name == "${'x'.repeat(100)}" or\n      span.name == "b"`;
    const yaml = `trace_conditions:\n  - scope.name == "db"\n  - >-\n      ${long}`;
    const batch = tree();
    await pass(await processorOf(filter, yaml), batch);
    const drops = [...batch.takeDrops()];
    expect(drops[0]).toEqual([`span.name == "${'x'.repeat(65)}…`, 1]);
    expect(drops[1]).toEqual(['scope.name == "db"', 2]);
  });
});

describe('a condition that fails on an item', () => {
  const condition = `Len(span.kind) == 1`;
  const conditions = `trace_conditions: ['${condition}', 'span.name == "a"']`;

  it('counts as false, warns once, and is in the ledger with its number and one example', async () => {
    const logger = memoryLogger();
    const counts = new ProcessorCounts(flowCounts('filter', 'traces'));
    const processor = await processorOf(filter, conditions, { logger, counts });
    const [batch] = await pass(processor, spansNamed(['a', 'b', 'c']));
    expect(batch && namesIn(batch)).toEqual(['b', 'c']);
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn']);
    expect(logger.lines[0]?.message).toContain(`the condition ${condition} failed and counted as false: `);
    expect([...counts.flow.failures]).toEqual([
      [
        condition,
        {
          kind: 'condition',
          records: { one: 'span', many: 'spans' },
          count: 3,
          example: expect.stringMatching(/^Len\(span\.kind\): .+; first at span without id of trace .+$/),
        },
      ],
    ]);
  });

  it('says nothing with error_mode: silent, also for one group alone, and is counted', async () => {
    const logger = memoryLogger();
    const counts = new ProcessorCounts(flowCounts('filter', 'traces'));
    const group = `trace_conditions: [{error_mode: Silent, conditions: ['${condition}']}]`;
    for (const yaml of [`error_mode: silent\n${conditions}`, group]) {
      await pass(await processorOf(filter, yaml, { logger, counts }), spansNamed(['a', 'b']));
    }
    expect(logger.lines).toEqual([]);
    expect(counts.flow.failures.get(condition)?.count).toBe(4);
  });

  it('stops the run with error_mode: propagate, and names the record', async () => {
    const processor = await processorOf(filter, `error_mode: propagate\n${conditions}`);
    await expect(pass(processor, spansNamed(['b']))).rejects.toThrow(
      /^the condition Len\(span\.kind\) == 1 failed: Len\(span\.kind\): .+; at span without id of trace .+$/,
    );
  });
});

describe('its config', () => {
  const problemsOf = (yaml: string, signals: readonly Signal[] = ['traces']) =>
    configure(filter, yaml, signals).problems;

  it('reports every wrong condition, at its place in the text', () => {
    const yaml = `trace_conditions: ['span.nope == 1', 'true', 'span.name == Nope(1)']\ntraces: {}\nlogs: {log_record: ['body = 1']}`;
    expect(problemsOf(yaml).map(({ path, offset }) => [path, offset])).toEqual([
      ['trace_conditions.0', 5],
      ['trace_conditions.1', 0],
      ['trace_conditions.2', 13],
      ['logs.log_record.0', 5],
    ]);
  });

  it.each([
    [
      'mixed styles',
      `trace_conditions: ['span.name == "a"', {conditions: []}]`,
      'trace_conditions.1: cannot be mixed',
    ],
    ['a text for a list', `trace_conditions: span.name == "a"`, 'trace_conditions: must be a list'],
    [
      'an unknown context',
      `trace_conditions: [{context: log, conditions: []}]`,
      'trace_conditions.0.context: must be one of',
    ],
    ['an unknown mode', 'error_mode: drop', 'error_mode: must be one of ignore, silent, propagate'],
    [
      'two forms',
      `trace_conditions: ['span.name == "a"']\nspans: {include: {match_type: strict, span_names: [a]}}`,
      'spans.include: cannot stand beside trace_conditions',
    ],
    [
      'expressions',
      `metrics: {include: {match_type: strict, expressions: [x]}}`,
      'metrics.include.expressions: is not supported',
    ],
    ['profiles', `profile_conditions: ['x']`, 'profile_conditions: is not supported'],
    [
      'a severity that is none',
      'logs: {include: {severity_number: {min: LOUD}}}',
      'logs.include.severity_number.min: must be a severity',
    ],
    [
      'no match_type',
      'logs: {exclude: {bodies: [x]}}',
      'logs.exclude: must have a match_type: strict or regexp',
    ],
    [
      'a wrong regex',
      `logs: {exclude: {match_type: regexp, bodies: ['(']}}`,
      'logs.exclude.bodies.0: "(" is not a valid RE2 regex',
    ],
  ])('refuses %s', (_, yaml, message) => {
    const { errors } = configure(filter, yaml);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });

  it('notices a pipeline in which it drops nothing', () => {
    const notices = problemsOf(`trace_conditions: ['span.name == "a"']`, ['traces', 'logs']);
    expect(notices).toEqual([
      expect.objectContaining({
        severity: 'notice',
        message: 'has no conditions for logs, so in that pipeline it drops nothing',
      }),
    ]);
  });
});
