/**
 * Print-outs in the middle of other lines: those of other programs, and what `docker compose`, `kubectl` and CI systems
 * put before each line. A lane is one print-out whose lines are still coming; lanes with different prefixes run side by side.
 */
import type { LineSpan } from '../plain-lines.ts';

/** Times before lines differ from line to line; the rest of a prefix does not. */
const timeInPrefix =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?/g;
const timeHere = new RegExp(timeInPrefix.source, 'y');
const longestPrefix = 200;
/** So many lines of others may stand between two lines of a print-out. */
const longestGap = 1000;
const mostLanes = 16;

/** What an indented line of a print-out begins with; others, as those of a stack trace, are of someone else. */
const within =
  /^\s+(?:["'`\]}[{<(]|-?\d|\.\.\. |[\w$.]+: |(?:true|false|null|undefined|NaN|-?Infinity)\b|Symbol\(|[A-Z][\w$]*(?:\(\d+\))? [[{])/;

export interface Lane {
  /** Text that is the same on each line; between two of them stands a time. */
  readonly prefix: readonly string[];
  readonly first: LineSpan;
  readonly lines: string[];
  /** Characters of all lines. */
  size: number;
  /** Where its last line ends, and the number of that. */
  end: number;
  lastNumber: number;
}

export class Lanes {
  private readonly lanes: Lane[] = [];

  get isEmpty(): boolean {
    return this.lanes.length === 0;
  }

  /** Where the first of the open lanes began. */
  get earliest(): number {
    return Math.min(Infinity, ...this.lanes.map(({ first }) => first.offset));
  }

  /** The lane that the line belongs to; the line is added to it. `isEnd` says whether that is its last. */
  add(line: LineSpan, text: string): { readonly lane: Lane; readonly isEnd: boolean } | undefined {
    for (const lane of this.lanes) {
      const rest = behindPrefix(lane.prefix, text);
      if (rest === undefined) continue;
      const isEnd = rest.startsWith('}');
      if (!isEnd && !within.test(rest)) continue;
      lane.lines.push(rest);
      lane.size += rest.length;
      lane.end = line.after;
      lane.lastNumber = line.number;
      if (isEnd) this.remove(lane);
      return { lane, isEnd };
    }
    return undefined;
  }

  /** Opens a lane if the line can begin a print-out. The lanes that end by it, incomplete, are answered. */
  open(line: LineSpan, text: string): readonly Lane[] | undefined {
    const trimmed = text.trimEnd();
    if (!trimmed.endsWith('{') || trimmed.length > longestPrefix) return undefined;
    const prefix = splitPrefix(trimmed.slice(0, -1));
    if (prefix === undefined) return undefined;
    const gone = this.lanes.filter((lane) => samePrefix(lane.prefix, prefix));
    if (gone.length === 0 && this.lanes.length >= mostLanes) gone.push(...this.lanes.slice(0, 1));
    for (const lane of gone) this.remove(lane);
    const { after: end, number: lastNumber } = line;
    this.lanes.push({ prefix, first: line, lines: ['{'], size: 1, end, lastNumber });
    return gone;
  }

  /** Takes out the lanes that got no line for long, or are too large. */
  overdue(number: number, mostSize: number): readonly Lane[] {
    const gone = this.lanes.filter(
      ({ lastNumber, size }) => number - lastNumber > longestGap || size > mostSize,
    );
    for (const lane of gone) this.remove(lane);
    return gone;
  }

  /** Takes out all. */
  close(): readonly Lane[] {
    return this.lanes.splice(0);
  }

  private remove(lane: Lane): void {
    this.lanes.splice(this.lanes.indexOf(lane), 1);
  }
}

/** Undefined for what is more likely code or prose than a prefix: it ends in a blank, or there is none. */
function splitPrefix(text: string): string[] | undefined {
  return text === '' || /\s$/.test(text) ? text.split(timeInPrefix) : undefined;
}

function samePrefix(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

/** What stands behind the prefix; undefined for a line that begins otherwise. */
function behindPrefix(prefix: readonly string[], text: string): string | undefined {
  let at = 0;
  for (const [index, part] of prefix.entries()) {
    if (index > 0) {
      timeHere.lastIndex = at;
      if (!timeHere.test(text)) return undefined;
      at = timeHere.lastIndex;
    }
    if (!text.startsWith(part, at)) return undefined;
    at += part.length;
  }
  return at === 0 ? text : text.slice(at);
}
