/**
 * What became of every item. Each component counts what it took and what left it, each at its own edge,
 * so that the sums are a check and not a tautology.
 *
 *     receiver, processor:  in + created = out + dropped(reason) + abandoned
 *     exporter:             handed = delivered + refused(reason) + deadLettered(reason) + failed + uncertain + abandoned
 *
 * What failed on records that went on all the same, and what could not be read, is counted outside of these sums.
 */
import type { Signal } from '../model/signal.ts';
import {
  total,
  type ExportCounts,
  type FlowCounts,
  type PipelineFlow,
  type ReceiverCounts,
} from './counts.ts';
import type { ExportTally } from './export-tally.ts';

/** How one pipeline joins components, by their ids. */
export interface JoinedPipeline {
  readonly id: string;
  readonly signal: Signal;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export class Ledger {
  readonly receivers: ReceiverCounts[] = [];
  /** Per pipeline and processor, in the order of the pipelines. */
  readonly processors: PipelineFlow[] = [];
  /** What the exporters count, by epoch. */
  readonly tallies: ExportTally[] = [];
  /** How the components are joined. */
  readonly pipelines: JoinedPipeline[] = [];
  /** Times that a full gate made the run release what processors held back. */
  forcedFlushes = 0;

  /** The counts of each exporter and signal until now. */
  get exporters(): ExportCounts[] {
    return this.tallies.map((tally) => tally.total());
  }

  /** What does not add up, one sentence each; empty for a ledger that balances. */
  imbalances(): string[] {
    const flows = [...this.receivers.flatMap((receiver) => [...receiver.flows.values()]), ...this.processors];
    return [
      ...flows.flatMap(flowImbalance),
      ...this.exporters.flatMap(exportImbalance),
      ...this.pipelines.flatMap((pipeline) => this.chainImbalances(pipeline)),
      ...this.exporters.flatMap((counts) => this.handedImbalance(counts)),
    ];
  }

  /** What left one component has to be what entered the next. */
  private chainImbalances(pipeline: JoinedPipeline): string[] {
    const texts: string[] = [];
    let left = this.entered(pipeline);
    let from = pipeline.inputs.join(', ');
    for (const flow of this.processorsOf(pipeline)) {
      if (flow.in !== left)
        texts.push(`${pipeline.id}: ${left} left ${from} and ${flow.in} entered ${flow.id}`);
      left = flow.out;
      from = flow.id;
    }
    return texts;
  }

  private handedImbalance({ id, signal, handed }: ExportCounts): string[] {
    const sources = this.pipelines.filter(
      (pipeline) => pipeline.signal === signal && pipeline.outputs.includes(id),
    );
    const left = sources.reduce((sum, pipeline) => sum + this.leftOf(pipeline), 0);
    if (sources.length === 0 || left === handed) return [];
    return [`${id} (${signal}): ${left} left its pipelines and ${handed} were handed to it`];
  }

  /** What entered a pipeline from its receivers, and from the pipelines that feed its connectors. */
  private entered({ inputs, signal }: JoinedPipeline): number {
    const ends = new Set(this.tallies.map(({ settled }) => settled.id));
    const connectors = inputs.filter((id) => !ends.has(id));
    const receivers = this.receivers.filter(({ id }) => inputs.includes(id));
    const feeding = this.pipelines.filter(
      (other) => other.signal === signal && other.outputs.some((id) => connectors.includes(id)),
    );
    const makers = inputs.filter((id) => !this.receivers.some((receiver) => receiver.id === id));
    const made = this.processors.filter((flow) => isMade(flow, signal) && makers.includes(flow.id));
    const counts = [
      ...receivers.map(({ flows }) => flows.get(signal)?.out ?? 0),
      ...made.map(({ out }) => out),
      ...feeding.map((other) => this.leftOf(other)),
    ];
    return counts.reduce((sum, items) => sum + items, 0);
  }

  private leftOf(pipeline: JoinedPipeline): number {
    return this.processorsOf(pipeline).at(-1)?.out ?? this.entered(pipeline);
  }

  private processorsOf({ id, signal }: JoinedPipeline): readonly FlowCounts[] {
    return this.processors.filter((flow) => flow.pipeline === id && flow.signal === signal);
  }

  /** Whether everything that was read arrived or was dropped on purpose. */
  isClean(): boolean {
    const unread = this.receivers.some((receiver) => receiver.unreadable.regions > 0);
    const lost = this.processors.some((flow) => (flow.lost ?? 0) > 0);
    return !unread && !lost && this.exporters.every((counts) => counts.handed === counts.delivered);
  }
}

/** Whether it counts what a processor made of another signal than that of its pipeline. */
function isMade({ pipeline, signal }: PipelineFlow, wanted: Signal): boolean {
  return signal === wanted && pipeline.split('/', 1)[0] !== signal;
}

function flowImbalance(flow: FlowCounts): string[] {
  const taken = flow.in + flow.created;
  const left = flow.out + total(flow.dropped) + flow.abandoned;
  if (taken === left) return [];
  return [
    `${flow.id} (${flow.signal}): in ${flow.in} + created ${flow.created} is not out ${flow.out} + dropped ${total(flow.dropped)} + abandoned ${flow.abandoned}`,
  ];
}

function exportImbalance(counts: ExportCounts): string[] {
  const { handed, delivered, failed, uncertain, abandoned } = counts;
  const refused = total(counts.refused);
  const deadLettered = total(counts.deadLettered);
  if (handed === delivered + refused + deadLettered + failed + uncertain + abandoned) return [];
  return [
    `${counts.id} (${counts.signal}): handed ${handed} is not delivered ${delivered} + refused ${refused} + dead-lettered ${deadLettered} + failed ${failed} + uncertain ${uncertain} + abandoned ${abandoned}`,
  ];
}
