import { Attributes } from './attributes.ts';
import { FieldTable } from './fields.ts';
import { RecordOfNumbers, varints } from './metrics-numbers.ts';

const exemplarFields = new FieldTable();

/** A measurement that stands for others in a data point. */
export class Exemplar extends RecordOfNumbers {
  protected get table(): FieldTable {
    return exemplarFields;
  }
  get timeUnixNano(): bigint {
    return this.fixed64(0x11);
  }
  set timeUnixNano(time: bigint) {
    this.setFixed64(0x11, time);
  }
  /** bigint for an int64 and number for a double. */
  get value(): bigint | number | undefined {
    return this.locate(0x31) >= 0 ? BigInt.asIntN(64, this.fixed64(0x31)) : this.double(0x19);
  }
  set value(value: bigint | number | undefined) {
    this.remove(0x19);
    this.remove(0x31);
    if (typeof value === 'bigint') this.setSigned64(0x31, value);
    else this.setDouble(0x19, value);
  }
  get traceId(): string {
    return this.hex(0x2a);
  }
  set traceId(id: string) {
    this.setHex(0x2a, id, 32);
  }
  get spanId(): string {
    return this.hex(0x22);
  }
  set spanId(id: string) {
    this.setHex(0x22, id, 16);
  }
  /** What the attributes of the data point leave out. */
  get filteredAttributes(): Attributes {
    return new Attributes(this, 0x3a);
  }
}

const bucketFields = new FieldTable();

/** One half, above or below zero, of an exponential histogram. */
export class Buckets extends RecordOfNumbers {
  protected get table(): FieldTable {
    return bucketFields;
  }
  /** The index of the first bucket. */
  get offset(): number {
    return this.sint32(0x08);
  }
  /** Takes the lower 32 bits. */
  set offset(offset: number) {
    this.setSint32(0x08, offset);
  }
  get counts(): bigint[] {
    return this.numbers(0x12, varints);
  }
  set counts(counts: readonly bigint[]) {
    this.setNumbers(0x12, counts, varints);
  }
}

const quantileFields = new FieldTable();

/** A quantile (0 to 1) of a summary and the value there. */
export class QuantileValue extends RecordOfNumbers {
  protected get table(): FieldTable {
    return quantileFields;
  }
  get quantile(): number {
    return this.double(0x09) ?? 0;
  }
  set quantile(quantile: number) {
    this.setDouble(0x09, quantile === 0 ? undefined : quantile);
  }
  get value(): number {
    return this.double(0x11) ?? 0;
  }
  set value(value: number) {
    this.setDouble(0x11, value === 0 ? undefined : value);
  }
}
