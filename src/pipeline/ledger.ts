/**
 * What became of every item. Each component counts what it took and what left it, each at its own edge,
 * so that the sums are a check and not a tautology.
 *
 *     receiver, processor:  in + created = out + dropped(reason) + abandoned
 *     exporter:             handed = delivered + refused(reason) + failed + uncertain + abandoned
 *
 * What failed on records that went on all the same, and what could not be read, is counted outside of these sums.
 */
import { itemNouns, type Signal } from '../model/signal.ts';

export type Reasons = Map<string, number>;

/** The counts of one receiver or processor, for one signal. */
export interface FlowCounts {
  readonly id: string;
  readonly signal: Signal;
  in: number;
  /** Items that the component made: a fan-out of a user's processor. */
  created: number;
  out: number;
  readonly dropped: Reasons;
  /** Taken and not handed on when the run ended early. */
  abandoned: number;
  /** What failed on records, by its text: no item is lost by it. */
  readonly failures: Map<string, FailureCounts>;
}

/** The counts of a processor in one pipeline. */
export interface PipelineFlow extends FlowCounts {
  readonly pipeline: string;
}

export interface Nouns {
  readonly one: string;
  readonly many: string;
}

/** How often one statement, condition or step of a processor failed. */
export interface FailureCounts {
  /** `statement` or `condition`; empty for a step of a user's processor. */
  readonly kind: string;
  /** What it ran on: spans, resources. */
  readonly records: Nouns;
  count: number;
  /** What went wrong on the first of them, and which that was. */
  readonly example: string;
}

/** The counts of one exporter in one pipeline. */
export interface ExportCounts {
  readonly id: string;
  readonly signal: Signal;
  readonly target: string;
  handed: number;
  delivered: number;
  readonly refused: Reasons;
  /** Not delivered, because the exporter cannot go on; a resumed run sends them. */
  failed: number;
  /** The backend cannot tell whether it has them. */
  uncertain: number;
  /** Interrupted. */
  abandoned: number;
  requests: number;
  retries: number;
  bytes: number;
}

/** A part of an input that could not be read. */
export interface UnreadableRegion {
  readonly input: string;
  /** 1-based; absent where the input has no lines. */
  readonly line?: number;
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

/** How many unreadable regions are kept with their place; beyond that they are only counted. */
const keptRegions = 100;

/** What a receiver counts; its `in` and `out` are counted where it hands over. */
export class ReceiverCounts {
  readonly id: string;
  readonly flows: Map<Signal, FlowCounts> = new Map();
  readonly unreadable: { regions: number; bytes: number; readonly kept: UnreadableRegion[] } = {
    regions: 0,
    bytes: 0,
    kept: [],
  };
  /** Bytes of input there are, where that is known, and how many are read. */
  readonly progress: { readBytes: number; totalBytes: number | undefined; inputs: number } = {
    readBytes: 0,
    totalBytes: undefined,
    inputs: 0,
  };

  constructor(id: string) {
    this.id = id;
  }

  flow(signal: Signal): FlowCounts {
    let flow = this.flows.get(signal);
    if (flow === undefined) this.flows.set(signal, (flow = flowCounts(this.id, signal)));
    return flow;
  }

  /** Items that the receiver read and keeps to itself: duplicates. */
  drop(signal: Signal, reason: string, items: number): void {
    if (items === 0) return;
    const flow = this.flow(signal);
    flow.in += items;
    add(flow.dropped, reason, items);
  }

  addUnreadable(region: UnreadableRegion): void {
    this.unreadable.regions++;
    this.unreadable.bytes += region.bytes;
    if (this.unreadable.kept.length < keptRegions) this.unreadable.kept.push(region);
  }
}

/** How many texts a processor may count failures of; the others count together. */
const keptFailures = 100;
const otherFailures = 'everything else';
const longestExample = 500;

/** What a processor counts itself; what passes it is counted at its edges. */
export class ProcessorCounts {
  readonly flow: FlowCounts;

  constructor(flow: FlowCounts) {
    this.flow = flow;
  }

  /**
   * Counts that something failed on a record, which goes on. `text` says what, as the config has it, and is the same for
   * every record; `example` says what went wrong and on which record. It is only called for the first failure of a
   * text: then, what it said is the answer.
   */
  fail(
    text: string,
    example: () => string,
    {
      kind = '',
      records = itemNouns[this.flow.signal],
    }: Partial<Pick<FailureCounts, 'kind' | 'records'>> = {},
  ): string | undefined {
    const { failures } = this.flow;
    const key = failures.has(text) || failures.size < keptFailures ? text : otherFailures;
    const known = failures.get(key);
    if (known !== undefined) {
      known.count++;
      return undefined;
    }
    const said = example();
    const kept = said.length > longestExample ? `${said.slice(0, longestExample)}…` : said;
    failures.set(key, { kind, records, count: 1, example: kept });
    return kept;
  }
}

export function flowCounts(id: string, signal: Signal): FlowCounts {
  const none = { in: 0, created: 0, out: 0, abandoned: 0 };
  return { id, signal, ...none, dropped: new Map(), failures: new Map() };
}

export function exportCounts(id: string, signal: Signal, target: string): ExportCounts {
  const none = {
    handed: 0,
    delivered: 0,
    failed: 0,
    uncertain: 0,
    abandoned: 0,
    requests: 0,
    retries: 0,
    bytes: 0,
  };
  return { id, signal, target, ...none, refused: new Map() };
}

export function add(reasons: Reasons, reason: string, items: number): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + items);
}

export function total(reasons: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const items of reasons.values()) sum += items;
  return sum;
}

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
  readonly exporters: ExportCounts[] = [];
  /** How the components are joined. */
  readonly pipelines: JoinedPipeline[] = [];
  /** Times that a full gate made the run release what processors held back. */
  forcedFlushes = 0;

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
    const ends = new Set(this.exporters.map(({ id }) => id));
    const connectors = inputs.filter((id) => !ends.has(id));
    const receivers = this.receivers.filter(({ id }) => inputs.includes(id));
    const feeding = this.pipelines.filter(
      (other) => other.signal === signal && other.outputs.some((id) => connectors.includes(id)),
    );
    const counts = [
      ...receivers.map(({ flows }) => flows.get(signal)?.out ?? 0),
      ...feeding.map((other) => this.leftOf(other)),
    ];
    return counts.reduce((sum, items) => sum + items, 0);
  }

  private leftOf(pipeline: JoinedPipeline): number {
    return this.processorsOf(pipeline).at(-1)?.out ?? this.entered(pipeline);
  }

  private processorsOf(pipeline: JoinedPipeline): readonly FlowCounts[] {
    return this.processors.filter((flow) => flow.pipeline === pipeline.id);
  }

  /** Whether everything that was read arrived or was dropped on purpose. */
  isClean(): boolean {
    const unread = this.receivers.some((receiver) => receiver.unreadable.regions > 0);
    return !unread && this.exporters.every((counts) => counts.handed === counts.delivered);
  }
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
  if (handed === delivered + refused + failed + uncertain + abandoned) return [];
  return [
    `${counts.id} (${counts.signal}): handed ${handed} is not delivered ${delivered} + refused ${refused} + failed ${failed} + uncertain ${uncertain} + abandoned ${abandoned}`,
  ];
}
