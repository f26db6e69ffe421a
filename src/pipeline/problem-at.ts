/** A problem of the plan with its place. */
import type { Path } from '../config/place.ts';
import type { Problem } from '../config/problem.ts';
import type { ConfigTree } from '../config/tree.ts';

/** A problem at the value of a path, or at the key in front of it; an error unless it says otherwise. */
export function problemAt(
  tree: ConfigTree,
  path: Path,
  problem: { severity?: Problem['severity']; message: string; remedy?: string | undefined },
  part: 'key' | 'value' = 'value',
): Problem {
  const { severity = 'error', message, remedy } = problem;
  const place = (part === 'key' ? tree.placeOf(path, part) : undefined) ?? tree.nearestPlace(path);
  return {
    severity,
    path,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(place === undefined ? {} : { place }),
  };
}
