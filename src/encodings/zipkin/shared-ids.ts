/**
 * In Zipkin, the span of a server may share its id with that of the client that called it. In OTLP an id belongs to one
 * span, so the server's gets another one, always the same for the same span, and the client's becomes its parent. Spans
 * of that server whose parent has the shared id are children of the server's span.
 */
import { createHash } from 'node:crypto';
import type { SpanIds } from '../../model/item-writer.ts';
import { SpanKind } from '../../model/traces.ts';
import type { ReaderContext } from '../shared/json-decoder.ts';
import { SpanStage } from '../shared/span-stage.ts';
import type { TelemetryOutput } from '../shared/telemetry-output.ts';
import type { ZipkinSpan } from './span.ts';

/** So much is looked at together, and no more than a document: of more, children may be taken for those of the client. */
const togetherBytes = 4 << 20;

interface Note extends Pick<ZipkinSpan, 'service' | 'scope' | 'isShared'> {
  readonly isClient: boolean;
  /** It has the id of its client, if that is here. */
  readonly isServer: boolean;
}

/** Ids of servers that share one with a client, by service. */
type Servers = ReadonlyMap<string, string>;

export class SharedIds {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private readonly stage = new SpanStage<Note>();
  private readonly limit: number;

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
    this.limit = Math.min(togetherBytes, context.options.maxDocumentBytes);
  }

  add({ ids, span, service, scope, isShared }: ZipkinSpan): void {
    const isClient = span.kind === SpanKind.CLIENT && !isShared;
    const isServer = span.kind === SpanKind.SERVER || isShared;
    this.stage.add(ids, span, { service, scope, isShared, isClient, isServer });
    if (this.stage.size > this.limit) this.settle();
  }

  /** Gives all spans to the output. */
  settle(): void {
    if (this.stage.isEmpty) return;
    const servers = this.servers(this.clients());
    this.stage.settle((ids, rest, note) => {
      this.context.flushIfFull();
      const { service, scope } = note;
      const resource = { key: service, make: () => ({ attributes: serviceName(service) }) };
      const inScope = scope && { key: JSON.stringify([scope.name, scope.version]), make: () => scope };
      const group = this.output.group('traces', resource, inScope);
      this.output.addEncoded(group, servers.size === 0 ? ids : this.toldApart(ids, note, servers), rest);
    });
  }

  private toldApart(
    ids: SpanIds,
    { service, isServer }: Note,
    servers: ReadonlyMap<string, Servers>,
  ): SpanIds {
    const { traceId, spanId, parentSpanId } = ids;
    const own = isServer ? servers.get(traceId + spanId)?.get(service) : undefined;
    if (own === undefined)
      return { ...ids, parentSpanId: servers.get(traceId + parentSpanId)?.get(service) ?? parentSpanId };
    this.context.notice('spans that shared their id with that of the client, and got one of their own');
    return { traceId, spanId: own, parentSpanId: spanId };
  }

  /** Ids of client spans, with those of their traces. */
  private clients(): ReadonlySet<string> {
    const clients = new Set<string>();
    for (const { ids, note } of this.stage.notes()) {
      if (note.isClient) clients.add(ids.traceId + ids.spanId);
    }
    return clients;
  }

  private servers(clients: ReadonlySet<string>): ReadonlyMap<string, Servers> {
    const servers = new Map<string, Map<string, string>>();
    for (const { ids, note } of this.stage.notes()) {
      const { traceId, spanId } = ids;
      if (!note.isShared && !(note.isServer && clients.has(traceId + spanId))) continue;
      const known = servers.get(traceId + spanId) ?? new Map<string, string>();
      if (!known.has(note.service)) known.set(note.service, serverId(traceId, spanId, note.service));
      servers.set(traceId + spanId, known);
    }
    return servers;
  }
}

function serviceName(service: string): readonly (readonly [string, string])[] {
  return service === '' ? [] : [['service.name', service]];
}

/** Of the same span, wherever and however often it was saved, the same. */
function serverId(traceId: string, spanId: string, service: string): string {
  return createHash('sha256').update(`${traceId} ${spanId} ${service}`).digest('hex').slice(0, 16);
}
