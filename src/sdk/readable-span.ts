/**
 * Spans as the SDK's exporters read them. Everything is copied out of the batch at once: an exporter may keep spans,
 * and the buffers of a batch are used again. What is derived is made when it is read.
 */
import type {
  Attributes as SdkAttributes,
  HrTime,
  Link as SdkLink,
  SpanContext,
  SpanStatus,
} from '@opentelemetry/api';
import type { Resource as SdkResource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import type { Link, Span, SpanEvent, TracesBatch } from '../model/traces.ts';
import type { Losses } from './losses.ts';
import { sdkResource, SdkScopes, type MakeResource, type SdkScope } from './sdk-groups.ts';
import { hrDuration, hrTimeOf, RawTraceState, sdkAttributes } from './sdk-values.ts';

/** The spans of a batch, in their order; what cannot be carried is counted in `losses`. */
export function readableSpans(
  batch: TracesBatch,
  makeResource: MakeResource,
  losses: Losses,
): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  for (const group of batch.resourceSpans()) {
    const resource = sdkResource(group.resource, makeResource, losses);
    const scopes = new SdkScopes(losses);
    for (const { scope, spans: spansOf } of group
      .scopeSpans()
      .map((part) => ({ scope: part.scope, spans: part.spans() }))) {
      const instrumentationScope = scopes.of(scope);
      for (const span of spansOf)
        spans.push(new ReplayedSpan(span, { resource, instrumentationScope, losses }));
    }
  }
  return spans;
}

interface Surroundings {
  readonly resource: SdkResource;
  readonly instrumentationScope: SdkScope;
  readonly losses: Losses;
}

const traceFlagsMask = 0xff;
const remoteIsKnown = 0x100;
const parentIsRemote = 0x200;

class ReplayedSpan implements ReadableSpan {
  readonly name: string;
  /** OTLP's kind less one, as the SDK counts: -1 is a span without a kind. */
  readonly kind: ReadableSpan['kind'];
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: SdkAttributes;
  readonly links: SdkLink[];
  readonly events: TimedEvent[];
  readonly ended = true;
  readonly resource: SdkResource;
  readonly instrumentationScope: SdkScope;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  private readonly context: SpanContext;

  constructor(span: Span, { resource, instrumentationScope, losses }: Surroundings) {
    const { flags, startTimeUnixNano, endTimeUnixNano, parentSpanId, traceState } = span;
    this.name = span.name;
    this.kind = span.kind - 1;
    this.context = contextOf(span.traceId, span.spanId, { flags, traceState });
    if (parentSpanId !== '')
      this.parentSpanContext = { ...contextOf(span.traceId, parentSpanId, { flags }), ...remoteOf(flags) };
    countFlags(flags, { hasRemote: parentSpanId !== '', losses });
    this.startTime = hrTimeOf(startTimeUnixNano);
    this.endTime = hrTimeOf(endTimeUnixNano);
    this.duration = hrDuration(startTimeUnixNano, endTimeUnixNano);
    const { code, message } = span.status;
    this.status = message === '' ? { code } : { code, message };
    this.attributes = sdkAttributes(span.attributes, losses);
    this.events = span.events.map((event) => eventOf(event, losses));
    this.links = span.links.map((link) => linkOf(link, losses));
    this.resource = resource;
    this.instrumentationScope = instrumentationScope;
    this.droppedAttributesCount = span.droppedAttributesCount;
    this.droppedEventsCount = span.droppedEventsCount;
    this.droppedLinksCount = span.droppedLinksCount;
  }

  spanContext(): SpanContext {
    return this.context;
  }

  /** The name that exporters written for SDK 1.x read. */
  get parentSpanId(): string | undefined {
    return this.parentSpanContext?.spanId;
  }

  /** The name that exporters written for SDK 1.x read. */
  get instrumentationLibrary(): SdkScope {
    return this.instrumentationScope;
  }
}

function contextOf(
  traceId: string,
  spanId: string,
  more: { flags: number; traceState?: string },
): SpanContext {
  const context = { traceId, spanId, traceFlags: more.flags & traceFlagsMask };
  const { traceState = '' } = more;
  return traceState === '' ? context : { ...context, traceState: new RawTraceState(traceState) };
}

/** Whether the other span is remote, where the flags say so. */
function remoteOf(flags: number): { isRemote?: boolean } {
  return (flags & remoteIsKnown) === 0 ? {} : { isRemote: (flags & parentIsRemote) !== 0 };
}

/** The SDK's exporters write the low byte, that remoteness is known, and remote or not: nothing else survives. */
function countFlags(flags: number, { hasRemote, losses }: { hasRemote: boolean; losses: Losses }): void {
  if ((flags & remoteIsKnown) === 0) losses.add('parent_unknown');
  const carried = traceFlagsMask | remoteIsKnown | (hasRemote ? parentIsRemote : 0);
  const rest = flags & ~carried;
  const unknowable = (flags & remoteIsKnown) === 0 && (flags & parentIsRemote) !== 0;
  if (rest !== 0 || unknowable) losses.add('flags');
}

function eventOf(event: SpanEvent, losses: Losses): TimedEvent {
  return {
    name: event.name,
    time: hrTimeOf(event.timeUnixNano),
    attributes: sdkAttributes(event.attributes, losses),
    droppedAttributesCount: event.droppedAttributesCount,
  };
}

function linkOf(link: Link, losses: Losses): SdkLink {
  const { flags, traceState } = link;
  countFlags(flags, { hasRemote: true, losses });
  return {
    context: { ...contextOf(link.traceId, link.spanId, { flags, traceState }), ...remoteOf(flags) },
    attributes: sdkAttributes(link.attributes, losses),
    droppedAttributesCount: link.droppedAttributesCount,
  };
}
