import { Attributes } from './attributes.ts';
import { FieldTable } from './fields.ts';
import { WireRecord } from './record.ts';
import { Writer } from '../wire/writer.ts';

/** A message that says what a group of telemetry comes from. */
abstract class GroupHead extends WireRecord {
  /** The schema URL of the group that it heads. */
  get schemaUrl(): string {
    return this.parent!.plainText(0x1a);
  }
  set schemaUrl(url: string) {
    this.parent!.setPlainText(0x1a, url);
  }
}

const resourceFields = new FieldTable();

/** What the telemetry is about: a service, a host. An edit shows on every item below it. */
export class Resource extends GroupHead {
  protected get table(): FieldTable {
    return resourceFields;
  }
  get attributes(): Attributes {
    return new Attributes(this, 0x0a);
  }
  get droppedAttributesCount(): number {
    return this.uint(0x10);
  }
  set droppedAttributesCount(count: number) {
    this.setUint(0x10, count);
  }
}

const scopeFields = new FieldTable();

/** The instrumentation library that made the telemetry. */
export class Scope extends GroupHead {
  protected get table(): FieldTable {
    return scopeFields;
  }
  get name(): string {
    return this.text(0x0a);
  }
  set name(name: string) {
    this.setText(0x0a, name);
  }
  get version(): string {
    return this.text(0x12);
  }
  set version(version: string) {
    this.setText(0x12, version);
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
}

const headScratch = [new Writer(1 << 10), new Writer(1 << 10)] as const;

/** Whether both say the same, byte for byte, their schema URLs too. */
export function isSameHead(one: Resource | Scope, other: Resource | Scope): boolean {
  if (one === other) return true;
  const [left, right] = [one, other].map((head, at) => {
    const to = headScratch[at === 0 ? 0 : 1].reset();
    head.write(to);
    to.text(head.schemaUrl);
    return to.bytes();
  });
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}
