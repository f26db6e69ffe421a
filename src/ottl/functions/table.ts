import type { FunctionSpec } from '../function.ts';
import { hasPrefix, hasSuffix, trim, trimPrefix, trimSuffix } from './affixes.ts';
import { bool, double, hex, int, string } from './conversions.ts';
import {
  duration,
  hours,
  microseconds,
  milliseconds,
  minutes,
  nanoseconds,
  seconds,
  unix,
  unixMicro,
  unixMilli,
  unixNano,
  unixSeconds,
} from './durations.ts';
import { profileId, spanId, traceId } from './ids.ts';
import { isMatch } from './is-match.ts';
import { isRootSpan } from './is-root-span.ts';
import { len } from './len.ts';
import { toLowerCase, toUpperCase } from './letter-case.ts';
import { coalesce, concat, containsValue, index, keys, split, values } from './lists.ts';
import { substring } from './substring.ts';
import { isBool, isDouble, isEmpty, isInt, isList, isMap, isString } from './type-checks.ts';
import { uuid } from './uuid.ts';

type Functions = ReadonlyMap<string, FunctionSpec>;

function named(...functions: readonly FunctionSpec[]): Functions {
  return new Map(functions.map((spec) => [spec.name, spec]));
}

/** The converters that every context knows. */
export const converters: Functions = named(
  bool,
  coalesce,
  concat,
  containsValue,
  double,
  duration,
  hasPrefix,
  hasSuffix,
  hex,
  hours,
  index,
  int,
  isBool,
  isDouble,
  isEmpty,
  isInt,
  isList,
  isMap,
  isMatch,
  isString,
  keys,
  len,
  microseconds,
  milliseconds,
  minutes,
  nanoseconds,
  profileId,
  seconds,
  spanId,
  split,
  string,
  substring,
  toLowerCase,
  toUpperCase,
  traceId,
  trim,
  trimPrefix,
  trimSuffix,
  unix,
  unixMicro,
  unixMilli,
  unixNano,
  unixSeconds,
  uuid,
  values,
);

/** Those that only the span context knows. */
export const spanConverters: Functions = named(isRootSpan);
