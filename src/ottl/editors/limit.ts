import { editor } from '../function.ts';
import { RefusedArgument, listOf, literalInt, literalString, mapSlot } from '../parameters.ts';
import { changing } from './changing.ts';

const parameters = { target: mapSlot(), limit: literalInt(), priorityKeys: listOf(literalString()) };

/** Keeps so many entries: those with a priority, then the first of the others. */
export const limit = editor('limit', parameters, ({ target, limit: most, priorityKeys }) => {
  if (most < BigInt(priorityKeys.length))
    throw new RefusedArgument(
      `the limit ${most} is less than the ${priorityKeys.length} priority keys`,
      'limit',
    );
  const priority = new Set(priorityKeys);
  return changing(target, (map) => {
    if (BigInt(map.size) <= most) return;
    let room = Number(most) - priorityKeys.filter((key) => map.has(key)).length;
    map.deleteKeys((key) => !priority.has(key) && room-- <= 0);
  });
});
