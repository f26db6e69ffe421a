/** A regex as instructions that threads follow, as in RE2 and Go, but over the bytes of UTF-8. */
import type { CodePoints } from './code-points.ts';
import { partsOf, type RegexNode } from './regex-parse.ts';

/** Instructions by their numbers; `next` and the branches are numbers. */
export type Instruction =
  | { readonly do: 'read'; readonly bytes: ByteRanges; readonly next: number }
  /** One of the bytes of a character that the set may hold or not: it is not decoded here. */
  | { readonly do: 'doubt'; readonly bytes: ByteRanges }
  /** The first branch is tried before the second. */
  | { readonly do: 'branch'; readonly first: number; readonly second: number }
  | { readonly do: 'open' | 'close'; readonly group: number; readonly next: number }
  | { readonly do: 'start' | 'end'; readonly next: number }
  | { readonly do: 'match' };

/** From and to, both inclusive, by turns. */
export type ByteRanges = readonly number[];

export interface Threads {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** Parts of the regex, each as often as it is repeated. */
const mostParts = 512;
const firstByte: ByteRanges = [0xc0, 0xff];
const laterByte: ByteRanges = [0x80, 0xbf];
const notAscii: ByteRanges = [0x80, 0xff];
const afterAscii = 0x80;
const lastPoint = 0x10ffff;

/** Thrown for what is left to other engines. */
class Unsayable extends Error {}

/** Undefined for a regex that looks at the ends of lines or words, and for a large one. */
export function threadsOf(node: RegexNode): Threads | undefined {
  try {
    return new Compiler(node).threads();
  } catch (error) {
    if (error instanceof Unsayable) return undefined;
    throw error;
  }
}

class Compiler {
  readonly #instructions: Instruction[] = [];
  readonly #groups = new Map<RegexNode, number>();
  readonly #node: RegexNode;
  #parts = 0;

  constructor(node: RegexNode) {
    this.#node = node;
    this.#number(node);
  }

  threads(): Threads {
    const start = this.#compile(this.#node, this.#add({ do: 'match' }));
    return { instructions: this.#instructions, start };
  }

  /** Groups count from 1 in the order in which they open. */
  #number(node: RegexNode): void {
    if (node.kind === 'group') this.#groups.set(node, this.#groups.size + 1);
    for (const part of partsOf(node)) this.#number(part);
  }

  #add(instruction: Instruction): number {
    return this.#instructions.push(instruction) - 1;
  }

  /** The number of an instruction that is told later. */
  #later(): number {
    return this.#add({ do: 'match' });
  }

  /** What goes on with `next`; answers where it begins. */
  #compile(node: RegexNode, next: number): number {
    if (++this.#parts > mostParts) throw new Unsayable();
    switch (node.kind) {
      case 'set':
        return this.#set(node.set, next);
      case 'assert':
        if (node.what !== 'start' && node.what !== 'end') throw new Unsayable();
        return this.#add({ do: node.what, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case 'either':
        return node.branches
          .map((branch) => this.#compile(branch, next))
          .reduceRight((second, first) => this.#add({ do: 'branch', first, second }));
      case 'group': {
        const group = this.#groups.get(node) ?? 0;
        return this.#add({
          do: 'open',
          group,
          next: this.#compile(node.inner, this.#add({ do: 'close', group, next })),
        });
      }
      case 'repeat':
        return this.#repeat(node, next);
    }
  }

  #repeat({ inner, min, max, lazy }: Extract<RegexNode, { kind: 'repeat' }>, next: number): number {
    let at = next;
    if (max === Number.POSITIVE_INFINITY) at = this.#loop(inner, next, lazy);
    else for (let i = min; i < max; i++) at = this.#add(branch(this.#compile(inner, at), next, lazy));
    for (let i = 0; i < min; i++) at = this.#compile(inner, at);
    return at;
  }

  #loop(inner: RegexNode, next: number, lazy: boolean): number {
    const at = this.#later();
    this.#instructions[at] = branch(this.#compile(inner, at), next, lazy);
    return at;
  }

  #set(set: CodePoints, next: number): number {
    const others = othersOf(set);
    const bytes = asciiOf(set);
    if (others === 'none') return this.#add({ do: 'read', bytes, next });
    const second = others === 'all' ? this.#character(next) : this.#add({ do: 'doubt', bytes: notAscii });
    return this.#add({ do: 'branch', first: this.#add({ do: 'read', bytes, next }), second });
  }

  /** Any character behind ASCII: its first byte, and those that follow. */
  #character(next: number): number {
    const rest = this.#later();
    const more = this.#add({ do: 'read', bytes: laterByte, next: rest });
    this.#instructions[rest] = branch(more, next, false);
    return this.#add({ do: 'read', bytes: firstByte, next: rest });
  }
}

function branch(body: number, next: number, isLazy: boolean): Instruction {
  return isLazy ? { do: 'branch', first: next, second: body } : { do: 'branch', first: body, second: next };
}

function asciiOf(set: CodePoints): ByteRanges {
  const ranges: number[] = [];
  for (let i = 0; i < set.length && set[i]! < afterAscii; i += 2)
    ranges.push(set[i]!, Math.min(set[i + 1]!, afterAscii - 1));
  return ranges;
}

/** Which characters behind ASCII a set holds. */
function othersOf(set: CodePoints): 'none' | 'some' | 'all' {
  const last = set.length - 2;
  if (last < 0 || set[last + 1]! < afterAscii) return 'none';
  return set[last]! <= afterAscii && set[last + 1] === lastPoint ? 'all' : 'some';
}
