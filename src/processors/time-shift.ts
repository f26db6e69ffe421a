/**
 * Moves a recording in time, all of it by one offset: spans, their events, log records and data points keep every
 * difference. (Exemplars of metrics keep their times and ids.)
 *
 * Belongs first in a pipeline, so that what follows sees the times that the backend will see. Backends hide or refuse
 * old data (Loki takes a week by default); shifted data is shown as new. Every pipeline of the recording needs it
 * with the same settings, and all of them then move by the same offset, because it is computed once per run.
 * Nothing is dropped or delayed. Zero times, which mean none, stay zero. Times that would leave what OTLP can hold
 * stop at its edge and are reported.
 *
 * `new_ids` gives spans and logs other ids, so that the same recording can be sent twice. Parents, links and logs
 * keep pointing at their spans, also across pipelines.
 *
 *     processors:
 *       time_shift:
 *         align: end_to_now
 *         new_ids: true
 */
import { z } from 'zod';
import type { Attributes } from '../model/attributes.ts';
import type { LogRecord } from '../model/logs.ts';
import type { MetricsBatch } from '../model/metrics.ts';
import { parseIsoTime } from '../model/time.ts';
import type { Span } from '../model/traces.ts';
import type { ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';
import { eachItem, type ItemHandlers } from '../pipeline/item-processor.ts';
import type { Logger } from '../pipeline/logger.ts';
import { NewIds } from './time-shift/new-ids.ts';
import { offsetFor, parseOffset } from './time-shift/offset.ts';

const time = z
  .string()
  .transform((text, context) =>
    parsed(parseIsoTime(text), 'must be an RFC 3339 time such as 2026-11-22T13:00:00Z', context),
  );

const offset = z
  .string({ error: 'must be a duration with a unit, such as 3d, -1h30m or 250ms' })
  .transform((text, context) =>
    parsed(parseOffset(text), 'must be a duration with a unit, such as 3d, -1h30m or 250ms', context),
  );

const schema = z
  .strictObject({
    align: z
      .union([z.enum(['end_to_now', 'start_to_now']), z.strictObject({ start_to: time })], {
        error: 'must be end_to_now, start_to_now or {start_to: <RFC 3339 time>}',
      })
      .optional()
      .describe(
        '`end_to_now`: the newest time of all inputs becomes the start of the run. `start_to_now`: the oldest does. `start_to: <time>`: the oldest becomes that time. The inputs are read twice.',
      ),
    offset: offset
      .optional()
      .describe(
        'Moves by so much instead: `3d` into the future, `-90m` into the past (d, h, m, s, ms, us, ns).',
      ),
    new_ids: z.boolean().default(false).describe('Gives new trace ids and span ids, consistently.'),
    ids_seed: z
      .string()
      .optional()
      .describe('The same seed gives the same new ids in every run. Left out: other ids in each run.'),
    keep_original: z
      .boolean()
      .default(false)
      .describe(
        'Keeps what was changed as attributes: `respool.original.time_unix_nano` (of a span its start), with `new_ids` also `.trace_id`, `.span_id` and `.parent_span_id`.',
      ),
  })
  .refine((config) => (config.align === undefined) !== (config.offset === undefined), {
    message: 'must have either align or offset\n`offset: 0s` moves nothing',
  })
  .refine((config) => config.new_ids || config.ids_seed === undefined, {
    path: ['ids_seed'],
    message: 'cannot be used without new_ids: true',
  });

type Config = z.output<typeof schema>;

export const timeShift: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'time_shift',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Moves a whole recording in time by one offset, and gives it new ids on request.',
  schema,
  needsTimeRange: (config) => config.align !== undefined,
  create: (config, context) => eachItem(handlersFor(config, context)),
};

function handlersFor(config: Config, context: ProcessorContext): ItemHandlers {
  const shift = new TimeShift(offsetOf(config, context), context.logger);
  const ids = config.new_ids ? new NewIds(config.ids_seed ?? String(context.startedAtUnixNano)) : undefined;
  return {
    span(span) {
      if (config.keep_original) keepSpan(span, ids);
      shift.span(span);
      if (ids !== undefined) renameSpan(span, ids);
    },
    log(log) {
      if (config.keep_original) keepLog(log, ids);
      shift.log(log);
      if (ids !== undefined) renameLog(log, ids);
    },
    batch(batch) {
      if (batch.signal === 'metrics') shift.metrics(batch);
    },
    shutdown: () => shift.report(),
  };
}

