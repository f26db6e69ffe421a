/** Collects spans and log records under their resources and scopes until they are enough for a batch. */
import { pooledBatch } from '../../model/batches.ts';
import {
  writeLogRecord,
  writeResource,
  writeSchemaUrl,
  writeScope,
  writeSpanIds,
  writeSpanRest,
  type AttributeList,
  type LogRecordParts,
  type ResourceParts,
  type ScopeParts,
  type SpanIds,
  type SpanParts,
  type SpanRest,
} from '../../model/item-writer.ts';
import { tooManyAttributes } from '../../model/limits.ts';
import type { Signal } from '../../model/signal.ts';
import { acquire, release } from '../../wire/pool.ts';
import { Writer } from '../../wire/writer.ts';
import type { Bytes } from '../../wire/bytes.ts';
import {
  defaultMaxAttributes,
  type DecodedBatch,
  type DecoderOptions,
  type DecoderStart,
} from '../encoding.ts';
import type { PieceOutput } from './json-decoder.ts';
import { ShapeError } from './shape-error.ts';

type ItemSignal = 'traces' | 'logs';

/** Where items go: a scope of a resource. It is known until the next batch is made. */
export interface Group {
  readonly signal: ItemSignal;
  /** Begins and ends of items in `items`. */
  readonly parts: number[];
}

interface ScopeGroup extends Group {
  readonly scope: ScopeParts | undefined;
}

interface ResourceGroup {
  readonly resource: ResourceParts;
  readonly scopes: Map<string, ScopeGroup>;
}

/** What a batch of a signal holds, by keys of resources and then of scopes. */
type Groups = Map<string, ResourceGroup>;

const itemSignals: readonly ItemSignal[] = ['traces', 'logs'];
/** A writer that grew beyond this is not kept. */
const kept = 4 << 20;

export class TelemetryOutput implements PieceOutput {
  documents = 0;
  private readonly batchBytes: number;
  private readonly maxAttributes: number;
  /** Items of all groups, one after the other, with tag and length. */
  private items = new Writer(1 << 12);
  private readonly groups: Record<ItemSignal, Groups> = { traces: new Map(), logs: new Map() };
  /** For `rollback`: the groups that got items since `mark`, in that order. */
  private marked = 0;
  /** About the size of the resources and scopes. */
  private groupBytes = 0;
  private touched: Group[] = [];
  private clean: DecoderStart;

  constructor({
    batchBytes,
    maxAttributes = defaultMaxAttributes,
    start = { offset: 0, state: '' },
  }: DecoderOptions) {
    this.batchBytes = batchBytes;
    this.maxAttributes = maxAttributes;
    this.clean = start;
  }

  /**
   * The group of a scope in a resource; those with the same keys are one, so keys have to hold all that tells them apart.
   * To be asked for anew for each item, or after each batch at least. Without `scope` there is none.
   */
  group(
    signal: ItemSignal,
    resource: { readonly key: string; readonly make: () => ResourceParts },
    scope?: { readonly key: string; readonly make: () => ScopeParts },
  ): Group {
    const groups = this.groups[signal];
    let found = groups.get(resource.key);
    if (found === undefined) {
      const made = resource.make();
      this.checkCount(made.attributes);
      this.groupBytes += resource.key.length;
      groups.set(resource.key, (found = { resource: made, scopes: new Map() }));
    }
    const key = scope?.key ?? '';
    let inner = found.scopes.get(key);
    if (inner === undefined) {
      const made = scope?.make();
      this.checkCount(made?.attributes);
      this.groupBytes += key.length + 64;
      found.scopes.set(key, (inner = { signal, parts: [], scope: made }));
    }
    return inner;
  }

  /** Throws a ShapeError for too many attributes. */
  addSpan(group: Group, span: SpanParts): void {
    this.check(span);
    this.add(group, (to) => {
      writeSpanIds(to, span);
      writeSpanRest(to, span);
    });
  }

