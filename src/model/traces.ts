import { Attributes } from './attributes.ts';
import { Batch } from './batch.ts';
import { FieldTable } from './fields.ts';
import { Item, ResourceGroup, ScopeGroup } from './group.ts';
import { spanIdDigits, traceIdDigits } from './ids.ts';
import { WireRecord } from './record.ts';

export const SpanKind = {
  UNSPECIFIED: 0,
  INTERNAL: 1,
  SERVER: 2,
  CLIENT: 3,
  PRODUCER: 4,
  CONSUMER: 5,
} as const;
export const StatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/** Traces on their way: views on the bytes of a TracesData (or ExportTraceServiceRequest, which is the same). */
export class TracesBatch extends Batch {
  readonly signal = 'traces';

  resourceSpans(): readonly ResourceSpans[] {
    return this.children(0x0a, ResourceSpans);
  }

  /** The spans that were not dropped, in their order. */
  spans(): Span[] {
    const spans: Span[] = [];
    for (const group of this.resourceSpans()) {
      for (const scope of group.scopeSpans()) for (const span of scope.spans()) spans.push(span);
    }
    return spans;
  }

  /** Adds an empty group at the end. */
  addResource(): ResourceSpans {
    return this.add(0x0a, ResourceSpans);
  }

  protected override groups(): readonly ResourceSpans[] {
    return this.resourceSpans();
  }
}

export class ResourceSpans extends ResourceGroup {
  scopeSpans(): readonly ScopeSpans[] {
    return this.children(0x12, ScopeSpans);
  }
  /** Adds an empty group at the end. */
  addScope(): ScopeSpans {
    return this.addTo(ScopeSpans);
  }
  protected override scopes(): readonly ScopeGroup[] {
    return this.scopeSpans();
  }
}

export class ScopeSpans extends ScopeGroup {
  get resourceSpans(): ResourceSpans {
    return this.parent as ResourceSpans;
  }
  spans(): readonly Span[] {
    return this.children(0x12, Span);
  }
  /** See `siftItems`. @internal */
  sift(reasonOf: (span: Span) => string | undefined): number {
    return this.siftItems(Span, reasonOf);
  }
  /** Adds an empty span at the end; its fields are set on it. */
  addSpan(): Span {
    this.state.itemsAdded++;
    return this.addTo(Span);
  }
}

const spanFields = new FieldTable();

/** Ids are lower-case hex text, '' for none; setting another length throws a RangeError. Times are nanoseconds. */
export class Span extends Item {
  protected get table(): FieldTable {
    return spanFields;
  }
  get traceId(): string {
    return this.hex(0x0a);
  }
  set traceId(id: string) {
    this.setHex(0x0a, id, traceIdDigits);
  }
  get spanId(): string {
    return this.hex(0x12);
  }
  set spanId(id: string) {
    this.setHex(0x12, id, spanIdDigits);
  }
  get traceState(): string {
    return this.text(0x1a);
  }
  set traceState(state: string) {
    this.setText(0x1a, state);
  }
  get parentSpanId(): string {
    return this.hex(0x22);
  }
  set parentSpanId(id: string) {
    this.setHex(0x22, id, spanIdDigits);
  }
  get name(): string {
    return this.text(0x2a);
  }
  set name(name: string) {
    this.setText(0x2a, name);
  }
  /** One of `SpanKind`, or a number that is newer than this. */
  get kind(): number {
    return this.uint(0x30);
  }
  set kind(kind: number) {
    this.setUint(0x30, kind);
  }
  get startTimeUnixNano(): bigint {
    return this.fixed64(0x39);
  }
  set startTimeUnixNano(time: bigint) {
    this.setFixed64(0x39, time);
  }
  get endTimeUnixNano(): bigint {
    return this.fixed64(0x41);
  }
  set endTimeUnixNano(time: bigint) {
    this.setFixed64(0x41, time);
  }
  get attributes(): Attributes {
    return new Attributes(this, 0x4a);
  }
  get droppedAttributesCount(): number {
    return this.uint(0x50);
  }
  set droppedAttributesCount(count: number) {
    this.setUint(0x50, count);
  }
  /** The events that were not dropped. */
  get events(): readonly SpanEvent[] {
    return this.children(0x5a, SpanEvent);
  }
  /** Adds an empty event at the end. */
  addEvent(): SpanEvent {
    return this.add(0x5a, SpanEvent);
  }
  get droppedEventsCount(): number {
    return this.uint(0x60);
  }
  set droppedEventsCount(count: number) {
    this.setUint(0x60, count);
  }
  /** The links that were not dropped. */
  get links(): readonly Link[] {
    return this.children(0x6a, Link);
  }
  /** Adds an empty link at the end. */
  addLink(): Link {
    return this.add(0x6a, Link);
  }
  get droppedLinksCount(): number {
    return this.uint(0x70);
  }
  set droppedLinksCount(count: number) {
    this.setUint(0x70, count);
  }
  /** An absent status reads as unset and is added when it is written to. */
  get status(): Status {
    return this.child(0x7a, Status);
  }
  /** The W3C trace flags in the low byte, and OTLP's bits above (0x100, 0x200: whether the parent is remote). */
  get flags(): number {
    return this.fixed32(0x85);
  }
  set flags(flags: number) {
    this.setFixed32(0x85, flags);
  }
  get scopeSpans(): ScopeSpans {
    return this.parent as ScopeSpans;
  }
}

