import type { FunctionSpec } from '../function.ts';
import { append } from './append.ts';
import { deleteIndex } from './delete-index.ts';
import { flatten } from './flatten.ts';
import { deleteKey, deleteMatchingKeys, keepKeys, keepMatchingKeys } from './keys.ts';
import { limit } from './limit.ts';
import { mergeMaps } from './merge-maps.ts';
import { replaceAllMatches, replaceAllPatterns, replaceMatch, replacePattern } from './replace.ts';
import { set } from './set.ts';
import { setSemconvSpanName } from './set-semconv-span-name.ts';
import { stringifyAll } from './stringify-all.ts';
import { truncateAll } from './truncate-all.ts';

const all: readonly FunctionSpec[] = [
  append,
  deleteIndex,
  deleteKey,
  deleteMatchingKeys,
  flatten,
  keepKeys,
  keepMatchingKeys,
  limit,
  mergeMaps,
  replaceAllMatches,
  replaceAllPatterns,
  replaceMatch,
  replacePattern,
  set,
  stringifyAll,
  truncateAll,
];

/** The editors that every context knows. */
export const editors: ReadonlyMap<string, FunctionSpec> = new Map(all.map((spec) => [spec.name, spec]));

/** With those that only the span context knows. */
export const spanEditors: ReadonlyMap<string, FunctionSpec> = new Map([
  ...editors,
  [setSemconvSpanName.name, setSemconvSpanName],
]);
