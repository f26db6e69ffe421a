/** Where a person finds what was delivered: a few examples of the run, as queries and addresses. */
import type { AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';

/** One item of a request that a person can look up. */
export interface OtlpExample {
  readonly traceId?: string;
  readonly service?: string;
}

/** How many are enough to look whether things arrived. */
const examples = 3;

export class OtlpHints {
  private readonly target: string;
  private readonly traceIds = new Set<string>();
  private readonly services = new Set<string>();
  private readonly signals = new Set<Signal>();

  constructor(target: string) {
    this.target = target;
  }

  /** The first item of a batch, as long as there are not examples enough. */
  exampleOf(batch: AnyBatch): OtlpExample | undefined {
    const enough =
      batch.signal === 'traces' ? this.traceIds.size >= examples : this.services.size >= examples;
    if (enough) return undefined;
    if (batch.signal === 'traces') {
      const traceId = batch.resourceSpans()[0]?.scopeSpans()[0]?.spans()[0]?.traceId;
      return traceId === undefined || traceId === '' ? undefined : { traceId };
    }
    const service = batch.resources()[0]?.attributes.get('service.name');
    return typeof service === 'string' ? { service } : undefined;
  }

  delivered(request: { readonly signal: Signal; readonly example: OtlpExample | undefined }): void {
    this.signals.add(request.signal);
    const { traceId, service } = request.example ?? {};
    if (traceId !== undefined && this.traceIds.size < examples) this.traceIds.add(traceId);
    if (service !== undefined && this.services.size < examples) this.services.add(service);
  }

  lines(): string[] {
    const lines = this.traceIds.size > 0 ? this.traceLines([...this.traceIds]) : [];
    if (this.signals.has('logs')) lines.push(...this.logLines());
    return lines;
  }

  private traceLines(ids: readonly string[]): string[] {
    const { protocol, hostname } = new URL(this.target);
    const first = ids[0] ?? '';
    const jaeger = `Jaeger: ${protocol}//${hostname}:16686/trace/${first}`;
    const tempo = `Tempo, in Grafana's Explore: { trace:id = "${first}" }`;
    const line = `trace${ids.length > 1 ? 's' : ''} ${ids.join(', ')}`;
    if (/jaeger/i.test(hostname)) return [line, jaeger];
    if (/tempo/i.test(hostname)) return [line, tempo];
    return [line, tempo, jaeger];
  }

  private logLines(): string[] {
    if (!/loki|:3100|\/otlp/i.test(this.target)) return [];
    return [...this.services]
      .slice(0, 1)
      .map((service) => `Loki, in Grafana's Explore: {service_name=${JSON.stringify(service)}}`);
  }
}
