/** Looks at one input: compression, encoding with the reason, and what can be read of it. */
import type { Candidate } from '../../encodings/detect.ts';
import type { Decoded } from '../../encodings/encoding.ts';
import { messageOf } from '../../pipeline/errors.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import { Recording, type Input } from '../recording.ts';
import { Statistics } from './statistics.ts';

export interface Examined {
  readonly name: string;
  readonly compression: string | undefined;
  /** The encoding and why it is that; the best guesses where that is not certain; nothing for an empty input. */
  readonly found: Candidate | undefined;
  readonly guesses: readonly Candidate[];
  readonly isEmpty: boolean;
  /** What it is when it is no recording: "a PNG picture". */
  readonly stranger: string | undefined;
  readonly statistics: Statistics;
  readonly unreadable: readonly UnreadableRegion[];
  readonly notices: ReadonlyMap<string, number>;
  readonly documents: number;
  /** Why it could not be read on. */
  readonly failure: string | undefined;
}

export async function examine({ name, open }: Input): Promise<Examined> {
  const recording = new Recording();
  const tally = { documents: 0, statistics: new Statistics() };
  const unreadable: UnreadableRegion[] = [];
  let failure: string | undefined;
  try {
    for await (const each of recording.read(open())) {
      if (each.kind === 'unreadable') unreadable.push(regionOf(name, each));
      else {
        tally.documents += each.documents;
        tally.statistics.add(each.batch);
        each.batch.release();
      }
    }
  } catch (error) {
    failure = messageOf(error);
  }
  const { compression, found, guesses, isEmpty, stranger, notices } = recording;
  return { name, compression, found, guesses, isEmpty, stranger, notices, ...tally, unreadable, failure };
}

function regionOf(
  input: string,
  { offset, bytes, line, reason }: Extract<Decoded, { kind: 'unreadable' }>,
): UnreadableRegion {
  return { input, offset, bytes, reason, ...(line === undefined ? {} : { line }) };
}
