import { Attributes } from './attributes.ts';
import { Batch } from './batch.ts';
import { countPoints, metricDataTags } from './count.ts';
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
  protected override countItems(): number {
    let points = 0;
    for (const metric of this.metrics()) points += metric.dataPointCount;
    return points;
  }
}

/** The kind of a metric's data; `none` for a metric without data or of a kind that is newer than this. */
export type MetricType = 'none' | 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';

const metricFields = new FieldTable();
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
  get dataPointCount(): number {
    return countPoints(this);
  }
  dataPoints(): readonly DataPoint[] {
    const index = this.typeIndex();
    return index < 0 ? [] : this.child(metricDataTags[index]!, MetricData).points();
  }
  get scopeMetrics(): ScopeMetrics {
    return this.parent as ScopeMetrics;
  }

  /** @internal */
  get attributesTag(): number {
    return pointAttributes[this.typeIndex()]!;
  }

  protected override get weight(): number {
    return this.dataPointCount;
  }

  private typeIndex(): number {
    const table = this.fields();
    return metricDataTags.findIndex((tag) => table.indexOf(tag) >= 0);
  }
}

class MetricData extends Message {
  points(): readonly DataPoint[] {
    return this.children(0x0a, DataPoint);
  }
}

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
    return new Attributes(this, (this.parent!.parent as Metric).attributesTag);
  }
}
