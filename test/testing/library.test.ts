import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineProcessor } from '../../src/modules/define-processor.ts';
import { log, metric, resource, span, testPipeline, testProcessor } from '../../src/testing/main.ts';

const mask = defineProcessor({
  config: z.object({ replacement: z.string().default('***') }),
  create: ({ replacement }) => ({
    span(span) {
      if (span.name === 'heartbeat') span.drop('heartbeat');
      else span.attributes.mapStrings((text) => text.replaceAll(/\S+@\S+/g, replacement));
    },
    log(log) {
      if (typeof log.body !== 'string') throw new Error('no text');
      log.body = log.body.toUpperCase();
    },
  }),
});

describe('testProcessor', () => {
  it('puts records through a processor of an author, and counts what it drops', async () => {
    const { spans, logs, drops } = await testProcessor(mask, {
      config: { replacement: '?' },
      input: [
        span({ name: 'heartbeat' }),
        span({ name: 'GET /', attributes: { user: 'ada@example.com', status: 200, ratio: 0.5 } }),
        log({ body: 'hello', severity: 'warn' }),
      ],
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ name: 'GET /', attributes: { user: '?', status: 200, ratio: 0.5 } });
    expect(logs[0]).toMatchObject({ body: 'HELLO', severity: 'warn', time: '0s' });
    expect(drops).toEqual({ heartbeat: 1 });
  });

  it('takes the defaults of the config', async () => {
    const input = [span({ attributes: { user: 'ada@example.com' } })];
    expect((await testProcessor(mask, { input })).spans[0]).toMatchObject({ attributes: { user: '***' } });
  });

  it('rejects with what stops the run', async () => {
    await expect(testProcessor(mask, { input: [log({ body: 1 })] })).rejects.toThrow('no text');
  });

  it('rejects a config that is wrong, with the key', async () => {
    const wrong = testProcessor(mask, { config: { replacment: '?' }, input: [] });
    await expect(wrong).rejects.toThrow(/replacment: is not a known key[\s\S]*did you mean replacement\?/);
  });

  it('runs a built-in processor by its type, with a dollar as it is written', async () => {
    const { spans } = await testProcessor('attributes', {
      config: { actions: [{ key: 'a', value: '${x} $1 $$', action: 'insert' }] },
      input: [span({})],
    });
    expect(spans[0]).toMatchObject({ attributes: { a: '${x} $1 $$' } });
  });

  it('lets virtual time pass', async () => {
    const { batches } = await testProcessor('batch', {
      config: { timeout: '1s', send_batch_size: 100 },
      input: [span({}), span({}), 2000, span({})],
    });
    expect(batches.map((batch) => batch.itemCount)).toEqual([2, 1]);
  });

  it('builds traces: children have their parent, its trace and its beginning', async () => {
    const { output, spans } = await testProcessor('resource', {
      config: { attributes: [{ key: 'x', value: 1, action: 'insert' }] },
      input: [
        resource(
          { 'service.name': 'shop' },
          span({
            name: 'root',
            start: '5ms',
            duration: '20ms',
            children: [{ name: 'child', duration: '3.000001ms', events: [{ name: 'event' }] }],
          }),
          log({ body: 'x', span: 'child' }),
          metric({ name: 'm', type: 'sum', is_monotonic: true, points: [{ value: 3 }] }),
        ),
      ],
    });
    expect(output.map(({ resource }) => resource)).toEqual(
      Array.from({ length: 3 }, () => ({ 'service.name': 'shop', x: 1 })),
    );
    expect(output[0]?.spans).toMatchObject([
      {
        name: 'root',
        start: '5ms',
        children: [
          { name: 'child', start: '5ms', duration: '3.000001ms', events: [{ name: 'event', time: '5ms' }] },
        ],
      },
    ]);
    expect(spans[1]?.['parent_span_id']).toBe(spans[0]?.['span_id']);
    expect(spans[1]?.['trace_id']).toBe(spans[0]?.['trace_id']);
    expect(output[1]?.logs?.[0]).toMatchObject({ span_id: spans[1]?.['span_id'] });
    expect(output[2]?.metrics?.[0]).toMatchObject({
      type: 'sum',
      is_monotonic: true,
      points: [{ value: 3 }],
    });
  });
});

const yaml = `
receivers:
  file: {include: [nothing]}
processors:
  filter: {traces: {span: ['name == "b"']}}
  attributes: {actions: [{key: a, value: "\${env:VALUE}", action: upsert}]}
exporters:
  debug:
  otlp_http: {endpoint: "http://localhost:1"}
connectors:
  forward:
service:
  pipelines:
    traces: {receivers: [file], processors: [filter, attributes], exporters: [forward, debug]}
    traces/second: {receivers: [forward], exporters: [otlp_http]}
`;

describe('testPipeline', () => {
  const input = [span({ name: 'a' }), span({ name: 'b' })];
  const env = { VALUE: 'v' };

  it('runs the whole of a config, connectors too, and sends nothing', async () => {
    const { outputs } = await testPipeline({ yaml }, { input, env });
    expect(Object.keys(outputs).toSorted()).toEqual(['debug', 'otlp_http']);
    for (const groups of Object.values(outputs))
      expect(groups.flatMap(({ spans }) => spans)).toMatchObject([{ name: 'a', attributes: { a: 'v' } }]);
  });

  it('starts and ends where it is told', async () => {
    const started = await testPipeline({ yaml }, { input, env, start: 'attributes' });
    expect(started.outputs['debug']?.flatMap(({ spans }) => spans)).toHaveLength(2);
    const ended = await testPipeline({ yaml }, { input, env, end: 'filter', pipeline: 'traces' });
    expect(ended.outputs['debug']?.flatMap(({ spans }) => spans)).toMatchObject([
      { name: 'a', attributes: {} },
    ]);
  });

  it('names what a config does not have', async () => {
    const wrong = testPipeline({ yaml }, { input, env, start: 'attribute' });
    await expect(wrong).rejects.toThrow('names "attribute", which the config does not have there');
  });

  it('rejects an invalid config with its places', async () => {
    await expect(testPipeline({ yaml }, { input })).rejects.toThrow(/test:6:\d+.*VALUE is not set/);
  });

  it('reads a config file', async () => {
    const { logs } = await testPipeline('config/hello.yaml', {
      input: [log({ body: 'kept', severity: 'info' }), log({ body: 'dropped', severity: 'debug' })],
    });
    expect(logs.filter(({ body }) => body === 'kept')).toHaveLength(2);
    expect(logs.filter(({ body }) => body === 'dropped')).toHaveLength(0);
  });
});
