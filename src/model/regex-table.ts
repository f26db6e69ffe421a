/**
 * A regex as a table of states, which wasm/patterns.ts walks over the bytes of a text: in each state a byte leads to one
 * other, so that a walk takes one look at each byte whatever the regex and the text are.
 */
import { bytesOf, type Bytes } from '../wire/bytes.ts';
import { parsePlainRegex } from './regex-parse.ts';
import { threadsOf, type ByteRanges, type Instruction, type Threads } from './regex-threads.ts';

/** How a table lies in memory. It may lie anywhere at a multiple of 4. */
const tableLayout = {
  /** By byte, its class. */
  classes: 0,
  /** The first of the rows, of which each is a state. */
  rows: 256,
  /** In a row, words: whether the text matches where the state is reached, and if it ends there; */
  always: 0,
  atEnd: 4,
  /** of each range of bytes that leave the state its first one, and how many follow, where there are few ranges; */
  leaving: 8,
  /** and by class, which state comes next. */
  next: 16,
} as const;

/** Of a word: there is no match, or no next state. */
const nothing = 0;
/** Instead of a next state: a character has to be decoded. */
const inDoubt = 1;
/**
 * Any other word has in its upper half, by bits, which slots take the place where the walk is, and in its lower half that
 * there is a match, or a quarter of where the next row is in the table, with this bit if the row tells what leaves it.
 */
const isMatch = 1;
const tellsLeaving = 0x8000;
const slotBit = (slot: number): number => 1 << (16 + slot);
const mostRanges = 4;

/** So many groups can be asked for, each with a slot for its start and one for its end. */
const mostGroups = 8;
const mostBytes = 8192;

/** The table that finds out whether the pattern occurs in a text. Undefined where there is none that is small. */
export function testTable(pattern: string): Bytes | undefined {
  const threads = threadsOfPattern(pattern);
  return threads && tableOfTest(threads);
}

function tableOfTest(threads: Threads): Bytes | undefined {
  return new Table(threads, { isTest: true, groups: [] }).bytes();
}

/**
 * The table that finds the match at the start of a text, and the groups (by their numbers, in the order of their slots),
 * for a pattern that matches nowhere else. Undefined where there is none, or where a byte is not enough to tell how to go on.
 */
function tableOfGroups(threads: Threads, groups: readonly number[]): Bytes | undefined {
  if (groups.length > mostGroups || matchesBehindStart(threads)) return undefined;
  return new Table(threads, { isTest: false, groups }).bytes();
}

/** Finds the text that comes in the place of the one match, or only whether there is a match. */
export interface ReplacementTable {
  readonly table: Bytes;
  /** Texts, and groups as the table has them: 0 is the match, others are 1 more than their place among those asked for. */
  readonly parts: readonly (string | number)[] | undefined;
}

/**
 * For the replacement of all matches by texts and groups (by their numbers). Of the parts nothing is known where a group
 * depends on more than that: then, and where there may be many matches, somebody else replaces what the table finds.
 */
export function replacementTable(
  pattern: string,
  parts: readonly (string | number)[] | undefined,
): ReplacementTable | undefined {
  const threads = threadsOfPattern(pattern);
  if (threads === undefined) return undefined;
  const groups = [...new Set(parts)].filter((part) => typeof part === 'number' && part > 0) as number[];
  const table = parts && tableOfGroups(threads, groups);
  if (table !== undefined)
    return {
      table,
      parts: parts?.map((part) => (typeof part === 'string' ? part : groups.indexOf(part) + 1)),
    };
  const test = tableOfTest(threads);
  return test && { table: test, parts: undefined };
}

function threadsOfPattern(pattern: string): Threads | undefined {
  const node = parsePlainRegex(pattern);
  return node && threadsOf(node);
}

function matchesBehindStart(threads: Threads): boolean {
  const { reads, always, atEnd } = followed(threads, [threads.start], { isAtStart: false, groups: [] });
  return reads.length > 0 || always !== nothing || atEnd !== nothing;
}

