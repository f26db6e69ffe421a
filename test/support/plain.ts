/** Batches as plain values, to compare: attributes without order, types kept apart, defaults and missing fields alike. */
import type { AnyBatch } from '../../src/model/batches.ts';
import type { Attributes } from '../../src/model/attributes.ts';
import type { LogRecord } from '../../src/model/logs.ts';
import type { Metric } from '../../src/model/metrics.ts';
import type { Resource, Scope } from '../../src/model/resource.ts';
import type { Span } from '../../src/model/traces.ts';

export function plainBatch(batch: AnyBatch): unknown[] {
  if (batch.signal === 'traces') {
    return batch.resourceSpans().map((group) => ({
      resource: plainResource(group.resource),
      scopes: group
        .scopeSpans()
        .map((inner) => ({ ...plainScope(inner.scope), items: inner.spans().map(plainSpan) })),
    }));
  }
  if (batch.signal === 'logs') {
    return batch.resourceLogs().map((group) => ({
      resource: plainResource(group.resource),
      scopes: group
        .scopeLogs()
        .map((inner) => ({ ...plainScope(inner.scope), items: inner.logRecords().map(plainLog) })),
    }));
  }
  return batch.resourceMetrics().map((group) => ({
    resource: plainResource(group.resource),
    scopes: group
      .scopeMetrics()
      .map((inner) => ({ ...plainScope(inner.scope), items: inner.metrics().map(plainMetric) })),
  }));
}

function plainAttributes(attributes: Attributes): Map<string, unknown> {
  return new Map(attributes.exactEntries().toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}

function plainResource({ attributes, droppedAttributesCount }: Resource) {
  return { attributes: plainAttributes(attributes), droppedAttributesCount };
}

function plainScope({ name, version, attributes }: Scope) {
  return { name, version, attributes: plainAttributes(attributes) };
}

function plainSpan(span: Span) {
  const { traceId, spanId, parentSpanId, traceState, name, kind, flags, startTimeUnixNano, endTimeUnixNano } =
    span;
  return {
    ids: { traceId, spanId, parentSpanId, traceState, name, kind, flags },
    times: { startTimeUnixNano, endTimeUnixNano },
    status: { code: span.status.code, message: span.status.message },
    attributes: plainAttributes(span.attributes),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeUnixNano,
      attributes: plainAttributes(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: plainAttributes(attributes),
    })),
  };
}

function plainLog(log: LogRecord) {
  const { timeUnixNano, observedTimeUnixNano, severityNumber, severityText, bodyExact, flags } = log;
  const { traceId, spanId, eventName } = log;
  return {
    times: { timeUnixNano, observedTimeUnixNano },
    content: { severityNumber, severityText, bodyExact, flags, traceId, spanId, eventName },
    attributes: plainAttributes(log.attributes),
  };
}

function plainMetric(metric: Metric) {
  return {
    name: metric.name,
    unit: metric.unit,
    type: metric.type,
    points: metric.dataPoints().map(({ startTimeUnixNano, timeUnixNano, attributes }) => ({
      startTimeUnixNano,
      timeUnixNano,
      attributes: plainAttributes(attributes),
    })),
  };
}
