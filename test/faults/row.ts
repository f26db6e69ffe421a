/** One row of the fault matrix: a fault, what has to happen then, and the test that makes it happen. */
import type { World } from './world.ts';

export interface Row {
  /** Its number in the matrix, which never changes. */
  readonly row: number;
  readonly fault: string;
  readonly expected: string;
  /** How the fault is made, in one sentence for the documentation. */
  readonly how: string;
  /** What of the row is not built, and so not tested. */
  readonly notBuilt?: string;
  /** Makes the fault and returns what was seen. Throws when that is not what was expected. */
  run(world: World): Promise<string>;
}

/** A row that is not built at all: printed as such and not counted. */
export interface MissingRow {
  readonly row: number;
  readonly fault: string;
  readonly missing: string;
}
