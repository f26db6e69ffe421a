import { editor } from '../function.ts';
import { listOf, mapSlot, string } from '../parameters.ts';
import { regexOf } from '../regex-argument.ts';
import { changing } from './changing.ts';

/** Removes one key; a key that is missing is fine. */
export const deleteKey = editor('delete_key', { target: mapSlot(), key: string() }, ({ target, key }) =>
  changing(target, (map, record) => void map.delete(key.read(record))),
);

/** Removes the keys in which the pattern occurs. */
export const deleteMatchingKeys = editor(
  'delete_matching_keys',
  { target: mapSlot(), pattern: string() },
  ({ target, pattern }) => {
    const regex = regexOf(pattern);
    return changing(target, (map, record) => map.deleteKeys(regex(record).test));
  },
);

/** Removes the keys that are not in the list. */
export const keepKeys = editor(
  'keep_keys',
  { target: mapSlot(), keys: listOf(string()) },
  ({ target, keys }) =>
    changing(target, (map, record) => {
      const kept = new Set(keys.map((key) => key.read(record)));
      map.deleteKeys((key) => !kept.has(key));
    }),
);

/** Removes the keys in which the pattern does not occur. */
export const keepMatchingKeys = editor(
  'keep_matching_keys',
  { target: mapSlot(), pattern: string() },
  ({ target, pattern }) => {
    const regex = regexOf(pattern);
    return changing(target, (map, record) => {
      const { test } = regex(record);
      map.deleteKeys((key) => !test(key));
    });
  },
);