const statusFields = new FieldTable();

export class Status extends WireRecord {
  protected get table(): FieldTable {
    return statusFields;
  }
  get message(): string {
    return this.text(0x12);
  }
  set message(text: string) {
    this.setText(0x12, text);
  }
  /** One of `StatusCode`. */
  get code(): number {
    return this.uint(0x18);
  }
  set code(code: number) {
    this.setUint(0x18, code);
  }
}

const eventFields = new FieldTable();

export class SpanEvent extends WireRecord {
  protected get table(): FieldTable {
    return eventFields;
  }
  get timeUnixNano(): bigint {
    return this.fixed64(0x09);
  }
  set timeUnixNano(time: bigint) {
    this.setFixed64(0x09, time);
  }
  get name(): string {
    return this.text(0x12);
  }
  set name(name: string) {
    this.setText(0x12, name);
  }
  get attributes(): Attributes {
    return new Attributes(this, 0x1a);
  }
  get droppedAttributesCount(): number {
    return this.uint(0x20);
  }
  set droppedAttributesCount(count: number) {
    this.setUint(0x20, count);
  }
  /** Leaves the event out; the span's `droppedEventsCount` is not touched. */
  drop(): void {
    if (!this.dropped) this.leave(0x5a);
  }
}

const linkFields = new FieldTable();

export class Link extends WireRecord {
  protected get table(): FieldTable {
    return linkFields;
  }
  get traceId(): string {
    return this.hex(0x0a);
  }
  set traceId(id: string) {
    this.setHex(0x0a, id, traceIdDigits);
  }
  get spanId(): string {
    return this.hex(0x12);
  }
  set spanId(id: string) {
    this.setHex(0x12, id, spanIdDigits);
  }
  get traceState(): string {
    return this.text(0x1a);
  }
  set traceState(state: string) {
    this.setText(0x1a, state);
  }
  get attributes(): Attributes {
    return new Attributes(this, 0x22);
  }
  get droppedAttributesCount(): number {
    return this.uint(0x28);
  }
  set droppedAttributesCount(count: number) {
    this.setUint(0x28, count);
  }
  get flags(): number {
    return this.fixed32(0x35);
  }
  set flags(flags: number) {
    this.setFixed32(0x35, flags);
  }
  /** Leaves the link out; the span's `droppedLinksCount` is not touched. */
  drop(): void {
    if (!this.dropped) this.leave(0x6a);
  }
}
