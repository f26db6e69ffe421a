/** The modes of sampling: where an item's randomness is from, and which threshold it has to reach. */
import type { Notes } from './notes.ts';
import { buckets, hashedRandomness } from './hash.ts';
import {
  always,
  highest,
  keeps,
  never,
  probabilityOf,
  smallestProbability,
  thresholdFor,
  thresholdOfBuckets,
  thresholdText,
  type Randomness,
  type Threshold,
} from './threshold.ts';

export interface SamplerOptions {
  readonly mode: 'hash_seed' | 'equalizing' | 'proportional';
  /** Not negative. */
  readonly percentage: number;
  readonly seed: number;
  /** Hex digits of a threshold. */
  readonly precision: number;
  /** Whether an item that cannot be judged is dropped. */
  readonly failClosed: boolean;
}

/** What of an item decides. Bytes are hashed; of a trace id in hex the last 14 digits are random already. */
export interface Sources {
  hashed(): Uint8Array | undefined;
  readonly traceId: string;
  /** Whether an item without anything to hash is given a randomness all the same. */
  readonly marksMissing: boolean;
}

/** A threshold that takes the place of the computed one, and why, if that drops the item. */
export interface Priority {
  readonly threshold: Threshold;
  readonly reason: string;
}

/** Why an item is dropped; undefined if it is kept, and then its notes say how it was sampled. */
export type Sampler = (notes: Notes, sources: Sources, priority: Priority | undefined) => string | undefined;

/** What is known of an item before it is judged. */
interface Finding {
  readonly randomness: Randomness;
  /** Where the decision is noted; undefined if the item is not to be touched. */
  readonly notes: Notes | undefined;
  /** Why it cannot be judged. */
  readonly trouble?: string | undefined;
}

interface Mode {
  find(notes: Notes, sources: Sources): Finding;
  threshold(notes: Notes): Threshold;
}

export function makeSampler(options: SamplerOptions): Sampler {
  const mode = modeOf(options);
  const unjudged = options.failClosed ? never : always;
  return (notes, sources, priority) => {
    const found = mode.find(notes, sources);
    const threshold = found.trouble === undefined ? mode.threshold(notes) : unjudged;
    if (!keeps(priority?.threshold ?? threshold, found.randomness))
      return priority?.reason ?? found.trouble ?? 'not sampled';
    if (found.notes !== undefined) note(found.notes, priority?.threshold ?? threshold);
    return undefined;
  };
}

/** A threshold is never lowered: what was not sampled before does not come back. */
function note(notes: Notes, threshold: Threshold): void {
  if (notes.threshold === undefined || notes.threshold.value <= threshold)
    notes.threshold = { text: thresholdText(threshold), value: threshold };
  notes.save();
}

const unreadable = 'sampling information that cannot be read';
const noRandomness = 'no trace id or attribute to sample by';

function modeOf(options: SamplerOptions): Mode {
  const percentage = Math.min(Math.fround(options.percentage), 100);
  const scaled = Math.trunc(Math.fround(percentage * Math.fround(buckets / 100)));
  if (percentage === 0 || (options.mode === 'hash_seed' && scaled === 0)) return nothing;
  const ratio = Math.max(percentage / 100, smallestProbability);
  if (options.mode === 'hash_seed') return hashing(thresholdOfBuckets(buckets - scaled), options.seed);
  return options.mode === 'equalizing'
    ? equalizing(thresholdFor(ratio, options.precision) ?? always)
    : proportional(ratio, options.precision);
}

const nothing: Mode = {
  find: (notes) => ({ randomness: highest, notes, trouble: notes.sound ? undefined : unreadable }),
  threshold: () => never,
};

function hashing(threshold: Threshold, seed: number): Mode {
  return {
    find(notes, sources) {
      const bytes = sources.hashed();
      const found = bytes === undefined ? undefined : hashedRandomness(bytes, seed);
      const randomness = found ?? highest;
      const trouble = troubleOfHashing(notes);
      if (trouble !== undefined) return { randomness, notes: undefined, trouble };
      if (found !== undefined || sources.marksMissing)
        notes.randomness = { text: randomness, value: randomness };
      return { randomness, notes, trouble: found === undefined ? noRandomness : undefined };
    },
    threshold: () => threshold,
  };
}

function troubleOfHashing({ sound, randomness, threshold }: Notes): string | undefined {
  if (!sound) return unreadable;
  if (randomness !== undefined) return 'has a randomness already, which mode hash_seed does not use';
  return threshold === undefined ? undefined : 'has a threshold already, which mode hash_seed does not use';
}

function equalizing(threshold: Threshold): Mode {
  return {
    find: findConsistent,
    threshold: ({ threshold: found }) =>
      found !== undefined && found.value > threshold ? found.value : threshold,
  };
}

function proportional(ratio: number, precision: number): Mode {
  const known = new Map<Threshold, Threshold>();
  return {
    find: findConsistent,
    threshold({ threshold: found }) {
      const before = found?.value ?? always;
      let threshold = known.get(before);
      if (threshold !== undefined) return threshold;
      threshold = thresholdFor(probabilityOf(before) * ratio, precision) ?? never;
      // A recording has few of them; one made to have many shall not fill the memory.
      if (known.size < 1000) known.set(before, threshold);
      return threshold;
    },
  };
}

function findConsistent(notes: Notes, { traceId }: Sources): Finding {
  if (!notes.sound) return { randomness: highest, notes: undefined, trouble: unreadable };
  const randomness = notes.randomness?.value ?? (traceId === '' ? undefined : traceId.slice(-14));
  if (randomness === undefined) return { randomness: highest, notes, trouble: noRandomness };
  if (notes.threshold === undefined || keeps(notes.threshold.value, randomness)) return { randomness, notes };
  notes.threshold = undefined;
  return { randomness, notes, trouble: 'has a threshold that should have dropped it before' };
}
