/** Compares groups of records: those of resources and scopes, of one signal after the other. */
import type { Path } from '../../config/place.ts';
import { signals, type Signal } from '../../model/signal.ts';
import { valueText } from '../../model/value.ts';
import type { Fields } from '../../testing/records/field.ts';
import { listNames, recordKinds, type RecordGroup } from '../../testing/records/read.ts';
import { align } from './align.ts';
import {
  compareList,
  compareRecord,
  compareValue,
  isMap,
  type Comparison,
  type Mismatch,
} from './compare.ts';

/** What a test wrote for one signal of one group. */
interface Expected {
  readonly signal: Signal;
  readonly group: Record<string, unknown>;
  /** Of the group. */
  readonly path: Path;
}

/** `written` is a group or a list of them; `path` is where it stands. */
export function compareGroups(
  written: unknown,
  actual: readonly RecordGroup[],
  path: Path,
  comparison: Comparison,
): Mismatch[] {
  const expected = expectedIn(written, path);
  return signals.flatMap((signal) => {
    const wanted = expected.filter((each) => each.signal === signal);
    const found = actual.filter((each) => each.signal === signal);
    return compareSignal(wanted, found, { signal, path }, comparison);
  });
}

function expectedIn(written: unknown, path: Path): Expected[] {
  const groups: [unknown, Path][] = Array.isArray(written)
    ? written.map((group, at): [unknown, Path] => [group, [...path, at]])
    : [[written, path]];
  return groups.flatMap(([group, at]) =>
    isMap(group)
      ? signals.filter((signal) => listNames[signal] in group).map((signal) => ({ signal, group, path: at }))
      : [],
  );
}

function compareSignal(
  wanted: readonly Expected[],
  found: readonly RecordGroup[],
  { signal, path }: { signal: Signal; path: Path },
  comparison: Comparison,
): Mismatch[] {
  const [only] = wanted;
  // Who says nothing of resources and scopes means all records together.
  if (wanted.length === 1 && only !== undefined && saysNoHead(only.group))
    return compareRecords(
      only,
      found.flatMap(({ records }) => records),
      comparison,
    );
  const between = (left: number, right: number): Mismatch[] => {
    const [group, other] = [wanted[left], found[right]];
    return group === undefined || other === undefined ? [] : compareGroup(group, other, comparison);
  };
  const noun = `group of ${listNames[signal]}`;
  return align(wanted.length, found.length, (left, right) => between(left, right).length).flatMap(
    ({ left, right }): Mismatch[] => {
      if (left !== undefined && right !== undefined) return between(left, right);
      const group = left === undefined ? undefined : wanted[left];
      if (group !== undefined)
        return [{ path: group.path, message: `this ${noun} did not come out`, lines: [] }];
      const other = right === undefined ? undefined : found[right];
      return other === undefined ? [] : [unexpectedGroup(other, path, noun)];
    },
  );
}

function unexpectedGroup({ records, resource }: RecordGroup, path: Path, noun: string): Mismatch {
  const names = records.map((record) => `+   ${valueText(record.get('name') ?? record.get('body') ?? '')}`);
  const service = resource.get('service.name');
  const of = service === undefined ? '' : ` of ${JSON.stringify(service)}`;
  return { path, message: `a ${noun}${of} came out that is not expected`, lines: names, isOfKey: true };
}

function saysNoHead(group: Record<string, unknown>): boolean {
  return !('resource' in group) && !('scope' in group) && !('resource_schema_url' in group);
}

function compareGroup(expected: Expected, actual: RecordGroup, comparison: Comparison): Mismatch[] {
  const { group, path } = expected;
  const mismatches: Mismatch[] = [];
  if ('resource' in group)
    mismatches.push(...compareValue(group['resource'], actual.resource, [...path, 'resource']));
  if ('resource_schema_url' in group)
    mismatches.push(
      ...compareValue(group['resource_schema_url'], actual.resourceSchemaUrl, [
        ...path,
        'resource_schema_url',
      ]),
    );
  const scope = group['scope'];
  const at = [...path, 'scope'];
  if (typeof scope === 'string') mismatches.push(...compareValue(scope, actual.scope.get('name') ?? '', at));
  else if (scope !== undefined)
    mismatches.push(...compareRecord(scope, actual.scope, { kind: 'scope', path: at }, comparison));
  return [...mismatches, ...compareRecords(expected, actual.records, comparison)];
}

function compareRecords(
  { signal, group, path }: Expected,
  records: readonly Fields[],
  comparison: Comparison,
): Mismatch[] {
  const list = listNames[signal];
  return compareList(group[list], records, { kind: recordKinds[signal], path: [...path, list] }, comparison);
}
