import { valueText } from '../../model/value.ts';
import { heldItems } from '../coerce.ts';
import { compareText } from '../compare.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, any, literalString, optional } from '../parameters.ts';
import { isTelemetry, toTelemetry } from '../telemetry.ts';
import { OttlList, describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';

/**
 * A sorted copy of a list. Numbers go by value; as soon as there is a text, a bool or nil, all go by their text. A
 * list that holds anything else stays as it is.
 */
export const sort = converter(
  'Sort',
  { target: any(), order: optional(literalString()) },
  ({ target, order }) => {
    if (order !== undefined && order !== 'asc' && order !== 'desc')
      throw new RefusedArgument(`the order is asc or desc, found ${order}`, 'order');
    return (record) => {
      const list = target.read(record);
      const items = heldItems(list);
      if (items === undefined || (list instanceof OttlList && list.origin === 'counts'))
        throw new OttlFailure(`only a list can be sorted, found ${describeValue(list)}`, [list]);
      const origin = list instanceof OttlList ? list.origin : 'literal';
      // As in the reference, a list that stays as it is becomes one of telemetry.
      if (origin === 'literal' && (items.length === 0 || !items.every(isSortable)))
        return toTelemetry(new OttlList(items, 'literal'));
      return new OttlList(sorted(items, order === 'desc'), origin);
    };
  },
);

function sorted(items: readonly OttlValue[], descending: boolean): readonly OttlValue[] {
  const byNumber = items.every((item) => typeof item === 'bigint' || typeof item === 'number');
  const compare = byNumber ? compareNumbers : compareTexts;
  // `undefined`, which is nil, would go last whatever the comparison says.
  return items
    .map((item) => ({ item }))
    .toSorted((a, b) => (descending ? compare(b.item, a.item) : compare(a.item, b.item)))
    .map(({ item }) => item);
}

function isSortable(item: OttlValue): boolean {
  return item === null || item === undefined || typeof item !== 'object';
}

function compareNumbers(a: OttlValue, b: OttlValue): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return Number(a > b) - Number(a < b);
  const [left, right] = [Number(a), Number(b)];
  // As in Go, what is no number comes first.
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return Number(left > right) - Number(left < right);
}

function compareTexts(a: OttlValue, b: OttlValue): number {
  return compareText(textOf(a), textOf(b));
}

function textOf(item: OttlValue): string {
  if (typeof item === 'string') return item;
  return item !== undefined && isTelemetry(item) ? valueText(item) : '';
}
