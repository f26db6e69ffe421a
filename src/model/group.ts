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
