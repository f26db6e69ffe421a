import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/embed/load-config.ts';
import { PipelineLogRecordProcessor } from '../../src/embed/sdk/log-record-processor.ts';
import { LokiLogRecordExporter } from '../../src/embed/sdk/loki-log-record-exporter.ts';
import { PipelineSpanExporter } from '../../src/embed/sdk/span-exporter.ts';
import { PipelineSpanProcessor } from '../../src/embed/sdk/span-processor.ts';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { LogRecord } from '../../src/model/logs.ts';
import type { Span } from '../../src/model/traces.ts';
import { startLokiServer } from '../support/loki-server.ts';

const config = (processors: Record<string, unknown> = {}) => ({
  receivers: { program: {} },
  processors,
  exporters: { program: {} },
  service: {
    pipelines: Object.fromEntries(
      ['traces', 'logs'].map((signal) => [
        signal,
        { receivers: ['program'], processors: Object.keys(processors), exporters: ['program'] },
      ]),
    ),
  },
});

const resource = resourceFromAttributes({ 'service.name': 'shop' });

/** What comes out of a pipeline. */
function sink() {
  const batches: AnyBatch[] = [];
  const items = () => batches.flatMap((batch) => (batch.signal === 'traces' ? batch.spans() : []));
  const logs = () => batches.flatMap((batch) => (batch.signal === 'logs' ? batch.logRecords() : []));
  return {
    outputs: { program: (batch: AnyBatch) => void batches.push(batch) },
    spans: (): Span[] => items(),
    logs: (): LogRecord[] => logs(),
  };
}

