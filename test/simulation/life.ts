/** One life of the command: from its start to its end or to its sudden death. */
import type { Checkpoint } from '../../src/pipeline/checkpoint.ts';
import type { RunResult } from '../../src/pipeline/run.ts';
import type { Owner } from './schedule.ts';

/** A batch as the receiver handed it over. */
export interface Handed {
  readonly receiver: string;
  /** Behind it. */
  readonly position: number;
  readonly bytes: number;
  /** Calls of `consume` at the heads of pipelines that are not settled. */
  open: number;
  releases: number;
}

export class Life implements Owner {
  readonly number: number;
  readonly from: Checkpoint | undefined;
  readonly startedMs: number;
  /** Whether nothing was broken any more when it began. */
  readonly isHealthy: boolean;
  readonly stop = new AbortController();
  readonly kill = new AbortController();
  alive = true;
  result: RunResult | undefined;
  stoppedMs: number | undefined;
  killedMs: number | undefined;
  /** Something failed that only this simulation can tell: a save, a read, a processor. */
  failed = false;
  /** Exporters that cannot go on, in a run that does: how many events had happened then. */
  readonly ended = new Map<string, number>();
  /** By the name of the first item: what the receiver wants to hand over, and what it did. */
  readonly arriving = new Map<string, Handed>();
  readonly handed = new Map<string, Handed>();
  /** By receiver, the position behind the last thing that it told of. */
  readonly toldPositions = new Map<string, number>();
  /** By exporter, how many items its backend said it has. */
  readonly acknowledged = new Map<string, number>();
  /** Requests of which nobody knows yet what became of them. */
  requests = 0;
  isSaving = false;
  private readonly toldItems = new Map<string, Set<string>>();

  constructor(facts: Pick<Life, 'number' | 'from' | 'startedMs' | 'isHealthy'>) {
    this.number = facts.number;
    this.from = facts.from;
    this.startedMs = facts.startedMs;
    this.isHealthy = facts.isHealthy;
  }

  /** A batch enters a pipeline: from now on it is in flight. */
  arrived(first: string): Handed | undefined {
    const handed = this.arriving.get(first);
    if (handed !== undefined) this.handed.set(first, handed);
    return handed;
  }

  /** The items of which the exporter was told in this life that its backend has them. */
  told(exporter: string): Set<string> {
    let told = this.toldItems.get(exporter);
    if (told === undefined) this.toldItems.set(exporter, (told = new Set()));
    return told;
  }
}
