/** Two texts line by line: what is only in the first with `-`, what is only in the second with `+`. */
import { align } from './align.ts';

/** Equal lines that are shown around different ones. */
const shownAround = 2;

export interface LineDifference {
  /** With `-`, `+` or a space before each. */
  readonly lines: readonly string[];
  /** Of the first text, the line (from 0) where the first difference is. */
  readonly at: number;
}

/** Undefined for texts that are equal but for white space at the ends of lines and of the text. */
export function lineDifference(expected: string, actual: string): LineDifference | undefined {
  const [left, right] = [linesOf(expected), linesOf(actual)];
  const pairs = pairUp(left, right);
  const marked: { sign: string; text: string; at: number }[] = [];
  let at = 0;
  for (const pair of pairs) {
    const [old, now] = [left[pair.left ?? -1], right[pair.right ?? -1]];
    at = pair.left ?? at;
    if (old === now && old !== undefined) marked.push({ sign: ' ', text: old, at });
    else {
      if (old !== undefined) marked.push({ sign: '-', text: old, at });
      if (now !== undefined) marked.push({ sign: '+', text: now, at });
    }
  }
  const first = marked.find(({ sign }) => sign !== ' ');
  if (first === undefined) return undefined;
  return { at: first.at, lines: around(marked) };
}

function pairUp(left: readonly string[], right: readonly string[]): ReturnType<typeof align> {
  if (left.length === right.length) return align(left.length, right.length, () => 0);
  return align(left.length, right.length, (a, b) => (left[a] === right[b] ? 0 : 10));
}

function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}

function around(marked: readonly { sign: string; text: string }[]): string[] {
  const lines: string[] = [];
  let skipped = false;
  for (const [at, { sign, text }] of marked.entries()) {
    const near = marked.slice(Math.max(0, at - shownAround), at + shownAround + 1);
    if (near.every((other) => other.sign === ' ')) {
      skipped = true;
      continue;
    }
    if (skipped && lines.length > 0) lines.push('  ...');
    skipped = false;
    lines.push(`${sign} ${text}`.trimEnd());
  }
  return lines;
}
