import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../src/model/batches.ts';
import type { ProcessorContext } from '../../src/pipeline/component.ts';
import { timeShift } from '../../src/processors/time-shift.ts';
import { plainBatch } from '../support/plain.ts';
import { batchFrom, configure, memoryLogger, pass, processorOf } from '../support/processors.ts';

const day = 86_400_000_000_000n;
const now = 1_800_000_000_000_000_000n;

async function shifted(
  yaml: string,
  batch: AnyBatch,
  context: Partial<ProcessorContext> = {},
): Promise<AnyBatch> {
  const pipelineSignal = batch.signal;
  const processor = await processorOf(timeShift, yaml, {
    startedAtUnixNano: now,
    pipelineSignal,
    ...context,
  });
  const [out] = await pass(processor, batch);
  if (out === undefined) throw new Error('nothing came out');
  return out;
}

const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', name: 'a' };
const traces = (spans: object[]) => batchFrom('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
const logs = (logRecords: object[]) => batchFrom('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

function spansOf(batch: AnyBatch) {
  return batch.signal === 'traces' ? batch.spans() : [];
}
function logsOf(batch: AnyBatch) {
  return batch.signal === 'logs' ? batch.logRecords() : [];
}

describe('the offset', () => {
  const timeRange = { startUnixNano: 1000n, endUnixNano: 5000n };
  const input = () => traces([{ ...span, startTimeUnixNano: '1000', endTimeUnixNano: '5000' }]);

  it.each([
    ['align: end_to_now', now - 4000n],
    ['align: start_to_now', now],
    ['align: {start_to: 2026-11-22T13:00:00.000000001Z}', 1_795_352_400_000_000_001n],
    ['offset: 1h', 3_600_000_001_000n],
  ])('%s', async (yaml, start) => {
    const [out] = spansOf(await shifted(yaml, input(), { timeRange }));
    expect(out?.startTimeUnixNano).toBe(start);
    expect(out?.endTimeUnixNano).toBe(start + 4000n);
  });

  it('needs the time range to align, and only then', () => {
    const needs = (yaml: string) => {
      const { config } = configure(timeShift, yaml);
      return config && timeShift.needsTimeRange?.(config);
    };
    expect(needs('align: end_to_now')).toBe(true);
    expect(needs('offset: 3d')).toBe(false);
  });

  it('is none when no input holds a time, and says so', async () => {
    const logger = memoryLogger();
    await shifted('align: end_to_now', traces([span]), { logger });
    expect(logger.lines).toEqual([{ level: 'warn', message: 'no input holds a time: nothing is shifted' }]);
  });
});

describe('what is shifted', () => {
  it('spans and their events, log records with both times, data points', async () => {
    const events = [{ timeUnixNano: '1500', name: 'e' }, { name: 'no time' }];
    const [out] = spansOf(
      await shifted('offset: 1d', traces([{ ...span, startTimeUnixNano: '1000', events }])),
    );
    expect(out?.startTimeUnixNano).toBe(1000n + day);
    expect(out?.endTimeUnixNano).toBe(0n);
    expect(out?.events.map((event) => event.timeUnixNano)).toEqual([1500n + day, 0n]);

    const [log] = logsOf(
      await shifted('offset: 1d', logs([{ timeUnixNano: '1', observedTimeUnixNano: '2' }])),
    );
    expect([log?.timeUnixNano, log?.observedTimeUnixNano]).toEqual([1n + day, 2n + day]);

    const dataPoints = [{ startTimeUnixNano: '7', timeUnixNano: '9', asInt: '1' }];
    const metrics = batchFrom('metrics', {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
    });
    const moved = await shifted('offset: 1d', metrics);
    const [point] = moved.signal === 'metrics' ? (moved.metrics()[0]?.dataPoints() ?? []) : [];
    expect([point?.startTimeUnixNano, point?.timeUnixNano]).toEqual([7n + day, 9n + day]);
  });

  it('stops at the edges of what OTLP can hold, and says how often', async () => {
    const logger = memoryLogger();
    const spans = [{ ...span, startTimeUnixNano: '5', endTimeUnixNano: String(2n * day) }];
    const [out] = spansOf(await shifted('offset: -1d', traces(spans), { logger }));
    expect([out?.startTimeUnixNano, out?.endTimeUnixNano]).toEqual([1n, day]);
    expect(logger.lines[0]?.message).toMatch(/^1 times would have left the range/);
  });

  it('keeps every difference, for any times and any offset', async () => {
    const time = fc.bigInt({ min: 1n << 60n, max: 1n << 61n });
    const spanTimes = fc.tuple(time, time, fc.array(time, { maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(spanTimes, { maxLength: 6 }),
        fc.integer({ min: -4000, max: 4000 }),
        async (all, days) => {
          const input = traces(
            all.map(([start, end, events]) => ({
              ...span,
              startTimeUnixNano: String(start),
              endTimeUnixNano: String(end),
              events: events.map((at) => ({ timeUnixNano: String(at) })),
            })),
          );
          const offset = BigInt(days) * day;
          const processor = await processorOf(timeShift, `offset: ${days}d`);
          const out = (await pass(processor, input)).flatMap(spansOf);
          const times = out.map((one) => [
            one.startTimeUnixNano,
            one.endTimeUnixNano,
            one.events.map((event) => event.timeUnixNano),
          ]);
          expect(times).toEqual(
            all.map(([start, end, events]) => [
              start + offset,
              end + offset,
              events.map((at) => at + offset),
            ]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('touches nothing else', async () => {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'x' } }] };
    const links = [{ traceId: span.traceId, spanId: span.spanId }];
    const spans = [{ ...span, parentSpanId: 'b7ad6b7169203332', links, status: { code: 2 } }];
    const input = batchFrom('traces', {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 's' }, spans }] }],
    });
    const before = plainBatch(input);
    expect(plainBatch(await shifted('offset: 3d', input))).toEqual(before);
  });
});

describe('new ids', () => {
  const other = { traceId: '1af7651916cd43dd8448eb211c80319c', spanId: 'c7ad6b7169203331' };
  const child = { ...span, spanId: '00f067aa0ba902b7', parentSpanId: span.spanId, links: [other, span] };

  const yaml = 'offset: 0s\nnew_ids: true';
  const idsOf = ({ traceId, spanId }: { traceId: string; spanId: string }) => ({ traceId, spanId });

  it('are consistent over parents, links and logs, and over pipelines of one run', async () => {
    const spans = spansOf(await shifted(yaml, traces([span, child, { ...other, name: 'b' }])));
    const [root, leaf, foreign] = spans.map((one) => ({
      ...idsOf(one),
      parent: one.parentSpanId,
      links: one.links.map(idsOf),
    }));
    const ofRoot = { traceId: root?.traceId, spanId: root?.spanId };
    expect(ofRoot).not.toEqual(idsOf(span));
    expect(root?.parent).toBe('');
    const links = [{ traceId: foreign?.traceId, spanId: foreign?.spanId }, ofRoot];
    expect(leaf).toEqual({ traceId: ofRoot.traceId, spanId: leaf?.spanId, parent: ofRoot.spanId, links });
    const logged = logsOf(await shifted(yaml, logs([{ traceId: span.traceId, spanId: span.spanId }, {}])));
    expect(logged.map(idsOf)).toEqual([ofRoot, { traceId: '', spanId: '' }]);
  });

  it('differ between runs, unless a seed is given', async () => {
    const idOf = async (yaml: string, startedAtUnixNano: bigint) =>
      spansOf(await shifted(`offset: 0s\nnew_ids: true\n${yaml}`, traces([span]), { startedAtUnixNano }))[0]
        ?.traceId;
    expect(await idOf('', 1n)).not.toBe(await idOf('', 2n));
    expect(await idOf('ids_seed: x', 1n)).toBe(await idOf('ids_seed: x', 2n));
    expect(await idOf('ids_seed: x', 1n)).not.toBe(await idOf('ids_seed: y', 1n));
  });

  it('keep the originals on request', async () => {
    const yaml = 'offset: 1d\nnew_ids: true\nkeep_original: true';
    const [root, leaf] = spansOf(
      await shifted(yaml, traces([{ ...span, startTimeUnixNano: '1700000000123456789' }, child])),
    );
    expect(new Map(root?.attributes.exactEntries())).toEqual(
      new Map<string, unknown>([
        ['respool.original.time_unix_nano', 1_700_000_000_123_456_789n],
        ['respool.original.trace_id', span.traceId],
        ['respool.original.span_id', span.spanId],
      ]),
    );
    expect(leaf?.attributes.get('respool.original.parent_span_id')).toBe(span.spanId);
    const [log] = logsOf(
      await shifted('offset: 1d\nkeep_original: true', logs([{ observedTimeUnixNano: '9' }])),
    );
    expect(log?.attributes.exactEntries()).toEqual([['respool.original.time_unix_nano', 9n]]);
  });
});

describe('its config', () => {
  it.each([
    ['', 'must have either align or offset'],
    ['align: end_to_now\noffset: 3d', 'must have either align or offset'],
    ['align: now', 'align: must be end_to_now, start_to_now or {start_to: <RFC 3339 time>}'],
    ['align: {start_to: yesterday}', 'align'],
    ['align: {end_to: 2026-11-22T13:00:00Z}', 'align'],
    ['offset: 3', 'offset: must be a duration with a unit, such as 3d, -1h30m or 250ms'],
    ['offset: 3w', 'offset: must be a duration with a unit, such as 3d, -1h30m or 250ms'],
    ['offset: 3d\nids_seed: x', 'ids_seed: cannot be used without new_ids: true'],
  ])('%j', (yaml, message) => {
    const { errors } = configure(timeShift, yaml);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });
});