interface Wanted {
  /** Whether it only matters that there is a match, anywhere. */
  readonly isTest: boolean;
  readonly groups: readonly number[];
}

interface Read {
  readonly bytes: ByteRanges;
  /** The instruction behind it; undefined where it is in doubt. */
  readonly next: number | undefined;
  readonly slots: number;
}

/** What threads do before they read a byte, the one that comes first being the one that counts. */
interface Followed {
  readonly reads: readonly Read[];
  readonly always: number;
  readonly atEnd: number;
  /** Whether two of them came to the same instruction. */
  readonly isJoined: boolean;
}

interface Way {
  readonly at: number;
  readonly slots: number;
  readonly isAtEnd: boolean;
}

function followed(
  { instructions }: Threads,
  starts: readonly number[],
  { isAtStart, groups }: { readonly isAtStart: boolean; readonly groups: readonly number[] },
): Followed {
  const ways: Way[] = starts.map((at) => ({ at, slots: 0, isAtEnd: false })).reverse();
  const seen = new Set<number>();
  const reads: Read[] = [];
  let atEnd: number = nothing;
  let isJoined = false;
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    const { at, slots, isAtEnd } = way;
    const key = at * 2 + Number(isAtEnd);
    if (seen.has(key)) {
      isJoined = true;
      continue;
    }
    seen.add(key);
    const instruction = instructions[at]!;
    if (instruction.do === 'match') {
      // Those behind it do not count.
      if (!isAtEnd) return { reads, always: slots | isMatch, atEnd, isJoined };
      atEnd = slots | isMatch;
    } else if (instruction.do === 'read' || instruction.do === 'doubt') {
      const next = instruction.do === 'read' ? instruction.next : undefined;
      if (!isAtEnd) reads.push({ bytes: instruction.bytes, next, slots });
    } else if (instruction.do !== 'start' || isAtStart) ways.push(...behind(instruction, way, groups));
  }
  return { reads, always: nothing, atEnd, isJoined };
}

/** What comes behind an instruction that reads nothing; what is tried first comes last. */
function behind(
  instruction: Exclude<Instruction, { do: 'read' | 'doubt' | 'match' }>,
  { slots, isAtEnd }: Way,
  groups: readonly number[],
): Way[] {
  switch (instruction.do) {
    case 'branch':
      return [
        { at: instruction.second, slots, isAtEnd },
        { at: instruction.first, slots, isAtEnd },
      ];
    case 'open':
    case 'close': {
      const group = groups.indexOf(instruction.group);
      const bit = group < 0 ? 0 : slotBit(group * 2 + Number(instruction.do === 'close'));
      return [{ at: instruction.next, slots: slots | bit, isAtEnd }];
    }
    case 'start':
      return [{ at: instruction.next, slots, isAtEnd }];
    case 'end':
      return [{ at: instruction.next, slots, isAtEnd: true }];
  }
}

class Table {
  readonly #threads: Threads;
  readonly #wanted: Wanted;
  readonly #classes: Uint8Array;
  /** A byte of each class. */
  readonly #examples: readonly number[];
  readonly #states: Followed[] = [];
  readonly #numbers = new Map<string, number>();
  /** Where a match may begin behind the start of the text. */
  readonly #anywhere: readonly number[];