  /** Adds a span whose rest was checked and written before. */
  addEncoded(group: Group, ids: SpanIds, rest: Bytes): void {
    this.add(group, (to) => {
      writeSpanIds(to, ids);
      to.copy(rest, 0, rest.length);
    });
  }

  /** Throws a ShapeError for too many attributes. */
  addLogRecord(group: Group, log: LogRecordParts): void {
    this.checkCount(log.attributes);
    this.add(group, (to) => writeLogRecord(to, log));
  }

  /** Throws a ShapeError for too many attributes. */
  check(span: SpanRest): void {
    this.checkCount(span.attributes);
    for (const event of span.events ?? []) this.checkCount(event.attributes);
    for (const link of span.links ?? []) this.checkCount(link.attributes);
  }

  mark(): void {
    this.marked = this.items.pos;
    this.touched = [];
  }

  rollback(): void {
    this.items.pos = this.marked;
    for (const { parts } of this.touched) parts.length -= 2;
    this.touched = [];
  }

  isFull(): boolean {
    return this.items.pos + this.groupBytes >= this.batchBytes;
  }

  flush(end?: DecoderStart): DecodedBatch[] {
    const batches: DecodedBatch[] = [];
    const before = { endOffset: this.clean.offset, endState: this.clean.state };
    for (const signal of itemSignals) {
      const batch = this.batch(signal);
      if (batch !== undefined) batches.push({ kind: 'batch', batch, ...before, documents: 0 });
    }
    this.items = this.items.buf.length > kept ? new Writer(1 << 12) : this.items.reset();
    this.groupBytes = 0;
    this.mark();
    const last = batches.pop();
    if (last === undefined) return batches;
    if (end !== undefined) this.clean = end;
    const { offset, state } = this.clean;
    batches.push({ ...last, endOffset: offset, endState: state, documents: this.documents });
    this.documents = 0;
    return batches;
  }

  drain(end: DecoderStart): DecodedBatch[] {
    const batches = this.flush(end);
    this.clean = end;
    this.close();
    return batches;
  }

  close(): void {
    this.items = new Writer(1 << 12);
  }

  private add(group: Group, write: (to: Writer) => void): void {
    const { items } = this;
    const start = items.pos;
    items.varint(0x12);
    const mark = items.begin(2);
    write(items);
    items.end(mark, 2);
    group.parts.push(start, items.pos);
    this.touched.push(group);
  }

  private checkCount(attributes: AttributeList | undefined): void {
    if (attributes !== undefined && attributes.length > this.maxAttributes)
      throw new ShapeError(tooManyAttributes(this.maxAttributes));
  }

  private batch(signal: Signal & ItemSignal): DecodedBatch['batch'] | undefined {
    const groups = this.groups[signal];
    const live = [...groups.values()].filter(({ scopes }) => hasItems(scopes));
    groups.clear();
    if (live.length === 0) return undefined;
    const room = acquire(this.items.pos + 4096);
    const to = new Writer(room);
    for (const each of live) this.resource(to, each);
    const { buf } = to;
    if (buf !== room) release(room);
    return pooledBatch(signal, buf, to.pos);
  }

  private resource(to: Writer, { resource, scopes }: ResourceGroup): void {
    to.varint(0x0a);
    const mark = to.begin(3);
    writeResource(to, resource);
    for (const scope of scopes.values()) if (scope.parts.length > 0) this.scope(to, scope);
    writeSchemaUrl(to, resource.schemaUrl);
    to.end(mark, 3);
  }

  private scope(to: Writer, { scope, parts }: ScopeGroup): void {
    to.varint(0x12);
    const mark = to.begin(3);
    if (scope !== undefined) writeScope(to, scope);
    const { buf } = this.items;
    for (let i = 0; i < parts.length; i += 2) to.copy(buf, parts[i] ?? 0, parts[i + 1] ?? 0);
    writeSchemaUrl(to, scope?.schemaUrl);
    to.end(mark, 3);
  }
}

function hasItems(scopes: ReadonlyMap<string, ScopeGroup>): boolean {
  for (const { parts } of scopes.values()) if (parts.length > 0) return true;
  return false;
}