function offsetOf({ align, offset = 0n }: Config, context: ProcessorContext): bigint {
  if (align === undefined) return offset;
  if (context.timeRange !== undefined) return offsetFor(align, context.timeRange, context.startedAtUnixNano);
  context.logger.warn('no input holds a time: nothing is shifted');
  return 0n;
}

const latest = 2n ** 64n - 1n;

class TimeShift {
  private readonly offset: bigint;
  private readonly logger: Logger;
  private outside = 0;

  constructor(offset: bigint, logger: Logger) {
    this.offset = offset;
    this.logger = logger;
  }

  span(span: Span): void {
    if (this.offset === 0n) return;
    span.startTimeUnixNano = this.moved(span.startTimeUnixNano);
    span.endTimeUnixNano = this.moved(span.endTimeUnixNano);
    for (const event of span.events) event.timeUnixNano = this.moved(event.timeUnixNano);
  }

  log(log: LogRecord): void {
    if (this.offset === 0n) return;
    log.timeUnixNano = this.moved(log.timeUnixNano);
    log.observedTimeUnixNano = this.moved(log.observedTimeUnixNano);
  }

  metrics(batch: MetricsBatch): void {
    if (this.offset === 0n) return;
    for (const metric of batch.metrics()) {
      for (const point of metric.dataPoints()) {
        point.startTimeUnixNano = this.moved(point.startTimeUnixNano);
        point.timeUnixNano = this.moved(point.timeUnixNano);
      }
    }
  }

  async report(): Promise<void> {
    if (this.outside === 0) return;
    this.logger.warn(
      `${this.outside} times would have left the range from 1970 to 2554 and stopped at its edge; is the offset right?`,
    );
  }

  private moved(time: bigint): bigint {
    if (time === 0n) return 0n;
    const moved = time + this.offset;
    if (moved > 0n && moved <= latest) return moved;
    this.outside++;
    return moved > 0n ? latest : 1n;
  }
}

function renameSpan(span: Span, ids: NewIds): void {
  span.traceId = ids.traceId(span.traceId);
  span.spanId = ids.spanId(span.spanId);
  if (span.parentSpanId !== '') span.parentSpanId = ids.spanId(span.parentSpanId);
  for (const link of span.links) {
    link.traceId = ids.traceId(link.traceId);
    link.spanId = ids.spanId(link.spanId);
  }
}

function renameLog(log: LogRecord, ids: NewIds): void {
  if (log.traceId !== '') log.traceId = ids.traceId(log.traceId);
  if (log.spanId !== '') log.spanId = ids.spanId(log.spanId);
}

function keepSpan(span: Span, ids: NewIds | undefined): void {
  const { attributes } = span;
  keepTime(attributes, span.startTimeUnixNano);
  if (ids === undefined) return;
  keepIds(attributes, span);
  if (span.parentSpanId !== '') attributes.set('respool.original.parent_span_id', span.parentSpanId);
}

function keepLog(log: LogRecord, ids: NewIds | undefined): void {
  keepTime(log.attributes, log.timeUnixNano === 0n ? log.observedTimeUnixNano : log.timeUnixNano);
  if (ids !== undefined) keepIds(log.attributes, log);
}

function keepTime(attributes: Attributes, time: bigint): void {
  if (time !== 0n) attributes.setExact('respool.original.time_unix_nano', BigInt.asIntN(64, time));
}

function keepIds(attributes: Attributes, { traceId, spanId }: { traceId: string; spanId: string }): void {
  if (traceId !== '') attributes.set('respool.original.trace_id', traceId);
  if (spanId !== '') attributes.set('respool.original.span_id', spanId);
}

/** The parsed value, or the problem in its place. */
function parsed<T>(value: T | undefined, message: string, context: z.RefinementCtx): T {
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
