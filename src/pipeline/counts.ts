/** What the components count, each at its own edge; `ledger.ts` adds it up. */
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
  /** Of the dropped ones, those on which the component failed. */
  lost?: number;
  /** Of the lost ones, those that are in the dead-letter file. */
  deadLettered?: number;
  /** Taken and not handed on when the run ended early. */
  abandoned: number;
  /** What failed on records, by its text: no item is lost by it. */
  readonly failures: Map<string, FailureCounts>;
  /** What the component changed in items that went on, by what and where, in its own words. */
  edits?: Map<string, number>;
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
  /** Written to the dead-letter file instead. */
  readonly deadLettered: Reasons;
  /** Not delivered, because the exporter cannot go on; a resumed run sends them. */
  failed: number;
  /** The backend cannot tell whether it has them. */
  uncertain: number;
  /** Interrupted. */
  abandoned: number;
  /** Of the delivered ones, those whose earlier attempt ended without an answer: the backend may have them twice. */
  possiblyDuplicated: number;
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
export const keptRegions = 100;

/** What a receiver counts; its `in` and `out` are counted where it hands over. */
export class ReceiverCounts {
  readonly id: string;
  readonly flows: Map<Signal, FlowCounts> = new Map();
  readonly unreadable: Unreadable = noneUnreadable();
  /** Bytes of input there are, where that is known, and how many are read. */
  readonly progress: { readBytes: number; totalBytes: number | undefined; inputs: number } = {
    readBytes: 0,
    totalBytes: undefined,
    inputs: 0,
  };

  /** Counted, and not yet part of a position; see `commit`. */
  private readonly staged: { drops: [Signal, string, number][]; unreadable: Unreadable };

  constructor(id: string) {
    this.id = id;
    this.staged = { drops: [], unreadable: noneUnreadable() };
  }

  flow(signal: Signal): FlowCounts {
    let flow = this.flows.get(signal);
    if (flow === undefined) this.flows.set(signal, (flow = flowCounts(this.id, signal)));
    return flow;
  }

  /** Items that the receiver read and keeps to itself: duplicates. */
  drop(signal: Signal, reason: string, items: number): void {
    if (items > 0) this.staged.drops.push([signal, reason, items]);
  }

  addUnreadable(region: UnreadableRegion): void {
    const { unreadable } = this.staged;
    unreadable.regions++;
    unreadable.bytes += region.bytes;
    if (unreadable.kept.length < keptRegions) unreadable.kept.push(region);
  }

  /**
   * What was counted since the last call counts from now on. Called together with each new position, so that a run that
   * goes on from there counts neither twice nor too little.
   */
  commit(): void {
    for (const [signal, reason, items] of this.staged.drops.splice(0)) {
      const flow = this.flow(signal);
      flow.in += items;
      add(flow.dropped, reason, items);
    }
    const { unreadable } = this.staged;
    this.unreadable.regions += unreadable.regions;
    this.unreadable.bytes += unreadable.bytes;
    this.unreadable.kept.push(...unreadable.kept.slice(0, keptRegions - this.unreadable.kept.length));
    this.staged.unreadable = noneUnreadable();
  }
}

export interface Unreadable {
  regions: number;
  bytes: number;
  /** The first of them, with their place. */
  readonly kept: UnreadableRegion[];
}

function noneUnreadable(): Unreadable {
  return { regions: 0, bytes: 0, kept: [] };
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

  /** Counts that items were dropped because something failed on them; `isKept` if they are dead letters. */
  lose(items: number, isKept: boolean): void {
    const { flow } = this;
    flow.lost = (flow.lost ?? 0) + items;
    if (isKept) flow.deadLettered = (flow.deadLettered ?? 0) + items;
  }
}

/** How many kinds of edits are told apart. */
const keptEdits = 200;
const otherEdits = 'in other places';

/** Counts that something was changed. `what` is text of the component's own, and no value of an item. */
export function addEdits(flow: FlowCounts, what: string, times: number): void {
  const edits = (flow.edits ??= new Map());
  const key = edits.has(what) || edits.size < keptEdits ? what : otherEdits;
  edits.set(key, (edits.get(key) ?? 0) + times);
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
    possiblyDuplicated: 0,
    requests: 0,
    retries: 0,
    bytes: 0,
  };
  return { id, signal, target, ...none, refused: new Map(), deadLettered: new Map() };
}

export function add(reasons: Reasons, reason: string, items: number): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + items);
}

/** How many reasons of an exporter are told apart: a backend may word each one of its refusals differently. */
const keptReasons = 50;
const otherReasons = 'other reasons';

/** As `add`, for reasons in the words of a backend. */
export function addReason(reasons: Reasons, reason: string, items: number): void {
  add(reasons, reasons.has(reason) || reasons.size < keptReasons ? reason : otherReasons, items);
}

export function total(reasons: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const items of reasons.values()) sum += items;
  return sum;
}
