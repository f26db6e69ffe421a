/** Compares what a test expects with what came out, and says each difference with its path in the YAML. */
import type { Path } from '../../config/place.ts';
import { spanIdDigits, traceIdDigits } from '../../model/ids.ts';
import type { ExactValue } from '../../model/value.ts';
import { idText, type Fields, type RecordKind } from '../../testing/records/field.ts';
import { fieldsOf, type FieldFacts } from '../../testing/records/fields.ts';
import { asTree, briefRecord } from '../../testing/records/read.ts';
import { flowText, yamlLines } from '../../testing/records/text.ts';
import { durationNanos, timeNanos } from '../../testing/records/times.ts';
import { align } from './align.ts';
import { matcherIn } from './matcher.ts';

/** One expectation that does not hold. */
export interface Mismatch {
  readonly path: Path;
  readonly message: string;
  /** Lines with `-` for what was expected and `+` for what came out. */
  readonly lines: readonly string[];
  /** Whether the key is shown, and not what stands behind it. */
  readonly isOfKey?: true;
}

/** Times are written from `base` on. */
export interface Comparison {
  readonly base: bigint;
}

/** Fields that are written in `expected` must be those of the record; others are not looked at. */
export function compareRecord(
  expected: unknown,
  actual: Fields,
  { kind, path }: { kind: RecordKind; path: Path },
  comparison: Comparison,
): Mismatch[] {
  if (!isMap(expected)) return [];
  return Object.entries(expected).flatMap(([key, value]) => {
    const field = key === 'children' ? childrenField : fieldsOf[kind].get(key);
    const found = actual.get(key);
    if (field === undefined || found === undefined) return [];
    const at = [...path, key];
    if (field.kind === 'records' && field.of !== undefined)
      return compareList(value, found as Fields[], { kind: field.of, path: at }, comparison);
    return compareField(value, found, { field, path: at }, comparison);
  });
}

const childrenField: FieldFacts = { kind: 'records', of: 'span', empty: [] };

/** As many records as are written, each like its counterpart. */
export function compareList(
  expected: unknown,
  actual: readonly Fields[],
  { kind, path }: { kind: RecordKind; path: Path },
  comparison: Comparison,
): Mismatch[] {
  const list = Array.isArray(expected) ? (expected as unknown[]) : [];
  const isTree = kind === 'span' && (path.at(-1) === 'children' || list.some(hasChildren));
  const found = isTree && path.at(-1) !== 'children' ? asTree(actual) : actual;
  const differences = (at: number, other: number): Mismatch[] => {
    const record = found[other];
    const written = isTree ? withChildren(list[at]) : list[at];
    return record === undefined
      ? []
      : compareRecord(written, record, { kind, path: [...path, at] }, comparison);
  };
  const pairs = align(list.length, found.length, (at, other) =>
    distance(differences(at, other), path.length + 2),
  );
  const mismatches = pairs.flatMap(({ left, right }): Mismatch[] => {
    if (left !== undefined && right !== undefined) return differences(left, right);
    if (left !== undefined) return [missing(list[left], [...path, left], nouns[kind])];
    return right === undefined ? [] : [unexpected(found[right], { kind, path }, nouns[kind])];
  });
  if (list.length === found.length) return mismatches;
  return [countMismatch(path, { wanted: list.length, found: found.length }, nouns[kind]), ...mismatches];
}

/** How far a record is from what is expected: one of another name or body is another one, however like it is otherwise. */
function distance(mismatches: readonly Mismatch[], depth: number): number {
  const isOther = mismatches.some(
    ({ path }) => path.length === depth && (path.at(-1) === 'name' || path.at(-1) === 'body'),
  );
  return isOther ? farDistance : Math.min(mismatches.length / 2, nearDistance);
}

/** Between what leaving out costs, and twice that. */
const nearDistance = 4;
const farDistance = 10;

const nouns: Readonly<Record<RecordKind, string>> = {
  span: 'span',
  event: 'event',
  link: 'link',
  log: 'log record',
  metric: 'metric',
  point: 'data point',
  quantile: 'quantile',
  scope: 'scope',
};

function countMismatch(path: Path, counts: { wanted: number; found: number }, noun: string): Mismatch {
  const { wanted, found } = counts;
  return {
    path,
    message: `${wanted} ${noun}${wanted === 1 ? ' was' : 's were'} expected, and ${found === 0 ? 'none' : found} came out`,
    lines: [],
    isOfKey: true,
  };
}

function missing(expected: unknown, path: Path, noun: string): Mismatch {
  const lines = yamlLines(exactOf(expected)).map((line) => `- ${line}`);
  return { path, message: `this ${noun} did not come out`, lines };
}

function unexpected(
  record: Fields | undefined,
  { kind, path }: { kind: RecordKind; path: Path },
  noun: string,
): Mismatch {
  const shown = record === undefined ? [] : yamlLines(briefRecord(record, kind));
  return {
    path,
    message: `a ${noun} came out that is not expected`,
    lines: shown.map((line) => `+ ${line}`),
    isOfKey: true,
  };
}

