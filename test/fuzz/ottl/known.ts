/** Differences that stay, each with the reason. At most ten. */
import type { Difference } from './difference.ts';
import { textOfTerm } from './term.ts';

export interface Known {
  readonly reason: string;
  matches(difference: Difference): boolean;
}

export const knownDifferences: readonly Known[] = [
  {
    reason: 'set of a map to a place inside itself: the copy that the Collector makes holds its own beginning',
    matches: (difference) => /^set\(([a-z_.]+)\[.*?\], \1[\])]/su.test(textsOf(difference)),
  },
];

function textsOf({ item }: Difference): string {
  return item.terms.map(textOfTerm).join('\n');
}
