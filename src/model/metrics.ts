import { afterVarint, doubleAt, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { Attributes } from './attributes.ts';
import { Batch } from './batch.ts';
import { countFields, countPoints, metricDataTags } from './count.ts';
import { FieldTable } from './fields.ts';
import { Item, ResourceGroup, ScopeGroup } from './group.ts';
import { Message } from './message.ts';
import { WireRecord } from './record.ts';

/** Metrics on their way: views on the bytes of a MetricsData (or ExportMetricsServiceRequest, which is the same). */
export class MetricsBatch extends Batch {
  readonly signal = 'metrics';

  resourceMetrics(): readonly ResourceMetrics[] {
    return this.children(0x0a, ResourceMetrics);
  }

  /** The metrics that were not dropped, in their order. */
  metrics(): Metric[] {
    const metrics: Metric[] = [];
    for (const group of this.resourceMetrics()) {
      for (const scope of group.scopeMetrics()) for (const metric of scope.metrics()) metrics.push(metric);
    }
    return metrics;
  }

  /** Adds an empty group at the end. */
  addResource(): ResourceMetrics {
    return this.add(0x0a, ResourceMetrics);
  }

  protected override groups(): readonly ResourceMetrics[] {
    return this.resourceMetrics();
  }
}

export class ResourceMetrics extends ResourceGroup {
  scopeMetrics(): readonly ScopeMetrics[] {
    return this.children(0x12, ScopeMetrics);
  }
  /** Adds an empty group at the end. */
  addScope(): ScopeMetrics {
    return this.addTo(ScopeMetrics);
  }
  protected override scopes(): readonly ScopeGroup[] {
    return this.scopeMetrics();
  }
}

export class ScopeMetrics extends ScopeGroup {
  get resourceMetrics(): ResourceMetrics {
    return this.parent as ResourceMetrics;
  }
  metrics(): readonly Metric[] {
    return this.children(0x12, Metric);
  }
  /** Adds an empty metric at the end; its fields are set on it. */
  addMetric(): Metric {
    return this.addTo(Metric);
  }
  protected override countItems(): number {
    let points = 0;
    for (const metric of this.metrics()) points += metric.dataPointCount;
    return points;
  }
}

/** The kind of a metric's data; `none` for a metric without data or of a kind that is newer than this. */
export type MetricType = 'none' | 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

const metricFields = new FieldTable();
/** Holds a metric before it is put in. */
const scratch = new Writer(1 << 12);
const metricTypes: readonly MetricType[] = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'];
/** The tag of the attributes of a data point, by type. */
const pointAttributes: readonly number[] = [0x3a, 0x3a, 0x4a, 0x0a, 0x3a];

export class Metric extends Item {
  protected get table(): FieldTable {
    return metricFields;
  }
  get name(): string {
    return this.text(0x0a);
  }
  set name(name: string) {
    this.setText(0x0a, name);
  }
  get description(): string {
    return this.text(0x12);
  }
  set description(description: string) {
    this.setText(0x12, description);
  }
  get unit(): string {
    return this.text(0x1a);
  }
  set unit(unit: string) {
    this.setText(0x1a, unit);
  }
  get type(): MetricType {
    return metricTypes[this.typeIndex()] ?? 'none';
  }
  /** Attributes of the metric as such (`metadata` in OTLP), which are not those of its data points. */
  get metadata(): Attributes {
    return new Attributes(this, 0x62);
  }
  /** OTLP's number for delta (1) or cumulative (2), 0 for neither; undefined for a type that has none. */
  get aggregationTemporality(): number | undefined {
    return aggregated.has(this.type) ? this.data?.small(0x10) : undefined;
  }
  /** Does nothing to a type that has none. */
  set aggregationTemporality(temporality: number | undefined) {
    if (aggregated.has(this.type)) this.data?.setSmall(0x10, temporality ?? 0);
  }
  /** Undefined for anything but a sum. */
  get isMonotonic(): boolean | undefined {
    return this.type === 'sum' ? this.data?.small(0x18) === 1 : undefined;
  }
  /** Does nothing to anything but a sum. */
  set isMonotonic(monotonic: boolean | undefined) {
    if (this.type === 'sum') this.data?.setSmall(0x18, monotonic === true ? 1 : 0);
  }
  get dataPointCount(): number {
    const index = this.typeIndex();
    const data = index < 0 ? undefined : this.openedField(metricDataTags[index]!)?.messages[0];
    // Dropped points are still among the bytes, and added ones not yet.
    return countPoints(this) + (data instanceof MetricData ? data.pointsGained : 0);
  }
  dataPoints(): readonly DataPoint[] {
    const index = this.typeIndex();
    return index < 0 ? [] : this.child(metricDataTags[index]!, MetricData).points();
  }
  get scopeMetrics(): ScopeMetrics {
    return this.parent as ScopeMetrics;
  }

  /** Becomes a copy of another metric, of any batch, without its data points: all that describes them stays. */
  copyWithoutPoints(from: Metric): void {
    const { buf, start, end } = from;
    writeWithoutPoints(buf, { start, end }, scratch.reset());
    this.rewrite(this.end, scratch);
  }

  /** Adds a copy of a data point, of any batch, at the end. Throws a TypeError for a metric of no known type. */
  addCopyOf(point: DataPoint): DataPoint {
    const index = this.typeIndex();
    if (index < 0) throw new TypeError('a metric without a type has no data points');
    const copy = this.child(metricDataTags[index]!, MetricData).addPoint();
    copy.copyFrom(point);
    return copy;
  }

  /** @internal */
  get attributesTag(): number {
    return pointAttributes[this.typeIndex()]!;
  }

  protected override get weight(): number {
    return this.dataPointCount;
  }

  private get data(): MetricData | undefined {
    const index = this.typeIndex();
    return index < 0 ? undefined : this.child(metricDataTags[index]!, MetricData);
  }

  private typeIndex(): number {
    const table = this.fields();
    return metricDataTags.findIndex((tag) => table.indexOf(tag) >= 0);
  }
}

/** Writes a Metric without the points in its data. */
function writeWithoutPoints(buf: Bytes, { start, end }: { start: number; end: number }, to: Writer): void {
  for (let at = start; at < end;) {
    const tag = buf[at]!;
    const body = tag < 128 ? at + 1 : afterVarint(buf, at);
    const next = skipValue(buf, body, tag & 7);
    if (!metricDataTags.includes(tag)) to.copy(buf, at, next);
    else {
      to.varint(tag);
      const mark = to.begin(1);
      writeData(buf, { start: afterVarint(buf, body), end: next }, to);
      to.end(mark, 1);
    }
    at = next;
  }
}

/** Writes the fields of a metric's data that are not points. */
function writeData(buf: Bytes, { start, end }: { start: number; end: number }, to: Writer): void {
  for (let at = start; at < end;) {
    const tag = buf[at]!;
    const next = skipValue(buf, tag < 128 ? at + 1 : afterVarint(buf, at), tag & 7);
    if (tag !== 0x0a) to.copy(buf, at, next);
    at = next;
  }
}

class MetricData extends Message {
  /** A field that is a number of one varint, 0 if it is absent. */
  small(tag: number): number {
    const at = this.find(tag);
    return at < 0 ? 0 : varintAt(this.buf, at);
  }
  setSmall(tag: number, value: number): void {
    const at = this.find(tag);
    scratch.reset();
    if (value !== 0) {
      scratch.varint(tag);
      scratch.varint(value);
    }
    this.splice(at < 0 ? this.end : at - 1, at < 0 ? this.end : skipValue(this.buf, at, 0), scratch);
  }
  points(): readonly DataPoint[] {
    return this.children(0x0a, DataPoint);
  }
  /** Points added, less those dropped. */
  get pointsGained(): number {
    const points = this.openedField(0x0a);
    return points === null ? 0 : points.live - countFields(this, 0x0a);
  }
  addPoint(): DataPoint {
    this.state.itemsAdded++;
    return this.add(0x0a, DataPoint);
  }
}

const aggregated: ReadonlySet<MetricType> = new Set(['sum', 'histogram', 'exponential_histogram']);
const counted: ReadonlySet<MetricType> = new Set(['histogram', 'exponential_histogram', 'summary']);
const numeric: ReadonlySet<MetricType> = new Set(['gauge', 'sum']);

const pointFields = new FieldTable();

/** What all types of data points have in common. */
export class DataPoint extends WireRecord {
  protected get table(): FieldTable {
    return pointFields;
  }
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
    return new Attributes(this, this.metric.attributesTag);
  }
  get metric(): Metric {
    return this.parent!.parent as Metric;
  }
  /** Of a gauge or sum, bigint for an int64 and number for a double; undefined for other types and for no value. */
  get value(): bigint | number | undefined {
    if (!numeric.has(this.metric.type)) return undefined;
    if (this.locate(0x31) >= 0) return BigInt.asIntN(64, this.fixed64(0x31));
    const at = this.locate(0x21);
    return at < 0 ? undefined : doubleAt(this.buf, at);
  }
  /** Throws a TypeError for other types. */
  set value(value: bigint | number | undefined) {
    if (!numeric.has(this.metric.type))
      throw new TypeError(`a data point of a ${this.metric.type} has no value`);
    this.remove(0x21);
    this.remove(0x31);
    if (typeof value === 'number') this.putDouble(0x21, value);
    else if (value !== undefined) {
      scratch.reset().varint(0x31);
      scratch.fixed64(BigInt.asUintN(64, value));
      this.put(0x31, scratch);
    }
  }
  /** OTLP's flags: 1 says that there is no recorded value. */
  get flags(): number {
    return this.uint(this.flagsTag);
  }
  set flags(flags: number) {
    this.setUint(this.flagsTag, flags);
  }
  /** How many measurements a histogram or summary holds; undefined for numbers. */
  get count(): bigint | undefined {
    return counted.has(this.metric.type) ? this.fixed64(0x21) : undefined;
  }
  /** Throws a TypeError for numbers. */
  set count(count: bigint | undefined) {
    if (!counted.has(this.metric.type))
      throw new TypeError(`a data point of a ${this.metric.type} has no count`);
    this.setFixed64(0x21, count ?? 0n);
  }
  /** The sum of the measurements of a histogram or summary, 0 if there is none; undefined for numbers. */
  get sum(): number | undefined {
    if (!counted.has(this.metric.type)) return undefined;
    const at = this.locate(0x29);
    return at < 0 ? 0 : doubleAt(this.buf, at);
  }
  /** Throws a TypeError for numbers. */
  set sum(sum: number | undefined) {
    if (!counted.has(this.metric.type))
      throw new TypeError(`a data point of a ${this.metric.type} has no sum`);
    if (sum === undefined) this.remove(0x29);
    else this.putDouble(0x29, sum);
  }

  private get flagsTag(): number {
    const { type } = this.metric;
    return numeric.has(type) || type === 'summary' ? 0x40 : 0x50;
  }

  private putDouble(tag: number, value: number): void {
    scratch.reset().varint(tag);
    scratch.double(value);
    this.put(tag, scratch);
  }

  /** Leaves it out, counted under `reason`; a metric, scope and resource that are empty then go too. */
  drop(reason: string): void {
    if (this.dropped) return;
    this.state.lost(1, reason);
    if (this.leave(0x0a)) this.metric.drop(reason);
  }
}
