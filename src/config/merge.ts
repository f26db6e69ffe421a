/**
 * Several sources become one tree: maps are merged key by key, everything else is replaced by the later source.
 */
import type { Entry, MapNode, Node } from './node.ts';
import type { Path } from './place.ts';
import type { Problem } from './problem.ts';

/** `later` wins. Every value keeps the place of the source that set it. */
export function merge(earlier: MapNode, later: MapNode, problems: Problem[], path: Path = []): MapNode {
  const entries = new Map(earlier.entries);
  for (const [key, entry] of later.entries) {
    const before = entries.get(key);
    if (before === undefined) entries.set(key, entry);
    else entries.set(key, mergeEntry(before, entry, problems, [...path, key]));
  }
  return { ...earlier, entries, ...(later.broken === true ? { broken: true as const } : {}) };
}

function mergeEntry(before: Entry, after: Entry, problems: Problem[], path: Path): Entry {
  if (before.node.kind !== 'map') return after;
  if (after.node.kind === 'map') {
    return { keyOrigin: before.keyOrigin, node: merge(before.node, after.node, problems, path) };
  }
  const { source, start, end } = after.keyOrigin;
  const count = before.node.entries.size;
  if (isNull(after.node) && count > 0) {
    const from = before.node.origin.source.wholePlace().file;
    problems.push({
      severity: 'warning',
      path,
      place: source.placeAt(start, end),
      message: `has no value and wipes ${count} ${count === 1 ? 'key' : 'keys'} set in ${from}`,
      remedy: 'write {} to keep them, or remove the key',
    });
  }
  return after;
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null && node.broken !== true;
}