function hasChildren(span: unknown): boolean {
  return isMap(span) && 'children' in span;
}

/** In a tree, a span without `children` has none. */
function withChildren(span: unknown): unknown {
  return isMap(span) && !('children' in span) ? { ...span, children: [] } : span;
}

function compareField(
  expected: unknown,
  actual: ExactValue,
  { field, path }: { field: FieldFacts; path: Path },
  { base }: Comparison,
): Mismatch[] {
  const written = exactOf(expected);
  switch (field.kind) {
    case 'time':
      return same(timeNanos(written, base), timeNanos(actual, base), { path, written, actual });
    case 'duration':
      return same(durationNanos(written), durationNanos(actual), { path, written, actual });
    case 'trace id':
      return compareValue(idText(written, traceIdDigits), actual, path);
    case 'span id':
      return compareValue(idText(written, spanIdDigits), actual, path);
    case 'status':
      return compareStatus(written, actual as Fields, path);
    case 'buckets':
      return compareBuckets(expected, actual, path);
    case 'doubles':
      return compareValue(asDoubles(written), actual, path);
    case 'plain':
    case 'records':
      return compareValue(expected, actual, path);
  }
}

function same(
  wanted: bigint | undefined,
  found: bigint | undefined,
  { path, written, actual }: { path: Path; written: ExactValue; actual: ExactValue },
): Mismatch[] {
  return wanted === found ? [] : [different(path, written, actual)];
}

function compareStatus(written: ExactValue, actual: Fields, path: Path): Mismatch[] {
  if (!(written instanceof Map)) {
    const code = actual.get('code') ?? null;
    return written === code ? [] : [different(path, written, code)];
  }
  return compareWritten(written, actual, path);
}

/** What is not written of them is not compared; data points of other types have none. */
function compareBuckets(expected: unknown, actual: ExactValue, path: Path): Mismatch[] {
  if (!isMap(expected) || !(actual instanceof Map)) return compareValue(expected, actual, path);
  return compareWritten(Object.entries(expected), actual, path);
}

function compareWritten(written: Iterable<[string, unknown]>, actual: Fields, path: Path): Mismatch[] {
  return [...written].flatMap(([key, value]) => compareValue(value, actual.get(key) ?? null, [...path, key]));
}

function different(path: Path, expected: ExactValue, actual: ExactValue): Mismatch {
  return {
    path,
    message: 'is not what came out',
    lines: [`- ${flowText(expected)}`, `+ ${flowText(actual)}`],
  };
}

/** Whole values: a map has these keys and no others, in any order. `null` is a value of its own. */
export function compareValue(expected: unknown, actual: ExactValue, path: Path): Mismatch[] {
  const matcher = matcherIn(expected);
  if (matcher !== undefined) {
    if (matcher.test(actual)) return [];
    return [{ path, message: matcher.message, lines: [`+ ${flowText(actual)}`] }];
  }
  if (isMap(expected) && actual instanceof Map) return compareMap(expected, actual, path);
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length)
    return expected.flatMap((each: unknown, at) => compareValue(each, actual[at] ?? null, [...path, at]));
  const written = exactOf(expected);
  return isSame(written, actual) ? [] : [different(path, written, actual)];
}

/** A double, or a list of them, whether or not it is written as one. */
function asDoubles(value: ExactValue): ExactValue {
  if (Array.isArray(value)) return value.map(asDoubles);
  return typeof value === 'bigint' ? Number(value) : value;
}

function compareMap(expected: Record<string, unknown>, actual: Fields, path: Path): Mismatch[] {
  const mismatches = Object.entries(expected).flatMap(([key, value]) => {
    const found = actual.get(key);
    if (found !== undefined) return compareValue(value, found, [...path, key]);
    return [
      {
        path: [...path, key],
        message: 'did not come out',
        lines: [`- ${key}: ${flowText(exactOf(value))}`],
      },
    ];
  });
  const added = [...actual].filter(([key]) => !Object.hasOwn(expected, key));
  if (added.length === 0) return mismatches;
  const lines = added.flatMap((entry) => yamlLines(new Map([entry])).map((line) => `+ ${line}`));
  return [...mismatches, { path, message: 'more came out than is expected', lines, isOfKey: true }];
}

function isSame(left: ExactValue, right: ExactValue): boolean {
  if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null)
    return flowText(left) === flowText(right);
  return Object.is(left, right) || left === right;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** A value of YAML as one of telemetry: `{$bytes: "00ff"}` stands for bytes. */
export function exactOf(value: unknown): ExactValue {
  if (value instanceof Map || value === undefined || value === null) return (value as ExactValue) ?? null;
  if (Array.isArray(value)) return value.map(exactOf);
  if (!isMap(value)) return value as ExactValue;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === '$bytes') return Buffer.from(String(only[1]), 'hex');
  return new Map(entries.map(([key, each]) => [key, exactOf(each)]));
}
