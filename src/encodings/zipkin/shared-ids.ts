/**
 * In Zipkin, the span of a server may share its id with that of the client that called it. In OTLP an id belongs to one
 * span, so the server's gets another one, always the same for the same span, and the client's becomes its parent. Spans
 * of that server whose parent has the shared id are children of the server's span.
 */
import { createHash } from 'node:crypto';
import { SpanKind } from '../../model/traces.ts';
import type { ReaderContext } from '../shared/json-decoder.ts';
import { SpanStage } from '../shared/span-stage.ts';
import type { TelemetryOutput } from '../shared/telemetry-output.ts';
import type { ZipkinSpan } from './span.ts';

/** So much is looked at together, and no more than a document: of more, children may be taken for those of the client. */
const togetherBytes = 16 << 20;

type Note = Pick<ZipkinSpan, 'service' | 'scope' | 'isShared'> & { readonly kind: number };

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
    this.stage.add(ids, span, { service, scope, isShared, kind: span.kind });
    if (this.stage.size > this.limit) this.settle();
  }

  /** Gives all spans to the output. */
  settle(): void {
    if (this.stage.isEmpty) return;
    const { output, context } = this;
    const clients = this.clients();
    const shares = ({ ids: { traceId, spanId }, note }: Staged): boolean =>
      note.isShared || (note.kind === SpanKind.SERVER && clients.has(traceId + spanId));
    const servers = this.servers(shares);
    this.stage.settle((ids, rest, note) => {
      context.flushIfFull();
      const { service, scope } = note;
      const resource = { key: service, make: () => ({ attributes: serviceName(service) }) };
      const inScope = scope && { key: JSON.stringify([scope.name, scope.version]), make: () => scope };
      const isServer = shares({ ids, note });
      const { traceId, spanId } = ids;
      const parentOf = servers.get(traceId + ids.parentSpanId)?.get(service);
      const told = isServer
        ? { traceId, spanId: serverId(traceId, spanId, service), parentSpanId: spanId }
        : { ...ids, parentSpanId: parentOf ?? ids.parentSpanId };
      if (isServer)
        context.notice('spans that shared their id with that of the client, and got one of their own');
      output.addEncoded(output.group('traces', resource, inScope), told, rest);
    });
  }

  /** Ids of client spans, with those of their traces. */
  private clients(): ReadonlySet<string> {
    const clients = new Set<string>();
    for (const { ids, note } of this.stage.notes()) {
      if (note.kind === SpanKind.CLIENT && !note.isShared) clients.add(ids.traceId + ids.spanId);
    }
    return clients;
  }

  private servers(shares: (staged: Staged) => boolean): ReadonlyMap<string, Servers> {
    const servers = new Map<string, Map<string, string>>();
    for (const staged of this.stage.notes()) {
      if (!shares(staged)) continue;
      const { traceId, spanId } = staged.ids;
      const known = servers.get(traceId + spanId) ?? new Map<string, string>();
      known.set(staged.note.service, serverId(traceId, spanId, staged.note.service));
      servers.set(traceId + spanId, known);
    }
    return servers;
  }
}

type Staged = ReturnType<SpanStage<Note>['notes']>[number];

function serviceName(service: string): readonly (readonly [string, string])[] {
  return service === '' ? [] : [['service.name', service]];
}

/** Of the same span, wherever and however often it was saved, the same. */
function serverId(traceId: string, spanId: string, service: string): string {
  return createHash('sha256').update(`${traceId} ${spanId} ${service}`).digest('hex').slice(0, 16);
}
