import type { Unreadable } from './encoding.ts';

/** What adjacent regions of one kind are called together. */
export interface RegionKind {
  readonly one: string;
  readonly many: (count: number) => string;
}

export interface Region {
  readonly offset: number;
  /** Where it ends. */
  readonly end: number;
  readonly line: number | undefined;
}

/** Puts adjacent regions of one kind together, so that a file of another format is one region and not a million. */
export class UnreadableRegions {
  private kind: RegionKind | undefined;
  private first: Region = { offset: 0, end: 0, line: undefined };
  private end = 0;
  private count = 0;

  /** Adds a region; the one before is handed over if it is complete. */
  add(kind: RegionKind, region: Region, handOver: (region: Unreadable) => void): void {
    if (this.kind === kind) {
      this.count++;
      this.end = region.end;
      return;
    }
    this.close(handOver);
    this.kind = kind;
    this.first = region;
    this.end = region.end;
    this.count = 1;
  }

  /** Adds a region that stands for itself. */
  addOne(reason: string, region: Region, handOver: (region: Unreadable) => void): void {
    this.add({ one: reason, many: () => reason }, region, handOver);
  }

  /** Hands over the region that was being collected. */
  close(handOver: (region: Unreadable) => void): void {
    const { kind, first, count } = this;
    if (kind === undefined) return;
    this.kind = undefined;
    const reason = count === 1 ? kind.one : kind.many(count);
    handOver({
      kind: 'unreadable',
      offset: first.offset,
      bytes: this.end - first.offset,
      line: first.line,
      reason,
    });
  }
}
