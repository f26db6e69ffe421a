import type { ExactValue } from '../../model/value.ts';
import { editor } from '../function.ts';
import { RefusedArgument, literalString, map as mapArgument, mapSlot } from '../parameters.ts';
import type { EditableMap } from '../slot.ts';
import type { OttlMap } from '../values.ts';
import { changing } from './changing.ts';

const parameters = { target: mapSlot(), source: mapArgument(), strategy: literalString() };

/** Writes the entries of a map into another: new keys (`insert`), known keys (`update`) or all (`upsert`). */
export const mergeMaps = editor('merge_maps', parameters, ({ target, source, strategy }) => {
  if (strategy !== 'insert' && strategy !== 'update' && strategy !== 'upsert')
    throw new RefusedArgument(`the strategy must be insert, update or upsert, found ${strategy}`, 'strategy');
  const isWanted = (isKnown: boolean): boolean =>
    strategy === 'upsert' || isKnown === (strategy === 'update');
  return changing(target, (map, record) => {
    const entries = source.read(record);
    if (entries.size > mostOneByOne) mergeMany(map, entries, isWanted);
    else for (const [key, value] of entries) if (isWanted(map.has(key))) map.setExact(key, value);
  });
});

/** Each entry alone looks through all the others, which is quicker for a few. */
const mostOneByOne = 64;

function mergeMany(map: EditableMap, entries: OttlMap, isWanted: (isKnown: boolean) => boolean): void {
  const merged = new Map<string, ExactValue>();
  // Of a key that the target has twice, the first counts.
  for (const [key, value] of map.exactEntries()) if (!merged.has(key)) merged.set(key, value);
  for (const [key, value] of entries) if (isWanted(merged.has(key))) merged.set(key, value);
  map.replaceAll(merged);
}
