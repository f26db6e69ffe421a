import { meet, union } from './code-points.ts';
import type { CodePoints } from './code-points.ts';
import type { RegexNode } from './regex-parse.ts';

/**
 * Whether V8's backtracking stays within a constant times the length of the text, whatever the text is.
 *
 * Conservative: unbounded repetition is allowed of single characters only. Behind each of them, the rest of the
 * pattern must begin with a character that the repetition does not take (so giving characters back fails at once),
 * or contain no further repetition that can fail. A search that is not anchored starts at every character, so
 * then no repetition may take a character with which the pattern begins. Choices that are not settled by the next
 * character multiply the work, which is limited. For finding all matches, not just whether there is one,
 * it does not help that a pattern can match nothing at all.
 */
export function runsInLinearTime(node: RegexNode, use: 'test' | 'all matches'): boolean {
  const judge = new Judge();
  const whole = judge.walk(node, { first: [], accepts: true, loops: false, cost: 0 });
  if (judge.refused || whole.cost > mostSteps || judge.length > longestFixedPart) return false;
  if (use === 'test' && whole.accepts) return true;
  return isAnchored(node) || !judge.loops.some((set) => meet(set, whole.first));
}

/** What a search may cost at each character of a text at which it begins. */
const mostSteps = 256;
const longestFixedPart = 300;

/** What follows a part of the pattern. */
interface Rest {
  /** The characters with which it can begin. */
  readonly first: CodePoints;
  /** It can match nothing, without a condition: whoever gets here has matched. */
  readonly accepts: boolean;
  /** It holds an unbounded repetition after which it can still fail. */
  readonly loops: boolean;
  /** The steps from here to the end of the pattern if all choices are tried; each repetition counts once. */
  readonly cost: number;
}

class Judge {
  refused = false;
  length = 0;
  readonly loops: CodePoints[] = [];

  walk(node: RegexNode, rest: Rest): Rest {
    switch (node.kind) {
      case 'set':
        this.length++;
        return { first: node.set, accepts: false, loops: rest.loops, cost: rest.cost + 1 };
      case 'assert':
        return { ...rest, accepts: false, cost: rest.cost + 1 };
      case 'group':
        return this.walk(node.inner, rest);
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.walk(part, after), rest);
      case 'either':
        return this.#either(node.branches, rest);
      case 'repeat':
        return this.#repeat(node, rest);
    }
  }

  #either(branches: readonly RegexNode[], rest: Rest): Rest {
    const walked = branches.map((branch) => this.walk(branch, rest));
    const firsts = walked.map((branch) => branch.first);
    const isOpen = firsts.some((first, i) => firsts.slice(i + 1).some((other) => meet(first, other)));
    const costs = walked.map((branch) => branch.cost);
    return {
      first: union(...firsts),
      accepts: walked.some((branch) => branch.accepts),
      loops: walked.some((branch) => branch.loops),
      cost: isOpen ? costs.reduce((sum, cost) => sum + cost, 0) : Math.max(...costs) + costs.length,
    };
  }

  #repeat(node: Extract<RegexNode, { kind: 'repeat' }>, rest: Rest): Rest {
    if (node.inner.kind !== 'set') return this.#optional(node, rest);
    const { set } = node.inner;
    const ambiguous = !rest.accepts && meet(set, rest.first);
    const first = node.min === 0 ? union(set, rest.first) : set;
    const accepts = node.min === 0 && rest.accepts;
    if (node.max !== Number.POSITIVE_INFINITY) {
      this.length += node.max;
      const ways = ambiguous ? node.max - node.min + 1 : 1;
      return { first, accepts, loops: rest.loops, cost: node.max + ways * rest.cost };
    }
    this.length += node.min;
    if (ambiguous && rest.loops) this.refused = true;
    if (!rest.accepts) this.loops.push(set);
    return { first, accepts, loops: rest.loops || !rest.accepts, cost: node.min + 1 + rest.cost };
  }

  /**
   * Of anything that is more than one character, only `(...)?` is allowed, and only of what is not empty: V8 takes
   * an empty pass through a repetition back, RE2 keeps it.
   */
  #optional(node: Extract<RegexNode, { kind: 'repeat' }>, rest: Rest): Rest {
    if (node.max > 1 || canBeEmpty(node.inner)) this.refused = true;
    const inner = this.walk(node.inner, rest);
    const isOpen = !rest.accepts && meet(inner.first, rest.first);
    return {
      first: union(inner.first, rest.first),
      accepts: inner.accepts || rest.accepts,
      loops: inner.loops || rest.loops,
      cost: isOpen ? inner.cost + rest.cost : Math.max(inner.cost, rest.cost) + 1,
    };
  }
}

function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'assert':
      return true;
    case 'group':
      return canBeEmpty(node.inner);
    case 'sequence':
      return node.parts.every(canBeEmpty);
    case 'either':
      return node.branches.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.inner);
  }
}

function isAnchored(node: RegexNode): boolean {
  switch (node.kind) {
    case 'assert':
      return node.what === 'start';
    case 'group':
      return isAnchored(node.inner);
    case 'sequence':
      return node.parts[0] !== undefined && isAnchored(node.parts[0]);
    case 'either':
      return node.branches.every(isAnchored);
    default:
      return false;
  }
}
