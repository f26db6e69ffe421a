import { Writer } from '../wire/writer.ts';
import { afterVarint, skipValue } from '../wire/bytes.ts';
import { Attributes } from './attributes.ts';
import { Batch } from './batch.ts';
import { FieldTable } from './fields.ts';
import { Item, ResourceGroup, ScopeGroup } from './group.ts';
import { spanIdDigits, traceIdDigits } from './ids.ts';
import { located } from './record.ts';
import { relaxedAt, valueAt, type ExactValue, type Value } from './value.ts';
import { writeValue } from './value-writer.ts';

/** Logs on their way: views on the bytes of a LogsData (or ExportLogsServiceRequest, which is the same). */
export class LogsBatch extends Batch {
  readonly signal = 'logs';

  resourceLogs(): readonly ResourceLogs[] {
    return this.children(0x0a, ResourceLogs);
  }

  /** The log records that were not dropped, in their order. */
  logRecords(): LogRecord[] {
    const records: LogRecord[] = [];
    for (const group of this.resourceLogs()) {
      for (const scope of group.scopeLogs()) for (const record of scope.logRecords()) records.push(record);
    }
    return records;
  }

  /** Adds an empty group at the end. */
  addResource(): ResourceLogs {
    return this.add(0x0a, ResourceLogs);
  }

  protected override groups(): readonly ResourceLogs[] {
    return this.resourceLogs();
  }
}

export class ResourceLogs extends ResourceGroup {
  scopeLogs(): readonly ScopeLogs[] {
    return this.children(0x12, ScopeLogs);
  }
  /** Adds an empty group at the end. */
  addScope(): ScopeLogs {
    return this.addTo(ScopeLogs);
  }
  protected override scopes(): readonly ScopeGroup[] {
    return this.scopeLogs();
  }
}

export class ScopeLogs extends ScopeGroup {
  get resourceLogs(): ResourceLogs {
    return this.parent as ResourceLogs;
  }
  logRecords(): readonly LogRecord[] {
    return this.children(0x12, LogRecord);
  }
  /** See `siftItems`. @internal */
  sift(reasonOf: (log: LogRecord) => string | undefined): number {
    return this.siftItems(LogRecord, reasonOf);
  }
  /** Adds an empty log record at the end; its fields are set on it. */
  addLogRecord(): LogRecord {
    this.state.itemsAdded++;
    return this.addTo(LogRecord);
  }
}

const logFields = new FieldTable();
const scratch = new Writer(1 << 12);

/** Ids are lower-case hex text, '' for none; setting another length throws a RangeError. Times are nanoseconds. */
export class LogRecord extends Item {
  protected get table(): FieldTable {
    return logFields;
  }
  get timeUnixNano(): bigint {
    return this.fixed64(0x09);
  }
  set timeUnixNano(time: bigint) {
    this.setFixed64(0x09, time);
  }
  get observedTimeUnixNano(): bigint {
    return this.fixed64(0x59);
  }
  set observedTimeUnixNano(time: bigint) {
    this.setFixed64(0x59, time);
  }
  /** 1 to 24, four per level from TRACE to FATAL; 0 for none. */
  get severityNumber(): number {
    return this.uint(0x10);
  }
  set severityNumber(severity: number) {
    this.setUint(0x10, severity);
  }
  get severityText(): string {
    return this.text(0x1a);
  }
  set severityText(text: string) {
    this.setText(0x1a, text);
  }
  /** The body as JavaScript has it; null for none. Written as `Attributes.set` writes. */
  get body(): Value {
    const at = this.locate(0x2a);
    return at < 0 ? null : relaxedAt(located, afterVarint(located, at), skipValue(located, at, 2));
  }
  set body(body: Value) {
    this.setBody(body, false);
  }
  /** The body with its types kept, as in `Attributes.getExact`. */
  get bodyExact(): ExactValue {
    const at = this.locate(0x2a);
    return at < 0 ? null : valueAt(located, afterVarint(located, at), skipValue(located, at, 2));
  }
  set bodyExact(body: ExactValue) {
    this.setBody(body, true);
  }
  get attributes(): Attributes {
    return new Attributes(this, 0x32);
  }
  get droppedAttributesCount(): number {
    return this.uint(0x38);
  }
  set droppedAttributesCount(count: number) {
    this.setUint(0x38, count);
  }
  /** The W3C trace flags in the low byte. */
  get flags(): number {
    return this.fixed32(0x45);
  }
  set flags(flags: number) {
    this.setFixed32(0x45, flags);
  }
  get traceId(): string {
    return this.hex(0x4a);
  }
  set traceId(id: string) {
    this.setHex(0x4a, id, traceIdDigits);
  }
  get spanId(): string {
    return this.hex(0x52);
  }
  set spanId(id: string) {
    this.setHex(0x52, id, spanIdDigits);
  }
  get eventName(): string {
    return this.text(0x62);
  }
  set eventName(name: string) {
    this.setText(0x62, name);
  }
  get scopeLogs(): ScopeLogs {
    return this.parent as ScopeLogs;
  }

  private setBody(body: Value, exact: boolean): void {
    if (body === null) {
      this.remove(0x2a);
      return;
    }
    scratch.reset().varint(0x2a);
    writeValue(scratch, body, exact);
    this.put(0x2a, scratch);
  }
}
