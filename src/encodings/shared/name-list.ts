/** Longer lists, and lists with longer names, are not kept. */
const longest = { list: 64, name: 40 };
/** When so many are kept, all are forgotten. */
const mostKept = 4096;

/**
 * Names of the members of an object, in their order: a name and the list of those before it. Objects with the same members
 * share theirs.
 */
export class NameList {
  readonly last: string;
  /** The one with another name that was asked for the last time; the name is written without escapes. */
  latest: NameList | undefined;
  private readonly before: NameList | undefined;
  private readonly length: number;
  private readonly isKept: boolean;
  private readonly followers = new Map<string, NameList>();
  private names: readonly string[] | undefined;

  constructor(last: string, before: NameList | undefined, isKept: boolean) {
    this.last = last;
    this.before = before;
    this.length = before === undefined ? 0 : before.length + 1;
    this.isKept = isKept;
  }

  get list(): readonly string[] {
    return (this.names ??= this.collected());
  }

  /** The list with one more name. */
  and(name: string): NameList {
    const found = this.followers.get(name) ?? this.with(name);
    if (found.isKept) this.latest = found;
    return found;
  }

  private with(name: string): NameList {
    const isKept =
      this.isKept && this.length < longest.list && name.length <= longest.name && !/["\\]/.test(name);
    const made = new NameList(name, this, isKept);
    if (!isKept) return made;
    if (++kept > mostKept) {
      kept = 0;
      root = new NameList('', undefined, true);
    }
    this.followers.set(name, made);
    return made;
  }

  private collected(): string[] {
    const names = this.before === undefined ? [] : [this.last];
    for (let at = this.before; at?.before !== undefined; at = at.before) names.push(at.last);
    return names.reverse();
  }
}

let root = new NameList('', undefined, true);
let kept = 0;

/** The empty list. */
export function noNames(): NameList {
  return root;
}
