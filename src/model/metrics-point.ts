import { Attributes } from './attributes.ts';
import { doubles, fixed64s, RecordOfNumbers } from './metrics-numbers.ts';
import { Buckets, Exemplar, QuantileValue } from './metrics-parts.ts';
import { pointTags, type MetricType } from './metrics-type.ts';
import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';

const none: never[] = [];
const attributesScratch = new Writer(1 << 12);

const counted: ReadonlySet<MetricType> = new Set(['histogram', 'exponential_histogram', 'summary']);
const histograms: ReadonlySet<MetricType> = new Set(['histogram', 'exponential_histogram']);
const numeric: ReadonlySet<MetricType> = new Set(['gauge', 'sum']);

/**
 * What data points of all types have. A field that the type of the metric does not have reads as undefined (lists as
 * empty), and setting it throws a TypeError.
 */
export abstract class PointRecord extends RecordOfNumbers {
  /** That of its metric. */
  abstract get type(): MetricType;

  get startTimeUnixNano(): bigint {
    return this.fixed64(0x11);
  }
  set startTimeUnixNano(time: bigint) {
    this.setFixed64(0x11, time);
  }
  get timeUnixNano(): bigint {
    return this.fixed64(0x19);
  }
  set timeUnixNano(time: bigint) {
    this.setFixed64(0x19, time);
  }
  get attributes(): Attributes {
    return new Attributes(this, pointTags[this.type].attributes);
  }
  /** OTLP's flags: 1 says that there is no recorded value. */
  get flags(): number {
    return this.uint(pointTags[this.type].flags);
  }
  set flags(flags: number) {
    this.setUint(pointTags[this.type].flags, flags);
  }

  /** Of a gauge or sum, bigint for an int64 and number for a double; undefined also for no value. */
  get value(): bigint | number | undefined {
    if (!numeric.has(this.type)) return undefined;
    return this.locate(0x31) >= 0 ? BigInt.asIntN(64, this.fixed64(0x31)) : this.double(0x21);
  }
  set value(value: bigint | number | undefined) {
    if (!numeric.has(this.type)) throw this.lacks('value');
    this.remove(0x21);
    this.remove(0x31);
    if (typeof value === 'bigint') this.setSigned64(0x31, value);
    else this.setDouble(0x21, value);
  }

  /** How many measurements a histogram or summary holds. */
  get count(): bigint | undefined {
    return counted.has(this.type) ? this.fixed64(0x21) : undefined;
  }
  set count(count: bigint | undefined) {
    if (!counted.has(this.type)) throw this.lacks('count');
    this.setFixed64(0x21, count ?? 0n);
  }
  /** The sum of the measurements of a histogram or summary, 0 if there is none. */
  get sum(): number | undefined {
    return counted.has(this.type) ? (this.double(0x29) ?? 0) : undefined;
  }
  set sum(sum: number | undefined) {
    if (!counted.has(this.type)) throw this.lacks('sum');
    this.setDouble(0x29, sum);
  }
  /** Whether a histogram has a sum, which it may not; a summary always has one. */
  get hasSum(): boolean {
    return this.type === 'summary' || (counted.has(this.type) && this.locate(0x29) >= 0);
  }
  /** The smallest measurement of a histogram, if it is known. */
  get min(): number | undefined {
    return histograms.has(this.type) ? this.double(pointTags[this.type].min) : undefined;
  }
  set min(min: number | undefined) {
    if (!histograms.has(this.type)) throw this.lacks('min');
    this.setDouble(pointTags[this.type].min, min);
  }
  /** The largest measurement of a histogram, if it is known. */
  get max(): number | undefined {
    return histograms.has(this.type) ? this.double(pointTags[this.type].max) : undefined;
  }
  set max(max: number | undefined) {
    if (!histograms.has(this.type)) throw this.lacks('max');
    this.setDouble(pointTags[this.type].max, max);
  }

  /** Of a histogram: one count more than there are bounds, or none at all. */
  get bucketCounts(): bigint[] {
    return this.type === 'histogram' ? this.numbers(0x32, fixed64s) : none;
  }
  set bucketCounts(counts: readonly bigint[]) {
    if (this.type !== 'histogram') throw this.lacks('bucket counts');
    this.setNumbers(0x32, counts, fixed64s);
  }
  /** Of a histogram: the upper bounds of all buckets but the last. */
  get explicitBounds(): number[] {
    return this.type === 'histogram' ? this.numbers(0x3a, doubles) : none;
  }
  set explicitBounds(bounds: readonly number[]) {
    if (this.type !== 'histogram') throw this.lacks('bounds');
    this.setNumbers(0x3a, bounds, doubles);
  }

