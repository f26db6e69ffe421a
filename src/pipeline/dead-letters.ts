/** Where items go that a backend does not take. */
import type { AnyBatch } from '../model/batches.ts';

export interface DeadLetterFacts {
  /** Why the backend did not take them, as the summary says it. */
  readonly reason: string;
  /** The id of the exporter; of a processor with its pipeline. */
  readonly exporter: string;
}

export interface DeadLetters {
  /** Resolves when all items of the batch are safe there, and rejects when they are not. The batch stays as it is. */
  write(batch: AnyBatch, facts: DeadLetterFacts): Promise<void>;
}
