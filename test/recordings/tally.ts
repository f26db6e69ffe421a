/** What is in telemetry, in the figures of the recordings' manifest. */
import { createHash } from 'node:crypto';

/** Telemetry as JSON.parse gives it, with the members that are looked at. */
interface Value {
  readonly [type: string]: unknown;
}
interface Attribute {
  readonly key: string;
  readonly value?: Value;
}
interface Item {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly Attribute[];
}
interface SpanItem extends Item {
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly status?: { readonly code?: number };
}
interface LogItem extends Item {
  readonly timeUnixNano?: string;
  readonly severityNumber?: number;
  readonly body?: Value;
}
type MetricItem = Readonly<Record<string, { readonly dataPoints?: readonly unknown[] }>>;
interface Scope {
  readonly spans?: readonly SpanItem[];
  readonly logRecords?: readonly LogItem[];
  readonly metrics?: readonly MetricItem[];
}
interface Resource {
  readonly resource?: { readonly attributes?: readonly Attribute[] };
  readonly scopeSpans?: readonly Scope[];
  readonly scopeLogs?: readonly Scope[];
  readonly scopeMetrics?: readonly Scope[];
}
export interface Document {
  readonly resourceSpans?: readonly Resource[];
  readonly resourceLogs?: readonly Resource[];
  readonly resourceMetrics?: readonly Resource[];
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statuses = ['UNSET', 'OK', 'ERROR'];

/** Counts telemetry as the manifest of the recordings does. */
export class Tally {
  private readonly counts = new Map<string, number>();
  private readonly groups: Record<string, Record<string, number>> = {};
  private readonly sets = {
    traces: new Set<string>(),
    logTraces: new Set<string>(),
    services: new Set<string>(),
  };
  private readonly spanLines: string[] = [];
  private readonly logLines: string[] = [];
  private readonly times: Record<'start' | 'end' | 'log', bigint[]> = { start: [], end: [], log: [] };

  add({ resourceSpans = [], resourceLogs = [], resourceMetrics = [] }: Document): void {
    for (const resource of resourceSpans) this.spans(resource);
    const scopes = resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs);
    for (const { logRecords = [] } of scopes) for (const log of logRecords) this.log(log);
    this.metrics(resourceMetrics.flatMap(({ scopeMetrics = [] }) => scopeMetrics));
  }

  private spans({ resource, scopeSpans = [] }: Resource): void {
    const service = resource?.attributes?.find(({ key }) => key === 'service.name');
    if (service !== undefined) this.sets.services.add(String(service.value?.['stringValue']));
    for (const { spans = [] } of scopeSpans) for (const span of spans) this.span(span);
  }

  private metrics(scopes: readonly Scope[]): void {
    const metrics = scopes.flatMap((scope) => scope.metrics ?? []);
    const data = metrics.flatMap((metric) => Object.values(metric));
    this.countAll({ metricPoints: data.flatMap(({ dataPoints = [] }) => dataPoints) });
  }

  private span(span: SpanItem): void {
    const { traceId, spanId, parentSpanId = '', name = '', startTimeUnixNano, endTimeUnixNano } = span;
    this.count('spans');
    this.countAll({ events: span.events, links: span.links });
    if (parentSpanId === '') this.count('rootSpans');
    this.sets.traces.add(traceId ?? '');
    this.spanLines.push([traceId, spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano].join(' '));
    this.times.start.push(BigInt(startTimeUnixNano));
    this.times.end.push(BigInt(endTimeUnixNano));
    this.count('fractional_timestamp', BigInt(startTimeUnixNano) % 1000n === 0n ? 0 : 1);
    this.count('without_duration', startTimeUnixNano === endTimeUnixNano ? 1 : 0);
    this.group('kinds', kinds[span.kind ?? 0]);
    this.group('statuses', statuses[span.status?.code ?? 0]);
    for (const { value } of span.attributes ?? []) this.group('attributeTypes', typeOf(value));
  }

  private log(log: LogItem): void {
    const { traceId = '', spanId = '', timeUnixNano = '0', severityNumber = 0, body, attributes = [] } = log;
    const text = body?.['stringValue'];
    this.count('logs');
    this.count('lines', typeof text === 'string' ? text.split('\n').length : 1);
    if (traceId !== '') this.sets.logTraces.add(traceId);
    this.logLines.push(
      [
        timeUnixNano,
        traceId,
        spanId,
        severityNumber,
        text === undefined ? typeOf(body) : JSON.stringify(text),
      ].join(' '),
    );
    this.times.log.push(BigInt(timeUnixNano));
    this.group('severities', String(severityNumber));
    for (const { value } of attributes) this.group('logAttributeTypes', typeOf(value));
  }

  /** The same figures as in the manifest. */
  figures(): Record<string, unknown> {
    const earliest = (times: readonly bigint[]) =>
      String(times.reduce((one, other) => (one < other ? one : other), 2n ** 64n));
    const latest = (times: readonly bigint[]) =>
      String(times.reduce((one, other) => (one > other ? one : other), 0n));
    return {
      ...Object.fromEntries(this.counts),
      ...this.groups,
      traces: this.sets.traces.size,
      logTraces: this.sets.logTraces.size,
      services: [...this.sets.services].sort(),
      spansSha256: hashOf(this.spanLines),
      spansSha256WholeMicroseconds: hashOf(this.spanLines.map(wholeMicroseconds)),
      logsSha256: hashOf(this.logLines),
      logsSha256Untyped: hashOf(this.logLines.map((line) => line.replace(typedBody, ' other'))),
      firstSpanStartUnixNano: earliest(this.times.start),
      lastSpanEndUnixNano: latest(this.times.end),
      firstLogUnixNano: earliest(this.times.log),
      lastLogUnixNano: latest(this.times.log),
    };
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  private countAll(lists: Readonly<Record<string, readonly unknown[] | undefined>>): void {
    for (const [name, list] of Object.entries(lists)) this.count(name, list?.length ?? 0);
  }

  private group(name: string, member = 'none'): void {
    const group = (this.groups[name] ??= {});
    group[member] = (group[member] ?? 0) + 1;
  }
}

function typeOf(value: Value | undefined): string {
  const [member = 'none'] = Object.keys(value ?? {});
  return member === 'kvlistValue' ? 'map' : member.replace('Value', '');
}

export function hashOf(lines: readonly string[]): string {
  const sorted = lines
    .map((line) => Buffer.from(`${line}\n`))
    .sort((one, other) => Buffer.compare(one, other));
  return createHash('sha256').update(Buffer.concat(sorted)).digest('hex');
}

/** A body that is no text, at the end of its line. */
const typedBody = / (?:map|array|int|double|bool|bytes)$/;

/** The line of a span with its times rounded down. */
function wholeMicroseconds(line: string): string {
  return line.replace(/(\d+)\d{3} (\d+)\d{3}$/, '$1000 $2000');
}
