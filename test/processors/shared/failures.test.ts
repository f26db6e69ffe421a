import { describe, expect, it } from 'vitest';
import { emptyBatch } from '../../../src/model/batches.ts';
import type { ContextName } from '../../../src/ottl/contexts.ts';
import type { Target } from '../../../src/ottl/target.ts';
import { recordIn } from '../../../src/processors/shared/failures.ts';
import { batchFrom } from '../../support/processors.ts';

const time = 1_700_000_000_000_000_000n;
const isoTime = '2023-11-14T22:13:20.000000000Z';

/** A target that still holds the event before. */
function traces(): Target {
  const group = emptyBatch('traces').addResource();
  group.resource.attributes.set('service.name', 'shop');
  const scopeSpans = group.addScope();
  scopeSpans.scope.name = 'http';
  const span = scopeSpans.addSpan();
  span.spanId = '0000000000000001';
  span.traceId = '5b8efff798038103d269b633813fc60c';
  const event = span.addEvent();
  event.name = 'exception';
  event.timeUnixNano = time;
  return { resource: group.resource, scope: scopeSpans.scope, span, event };
}

function logs(traceId: string): Target {
  const log = emptyBatch('logs').addResource().addScope().addLogRecord();
  log.observedTimeUnixNano = time;
  log.traceId = traceId;
  return { log };
}

const span = 'span 0000000000000001 of trace 5b8efff798038103d269b633813fc60c';

describe('how a person finds a record', () => {
  it.each<[ContextName, string]>([
    ['resource', 'resource of service shop'],
    ['scope', 'scope http in resource of service shop'],
    ['span', span],
    ['spanevent', `event exception of ${isoTime} in ${span}`],
  ])('%s: %s', (context, text) => {
    expect(recordIn(traces(), context)).toBe(text);
  });

  it('a log record by its time, or when it was seen, and its trace', () => {
    expect(recordIn(logs(''), 'log')).toBe(`log record of ${isoTime}`);
    expect(recordIn(logs('5b8efff798038103d269b633813fc60c'), 'log')).toBe(
      `log record of ${isoTime} in trace 5b8efff798038103d269b633813fc60c`,
    );
  });

  it('a data point by its time and metric', () => {
    const gauge = { dataPoints: [{ timeUnixNano: `${time}`, asInt: '1' }] };
    const batch = batchFrom('metrics', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'load', gauge }] }] }],
    });
    const [metric] = batch.signal === 'metrics' ? batch.metrics() : [];
    const target = { metric, point: metric?.dataPoints()[0] };
    expect(recordIn(target, 'datapoint')).toBe(`data point of ${isoTime} in metric load`);
    expect(recordIn(target, 'metric')).toBe('metric load');
  });

  it('a name is bounded, and said to be missing', () => {
    const target = traces();
    if (target.scope !== undefined) target.scope.name = 'x'.repeat(1000);
    expect(recordIn(target, 'scope')).toBe(`scope ${'x'.repeat(100)}… in resource of service shop`);
    target.resource?.attributes.delete('service.name');
    expect(recordIn(target, 'resource')).toBe('a resource without service.name');
    expect(recordIn({}, 'metric')).toBe('metric without name');
  });
});
