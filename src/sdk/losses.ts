/** What the SDK's types cannot carry, counted by reason: whoever goes through them is told what it cost. */

/** The reasons, and how they read in a sentence after a number. */
export const lossTexts = {
  int64: 'integers beyond 2^53, rounded',
  integral_double: 'doubles without a fraction, written as integers',
  duplicate_key: 'second values of a key, left out',
  empty_value: 'empty values of a resource, left out',
  flags: 'flags beyond what the SDK knows, left out',
  parent_unknown: 'spans or links that do not say whether their parent is remote, written as local',
  entity_refs: 'entity references of a resource, left out',
  resource_dropped_attributes: "counts of a resource's dropped attributes, left out",
  scope_dropped_attributes: "counts of a scope's dropped attributes, which exporters in JSON leave out",
  scope_attributes: 'scopes that differ only in their attributes, which exporters in JSON unite',
} as const;

export type LossReason = keyof typeof lossTexts;

export class Losses {
  readonly counts = new Map<LossReason, number>();

  add(reason: LossReason): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  get total(): number {
    let sum = 0;
    for (const count of this.counts.values()) sum += count;
    return sum;
  }

  addAll(other: Losses): void {
    for (const [reason, count] of other.counts)
      this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }

  /** `int64 3 (integers beyond 2^53, rounded), flags 12 (...)`; empty when nothing was lost. */
  describe(): string {
    return [...this.counts].map(([reason, count]) => `${reason} ${count} (${lossTexts[reason]})`).join(', ');
  }
}
