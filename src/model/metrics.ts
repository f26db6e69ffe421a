import { afterVarint, skipValue, varintAt, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import { Attributes } from './attributes.ts';
import { Batch } from './batch.ts';
import { countFields, countPoints, metricDataTags } from './count.ts';
import { FieldTable } from './fields.ts';
import { Item, ResourceGroup, ScopeGroup } from './group.ts';
import { Message } from './message.ts';
import { PointRecord } from './metrics-point.ts';
import { metricTypes, type KnownMetricType, type MetricType } from './metrics-type.ts';

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
  /** Adds a copy of a metric, of any batch, with its data points, at the end. */
  addCopyOf(metric: Metric): Metric {
    const copy = this.addMetric();
    copy.copyFrom(metric);
    this.state.itemsAdded += copy.dataPointCount;
    return copy;
  }
  protected override countItems(): number {
    let points = 0;
    for (const metric of this.metrics()) points += metric.dataPointCount;
    return points;
  }
}

const metricFields = new FieldTable();
/** Holds a metric before it is put in. */
const scratch = new Writer(1 << 12);
/** Holds a metric as it is now. */
const whole = new Writer(1 << 14);

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
    this.table.settle(this);
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
    from.table.settle(from);
    const { buf, start, end } = from;
    writeWithoutPoints(buf, { start, end }, scratch.reset());
    this.rewrite(this.end, scratch);
  }

  /** Gives a metric that has no type yet this one. Throws a TypeError for one that has. */
  begin(type: KnownMetricType): void {
    if (this.typeIndex() >= 0) throw new TypeError(`the metric is a ${this.type} already`);
    const tag = metricDataTags[metricTypes.indexOf(type)]!;
    scratch.reset().varint(tag);
    scratch.varint(0);
    this.append(tag, scratch);
  }

  /**
   * A gauge becomes a sum without temporality, or a sum a gauge: the data points stay as they are. Views on them are
   * not to be used any more. Throws a TypeError for other types.
   */
  convertTo(type: 'gauge' | 'sum'): void {
    if (this.type !== 'gauge' && this.type !== 'sum')
      throw new TypeError(`a ${this.type} cannot become a ${type}`);
    const data = { from: metricDataTags[this.typeIndex()]!, to: metricDataTags[metricTypes.indexOf(type)]! };
    this.write(whole.reset());
    writeConverted(whole.bytes(), data, scratch.reset());
    this.rewrite(this.end, scratch);
    this.opened = null;
  }

  /** Leaves all data points out, counted under `reason`; the metric stays. */
  removeDataPoints(reason: string): void {
    const points = this.dataPointCount;
    this.data?.removePoints();
    this.state.lost(points, reason);
  }

  /** Adds an empty data point at the end. Throws a TypeError for a metric of no known type. */
  addDataPoint(): DataPoint {
    const { data } = this;
    if (data === undefined) throw new TypeError('a metric without a type has no data points');
    return data.addPoint();
  }

  /** Adds a copy of a data point, of any batch, at the end. Throws a TypeError for a metric of no known type. */
  addCopyOf(point: DataPoint): DataPoint {
    const copy = this.addDataPoint();
    copy.copyFrom(point);
    return copy;
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

/** Writes a Metric with its data, without settings, under another tag. */
function writeConverted(buf: Bytes, tags: { from: number; to: number }, to: Writer): void {
  for (let at = 0; at < buf.length;) {
    const tag = buf[at]!;
    const body = tag < 128 ? at + 1 : afterVarint(buf, at);
    const next = skipValue(buf, body, tag & 7);
    if (tag === tags.from) {
      to.varint(tags.to);
      const mark = to.begin(3);
      writePoints(buf, { start: afterVarint(buf, body), end: next }, to);
      to.end(mark, 3);
    } else if (!metricDataTags.includes(tag)) to.copy(buf, at, next);
    at = next;
  }
}

/** Writes the points of a metric's data. */
function writePoints(buf: Bytes, { start, end }: { start: number; end: number }, to: Writer): void {
  for (let at = start; at < end;) {
    const tag = buf[at]!;
    const next = skipValue(buf, tag < 128 ? at + 1 : afterVarint(buf, at), tag & 7);
    if (tag === 0x0a) to.copy(buf, at, next);
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
  removePoints(): void {
    this.leaveOut(0x0a, DataPoint);
    this.markChanged();
    this.state.edited(this.start - this.end);
  }
  addPoint(): DataPoint {
    this.state.itemsAdded++;
    return this.add(0x0a, DataPoint);
  }
}

const aggregated: ReadonlySet<MetricType> = new Set(['sum', 'histogram', 'exponential_histogram']);
const pointFields = new FieldTable();

export class DataPoint extends PointRecord {
  protected get table(): FieldTable {
    return pointFields;
  }
  get metric(): Metric {
    return this.parent!.parent as Metric;
  }
  get type(): MetricType {
    return this.metric.type;
  }

  /** Leaves it out, counted under `reason`; a metric, scope and resource that are empty then go too. */
  drop(reason: string): void {
    if (this.dropped) return;
    this.state.lost(1, reason);
    if (this.leave(0x0a)) this.metric.drop(reason);
  }
}
