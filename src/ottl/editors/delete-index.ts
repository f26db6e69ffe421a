import { OttlFailure } from '../errors.ts';
import { editor } from '../function.ts';
import { int, optional, slot } from '../parameters.ts';
import { OttlList, describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';

const parameters = { target: slot(), startIndex: int(), endIndex: optional(int()) };

/** Removes the elements from `startIndex` to before `endIndex`, one without it, from a list. */
export const deleteIndex = editor('delete_index', parameters, ({ target, startIndex, endIndex }) => {
  return (record) => {
    const list = itemsOf(target.read(record));
    const start = startIndex.read(record);
    const end = endIndex?.read(record) ?? start + 1n;
    const isWhole = start === 0n && end === BigInt(list.length);
    if (!isWhole) checkBounds(start, end, list.length);
    target.write(record, new OttlList(list.toSpliced(Number(start), Number(end - start)), 'literal'));
  };
});

/** Those of a list of telemetry, or the numbers of a data point. */
function itemsOf(held: OttlValue): readonly OttlValue[] {
  if (Array.isArray(held)) return held;
  if (held instanceof OttlList && held.origin === 'floats') return held.items;
  if (held instanceof OttlList && held.origin === 'counts')
    return held.items.map((count) => (typeof count === 'bigint' ? BigInt.asIntN(64, count) : count));
  throw new OttlFailure(`expected pcommon.Slice but got ${describeValue(held)}`, [held]);
}

function checkBounds(start: bigint, end: bigint, length: number): void {
  const isInside = start >= 0n && start < BigInt(length) && end >= start && end <= BigInt(length);
  if (isInside) return;
  throw new OttlFailure(`${start} to ${end} is out of the bounds of a list of ${length} elements`, [
    start,
    end,
  ]);
}
