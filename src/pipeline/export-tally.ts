/** The counts of one exporter and signal, kept apart by epoch until an epoch is settled whole. */
import type { Signal } from '../model/signal.ts';
import { addReason, exportCounts, total, type ExportCounts } from './counts.ts';

export class ExportTally {
  /** All epochs that are settled and retired. */
  readonly settled: ExportCounts;
  /** The epochs since, oldest first; the last one is under way. */
  private readonly open: [ExportCounts, ...ExportCounts[]];

  constructor(id: string, signal: Signal, target: string) {
    this.settled = exportCounts(id, signal, target);
    this.open = [exportCounts(id, signal, target)];
  }

  /** Where a batch that is handed over now is counted until it is settled, however long that takes. */
  get current(): ExportCounts {
    return this.open.at(-1) ?? this.open[0];
  }

  /** Whether each item of the oldest epoch came to an end that a later run need not repeat. */
  get isSettled(): boolean {
    const [{ handed, delivered, uncertain, refused, deadLettered }] = this.open;
    return handed === delivered + uncertain + total(refused) + total(deadLettered);
  }

  /** So many items that were delivered are uncertain from now on, the last ones first. */
  doubt(items: number): void {
    let left = items;
    for (const counts of [...this.open.toReversed(), this.settled]) {
      const here = Math.min(left, counts.delivered);
      counts.delivered -= here;
      counts.uncertain += here;
      left -= here;
    }
  }

  beginEpoch(): void {
    const { id, signal, target } = this.settled;
    this.open.push(exportCounts(id, signal, target));
  }

  /** The oldest epoch becomes part of what is settled. */
  retire(): void {
    if (this.open.length < 2) throw new Error('the epoch that is under way cannot be retired');
    addCounts(this.settled, this.open[0]);
    this.open.shift();
  }

  total(): ExportCounts {
    const { id, signal, target } = this.settled;
    const sum = exportCounts(id, signal, target);
    for (const counts of [this.settled, ...this.open]) addCounts(sum, counts);
    return sum;
  }
}

const numbers = [
  'handed',
  'delivered',
  'failed',
  'uncertain',
  'abandoned',
  'possiblyDuplicated',
  'requests',
  'retries',
  'bytes',
] as const;

export function addCounts(to: ExportCounts, from: Omit<ExportCounts, 'id' | 'signal' | 'target'>): void {
  for (const name of numbers) to[name] += from[name];
  for (const [reason, items] of from.refused) addReason(to.refused, reason, items);
  for (const [reason, items] of from.deadLettered) addReason(to.deadLettered, reason, items);
}
