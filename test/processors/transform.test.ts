import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { ProcessorContext } from '../../src/pipeline/component.ts';
import { flowCounts, ProcessorCounts } from '../../src/pipeline/counts.ts';
import { transform } from '../../src/processors/transform.ts';
import { plainBatch } from '../support/plain.ts';
import { attribute, batchFrom, configure, memoryLogger, pass, processorOf } from '../support/processors.ts';

const shop = () =>
  batchFrom('traces', {
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', 'shop')] },
        scopeSpans: [
          {
            scope: { name: 'http' },
            spans: [
              {
                name: 'a',
                kind: 2,
                events: [{ name: 'x' }, { name: 'y' }],
                attributes: [attribute('k', 'v')],
              },
              { name: 'b', kind: 3 },
            ],
          },
          { scope: { name: 'db' }, spans: [{ name: 'c' }] },
        ],
      },
      { scopeSpans: [{ spans: [{ name: 'd' }] }] },
    ],
  });

async function transformed(
  yaml: string,
  input: AnyBatch,
  context: Partial<ProcessorContext> = {},
): Promise<AnyBatch> {
  const processor = await processorOf(transform, yaml, { pipelineSignal: input.signal, ...context });
  const [batch] = await pass(processor, input);
  if (batch === undefined) throw new Error('nothing was handed on');
  return batch;
}

/** The names of the spans that have an attribute `x`, with its value. */
async function marked(yaml: string): Promise<Record<string, unknown>> {
  const batch = await transformed(yaml, shop());
  const spans = batch.signal === 'traces' ? batch.spans() : [];
  return Object.fromEntries(
    spans.flatMap(({ name, attributes }) => (attributes.has('x') ? [[name, attributes.get('x')]] : [])),
  );
}

describe('statements', () => {
  const statement = fc.constantFrom(
    'set(span.attributes["x"], span.name)',
    'set(span.attributes["y"], span.attributes["x"]) where span.kind == SPAN_KIND_SERVER',
    'delete_key(span.attributes, "x")',
    'set(span.name, Concat([span.name, "!"], "")) where IsRootSpan()',
    'set(span.attributes["k"], 1) where span.attributes["k"] != nil',
    'set(span.attributes["err"], ParseJSON(span.name))',
  );

  it('of one list do what they do in groups of one, one after the other', async () => {
    const property = fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 6 }), async (list) => {
      const flat = JSON.stringify({ trace_statements: list });
      const groups = JSON.stringify({ trace_statements: list.map((one) => ({ statements: [one] })) });
      const once = await transformed(flat, shop());
      expect(plainBatch(await transformed(groups, shop()))).toEqual(plainBatch(once));
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('under a condition that is true, or none, do what they do alone', async () => {
    const property = fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 6 }), async (list) => {
      const conditions = ['span.name == "never"', 'span.name != ""'];
      const alone = await transformed(JSON.stringify({ trace_statements: list }), shop());
      const yaml = JSON.stringify({ trace_statements: [{ conditions, statements: list }] });
      expect(plainBatch(await transformed(yaml, shop()))).toEqual(plainBatch(alone));
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it.each([
    ['a span', 'set(span.attributes["x"], 1) where span.name == "a"', { a: 1 }],
    [
      'its scope',
      'set(span.attributes["x"], scope.name) where scope.name != ""',
      { a: 'http', b: 'http', c: 'db' },
    ],
    ['a resource, once for each of its spans', 'set(resource.attributes["r"], span.name)', {}],
    ['a symbol that says the context', 'set(resource.attributes["r"], SPAN_KIND_SERVER)', {}],
  ])('see %s', async (_, statement, after) => {
    expect(await marked(JSON.stringify({ trace_statements: [statement] }))).toEqual(after);
  });

  it('of resources and scopes run once for each of them', async () => {
    const yaml = JSON.stringify({
      trace_statements: [
        { context: 'resource', statements: ['set(attributes["r"], 1)'] },
        { context: 'Scope', statements: ['set(name, Concat([name, "+"], ""))'] },
        {
          context: 'span',
          statements: ['set(attributes["x"], scope.name) where resource.attributes["r"] == 1'],
        },
      ],
    });
    expect(await marked(yaml)).toEqual({ a: 'http+', b: 'http+', c: 'db+', d: '+' });
  });

  it('of events run for each event, with its span', async () => {
    const yaml = JSON.stringify({
      trace_statements: ['set(spanevent.name, Concat([span.name, spanevent.name], "."))'],
    });
    const batch = await transformed(yaml, shop());
    const [first] = batch.signal === 'traces' ? batch.spans() : [];
    expect(first?.events.map(({ name }) => name)).toEqual(['a.x', 'a.y']);
  });

  it('of data points run for each point, with its metric', async () => {
    const points = { dataPoints: [{ asInt: '1' }, { asInt: '2' }] };
    const input = batchFrom('metrics', {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'm', gauge: points },
                { name: 'n', sum: points },
              ],
            },
          ],
        },
      ],
    });
    const yaml = JSON.stringify({
      metric_statements: [
        'set(datapoint.attributes["x"], metric.name)',
        'set(metric.unit, "s") where metric.name == "m"',
      ],
    });
    const batch = await transformed(yaml, input);
    const metrics = batch.signal === 'metrics' ? batch.metrics() : [];
    expect(
      metrics.map((metric) => [
        metric.unit,
        ...metric.dataPoints().map(({ attributes }) => attributes.get('x')),
      ]),
    ).toEqual([
      ['s', 'm', 'm'],
      ['', 'n', 'n'],
    ]);
  });

  it('of a group share a cache, for one record', async () => {
    const statements = [
      'set(attributes["x"], cache["n"])',
      'set(cache["n"], name)',
      'set(attributes["x"], cache["n"])',
    ];
    const cached = { context: 'span', statements: statements.slice(1) };
    const other = { context: 'span', statements: statements.slice(0, 1) };
    expect(await marked(JSON.stringify({ trace_statements: [cached] }))).toEqual({
      a: 'a',
      b: 'b',
      c: 'c',
      d: 'd',
    });
    expect(await marked(JSON.stringify({ trace_statements: [other, cached, other] }))).toEqual({
      a: 'a',
      b: 'b',
      c: 'c',
      d: 'd',
    });
    expect(
      await marked(JSON.stringify({ trace_statements: [{ context: 'span', statements }] })),
    ).toHaveProperty('b', 'b');
  });

  it('know what the time is', async () => {
    const yaml = JSON.stringify({
      trace_statements: ['set(span.attributes["x"], UnixNano(Now())) where span.name == "a"'],
    });
    expect(await marked(yaml)).toHaveProperty('a');
  });
});

