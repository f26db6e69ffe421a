/** What a recording holds: counts, services, times, and what default backends would refuse or hide of it. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import type { LogRecord, LogsBatch } from '../../model/logs.ts';
import type { Signal } from '../../model/signal.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { Span, TracesBatch } from '../../model/traces.ts';
import { valueText } from '../../model/value.ts';

/** Distinct values are counted up to here; beyond, `distinct` says so. */
const mostDistinct = 100_000;

/** A set that stops growing. */
class Distinct {
  private readonly values = new Set<string>();
  isFull = false;

  get count(): number {
    return this.values.size;
  }

  add(value: string): void {
    if (this.values.size < mostDistinct) this.values.add(value);
    else if (!this.values.has(value)) this.isFull = true;
  }

  list(most: number): string[] {
    return [...this.values].slice(0, most);
  }
}

/** Limits of backends with default settings. */
export const backendLimits = {
  /** Tempo cuts longer attribute values: `max_attribute_bytes`. */
  tempoAttributeBytes: 2048,
  /** Loki refuses longer lines: `max_line_size`. */
  lokiLineBytes: 256 * 1024,
  /** Loki refuses older lines: `reject_old_samples_max_age`. */
  lokiMaxAgeNano: 7n * 24n * 3_600_000_000_000n,
  /** Loki refuses lines further behind the newest of their stream: half of `max_chunk_age`. */
  lokiBehindNano: 3_600_000_000_000n,
  /** Tempo's search without a time range looks back this far; data that is older when it comes is found by id only. */
  tempoSearchNano: 15n * 60n * 1_000_000_000n,
} as const;

export class Statistics {
  readonly items = new Map<Signal, number>();
  readonly ranges = new Map<Signal, TimeRange>();
  readonly services = new Distinct();
  readonly traces = new Distinct();
  resources = 0;
  spanEvents = 0;
  spanLinks = 0;
  /** Spans without a trace id or a span id: a backend refuses the whole request that holds one. */
  spansWithoutIds = 0;
  longAttributes = 0;
  longLines = 0;
  /** Log records more than Loki's window behind the newest before them, of the same service. */
  lateLogs = 0;
  withoutTime = 0;
  private readonly newest = new Map<string, bigint>();

  add(batch: AnyBatch): void {
    this.items.set(batch.signal, (this.items.get(batch.signal) ?? 0) + batch.itemCount);
    this.addRange(batch.signal, timeRangeOf(batch));
    for (const resource of batch.resources()) {
      this.resources++;
      this.services.add(serviceOf(resource.attributes.get('service.name')));
    }
    if (batch.signal === 'traces') this.addSpans(batch);
    if (batch.signal === 'logs') this.addLogs(batch);
  }

  private addRange(signal: Signal, range: TimeRange | undefined): void {
    if (range === undefined) return;
    const before = this.ranges.get(signal) ?? range;
    this.ranges.set(signal, {
      startUnixNano: range.startUnixNano < before.startUnixNano ? range.startUnixNano : before.startUnixNano,
      endUnixNano: range.endUnixNano > before.endUnixNano ? range.endUnixNano : before.endUnixNano,
    });
  }

  private addSpans(batch: TracesBatch): void {
    for (const span of batch.spans()) this.addSpan(span);
  }

  private addSpan(span: Span): void {
    this.traces.add(span.traceId);
    this.spanEvents += span.events.length;
    this.spanLinks += span.links.length;
    if (/^0*$/.test(span.traceId) || /^0*$/.test(span.spanId)) this.spansWithoutIds++;
    if (span.startTimeUnixNano === 0n) this.withoutTime++;
    span.attributes.mapStrings((text) => {
      if (Buffer.byteLength(text) > backendLimits.tempoAttributeBytes) this.longAttributes++;
      return text;
    }, backendLimits.tempoAttributeBytes);
  }

  private addLogs(batch: LogsBatch): void {
    for (const log of batch.logRecords()) this.addLog(log);
  }

  private addLog(log: LogRecord): void {
    const { bodyExact, timeUnixNano } = log;
    if (timeUnixNano === 0n) this.withoutTime++;
    if (Buffer.byteLength(valueText(bodyExact)) > backendLimits.lokiLineBytes) this.longLines++;
    const service = serviceOf(log.resource.attributes.get('service.name'));
    const newest = this.newest.get(service) ?? 0n;
    if (timeUnixNano !== 0n && timeUnixNano < newest - backendLimits.lokiBehindNano) this.lateLogs++;
    if (timeUnixNano > newest && (this.newest.size < mostDistinct || this.newest.has(service)))
      this.newest.set(service, timeUnixNano);
  }
}

function serviceOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'unknown_service';
}
