import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { any } from '../parameters.ts';
import { OttlItems, describeValue, listItems } from '../values.ts';
import type { OttlValue } from '../values.ts';

/** Bytes of a text in UTF-8, or how many elements a list or map has. */
export const len = converter('Len', { target: any() }, ({ target }) => {
  return (record) => BigInt(lengthOf(target.read(record)));
});

function lengthOf(value: OttlValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Map) return value.size;
  if (value instanceof Uint8Array || value instanceof OttlItems) return value.length;
  const items = listItems(value);
  if (items !== undefined) return items.length;
  throw new OttlFailure(`only strings, lists and maps have a length, found ${describeValue(value)}`, [value]);
}
