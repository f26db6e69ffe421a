import type { Bytes } from '../wire/bytes.ts';
import { acquire, release } from '../wire/pool.ts';
import { Writer } from '../wire/writer.ts';
import type { ResourceGroup } from './group.ts';
import type { ItemStep } from './item-program.ts';
import { Message, type MessageClass } from './message.ts';
import { BatchState, Source } from './ownership.ts';
import type { Resource } from './resource.ts';
import type { Signal } from './signal.ts';
import { surveyOf } from './survey.ts';
import type { TimeRange } from './time-range.ts';

/** The tags that lead to items. */
const itemTags = [0x0a, 0x12, 0x12] as const;
const nothing = Buffer.alloc(0) as Bytes;

/** Edits of all items that are put off until somebody looks at them: whoever goes over the bytes then does them too. */
export interface DeferredEdits {
  readonly steps: readonly ItemStep[];
  /** Does them. */
  run(): void;
}

/** What was left in a batch when items were taken out of it. */
interface ItemsLeft {
  readonly items: number;
  /** How many were taken out, by reason. */
  readonly drops: ReadonlyMap<string, number>;
}

/**
 * Telemetry of one signal on its way through a pipeline: the bytes of a TracesData, LogsData or MetricsData, and views
 * on them. It has one owner; a second one gets a `clone()`. Views live as long as their batch is not released.
 */
export abstract class Batch extends Message {
  abstract readonly signal: Signal;
  /** Where it was read: the path of a file, or several joined by commas. Clones and parts have it too. */
  origin: string | undefined = undefined;
  /** How many items the bytes that the views began with have, or -1 until somebody asks. */
  private itemsInSource = -1;
  private deferred: DeferredEdits[] = [];

  /** See `batchOf`. @internal */
  constructor(source: Source) {
    super(source.bytes, 0, source.bytes.length, new BatchState(source));
  }

  protected abstract groups(): readonly ResourceGroup[];

  /** Spans, log records or data points that are in the batch now. */
  get itemCount(): number {
    this.checkAlive();
    const { state } = this;
    if (this.itemsInSource < 0) {
      const { items, range } = surveyOf(this.signal, state.source.bytes);
      this.itemsInSource = items;
      if (!this.changed) state.times = range;
    }
    return this.itemsInSource + state.itemsAdded;
  }

  /** See `timeRangeOf`. @internal */
  get times(): TimeRange | undefined {
    const { state } = this;
    if (state.times === null) state.times = surveyOf(this.signal, this.encode()).range;
    return state.times;
  }

  /** How many bytes `encode` answers; an estimate once the batch was edited and not encoded since. */
  get byteLength(): number {
    this.settle();
    const { encoded, growth } = this.state;
    if (encoded !== null) return encoded.bytes.length;
    return this.changed ? Math.max(this.state.source.bytes.length + growth, 0) : this.end - this.start;
  }

  /** The resources in their order. An edit shows on every item below. */
  resources(): readonly Resource[] {
    return this.groups().map((group) => group.resource);
  }

  /** How many items were dropped since the last call, by reason. */
  takeDrops(): ReadonlyMap<string, number> {
    const { drops } = this.state;
    if (drops.size > 0) this.state.drops = new Map();
    return drops;
  }

  /**
   * The batch as the bytes of a TracesData, LogsData or MetricsData; the same bytes as long as nothing is changed.
   * They belong to the batch: not to be written to, and to be read only until the next edit or `release`.
   */
  encode(): Bytes {
    this.checkAlive();
    this.settle();
    return this.encoded().bytes;
  }

  /**
   * Another batch with the same content, to be edited independently: the bytes are shared until one of the two writes.
   * An edited batch is encoded first. Pending drops stay with this one.
   */
  clone(): this {
    this.checkAlive();
    this.settle();
    const source = this.encoded();
    source.owners++;
    const clone = new (this.constructor as new (source: Source) => this)(source);
    if (this.itemsInSource >= 0) clone.itemsInSource = this.itemCount;
    clone.state.times = this.state.times;
    clone.origin = this.origin;
    return clone;
  }

