import { OttlFailure } from '../errors.ts';

/** How many nodes one expression may come by in one text: about a second. */
const mostVisits = 1 << 24;

/** What is left of them; there is no limit but while an expression is run. */
let left = Number.POSITIVE_INFINITY;

/** To be called for each node that is looked at. Throws `OttlFailure` if they are too many. */
export function visit(nodes = 1): void {
  left -= nodes;
  if (left < 0)
    throw new OttlFailure(
      `the expression looks at more than ${mostVisits} nodes: axes like following:: and // in conditions look at many`,
    );
}

/** Runs an expression, which has a limit of its own. */
export function limitingVisits<T>(run: () => T): T {
  left = mostVisits;
  try {
    return run();
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}