  /** Of an exponential histogram: bucket i reaches from base^i to base^(i+1), the base being 2^(2^-scale). */
  get scale(): number | undefined {
    return this.isExponential ? this.sint32(0x30) : undefined;
  }
  /** Takes the lower 32 bits. */
  set scale(scale: number | undefined) {
    if (!this.isExponential) throw this.lacks('scale');
    this.setSint32(0x30, scale ?? 0);
  }
  get zeroCount(): bigint | undefined {
    return this.isExponential ? this.fixed64(0x39) : undefined;
  }
  set zeroCount(count: bigint | undefined) {
    if (!this.isExponential) throw this.lacks('zero count');
    this.setFixed64(0x39, count ?? 0n);
  }
  /** How far from zero what `zeroCount` counts may be. */
  get zeroThreshold(): number | undefined {
    return this.isExponential ? (this.double(0x71) ?? 0) : undefined;
  }
  set zeroThreshold(threshold: number | undefined) {
    if (!this.isExponential) throw this.lacks('zero threshold');
    this.setDouble(0x71, threshold === 0 ? undefined : threshold);
  }
  /** Of an exponential histogram the buckets above zero. Absent ones read as empty and are added when they are written to. */
  get positive(): Buckets | undefined {
    return this.isExponential ? this.child(0x42, Buckets) : undefined;
  }
  /** As `positive`, below zero. */
  get negative(): Buckets | undefined {
    return this.isExponential ? this.child(0x4a, Buckets) : undefined;
  }

  /** Of a summary. */
  get quantiles(): readonly QuantileValue[] {
    return this.type === 'summary' ? this.children(0x32, QuantileValue) : none;
  }
  /** Adds one at the end, for a summary. */
  addQuantile(quantile: number, value: number): QuantileValue {
    if (this.type !== 'summary') throw this.lacks('quantiles');
    const added = this.add(0x32, QuantileValue);
    added.quantile = quantile;
    added.value = value;
    return added;
  }
  removeQuantiles(): void {
    if (this.type !== 'summary') throw this.lacks('quantiles');
    this.removeAll(0x32);
  }

  /** Of all but summaries. */
  get exemplars(): readonly Exemplar[] {
    const tag = pointTags[this.type].exemplars;
    return tag === 0 ? none : this.children(tag, Exemplar);
  }
  /** Adds copies at the end, of a data point of any batch. */
  addCopiesOf(exemplars: readonly Exemplar[]): void {
    const tag = pointTags[this.type].exemplars;
    if (tag === 0) throw this.lacks('exemplars');
    for (const exemplar of exemplars) this.add(tag, Exemplar).copyFrom(exemplar);
  }
  removeExemplars(): void {
    const tag = pointTags[this.type].exemplars;
    if (tag === 0) throw this.lacks('exemplars');
    this.removeAll(tag);
  }

  /** Adds the attributes of another data point, of any type and batch; for one that has none yet. */
  addAttributesOf(other: PointRecord): void {
    const from = pointTags[other.type].attributes;
    const to = pointTags[this.type].attributes;
    const list = other.fields();
    const bodies: Bytes[] = [];
    for (let i = 0; i < list.count; i++) {
      if (list.tags[i] === from)
        bodies.push(bytesOf(Buffer.from(list.bufOf(i).subarray(list.from[i]! + 1, list.to[i]))));
    }
    for (const body of bodies) {
      attributesScratch.reset().varint(to);
      attributesScratch.copy(body, 0, body.length);
      this.append(to, attributesScratch);
    }
  }

  private get isExponential(): boolean {
    return this.type === 'exponential_histogram';
  }

  private removeAll(tag: number): void {
    this.opened = this.opened?.filter((field) => field.tag !== tag) ?? null;
    while (this.locate(tag) >= 0) this.remove(tag);
  }

  private lacks(what: string): TypeError {
    return new TypeError(`a data point of a ${this.type} has no ${what}`);
  }
}
