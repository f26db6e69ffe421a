import { editor } from '../function.ts';
import { RefusedArgument, literalString, map as mapArgument, mapSlot } from '../parameters.ts';
import { changing } from './changing.ts';

const parameters = { target: mapSlot(), source: mapArgument(), strategy: literalString() };

/** Writes the entries of a map into another: new keys (`insert`), known keys (`update`) or all (`upsert`). */
export const mergeMaps = editor('merge_maps', parameters, ({ target, source, strategy }) => {
  if (strategy !== 'insert' && strategy !== 'update' && strategy !== 'upsert')
    throw new RefusedArgument(`the strategy must be insert, update or upsert, found ${strategy}`);
  return changing(target, (map, record) => {
    for (const [key, value] of source.read(record)) {
      if (strategy === 'upsert' || map.has(key) === (strategy === 'update')) map.setExact(key, value);
    }
  });
});
