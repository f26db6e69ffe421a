import type { Bytes } from '../wire/bytes.ts';
import type { Detection, Encoding, HeadFacts } from './encoding.ts';
import { encodings } from './list.ts';

export interface Candidate {
  readonly encoding: Encoding;
  readonly detection: Detection;
}

/** Less than this is no more than a guess. */
const sureFrom = 0.5;
/** What is ahead by less than this is not ahead. */
const margin = 0.1;

/**
 * Which shape a recording has, by its first bytes, compression taken off. What a file is called does not matter.
 * The candidates, likeliest first, when none is clearly ahead; undefined when nothing is known that looks like it.
 */
export function detect(
  head: Bytes,
  facts: HeadFacts,
  among: readonly Encoding[] = encodings,
): Candidate | { readonly unsure: readonly Candidate[] } | undefined {
  const candidates: Candidate[] = [];
  for (const encoding of among) {
    const detection = encoding.detect(head, facts);
    if (detection !== undefined) candidates.push({ encoding, detection });
  }
  candidates.sort((one, other) => other.detection.confidence - one.detection.confidence);
  const [first, second] = candidates;
  if (first === undefined) return undefined;
  const ahead = first.detection.confidence - (second?.detection.confidence ?? 0);
  return first.detection.confidence >= sureFrom && ahead >= margin ? first : { unsure: candidates };
}