  constructor(threads: Threads, wanted: Wanted) {
    this.#threads = threads;
    this.#wanted = wanted;
    this.#anywhere = matchesBehindStart(threads) ? [threads.start] : [];
    const edges = new Set([0]);
    for (const instruction of threads.instructions)
      if (instruction.do === 'read' || instruction.do === 'doubt')
        for (const [i, byte] of instruction.bytes.entries()) edges.add(byte + (i % 2));
    this.#examples = [...edges].filter((byte) => byte < 256).sort((a, b) => a - b);
    this.#classes = new Uint8Array(256);
    for (const [i, from] of this.#examples.entries()) this.#classes.fill(i, from);
  }

  bytes(): Bytes | undefined {
    const { rows: rowsAt, classes, next: nextAt } = tableLayout;
    const rowBytes = nextAt + this.#examples.length * 4;
    const rows: (readonly Next[])[] = [];
    this.#state([this.#threads.start], true);
    for (let i = 0; i < this.#states.length; i++) {
      const row = this.#row(this.#states[i]!);
      if (row === undefined || rowsAt + this.#states.length * rowBytes > mostBytes) return undefined;
      rows.push(row);
    }
    const table = bytesOf(new Uint8Array(rowsAt + rows.length * rowBytes));
    table.set(this.#classes, classes);
    const leaving = rows.map((row, state) => this.#leaving(row, state));
    const word = (next: Next): number => {
      if (typeof next === 'number') return next;
      const row = (rowsAt + next.state * rowBytes) / 4;
      return (next.slots | row | (leaving[next.state] === undefined ? 0 : tellsLeaving)) >>> 0;
    };
    for (const [i, row] of rows.entries()) {
      const at = rowsAt + i * rowBytes;
      const { always, atEnd } = this.#states[i]!;
      table.writeUInt32LE(always >>> 0, at + tableLayout.always);
      table.writeUInt32LE(atEnd >>> 0, at + tableLayout.atEnd);
      table.set(leaving[i] ?? [], at + tableLayout.leaving);
      for (const [k, next] of row.entries()) table.writeUInt32LE(word(next), at + nextAt + k * 4);
    }
    return table;
  }

  /** Of each range of bytes that do not lead back to the state, the first one, and how many follow. */
  #leaving(row: readonly Next[], state: number): number[] | undefined {
    const ranges: number[] = [];
    let isInside = false;
    for (const [i, next] of row.entries()) {
      const stays = typeof next === 'object' && next.state === state && next.slots === 0;
      const size = (this.#examples[i + 1] ?? 256) - this.#examples[i]!;
      if (stays) isInside = false;
      else if (isInside) ranges.push(ranges.pop()! + size);
      else {
        ranges.push(this.#examples[i]!, size - 1);
        isInside = true;
      }
    }
    const count = ranges.length / 2;
    if (count === 0 || count > mostRanges || ranges[1] === 255) return undefined;
    while (ranges.length < mostRanges * 2) ranges.push(ranges[0]!, ranges[1]!);
    return ranges;
  }

  #state(at: readonly number[], isAtStart: boolean): number {
    const key = `${isAtStart} ${at.join(' ')}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#states.push(followed(this.#threads, at, { ...this.#wanted, isAtStart })) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  #row(state: Followed): Next[] | undefined {
    const { isTest } = this.#wanted;
    if (!isTest && state.isJoined) return undefined;
    const row: Next[] = [];
    for (const byte of this.#examples) {
      const reads = state.reads.filter(({ bytes }) => holds(bytes, byte));
      const next = isTest ? this.#nextOfTest(state, reads) : this.#nextOfGroups(reads);
      if (next === undefined) return undefined;
      row.push(next);
    }
    return row;
  }

  #nextOfTest({ always }: Followed, reads: readonly Read[]): Next {
    if (always !== nothing) return nothing;
    const nexts = new Set<number>(this.#anywhere);
    for (const { next } of reads) {
      if (next === undefined) return inDoubt;
      nexts.add(next);
    }
    if (nexts.size === 0) return nothing;
    const sorted = [...nexts].sort((a, b) => a - b);
    return { state: this.#state(sorted, false), slots: 0 };
  }

  #nextOfGroups([read, ...others]: readonly Read[]): Next | undefined {
    if (read === undefined) return nothing;
    if (others.length > 0) return undefined;
    if (read.next === undefined) return inDoubt;
    return { state: this.#state([read.next], false), slots: read.slots };
  }
}

type Next = typeof nothing | typeof inDoubt | { readonly state: number; readonly slots: number };

function holds(ranges: ByteRanges, byte: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (byte >= ranges[i]! && byte <= ranges[i + 1]!) return true;
  return false;
}
