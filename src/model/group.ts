import { afterVarint, skipValue } from '../wire/bytes.ts';
import { countFields } from './count.ts';
import { Message, type MessageClass } from './message.ts';
import { WireRecord } from './record.ts';
import { Resource, Scope } from './resource.ts';

/** Telemetry of one resource: what ResourceSpans, ResourceLogs and ResourceMetrics have in common. */
export abstract class ResourceGroup extends Message {
  get resource(): Resource {
    return this.child(0x0a, Resource);
  }
  get schemaUrl(): string {
    return this.plainText(0x1a);
  }
  set schemaUrl(url: string) {
    this.setPlainText(0x1a, url);
  }

  /** Drops everything in it; `reason` counts once for each item. */
  drop(reason: string): void {
    if (this.dropped) return;
    for (const scope of this.scopes()) scope.drop(reason);
    if (!this.dropped) this.leave(0x0a);
  }

  protected abstract scopes(): readonly ScopeGroup[];

  protected addTo<S extends ScopeGroup>(of: MessageClass<S>): S {
    this.revive();
    return this.add(0x12, of);
  }

  /** @internal */
  lostScope(): void {
    this.leave(0x0a);
  }

  /** @internal */
  revive(): void {
    this.comeBack(0x0a);
  }
}

/** Telemetry of one scope: what ScopeSpans, ScopeLogs and ScopeMetrics have in common. */
export abstract class ScopeGroup extends Message {
  get scope(): Scope {
    return this.child(0x0a, Scope);
  }
  get schemaUrl(): string {
    return this.plainText(0x1a);
  }
  set schemaUrl(url: string) {
    this.setPlainText(0x1a, url);
  }

  /** Drops everything in it; `reason` counts once for each item. */
  drop(reason: string): void {
    if (this.dropped) return;
    const items = this.countItems();
    if (items > 0) this.state.lost(items, reason);
    this.leaveGroup();
  }

  /** How many items are in it now. */
  protected countItems(): number {
    return this.openedField(0x12)?.live ?? countFields(this, 0x12);
  }

  /**
   * Drops the items for which there is a reason, as `drop` does; answers how many there were. Where there are no views
   * on them yet, one view is each of them in turn: it is neither to be kept nor to be edited.
   */
  protected siftItems<I extends Item>(
    of: MessageClass<I>,
    reasonOf: (item: I) => string | undefined,
  ): number {
    if (this.openedField(0x12) !== null) return siftViews(this.children(0x12, of), reasonOf);
    const { buf, end } = this;
    const reasons: string[] = [];
    const cuts: number[] = [];
    let count = 0;
    let view: I | undefined;
    for (let at = this.start; at < end;) {
      const from = at;
      const body = buf[at]! < 128 ? at + 1 : afterVarint(buf, at);
      at = skipValue(buf, body, buf[from]! & 7);
      if (buf[from] !== 0x12) continue;
      count++;
      view ??= new of(buf, at, at, this);
      view.show(afterVarint(buf, body), at);
      const reason = reasonOf(view);
      if (reason === undefined) continue;
      reasons.push(reason);
      cuts.push(from, at);
    }
    for (const reason of reasons) this.state.lost(1, reason);
    if (reasons.length > 0 && reasons.length === count) this.leaveGroup();
    else this.cutOut(cuts);
    return count;
  }

  protected addTo<I extends Item>(of: MessageClass<I>): I {
    if (this.dropped) {
      this.leaveOut(0x12, of);
      this.comeBack(0x12);
      (this.parent as ResourceGroup).revive();
    }
    return this.add(0x12, of);
  }

  /** @internal */
  leaveGroup(): void {
    if (this.leave(0x12)) (this.parent as ResourceGroup).lostScope();
  }
}

function siftViews<I extends Item>(items: readonly I[], reasonOf: (item: I) => string | undefined): number {
  for (const item of items) {
    const reason = reasonOf(item);
    if (reason !== undefined) item.drop(reason);
  }
  return items.length;
}

/** A span, a log record or a metric. */
export abstract class Item extends WireRecord {
  get resource(): Resource {
    return (this.parent!.parent as ResourceGroup).resource;
  }
  get scope(): Scope {
    return (this.parent as ScopeGroup).scope;
  }

  /** Leaves it out, counted under `reason`; a scope and a resource that are empty then go too. */
  drop(reason: string): void {
    if (this.dropped) return;
    this.state.lost(this.weight, reason);
    if (this.leave(0x12)) (this.parent as ScopeGroup).leaveGroup();
  }

  /** For how many items it counts. */
  protected get weight(): number {
    return 1;
  }
}
