/** Where a person finds what was delivered: traces by id and by search, logs by query. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';
import { joinedRange, type TimeRange } from '../../model/time-range.ts';
import { traceIdsOf } from '../../model/trace-ids.ts';
import { lokiQueryLines } from './loki-query.ts';
import { tenantFlag } from './shell.ts';
import { addressOf } from './url.ts';

/** What of a request a person can look up. */
export interface OtlpExample {
  readonly traceIds: readonly string[];
  readonly service: string | undefined;
  readonly range: TimeRange | undefined;
}

export interface HintFacts {
  /** Where a signal is sent. */
  readonly urlOf: (signal: Signal) => string;
  readonly tenant: string | undefined;
  readonly startedAtUnixNano: bigint;
}

/** How many are enough to look whether things arrived. */
const examples = 3;
/** Telling traces apart costs memory and time: beyond this many they are not counted. */
const mostCounted = 10_000;
/** What Tempo's search without a time range looks back to; of older spans its blocks, unless told, do not keep the time. */
const recentNanos = 15n * 60_000_000_000n;

export class OtlpHints {
  private readonly facts: HintFacts;
  private readonly traceIds = new Set<string>();
  private readonly services = new Map<Signal, string>();
  private readonly ranges = new Map<Signal, TimeRange>();

  constructor(facts: HintFacts) {
    this.facts = facts;
  }

  exampleOf(batch: AnyBatch): OtlpExample | undefined {
    if (batch.signal === 'metrics') return undefined;
    const service = this.services.has(batch.signal) ? undefined : serviceOf(batch);
    const wanted = mostCounted + 1 - this.traceIds.size;
    const traceIds = batch.signal === 'traces' ? traceIdsOf(batch, wanted) : [];
    return { traceIds, service, range: timeRangeOf(batch) };
  }

  delivered(request: { readonly signal: Signal; readonly example: OtlpExample | undefined }): void {
    const { signal, example } = request;
    if (example === undefined) return;
    for (const id of example.traceIds) if (this.traceIds.size <= mostCounted) this.traceIds.add(id);
    if (example.service !== undefined && !this.services.has(signal))
      this.services.set(signal, example.service);
    const range = joinedRange(this.ranges.get(signal), example.range);
    if (range !== undefined) this.ranges.set(signal, range);
  }

  lines(): string[] {
    return [...(this.traceIds.size > 0 ? this.traceLines() : []), ...this.logLines()];
  }

  private traceLines(): string[] {
    const { urlOf, tenant } = this.facts;
    const { protocol, hostname } = new URL(urlOf('traces'));
    const [first = ''] = this.traceIds;
    const tempo = [
      `if it is Tempo: curl ${tenantFlag(tenant)}${protocol}//${hostname}:3200/api/v2/traces/${first}`,
      ...this.searchLines(first),
    ];
    const jaeger = `if it is Jaeger: ${protocol}//${hostname}:16686/trace/${first}`;
    if (/jaeger/i.test(hostname)) return [this.namedTraces(), jaeger];
    if (/tempo/i.test(hostname)) return [this.namedTraces(), ...tempo];
    return [this.namedTraces(), ...tempo, jaeger];
  }

  private namedTraces(): string {
    const count = this.traceIds.size;
    const ids = [...this.traceIds].slice(0, examples).join(', ');
    if (count <= 1) return `trace ${ids}`;
    const all = count > mostCounted ? `more than ${mostCounted}` : String(count);
    return count <= examples ? `traces ${ids}` : `${examples} of ${all} traces: ${ids}`;
  }

  private searchLines(first: string): string[] {
    const range = this.ranges.get('traces');
    if (range === undefined) return [];
    const service = this.services.get('traces');
    const query =
      service === undefined
        ? `{ trace:id = "${first}" }`
        : `{ resource.service.name = ${JSON.stringify(service)} }`;
    const isOld = range.endUnixNano < this.facts.startedAtUnixNano - recentNanos;
    const why = isOld
      ? '; the newest span is older than 15 min: Tempo finds it by id, and by this search where its ingestion_time_range_slack is raised'
      : '';
    return [
      `if it is Tempo, TraceQL from ${wholeSecond(range.startUnixNano)} to ${wholeSecond(range.endUnixNano + perSecond)}: ${query}${why}`,
    ];
  }

  private logLines(): string[] {
    const range = this.ranges.get('logs');
    if (range === undefined) return [];
    const { urlOf, tenant } = this.facts;
    const service = this.services.get('logs') ?? 'unknown_service';
    const query = `{service_name=${JSON.stringify(service)}}`;
    const base = /^(.*)\/otlp(?:\/v1\/logs)?\/*$/.exec(addressOf(urlOf('logs')))?.[1];
    const [words = '', command = ''] = lokiQueryLines({ query, range, base: base ?? '', tenant });
    return base === undefined ? [`logs, if they go to Loki: ${words}`] : [words, command];
  }
}

const perSecond = 1_000_000_000n;

/** As Grafana takes it. */
function wholeSecond(nanos: bigint): string {
  return new Date(Number(nanos / perSecond) * 1000).toISOString().replace('.000', '');
}

function serviceOf(batch: AnyBatch): string | undefined {
  const service = batch.resources()[0]?.attributes.get('service.name');
  return typeof service === 'string' && service !== '' ? service : undefined;
}
