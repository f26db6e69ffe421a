/** The members that objects of a shape may have: what has others is told, since it is not carried over. */
export class KnownMembers {
  private readonly known: ReadonlySet<string>;
  private readonly notice: string;
  /** The names of the last object of which each was known: objects with the same members share the list. */
  private wellKnown: readonly string[] = [];

  /** `names` are separated by spaces. */
  constructor(names: string, notice: string) {
    this.known = new Set(names.split(' '));
    this.notice = notice;
  }

  check(names: readonly string[], notice: (text: string) => void): void {
    if (names === this.wellKnown) return;
    let isKnown = true;
    for (const name of names) {
      if (this.known.has(name)) continue;
      isKnown = false;
      notice(this.notice);
    }
    if (isKnown) this.wellKnown = names;
  }
}