describe('a statement that fails on a record', () => {
  const yaml = (mode: string, group = '') =>
    `{error_mode: ${mode}, trace_statements: [{context: span, ${group} statements: ['set(attributes["y"], ParseJSON(name))', 'set(attributes["x"], 1)']}]}`;

  it('is told once with its record, counted with one example, and gone over', async () => {
    const logger = memoryLogger();
    const counts = new ProcessorCounts(flowCounts('transform', 'traces'));
    await transformed(yaml('ignore'), shop(), { logger, counts });
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn']);
    expect(logger.lines[0]?.message).toMatch(
      /^the statement set\(attributes\["y"\], ParseJSON\(name\)\) failed and changed nothing more: .*; first at span without id of trace without id$/,
    );
    const failure = counts.flow.failures.get('set(attributes["y"], ParseJSON(name))');
    expect(failure).toMatchObject({ kind: 'statement', count: 4, records: { many: 'spans' } });
    expect(failure?.example).toMatch(/^ParseJSON\(name\): .+; first at span without id/);
    expect(await marked(yaml('ignore'))).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  it('is not told with silent, there or in the group, and is counted', async () => {
    const logger = memoryLogger();
    const counts = new ProcessorCounts(flowCounts('transform', 'traces'));
    await transformed(yaml('silent'), shop(), { logger, counts });
    await transformed(yaml('propagate', 'error_mode: SILENT,'), shop(), { logger, counts });
    expect(logger.lines).toEqual([]);
    expect([...counts.flow.failures.values()].map(({ count }) => count)).toEqual([8]);
  });

  it('is counted for what it runs on', async () => {
    const counts = new ProcessorCounts(flowCounts('transform', 'traces'));
    const one = (context: string) => `{context: ${context}, statements: ['set(cache["x"], Len(1))']}`;
    await transformed(`trace_statements: [${one('resource')}]`, shop(), { counts });
    expect([...counts.flow.failures.values()]).toMatchObject([{ records: { many: 'resources' }, count: 2 }]);
    const events = new ProcessorCounts(flowCounts('transform', 'traces'));
    await transformed(`trace_statements: [${one('spanevent')}]`, shop(), { counts: events });
    expect([...events.flow.failures.values()]).toMatchObject([
      { records: { many: 'span events' }, count: 2 },
    ]);
  });

  it('stops the run with propagate, with statement, cause and record', async () => {
    await expect(transformed(yaml('propagate'), shop())).rejects.toThrow(
      /^the statement set\(attributes\["y"\], ParseJSON\(name\)\) failed: ParseJSON\(name\): .*; at span without id/s,
    );
  });

  it('names the part of a span that it failed on', async () => {
    const group = `{context: spanevent, statements: ['set(cache["x"], Len(1))']}`;
    await expect(
      transformed(`{error_mode: propagate, trace_statements: [${group}]}`, shop()),
    ).rejects.toThrow(/; at event x of 1970-.* in span without id of trace without id$/);
  });

  it('is a condition of a group: it counts as false', async () => {
    const logger = memoryLogger();
    const group = `{context: span, conditions: ['Len(kind) == 1', 'name == "b"'], statements: ['set(attributes["x"], 1)']}`;
    const batch = await transformed(`trace_statements: [${group}]`, shop(), { logger });
    const spans = batch.signal === 'traces' ? batch.spans() : [];
    expect(spans.map(({ attributes }) => attributes.has('x'))).toEqual([false, true, false, false]);
    expect(logger.lines[0]?.message).toContain('the condition Len(kind) == 1 failed and counted as false');
  });
});

describe('flatten_data', () => {
  const logs = () =>
    batchFrom('logs', {
      resourceLogs: [
        {
          resource: { attributes: [attribute('r', '1')] },
          schemaUrl: 'u',
          scopeLogs: [
            {
              scope: { name: 's' },
              schemaUrl: 'v',
              logRecords: ['a', 'b', 'a'].map((text) => ({ severityText: text })),
            },
            { scope: { name: 's' }, schemaUrl: 'w', logRecords: [{ severityText: 'a' }] },
          ],
        },
        { scopeLogs: [{ logRecords: [{ severityText: 'a' }] }] },
      ],
    });
  const yaml = (statements: string[]) =>
    JSON.stringify({
      flatten_data: true,
      feature_gates: ['transform.flatten.logs'],
      log_statements: statements,
    });

  it('gives each record a resource of its own, and unites equal ones', async () => {
    const batch = await transformed(yaml(['set(resource.attributes["r"], log.severity_text)']), logs());
    const groups = batch.signal === 'logs' ? batch.resourceLogs() : [];
    expect(
      groups.map(({ resource, schemaUrl, ...rest }) => [resource.attributes.get('r'), schemaUrl, rest && 0]),
    ).toEqual([
      ['a', '', 0],
      ['b', '', 0],
    ]);
    expect(
      groups.map((group) =>
        group.scopeLogs().map(({ scope, schemaUrl, ...rest }) => [scope.name, schemaUrl, rest && 0]),
      ),
    ).toEqual([
      [
        ['s', 'v', 0],
        ['s', 'w', 0],
        ['', '', 0],
      ],
      [['s', 'v', 0]],
    ]);
    expect(batch.itemCount).toBe(5);
  });

  it('changes nothing else in other signals', async () => {
    const before = plainBatch(shop());
    expect(plainBatch(await transformed(yaml([]), shop()))).toEqual(before);
  });
});

describe('its config', () => {
  it.each([
    ["trace_statements: ['set(span.nam, 1)']", 'trace_statements.0: ', 'span has no field nam'],
    [
      "trace_statements: [{context: span, statements: ['st(name, 1)']}]",
      'trace_statements.0.statements.0: ',
      'st',
    ],
    [
      'trace_statements: [{context: span, conditions: [nam == 1]}]',
      'trace_statements.0.conditions.0: ',
      'nam',
    ],
    ['trace_statements: [{context: log}]', 'trace_statements.0', 'context'],
    ['trace_statements: [{}]', 'trace_statements.0: ', 'must have statements'],
    ['trace_statements: [{conditions: ["true"]}]', 'trace_statements.0.conditions.0: ', 'no path says'],
    [
      `trace_statements: ['set(span.name, "x")', {context: span}]`,
      'trace_statements.1: ',
      'cannot follow statements',
    ],
    [`log_statements: ['set(span.name, "x")']`, 'log_statements.0: ', 'span is no context of logs'],
    ['flatten_data: true', 'flatten_data: ', 'feature gate'],
    ['profile_statements: []', 'profile_statements: ', 'not supported'],
    ['feature_gates: [nope]', 'feature_gates.0: ', 'must be'],
    ['error_mode: stop', 'error_mode: ', 'must be'],
  ])('refuses %s', (yaml, path, message) => {
    const { errors } = configure(transform, yaml);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(errors[0]).toContain(path);
  });

  it('names the place in the text, for all that is wrong', () => {
    const yaml = `trace_statements:\n  - set(span.nope, 1)\n  - set(span.name, Upper(span.name)) where span.kin == 1`;
    const { problems } = configure(transform, yaml);
    expect(problems.map(({ path, offset }) => [path, offset])).toEqual([
      ['trace_statements.0', 9],
      ['trace_statements.1', 15],
      ['trace_statements.1', 44],
    ]);
  });

  it('takes groups and then statements, which are one more group', async () => {
    const yaml = `trace_statements: [{context: span, statements: ['set(name, "z")']}, 'set(span.attributes["x"], span.name)']`;
    expect(await marked(yaml)).toEqual({ z: 'z' });
  });

  it('notices a pipeline in which it changes nothing', () => {
    const { problems } = configure(transform, 'log_statements: []', ['traces', 'logs']);
    expect(problems).toEqual([
      expect.objectContaining({ severity: 'notice', message: expect.stringContaining('traces') }),
    ]);
  });

  it('lets gates change what statements mean', async () => {
    const statement = 'set(span.attributes["k"], nil) where span.name == "a"';
    const kOf = async (gates: string) => {
      const batch = await transformed(
        `{feature_gates: [${gates}], trace_statements: ['${statement}']}`,
        shop(),
      );
      return batch.signal === 'traces' ? batch.spans()[0]?.attributes.get('k') : undefined;
    };
    expect([await kOf(''), await kOf('ottl.set.allowNil')]).toEqual(['v', null]);
  });
});