describe('PipelineSpanProcessor', () => {
  it('puts a pipeline behind a tracer provider', async () => {
    const { outputs, spans } = sink();
    const processor = new PipelineSpanProcessor(
      loadConfig(config({ redact: {}, filter: { traces: { span: ['name == "health"'] } } })),
      { outputs },
    );
    const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
    const tracer = provider.getTracer('lib', '1.2');
    const parent = tracer.startSpan('GET /orders', {
      attributes: { 'enduser.mail': 'ada@example.com', n: 7, ratio: 0.5 },
    });
    const child = tracer.startSpan('query', {}, trace.setSpan(context.active(), parent));
    child.recordException(new Error('no connection for bob@example.com'));
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    child.end();
    tracer.startSpan('health').end();
    parent.end();
    await provider.forceFlush();
    const out = spans();
    expect(out.map(({ name }) => name)).toEqual(['query', 'GET /orders']);
    expect(out.map(({ resource: one, scope }) => [one.attributes.get('service.name'), scope.name])).toEqual([
      ['shop', 'lib'],
      ['shop', 'lib'],
    ]);
    const [query, get] = out as [Span, Span];
    expect([query.parentSpanId, query.traceId]).toEqual([
      parent.spanContext().spanId,
      parent.spanContext().traceId,
    ]);
    expect(query.status).toMatchObject({ code: 2, message: 'broken' });
    expect(query.events[0]?.attributes.get('exception.message')).toBe('no connection for ***');
    expect(get.attributes.exactEntries()).toEqual([
      ['enduser.mail', '***'],
      ['n', 7n],
      ['ratio', 0.5],
    ]);
    expect(get.endTimeUnixNano >= query.startTimeUnixNano).toBe(true);
    await provider.shutdown();
    const result = await processor.result();
    expect(result?.failures).toEqual([]);
    expect(result?.ledger.imbalances()).toEqual([]);
    expect(result?.ledger.processors.find(({ id }) => id === 'filter')).toMatchObject({ in: 3, out: 2 });
  });

  it('flushes what a processor holds back', async () => {
    const { outputs, spans } = sink();
    const held = { batch: { timeout: '1h', send_batch_size: 1_000_000 } };
    const processor = new PipelineSpanProcessor(loadConfig(config(held)), { outputs });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    for (let at = 0; at < 1200; at++) provider.getTracer('t').startSpan(`s${at}`).end();
    await provider.forceFlush();
    expect(spans()).toHaveLength(1200);
    provider.getTracer('t').startSpan('last').end();
    await provider.shutdown();
    expect(spans()).toHaveLength(1201);
  });

  it('sends what waits after scheduledDelayMillis', async () => {
    const { outputs, spans } = sink();
    const processor = new PipelineSpanProcessor(loadConfig(config()), { outputs, scheduledDelayMillis: 10 });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    onTestFinished(() => provider.shutdown());
    provider.getTracer('t').startSpan('alone').end();
    while (spans().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(spans()[0]?.name).toBe('alone');
  });

  it('leaves spans out that are not sampled, as the SDK does, unless it is told', async () => {
    for (const [includeUnsampled, count] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const { outputs, spans } = sink();
      const processor = new PipelineSpanProcessor(loadConfig(config()), { outputs, includeUnsampled });
      const provider = new NodeTracerProvider({
        sampler: { shouldSample: () => ({ decision: 1 }), toString: () => 'record only' },
        spanProcessors: [processor],
      });
      provider.getTracer('t').startSpan('recorded').end();
      await provider.shutdown();
      expect(spans()).toHaveLength(count);
    }
  });

  it('drops and counts what is more than maxQueueSize, and loses nothing of the rest', async () => {
    const { outputs, spans } = sink();
    const opened = Promise.withResolvers<Awaited<ReturnType<typeof loadConfig>>>();
    const processor = new PipelineSpanProcessor(opened.promise, {
      outputs,
      maxQueueSize: 100,
      maxExportBatchSize: 30,
    });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    for (let at = 0; at < 150; at++) provider.getTracer('t').startSpan(`s${at}`).end();
    expect(processor.dropped).toBe(50);
    opened.resolve(await loadConfig(config()));
    await provider.forceFlush();
    expect(spans()).toHaveLength(100);
    provider.getTracer('t').startSpan('there is room again').end();
    await provider.shutdown();
    expect(spans()).toHaveLength(101);
    expect(processor.dropped).toBe(50);
  });

  it('says what is wrong with its config when it is flushed', async () => {
    const processor = new PipelineSpanProcessor(loadConfig({ ...config(), exporters: {} }));
    await expect(processor.forceFlush()).rejects.toThrow(/program/);
    await expect(
      new PipelineSpanProcessor(
        loadConfig({
          yaml: 'receivers: {file: {include: [x]}}\nexporters: {nop: {}}\nservice: {pipelines: {traces: {receivers: [file], exporters: [nop]}}}',
        }),
      ).forceFlush(),
    ).rejects.toThrow(/one receiver `program/);
  });

  it('gives up at shutdown after shutdownTimeoutMillis, and says what was abandoned', async () => {
    const processor = new PipelineSpanProcessor(loadConfig(config()), {
      outputs: { program: () => new Promise(() => {}) },
      shutdownTimeoutMillis: 50,
    });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    provider.getTracer('t').startSpan('stuck').end();
    await provider.shutdown();
    const result = await processor.result();
    expect(result?.ledger.exporters[0]).toMatchObject({ handed: 1, delivered: 0 });
  });
});

describe('PipelineSpanExporter', () => {
  it('is an exporter behind a processor of the SDK', async () => {
    const { outputs, spans } = sink();
    const exporter = new PipelineSpanExporter(loadConfig(config({ redact: {} })), { outputs });
    const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    provider.getTracer('t').startSpan('mail ada@example.com').end();
    await provider.forceFlush();
    expect(spans().map(({ name }) => name)).toEqual(['mail ***']);
    await provider.shutdown();
  });

  it('calls back with a failure for what was not delivered', async () => {
    const exporter = new PipelineSpanExporter(loadConfig(config()), {
      outputs: { program: () => Promise.reject(new Error('no')) },
    });
    const { promise, resolve } = Promise.withResolvers<{ code: number; error?: Error }>();
    const provider = new NodeTracerProvider({
      spanProcessors: [
        {
          onStart() {},
          onEnd: (span) => exporter.export([span], resolve),
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    provider.getTracer('t').startSpan('s').end();
    expect(await promise).toMatchObject({
      code: 1,
      error: new Error('the pipeline did not deliver all of it'),
    });
    await exporter.shutdown();
  });
});

describe('log records of the SDK', () => {
  it('go through PipelineLogRecordProcessor', async () => {
    const { outputs, logs } = sink();
    const processor = new PipelineLogRecordProcessor(loadConfig(config({ redact: {} })), { outputs });
    const provider = new LoggerProvider({ resource, processors: [processor] });
    provider.getLogger('lib').emit({
      body: { user: 'ada@example.com', n: 1 },
      severityNumber: 9,
      severityText: 'INFO',
      attributes: { a: 1 },
    });
    await provider.forceFlush();
    const [record] = logs();
    expect(record?.body).toEqual(
      new Map<string, unknown>([
        ['user', '***'],
        ['n', 1],
      ]),
    );
    expect(record).toMatchObject({ severityNumber: 9, severityText: 'INFO' });
    expect(record?.resource.attributes.get('service.name')).toBe('shop');
    await provider.shutdown();
  });

  it('reach Loki through LokiLogRecordExporter', async () => {
    const loki = await startLokiServer();
    onTestFinished(() => loki.close());
    const exporter = new LokiLogRecordExporter({ endpoint: loki.url });
    const provider = new LoggerProvider({
      resource,
      processors: [new BatchLogRecordProcessor({ exporter })],
    });
    provider.getLogger('lib').emit({ body: 'order placed', severityText: 'INFO' });
    await provider.forceFlush();
    await provider.shutdown();
    const streams = loki.pushes.flatMap((push) => push.streams);
    expect(streams.map(({ labels }) => labels)).toEqual(['{service_name="shop"}']);
    expect(streams[0]?.entries.map(({ line }) => line)).toEqual(['order placed']);
  });
});
