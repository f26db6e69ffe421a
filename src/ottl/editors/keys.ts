import type { ItemEffect } from '../../model/item-program.ts';
import { KeyTest } from '../../model/keys.ts';
import type { Regex } from '../../model/regex.ts';
import { editor } from '../function.ts';
import { listOf, mapSlot, string } from '../parameters.ts';
import type { Argument } from '../parameters.ts';
import { literalRegex, regexOf } from '../regex-argument.ts';
import type { MapSlot } from '../slot.ts';
import type { Read } from '../target.ts';
import { changing } from './changing.ts';

/** Removes one key; a key that is missing is fine. */
export const deleteKey = editor(
  'delete_key',
  { target: mapSlot(), key: string() },
  ({ target, key }) => changing(target, (map, record) => void map.delete(key.read(record))),
  {
    data({ target: { of }, key: { constant: key } }) {
      return of && key && { do: 'delete', of, key: key.value };
    },
  },
);

/** Removes the keys in which the pattern occurs. */
export const deleteMatchingKeys = editor(
  'delete_matching_keys',
  { target: mapSlot(), pattern: string() },
  ({ target, pattern }) => {
    const test = keyTest(pattern, true);
    return changing(target, (map, record) => map.deleteKeys(test(record)));
  },
  { data: ({ target, pattern }) => matchingData(target, pattern, true) },
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
  {
    data({ target: { of }, keys }) {
      const literals = keys.flatMap(({ constant }) => constant ?? []);
      if (of === undefined || literals.length < keys.length) return undefined;
      const kept = new Set(literals.map(({ value }) => value));
      return { do: 'deleteKeys', of, which: (key) => !kept.has(key) };
    },
  },
);

/** Removes the keys in which the pattern does not occur. */
export const keepMatchingKeys = editor(
  'keep_matching_keys',
  { target: mapSlot(), pattern: string() },
  ({ target, pattern }) => {
    const test = keyTest(pattern, false);
    return changing(target, (map, record) => map.deleteKeys(test(record)));
  },
  { data: ({ target, pattern }) => matchingData(target, pattern, false) },
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

function matchingData({ of }: MapSlot, pattern: Argument<string>, occurs: boolean): ItemEffect | undefined {
  const regex = literalRegex(pattern);
  return of && regex && { do: 'deleteKeys', of, which: (key) => regex.test(key) === occurs };
}
