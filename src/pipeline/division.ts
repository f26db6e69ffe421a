/** How a receiver divides what it would read, so that several threads can read it. */
import type { JsonValue } from './checkpoint.ts';

/** What a receiver reads, in shares. The last one is larger than asked for, or smaller, as the input has it. */
export interface Division {
  /** How much there is to read. */
  readonly leftBytes: number;
  /** Whether an earlier run read shares of it, so that it has to be read in shares. */
  readonly isBegun: boolean;
  /** The next one, of about so many bytes; undefined when all are taken. */
  next(bytes: number): Promise<{ readonly content: JsonValue; readonly bytes: number } | undefined>;
  /** Everything of a share is settled. `result` is what reading it answered. */
  settled(share: JsonValue, result: JsonValue): void;
  /** Where a later run goes on: behind all that is settled. */
  position(): JsonValue;
  /** Says what is to be said once, for there are no more shares. */
  end(): void;
}
