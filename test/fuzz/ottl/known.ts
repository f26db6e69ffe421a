/** Differences that stay, each with the reason. At most ten. */
import type { Difference } from './difference.ts';

export interface Known {
  readonly reason: string;
  matches(difference: Difference): boolean;
}

export const knownDifferences: readonly Known[] = [];
