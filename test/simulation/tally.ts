/** What happened in schedules, so that laws are not said to hold where nothing ever put them to the test. */
export class Tally {
  readonly counts = new Map<string, number>();

  note(what: string, times = 1): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  add(other: Tally): void {
    for (const [what, times] of other.counts) this.note(what, times);
  }
}
