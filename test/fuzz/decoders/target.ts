/** What is fuzzed: a decoder, what it is fed with, and what must hold of everything that comes out. */
import type { Random } from '../ottl/random.ts';

export interface Target {
  readonly name: string;
  readonly seeds: () => readonly Buffer[];
  /** Pieces that mean something to this decoder. */
  readonly words: readonly (string | Buffer)[];
  /** Changes that know the structure; on top of those that only know bytes. */
  readonly mutate?: (bytes: Buffer, random: Random) => Buffer;
  /** Throws what is wrong. Its choices come from `random`, so that a case can be repeated. */
  readonly check: (bytes: Buffer, random: Random) => void | Promise<void>;
}

/** A law does not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function must(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Broken(law);
}

/** The bytes in pieces that are cut anywhere. */
export function cutAnywhere(bytes: Buffer, random: Random): Buffer[] {
  const most = random.pick([1, 3, 16, 200, 5000]);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length && pieces.length < 20_000;) {
    const size = pieces.length > 4000 ? bytes.length : 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
