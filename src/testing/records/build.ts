/** Makes batches of the records of a test. Ids that are not given are counted, so that each run has the same ones. */
import type { AnyBatch } from '../../model/batches.ts';
import { emptyBatch } from '../../model/batches.ts';
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { LogRecord } from '../../model/logs.ts';
import type { Metric } from '../../model/metrics.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Signal } from '../../model/signal.ts';
import { SpanKind, type Span } from '../../model/traces.ts';
import { valueText, type ExactValue } from '../../model/value.ts';
import { idText, writeAttributes, writeFields, type Fields } from './field.ts';
import { logFields, scopeFields, spanFields } from './fields.ts';
import { metricFields } from './metric-fields.ts';
import { timeNanos } from './times.ts';

/** A mistake in the records of a test: they name something that is not there. */
class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

interface Above {
  readonly traceId: string;
  readonly spanId: string;
  readonly start: bigint;
}

const listOfSignal = { traces: 'spans', logs: 'logs', metrics: 'metrics' } as const;

export class RecordBuilder {
  private readonly base: bigint;
  private readonly named = new Map<string, Above>();
  private traces = 0n;
  private spans = 0n;

  /** `base` is the beginning of the test: times are counted from it. */
  constructor(base: bigint) {
    this.base = base;
  }

  /** One batch for each signal that the groups have records of. */
  batches(groups: readonly Fields[]): AnyBatch[] {
    return (['traces', 'logs', 'metrics'] as const).flatMap((signal) => {
      const having = groups.filter((group) => group.has(listOfSignal[signal]));
      return having.length === 0 ? [] : [this.batch(signal, having)];
    });
  }

  private batch(signal: Signal, groups: readonly Fields[]): AnyBatch {
    const batch = emptyBatch(signal);
    for (const group of groups) {
      const resourceGroup = batch.addResource();
      writeHead(resourceGroup.resource, group);
      const scopeGroup = resourceGroup.addScope();
      writeScope(scopeGroup.scope, group.get('scope'));
      for (const fields of recordsIn(group, listOfSignal[signal])) {
        if ('addSpan' in scopeGroup) this.addSpan(() => scopeGroup.addSpan(), fields, undefined);
        else if ('addLogRecord' in scopeGroup) this.writeLog(scopeGroup.addLogRecord(), fields);
        else writeMetric(scopeGroup.addMetric(), fields, this.base);
      }
    }
    return batch;
  }

  /** A span, and behind it those below it. */
  private addSpan(add: () => Span, fields: Fields, above: Above | undefined): void {
    const parent = this.spanNamed(fields, 'parent') ?? above;
    const span = add();
    span.kind = SpanKind.INTERNAL;
    span.traceId = parent?.traceId ?? counted(++this.traces, traceIdDigits);
    span.spanId = counted(++this.spans, spanIdDigits);
    if (parent !== undefined) span.parentSpanId = parent.spanId;
    span.startTimeUnixNano = parent?.start ?? this.base;
    const start = timeNanos(fields.get('start'), this.base);
    if (start !== undefined) span.startTimeUnixNano = start;
    span.endTimeUnixNano = span.startTimeUnixNano;
    writeFields(span, spanFields, this.withTimes(fields, 'events', span.startTimeUnixNano), this.base);
    const own = { traceId: span.traceId, spanId: span.spanId, start: span.startTimeUnixNano };
    if (!this.named.has(span.name)) this.named.set(span.name, own);
    for (const child of recordsIn(fields, 'children')) this.addSpan(add, child, own);
  }

  private writeLog(log: LogRecord, fields: Fields): void {
    log.timeUnixNano = this.base;
    const span = this.spanNamed(fields, 'span');
    if (span !== undefined) {
      log.traceId = span.traceId;
      log.spanId = span.spanId;
    }
    writeFields(log, logFields, fields, this.base);
  }

  /** Events that say no time have that of their span. */
  private withTimes(fields: Fields, list: string, time: bigint): Fields {
    const events = fields.get(list);
    if (!Array.isArray(events)) return fields;
    const timed = events.map((event) =>
      event instanceof Map && !event.has('time') ? new Map([...event, ['time', time - this.base]]) : event,
    );
    return new Map([...fields, [list, timed]]);
  }

  private spanNamed(fields: Fields, key: string): Above | undefined {
    const name = fields.get(key);
    if (name === undefined) return undefined;
    const found = this.named.get(valueText(name));
    if (found !== undefined) return found;
    throw new RecordError(
      `${key}: ${JSON.stringify(valueText(name))} is the name of no span before it`,
      `spans so far: ${[...this.named.keys()].join(', ') || 'none'}`,
    );
  }
}

function counted(number: bigint, digits: number): string {
  return idText(number.toString(16), digits);
}

function recordsIn(fields: Fields, key: string): Fields[] {
  const list = fields.get(key);
  return (Array.isArray(list) ? list : []).filter((each): each is Fields => each instanceof Map);
}

function writeHead(resource: Resource, group: Fields): void {
  writeAttributes(resource.attributes, group.get('resource'));
  const url = group.get('resource_schema_url');
  if (url !== undefined) resource.schemaUrl = valueText(url);
}

function writeScope(scope: Scope, value: ExactValue | undefined): void {
  if (typeof value === 'string') scope.name = value;
  if (value instanceof Map) writeFields(scope, scopeFields, value, 0n);
}

function writeMetric(metric: Metric, fields: Fields, base: bigint): void {
  const points = recordsIn(fields, 'points').map((point) =>
    point.has('time') ? point : new Map([...point, ['time', '0s']]),
  );
  const typed: Fields = new Map([['type', 'gauge'], ...fields, ['points', points as ExactValue[]]]);
  writeFields(metric, metricFields, typed, base);
}
