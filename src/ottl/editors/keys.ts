import { KeyTest } from '../../model/keys.ts';
import type { Regex } from '../../model/regex.ts';
import { editor } from '../function.ts';
import { listOf, mapSlot, string } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import { regexOf } from '../regex-argument.ts';
import type { Read } from '../target.ts';
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
    const test = keyTest(pattern, true);
    return changing(target, (map, record) => map.deleteKeys(test(record)));
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
    const test = keyTest(pattern, false);
    return changing(target, (map, record) => map.deleteKeys(test(record)));
  },
);

/** Whether the pattern occurs in a key, or does not. */
function keyTest(pattern: Argument<string>, occurs: boolean): Read<KeyTest> {
  const regexFor = regexOf(pattern);
  let last: Regex | undefined;
  let test = new KeyTest(() => false);
  return (record) => {
    const regex = regexFor(record);
    if (regex !== last) test = new KeyTest((key) => regex.test(key) === occurs);
    last = regex;
    return test;
  };
}