  /**
   * Lets go of all that views and edits take up, and keeps the bytes that `encode` answers. For an owner who waits, and
   * had no views himself: those of earlier owners are not to be used any more.
   */
  pack(): void {
    this.checkAlive();
    this.settle();
    this.putTogether();
  }

  private putTogether(): void {
    const { state } = this;
    if (this.changed) {
      const items = this.itemCount;
      const packed = this.encoded();
      state.source.release();
      state.leaveArena();
      this.restart(state, packed, items);
    }
    this.opened = null;
  }

  /**
   * The bytes with all edits but those that are deferred, where there are no views on items; those on groups are not to be
   * used any more. @internal
   */
  withoutViews(): Bytes | undefined {
    this.checkAlive();
    if (this.hasViews(itemTags)) return undefined;
    this.putTogether();
    return this.state.source.bytes;
  }

  /** Does so later, at the latest when somebody looks at what is edited. Answers false where somebody may look already. @internal */
  defer(edits: DeferredEdits): boolean {
    if (this.withoutViews() === undefined) return false;
    this.deferred.push(edits);
    return true;
  }

  /** The edits that were put off, which are the caller's to do now. @internal */
  takeDeferred(): readonly DeferredEdits[] {
    return this.deferred.splice(0);
  }

  private settle(): void {
    if (this.deferred.length > 0) for (const edits of this.takeDeferred()) edits.run();
  }

  protected override children<M extends Message>(tag: number, of: MessageClass<M>): readonly M[] {
    this.settle();
    return super.children(tag, of);
  }

  protected override add<M extends Message>(tag: number, of: MessageClass<M>): M {
    this.settle();
    return super.add(tag, of);
  }

  /**
   * Where so many other bytes go that are for `replaceBytes`: over those that `withoutViews` answered, if they fit there, and
   * nobody shares them. @internal
   */
  roomFor(size: number): Source {
    return this.state.source.over(size) ?? Source.pooled(acquire(size), size);
  }

  /** Other bytes take the place of those that `withoutViews` answered; as many items as before, or as is said. @internal */
  replaceBytes(source: Source, left?: ItemsLeft): void {
    const { state } = this;
    state.source.release();
    const { itemsAdded, times } = state;
    for (const [reason, items] of left?.drops ?? []) state.lost(items, reason);
    const isWhole = state.itemsAdded === itemsAdded;
    this.restart(state, source, left?.items ?? this.itemsInSource);
    // Programs write no times.
    if (isWhole) state.times = times;
  }

  private restart(state: BatchState, source: Source, items: number): void {
    state.source = source;
    state.encoded = null;
    state.times = null;
    state.growth = 0;
    state.itemsAdded = 0;
    this.itemsInSource = items;
    this.buf = source.bytes;
    this.start = 0;
    this.end = source.bytes.length;
    this.changed = false;
  }

  /**
   * The owner is done with the batch, its views and what `encode` answered: when all who share the bytes are done, the
   * buffer is used again. Need not be called; may be called twice. Afterwards the batch is not to be used.
   */
  release(): void {
    const { state } = this;
    if (state.released) return;
    state.released = true;
    state.source.release();
    if (state.encoded !== null && state.encoded !== state.source) state.encoded.release();
    state.encoded = null;
    state.leaveArena();
    this.opened = null;
    this.deferred = [];
    this.buf = nothing;
    this.start = this.end = 0;
  }

  private encoded(): Source {
    const { state } = this;
    if (!this.changed) return state.source;
    return (state.encoded ??= this.encodeEdited());
  }

  private encodeEdited(): Source {
    const { source, growth } = this.state;
    // Lengths may take more bytes than before.
    const likely = source.bytes.length + Math.max(growth, 0);
    const room = acquire(likely + (likely >> 5) + 256);
    const writer = new Writer(room);
    this.write(writer);
    if (writer.buf !== room) release(room);
    return Source.pooled(writer.buf, writer.pos);
  }

  private checkAlive(): void {
    if (this.state.released) throw new Error(`a batch of ${this.signal} was used after its release`);
  }
}
